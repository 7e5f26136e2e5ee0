//! JSON Web Signature (RFC 7515), compact form only: the JSON forms are refused by their first octet.

use std::ops::Deref;

use serde::Serialize;
use serde_json::{Map, Value};
use valetkey_crypto::Sign;

use crate::{Algorithm, JoseError, KeySet, base64url, json};

/// The longest token that is looked at, in octets.
pub const MAX_LEN: usize = 16 * 1024;

/// The longest `kid`, in octets.
pub const MAX_KID_LEN: usize = 256;

/// Verifies a compact JWS with a key of the set, and only then decodes its payload.
///
/// For JSON Web Tokens use [`crate::jwt::verify`]: a signature alone says neither for whom nor until when.
///
/// # Errors
/// A [`JoseError`] that says what was wrong with form, header, algorithm, key or signature.
pub fn verify(token: &str, keys: &KeySet, allowed: &[Algorithm]) -> Result<Verified<Vec<u8>>, JoseError> {
    let Compact { header, signing_input, payload, signature } = Compact::parse(token)?;
    if !allowed.contains(&header.algorithm) {
        return Err(JoseError::AlgorithmNotAllowed);
    }
    let mut outcome = Err(JoseError::UnknownKey);
    for key in keys.candidates(header.kid.as_deref(), header.algorithm) {
        outcome = key.verify(signing_input.as_bytes(), &signature).map_err(JoseError::from);
        if outcome.is_ok() {
            break;
        }
    }
    outcome?;
    Ok(Verified { content: base64url::decode(payload)?, header })
}

/// Evidence: what stands in it was signed by the right key, and (as claims) met its expectations.
///
/// It comes into being in [`verify`] only; [`crate::jwt::verify`] goes through that.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified<T> {
    header: Header,
    content: T,
}

impl<T> Verified<T> {
    /// The protected header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What was signed.
    #[must_use]
    pub fn content(&self) -> &T {
        &self.content
    }

    /// What was signed, without the evidence.
    #[must_use]
    pub fn into_content(self) -> T {
        self.content
    }

    /// Reads more out of what was signed.
    pub(crate) fn try_map<U>(
        self,
        read: impl FnOnce(T) -> Result<U, JoseError>,
    ) -> Result<Verified<U>, JoseError> {
        Ok(Verified { content: read(self.content)?, header: self.header })
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.content
    }
}

/// What a protected header says. Keys that it brings along (`jwk`, `jku`, `x5c`, `x5u`) are not among it
/// (RFC 8725 §3.10).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// `alg` (RFC 7515 §4.1.1).
    pub algorithm: Algorithm,
    /// `kid` (§4.1.4).
    pub kid: Option<String>,
    /// `typ` (§4.1.9), as sent.
    pub typ: Option<String>,
    /// `cty` (§4.1.10), as sent.
    pub cty: Option<String>,
}

impl Header {
    fn read(object: &Map<String, Value>) -> Result<Self, JoseError> {
        // No extension is implemented: whatever `crit` lists is unknown, and an empty list is malformed (§4.1.11).
        // `b64` changes what was signed, and `zip` has no meaning here; both are refused with or without `crit`.
        for name in ["crit", "b64", "zip"] {
            if object.contains_key(name) {
                return Err(JoseError::UnsupportedHeader(name));
            }
        }
        let algorithm = Algorithm::parse(json::text(object, "alg")?.ok_or(JoseError::UnsupportedAlgorithm)?)?;
        let kid = json::text(object, "kid")?;
        if kid.is_some_and(|kid| kid.len() > MAX_KID_LEN) {
            return Err(JoseError::TooLong);
        }
        Ok(Self {
            algorithm,
            kid: kid.map(str::to_owned),
            typ: json::text(object, "typ")?.map(str::to_owned),
            cty: json::text(object, "cty")?.map(str::to_owned),
        })
    }
}

/// A compact JWS taken apart; nothing in it is believed yet.
struct Compact<'a> {
    header: Header,
    signing_input: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    fn parse(token: &'a str) -> Result<Self, JoseError> {
        if token.len() > MAX_LEN {
            return Err(JoseError::TooLong);
        }
        // Counted before anything is allocated.
        if token.bytes().filter(|octet| *octet == b'.').count() != 2 {
            return Err(JoseError::NotCompact);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JoseError::NotCompact)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JoseError::NotCompact)?;
        let header = Header::read(&json::parse_object(&base64url::decode(header)?)?)?;
        Ok(Self { header, signing_input, payload, signature: base64url::decode(signature)? })
    }
}

/// The protected header in base64url, with the dot after it: computed once for a key and a type.
pub(crate) fn encode_header(
    algorithm: Algorithm,
    kid: Option<&str>,
    typ: &'static str,
) -> Result<String, JoseError> {
    #[derive(Serialize)]
    struct Protected<'a> {
        alg: Algorithm,
        #[serde(skip_serializing_if = "Option::is_none")]
        kid: Option<&'a str>,
        typ: &'static str,
    }
    let json =
        serde_json::to_vec(&Protected { alg: algorithm, kid, typ }).map_err(|_| JoseError::Unserializable)?;
    let mut encoded = base64url::encode(&json);
    encoded.push('.');
    Ok(encoded)
}

/// Writes a compact JWS over `payload` as JSON. Three allocations: the payload, the token, the signature.
pub(crate) fn write<P: Serialize>(
    header: &str,
    payload: &P,
    key: &(impl Sign + ?Sized),
    signature_len: usize,
) -> Result<String, JoseError> {
    let mut json = Vec::with_capacity(TYPICAL_PAYLOAD_LEN);
    serde_json::to_writer(&mut json, payload).map_err(|_| JoseError::Unserializable)?;
    let capacity =
        header.len() + base64url::encoded_len(json.len()) + 1 + base64url::encoded_len(signature_len);
    let mut token = String::with_capacity(capacity);
    token.push_str(header);
    base64url::encode_to(&json, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    base64url::encode_to(&signature, &mut token);
    Ok(token)
}

const TYPICAL_PAYLOAD_LEN: usize = 512;
