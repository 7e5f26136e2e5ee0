//! Signing with RSA and SHA-1, which OAuth 1 clients of old servers need and the backend refuses to do.
//!
//! The crate `rsa` does it, behind the feature `rsa-sha1-signing`. Its private-key operation does not take constant
//! time (RUSTSEC-2023-0071); blinding with the backend's randomness keeps what it takes apart from the message.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::rand_core::{self, CryptoRng, RngCore};
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use rsa::traits::PublicKeyParts;

use super::rsa::check;
use crate::{CryptoError, KeyPair, PublicKey, Sign};

pub(super) struct RsaSha1 {
    key: SigningKey<sha1::Sha1>,
    public: PublicKey,
}

impl RsaSha1 {
    pub(super) fn load(pkcs8: &[u8]) -> Result<Self, CryptoError> {
        let key = rsa::RsaPrivateKey::from_pkcs8_der(pkcs8).map_err(|_| CryptoError::KeyRejected)?;
        let n = key.n().to_bytes_be();
        let e = key.e().to_bytes_be();
        check(&n, &e)?;
        Ok(Self { key: SigningKey::new(key), public: PublicKey::Rsa { n, e } })
    }
}

impl Sign for RsaSha1 {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature =
            self.key.try_sign_with_rng(&mut Blinding, message).map_err(|_| CryptoError::Backend)?;
        Ok(signature.to_vec())
    }
}

impl KeyPair for RsaSha1 {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }
}

/// The backend's generator, as `rsa` asks for one.
struct Blinding;

impl CryptoRng for Blinding {}

impl RngCore for Blinding {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        super::random_bytes(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        SystemRandom::new().fill(out).map_err(|_| {
            // A code of our own: the type knows no other word for want of entropy.
            core::num::NonZeroU32::new(rand_core::Error::CUSTOM_START)
                .unwrap_or(core::num::NonZeroU32::MIN)
                .into()
        })
    }
}
