//! A key parsed for verifying: once, however many tokens it will see.

use std::fmt;
use std::sync::Arc;

use valetkey_crypto::{Verify, aws_lc};

use crate::{Algorithm, JoseError, Jwk};

/// A key that verifies. It knows its algorithms, and nothing that a token says adds to them (RFC 8725 §3.1).
#[derive(Clone)]
pub struct VerifyingKey {
    kid: Option<String>,
    verifiers: Vec<(Algorithm, Arc<dyn Verify>)>,
}

impl VerifyingKey {
    /// Parses a public key for all the algorithms it may serve.
    ///
    /// # Errors
    /// [`JoseError::KeyMismatch`] when the key is not meant for verifying.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, JoseError> {
        if !jwk.is_for_verifying() {
            return Err(JoseError::KeyMismatch);
        }
        let mut verifiers = Vec::new();
        for &algorithm in jwk.algorithms() {
            let scheme = algorithm.scheme().ok_or(JoseError::KeyMismatch)?;
            verifiers.push((algorithm, Arc::from(aws_lc::verifier(scheme, jwk.public_key())?)));
        }
        Ok(Self::from_parts(jwk.kid().map(str::to_owned), verifiers))
    }

    pub(crate) fn from_parts(kid: Option<String>, verifiers: Vec<(Algorithm, Arc<dyn Verify>)>) -> Self {
        Self { kid, verifiers }
    }

    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Its verifier for `algorithm`, when it serves that.
    pub(crate) fn verifier(&self, algorithm: Algorithm) -> Option<&dyn Verify> {
        self.verifiers.iter().find(|(served, _)| *served == algorithm).map(|(_, verifier)| &**verifier)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms: Vec<_> = self.verifiers.iter().map(|(algorithm, _)| algorithm).collect();
        f.debug_struct("VerifyingKey").field("kid", &self.kid).field("algorithms", &algorithms).finish()
    }
}
