//! A public key as JSON (RFC 7517), checked when it is read: what holds a [`Jwk`] holds a sound key.
//!
//! There is no room in it for private members, so none can slip into a key set (RFC 7517 §9.2). Shared secrets are
//! another type, [`oct::SecretKey`], which never becomes JSON.

mod ec;
pub mod oct;
mod okp;
mod rsa;

pub(crate) use ec::crv as ec_crv;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use valetkey_crypto::{PublicKey, aws_lc};

use crate::jws::MAX_KID_LEN;
use crate::{Algorithm, JoseError, json};

/// A public key with what is said about it.
///
/// ```
/// use valetkey_jose::{Algorithm, Jwk};
///
/// let jwk = Jwk::parse(br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
/// assert_eq!(jwk.algorithms(), [Algorithm::EdDsa]);
/// assert_eq!(jwk.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), valetkey_jose::JoseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Jwk {
    key: PublicKey,
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    is_for_verifying: bool,
}

impl Jwk {
    /// Reads one key.
    ///
    /// # Errors
    /// As [`from_object`](Self::from_object), and those of [`json::parse_object`].
    pub fn parse(octets: &[u8]) -> Result<Self, JoseError> {
        Self::from_object(&json::parse_object(octets)?)
    }

    /// Reads one key from an object that was already read strictly.
    ///
    /// # Errors
    /// [`JoseError::PrivateMember`] for private and symmetric keys; [`JoseError::UnsupportedKey`] for kinds that are
    /// not known; [`JoseError::KeyMismatch`] when `kty`, `crv` and `alg` contradict each other;
    /// [`JoseError::WeakKey`], [`JoseError::KeyRejected`], [`JoseError::WrongType`], [`JoseError::TooLong`].
    pub fn from_object(object: &Map<String, Value>) -> Result<Self, JoseError> {
        if PRIVATE_MEMBERS.iter().any(|name| object.contains_key(*name)) {
            return Err(JoseError::PrivateMember);
        }
        let key = match json::text(object, "kty")?.ok_or(JoseError::KeyRejected)? {
            "EC" => ec::read(object)?,
            "OKP" => okp::read(object)?,
            "RSA" => rsa::read(object)?,
            "oct" => return Err(JoseError::PrivateMember),
            _ => return Err(JoseError::UnsupportedKey),
        };
        let kid = json::text(object, "kid")?;
        if kid.is_some_and(|kid| kid.len() > MAX_KID_LEN) {
            return Err(JoseError::TooLong);
        }
        let algorithm = match json::text(object, "alg")? {
            None => None,
            Some(name) => Some(Algorithm::parse(name).map_err(|_| JoseError::UnsupportedKey)?),
        };
        let is_for_verifying = is_for_verifying(object)?;
        Self::checked(key, kid.map(str::to_owned), algorithm, is_for_verifying)
    }

    /// A verification key of our own, named by its thumbprint.
    pub(crate) fn of_ours(key: PublicKey, algorithm: Algorithm) -> Result<Self, JoseError> {
        let mut jwk = Self::checked(key, None, Some(algorithm), true)?;
        jwk.kid = Some(jwk.thumbprint());
        Ok(jwk)
    }

    fn checked(
        key: PublicKey,
        kid: Option<String>,
        algorithm: Option<Algorithm>,
        is_for_verifying: bool,
    ) -> Result<Self, JoseError> {
        let jwk = Self { key, kid, algorithm, is_for_verifying };
        let scheme = jwk.algorithms().first().and_then(|algorithm| algorithm.scheme());
        // The backend looks at the key itself: on its curve, long enough, of this type.
        aws_lc::verifier(scheme.ok_or(JoseError::KeyMismatch)?, &jwk.key)?;
        Ok(jwk)
    }

    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithms that this key may serve: the one it names, or else all that its type allows.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        let possible = match &self.key {
            PublicKey::Ec { curve, .. } => ec::algorithms(*curve),
            PublicKey::Ed25519 { .. } => &[Algorithm::EdDsa],
            PublicKey::Rsa { .. } => Algorithm::RSA,
        };
        match self.algorithm {
            None => possible,
            Some(named) => {
                possible.iter().find(|algorithm| **algorithm == named).map_or(&[], std::slice::from_ref)
            }
        }
    }

    /// Whether `use` and `key_ops`, where present, allow verifying (RFC 7517 §4.2, §4.3).
    #[must_use]
    pub fn is_for_verifying(&self) -> bool {
        self.is_for_verifying
    }

    /// The components.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.key {
            PublicKey::Ec { curve, x, y } => ec::write(&mut map, *curve, x, y)?,
            PublicKey::Ed25519 { x } => okp::write(&mut map, x)?,
            PublicKey::Rsa { n, e } => rsa::write(&mut map, n, e)?,
        }
        if self.is_for_verifying {
            map.serialize_entry("use", "sig")?;
        }
        if let Some(algorithm) = self.algorithm {
            map.serialize_entry("alg", &algorithm)?;
        }
        if let Some(kid) = &self.kid {
            map.serialize_entry("kid", kid)?;
        }
        map.end()
    }
}

fn is_for_verifying(object: &Map<String, Value>) -> Result<bool, JoseError> {
    if json::text(object, "use")?.is_some_and(|public_key_use| public_key_use != "sig") {
        return Ok(false);
    }
    match object.get("key_ops") {
        None => Ok(true),
        Some(Value::Array(operations)) if operations.iter().all(Value::is_string) => {
            Ok(operations.iter().any(|operation| operation == "verify"))
        }
        Some(_) => Err(JoseError::WrongType("key_ops")),
    }
}

/// A member that must be present and base64url.
fn octets(object: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JoseError> {
    crate::base64url::decode(json::text(object, name)?.ok_or(JoseError::KeyRejected)?)
}

/// RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2.
const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
