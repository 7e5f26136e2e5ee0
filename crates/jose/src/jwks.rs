//! Key sets: the document (RFC 7517 §5), and the choosing of a key.

use serde::Serialize;
use serde_json::Value;

use crate::{Algorithm, JoseError, Jwk, VerifyingKey, json};

/// How many keys a set may hold.
pub const MAX_KEYS: usize = 64;

/// A set of public keys, as published.
///
/// ```
/// use valetkey_jose::{Algorithm, Jwks, KeySet, SigningKey};
///
/// let (key, _pkcs8) = SigningKey::generate(Algorithm::EdDsa)?;
/// let document = serde_json::to_vec(&Jwks { keys: vec![key.public_jwk().clone()] }).unwrap();
/// let keys = KeySet::from(&Jwks::parse(&document)?);
/// assert_eq!(keys.len(), 1);
/// # Ok::<(), valetkey_jose::JoseError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Jwks {
    /// The keys, in the order of the document.
    pub keys: Vec<Jwk>,
}

impl Jwks {
    /// Reads a set. Keys of kinds that are not known are left out (RFC 7517 §5); a bad key spoils the set.
    ///
    /// # Errors
    /// Those of [`Jwk::from_object`] except [`JoseError::UnsupportedKey`]; those of [`json::parse_object`];
    /// [`JoseError::TooManyKeys`].
    pub fn parse(octets: &[u8]) -> Result<Self, JoseError> {
        let object = json::parse_object(octets)?;
        let Some(Value::Array(members)) = object.get("keys") else {
            return Err(JoseError::WrongType("keys"));
        };
        if members.len() > MAX_KEYS {
            return Err(JoseError::TooManyKeys);
        }
        let mut keys = Vec::with_capacity(members.len());
        for member in members {
            let Value::Object(member) = member else { return Err(JoseError::WrongType("keys")) };
            match Jwk::from_object(member) {
                Ok(jwk) => keys.push(jwk),
                Err(JoseError::UnsupportedKey) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(Self { keys })
    }
}

/// Parsed keys, ready to verify.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

impl KeySet {
    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether some key has this name: what a cache asks before it fetches the set anew.
    #[must_use]
    pub fn has_kid(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid() == Some(kid))
    }

    /// The keys that may have signed: the ones of exactly this `kid`, or all when the token names none.
    pub(crate) fn candidates(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &dyn valetkey_crypto::Verify> {
        self.keys
            .iter()
            .filter(move |key| kid.is_none() || key.kid() == kid)
            .filter_map(move |key| key.verifier(algorithm))
    }
}

impl From<&Jwks> for KeySet {
    /// Keys that are not for verifying are left out.
    fn from(jwks: &Jwks) -> Self {
        jwks.keys.iter().filter_map(|jwk| VerifyingKey::from_jwk(jwk).ok()).collect()
    }
}

impl FromIterator<VerifyingKey> for KeySet {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        Self { keys: keys.into_iter().collect() }
    }
}

impl Extend<VerifyingKey> for KeySet {
    fn extend<I: IntoIterator<Item = VerifyingKey>>(&mut self, keys: I) {
        self.keys.extend(keys);
    }
}
