//! HMAC (RFC 2104): keys prepared once, tags compared in constant time.

use std::fmt;

use crate::{CryptoError, Sign, Verify, aws_lc};

/// The hash under an HMAC.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MacHash {
    /// SHA-1, for what an old protocol prescribes (RFC 5849 §3.4.2).
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl MacHash {
    /// The length of a tag in octets.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// An HMAC key, with the inner and outer hash states computed once.
///
/// ```
/// use valetkey_crypto::mac::{MacHash, MacKey};
///
/// let key = MacKey::new(MacHash::Sha256, b"a key of sufficient length, we hope");
/// let tag = key.tag(b"message");
/// assert!(key.is_tag(b"message", &tag));
/// assert!(!key.is_tag(b"another", &tag));
/// ```
#[derive(Clone)]
pub struct MacKey {
    hash: MacHash,
    key: aws_lc::HmacKey,
}

impl MacKey {
    /// Prepares a key. Any length is allowed here: what is too short is the caller's protocol to say.
    #[must_use]
    pub fn new(hash: MacHash, secret: &[u8]) -> Self {
        Self { hash, key: aws_lc::HmacKey::new(hash, secret) }
    }

    /// The hash under this key.
    #[must_use]
    pub fn hash(&self) -> MacHash {
        self.hash
    }

    /// The whole tag of `message`.
    #[must_use]
    pub fn tag(&self, message: &[u8]) -> Vec<u8> {
        self.key.tag(message)
    }

    /// Whether `tag` is the whole tag of `message`, compared in constant time.
    #[must_use]
    pub fn is_tag(&self, message: &[u8], tag: &[u8]) -> bool {
        self.key.is_tag(message, tag)
    }
}

impl Sign for MacKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok(self.tag(message))
    }
}

impl Verify for MacKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        if self.is_tag(message, signature) { Ok(()) } else { Err(CryptoError::BadSignature) }
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacKey").field("hash", &self.hash).finish_non_exhaustive()
    }
}
