//! The one backend: everything that names `aws_lc_rs` stands in this folder.

mod aead;
mod pem;
mod rsa;
#[cfg(feature = "rsa-sha1-signing")]
mod rsa_sha1;
mod sign;
mod verify;

use aws_lc_rs::{digest, hmac, rand};

use crate::mac::MacHash;

pub(crate) use aead::{AeadKey, ExpandKey, NONCE_LEN, TAG_LEN};
pub use pem::{rsa_private_key_from_pem, rsa_public_key_from_der, rsa_public_key_from_pem};
pub use sign::{generate, key_pair};
pub use verify::verifier;

/// Fills `out` from the backend's generator.
///
/// Only the system's `Random` port calls this; all else asks that port, so that tests can stand still.
///
/// # Panics
/// When the operating system has no entropy to give: going on would be worse.
#[expect(clippy::disallowed_methods, reason = "the source of the Random port itself")]
#[expect(clippy::expect_used, reason = "a generator without entropy must not be survived")]
pub fn random_bytes(out: &mut [u8]) {
    rand::fill(out).expect("the generator has entropy");
}

pub(crate) fn sha1(message: &[u8]) -> [u8; 20] {
    fixed(&digest::SHA1_FOR_LEGACY_USE_ONLY, message)
}

pub(crate) fn sha256(message: &[u8]) -> [u8; 32] {
    fixed(&digest::SHA256, message)
}

pub(crate) fn sha384(message: &[u8]) -> [u8; 48] {
    fixed(&digest::SHA384, message)
}

pub(crate) fn sha512(message: &[u8]) -> [u8; 64] {
    fixed(&digest::SHA512, message)
}

/// `N` is the algorithm's output length at every call above.
fn fixed<const N: usize>(algorithm: &'static digest::Algorithm, message: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(digest::digest(algorithm, message).as_ref());
    out
}

#[derive(Clone)]
pub(crate) struct HmacKey(hmac::Key);

impl HmacKey {
    pub(crate) fn new(hash: MacHash, secret: &[u8]) -> Self {
        let algorithm = match hash {
            MacHash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            MacHash::Sha256 => hmac::HMAC_SHA256,
            MacHash::Sha384 => hmac::HMAC_SHA384,
            MacHash::Sha512 => hmac::HMAC_SHA512,
        };
        Self(hmac::Key::new(algorithm, secret))
    }

    pub(crate) fn tag(&self, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.0, message).as_ref().to_vec()
    }

    pub(crate) fn is_tag(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.0, message, tag).is_ok()
    }
}
