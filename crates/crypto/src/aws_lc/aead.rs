//! AES-256-GCM and HKDF-SHA-256, as sealing needs them.

use aws_lc_rs::aead::{self, AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf::{self, HKDF_SHA256, Prk, Salt};
use zeroize::Zeroizing;

use crate::CryptoError;

pub(crate) const NONCE_LEN: usize = aead::NONCE_LEN;
pub(crate) const TAG_LEN: usize = 16;

/// A key of AES-256-GCM, with its schedule computed.
pub(crate) struct AeadKey(RandomizedNonceKey);

impl AeadKey {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, CryptoError> {
        RandomizedNonceKey::new(&AES_256_GCM, key).map(Self).map_err(|_| CryptoError::Backend)
    }

    /// Encrypts `in_out` in place, appends the tag, and gives the nonce that it drew.
    pub(crate) fn seal(&self, aad: &[u8], in_out: &mut Vec<u8>) -> Result<[u8; NONCE_LEN], CryptoError> {
        let nonce =
            self.0.seal_in_place_append_tag(Aad::from(aad), in_out).map_err(|_| CryptoError::Backend)?;
        Ok(*nonce.as_ref())
    }

    /// Decrypts `in_out` in place and gives the length of the plaintext.
    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        in_out: &mut [u8],
    ) -> Result<usize, CryptoError> {
        self.0
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), in_out)
            .map(|plaintext| plaintext.len())
            .map_err(|_| CryptoError::BrokenSeal)
    }
}

/// The pseudorandom key of HKDF (RFC 5869 §2.2), kept for many expansions.
pub(crate) struct ExpandKey(Prk);

impl ExpandKey {
    pub(crate) fn extract(salt: &[u8], secret: &[u8]) -> Self {
        Self(Salt::new(HKDF_SHA256, salt).extract(secret))
    }

    /// RFC 5869 §2.3 for 32 octets.
    #[expect(clippy::expect_used, reason = "32 octets are within the bound of HKDF-SHA-256")]
    pub(crate) fn expand(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        self.0.expand(info, Octets32).and_then(|okm| okm.fill(&mut *out)).expect("32 octets can be expanded");
        out
    }

    /// A key for further expansions, from this one.
    pub(crate) fn descend(&self, info: &[&[u8]]) -> Self {
        Self(Prk::new_less_safe(HKDF_SHA256, &*self.expand(info)))
    }
}

struct Octets32;

impl hkdf::KeyType for Octets32 {
    fn len(&self) -> usize {
        32
    }
}
