//! A private key, parsed once and kept: signing a token costs the signature and three allocations.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use valetkey_crypto::{KeyPair, PublicKey, Zeroizing, aws_lc};

use crate::{Algorithm, JoseError, Jwk, jws};

/// A private key for one algorithm, named by its thumbprint.
pub struct SigningKey {
    algorithm: Algorithm,
    pair: Box<dyn KeyPair>,
    jwk: Jwk,
    signature_len: usize,
    /// The encoded header of every `typ` used so far. They come from code, so there are only a few.
    headers: RwLock<Vec<(&'static str, Arc<str>)>>,
}

impl SigningKey {
    /// Makes a new key, and gives beside it the PKCS#8 DER to keep (sealed).
    ///
    /// # Errors
    /// [`JoseError::KeyMismatch`] for HMAC algorithms, whose keys are [`crate::SecretKey`]s.
    pub fn generate(algorithm: Algorithm) -> Result<(Self, Zeroizing<Vec<u8>>), JoseError> {
        let pkcs8 = aws_lc::generate(algorithm.scheme().ok_or(JoseError::KeyMismatch)?)?;
        Ok((Self::from_pkcs8(algorithm, &pkcs8)?, pkcs8))
    }

    /// Loads a key.
    ///
    /// # Errors
    /// [`JoseError::KeyRejected`] when it is malformed or of another type or curve, [`JoseError::WeakKey`],
    /// [`JoseError::KeyMismatch`] for HMAC algorithms.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, JoseError> {
        let pair = aws_lc::key_pair(algorithm.scheme().ok_or(JoseError::KeyMismatch)?, pkcs8)?;
        let jwk = Jwk::of_ours(pair.public_key().clone(), algorithm)?;
        let signature_len = match pair.public_key() {
            PublicKey::Ec { curve, .. } => 2 * curve.coordinate_len(),
            PublicKey::Ed25519 { .. } => 64,
            PublicKey::Rsa { n, .. } => n.len(),
        };
        Ok(Self { algorithm, pair, jwk, signature_len, headers: RwLock::default() })
    }

    /// The key's name: its RFC 7638 thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.jwk.kid().unwrap_or_default()
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its public half, as it is published.
    #[must_use]
    pub fn public_jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Signs claims as a JWT of type `typ` (RFC 7519 §7.1): `at+jwt` for access tokens (RFC 9068 §2.1).
    ///
    /// # Errors
    /// [`JoseError::Unserializable`]; [`JoseError::Crypto`] when the backend fails.
    pub fn sign_jwt<C: Serialize>(&self, typ: &'static str, claims: &C) -> Result<String, JoseError> {
        let header = self.header(typ)?;
        jws::write(&header, claims, &*self.pair, self.signature_len)
    }

    fn header(&self, typ: &'static str) -> Result<Arc<str>, JoseError> {
        let known = self.headers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, header)) = known.iter().find(|(known, _)| *known == typ) {
            return Ok(Arc::clone(header));
        }
        drop(known);
        let header: Arc<str> = jws::encode_header(self.algorithm, Some(self.kid()), typ)?.into();
        self.headers.write().unwrap_or_else(PoisonError::into_inner).push((typ, Arc::clone(&header)));
        Ok(header)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid())
            .finish_non_exhaustive()
    }
}
