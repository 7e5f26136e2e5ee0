//! `"kty":"oct"` (RFC 7518 §6.4): a shared secret. It is read, and never written.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use valetkey_crypto::mac::MacKey;
use valetkey_crypto::{Verify, Zeroizing};

use crate::{Algorithm, JoseError, VerifyingKey, base64url, json, jws};

/// A shared secret for one HMAC algorithm.
///
/// ```
/// use valetkey_jose::{Algorithm, JoseError, SecretKey};
///
/// assert!(SecretKey::new(Algorithm::Hs256, &[1; 32]).is_ok());
/// assert_eq!(SecretKey::new(Algorithm::Hs512, &[1; 32]).unwrap_err(), JoseError::WeakKey);
/// ```
#[derive(Clone)]
pub struct SecretKey {
    algorithm: Algorithm,
    kid: Option<String>,
    key: Arc<MacKey>,
}

impl SecretKey {
    /// Takes a secret for one algorithm.
    ///
    /// # Errors
    /// [`JoseError::WeakKey`] when it is shorter than the hash (RFC 7518 §3.2); [`JoseError::KeyMismatch`] when the
    /// algorithm wants a key pair.
    pub fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self, JoseError> {
        let hash = algorithm.mac_hash().ok_or(JoseError::KeyMismatch)?;
        if secret.len() < hash.tag_len() {
            return Err(JoseError::WeakKey);
        }
        Ok(Self { algorithm, kid: None, key: Arc::new(MacKey::new(hash, secret)) })
    }

    /// Reads a secret from a JWK.
    ///
    /// # Errors
    /// As [`new`](Self::new); [`JoseError::KeyMismatch`] also when its `kty` or `alg` says otherwise;
    /// [`JoseError::KeyRejected`], and those of [`json::parse_object`].
    pub fn parse(algorithm: Algorithm, jwk: &[u8]) -> Result<Self, JoseError> {
        let object = json::parse_object(jwk)?;
        if json::text(&object, "kty")? != Some("oct") {
            return Err(JoseError::KeyMismatch);
        }
        if json::text(&object, "alg")?.is_some_and(|name| name != algorithm.name()) {
            return Err(JoseError::KeyMismatch);
        }
        let secret = json::text(&object, "k")?.ok_or(JoseError::KeyRejected)?;
        let mut key = Self::new(algorithm, &Zeroizing::new(base64url::decode(secret)?))?;
        key.kid = json::text(&object, "kid")?.map(str::to_owned);
        Ok(key)
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The same secret, for verifying.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        let verifier: Arc<dyn Verify> = Arc::clone(&self.key) as _;
        VerifyingKey::from_parts(self.kid.clone(), vec![(self.algorithm, verifier)])
    }

    /// Signs claims as a JWT of type `typ`.
    ///
    /// # Errors
    /// [`JoseError::Unserializable`].
    pub fn sign_jwt<C: Serialize>(&self, typ: &'static str, claims: &C) -> Result<String, JoseError> {
        let header = jws::encode_header(self.algorithm, self.kid.as_deref(), typ)?;
        jws::write(&header, claims, &*self.key, self.key.hash().tag_len())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
