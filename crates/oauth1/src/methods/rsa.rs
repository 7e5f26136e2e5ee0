//! RSASSA-PKCS1-v1_5 over the base string (RFC 5849 §3.4.3), with any of three hashes.

use valetkey_crypto::{CryptoError, digest};

use crate::credentials::{RsaHash, SigningKey, VerifyingKey};
use crate::method::{BadSignature, CannotSign, KeyKind, SignatureMethod, from_base64, to_base64};

/// A method of the RSA family.
#[derive(Clone, Copy, Debug)]
pub struct Rsa {
    name: &'static str,
    hash: RsaHash,
}

impl Rsa {
    /// A method of that name over that hash.
    #[must_use]
    pub const fn new(name: &'static str, hash: RsaHash) -> Self {
        Self { name, hash }
    }
}

impl SignatureMethod for Rsa {
    fn name(&self) -> &str {
        self.name
    }

    fn key_kind(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn weakness(&self) -> Option<&'static str> {
        (self.hash == RsaHash::Sha1)
            .then_some("it uses SHA-1, whose collisions reach signatures (RFC 5849 §4.11)")
    }

    fn hash_body(&self, body: &[u8]) -> Vec<u8> {
        match self.hash {
            RsaHash::Sha1 => digest::sha1(body).to_vec(),
            RsaHash::Sha256 => digest::sha256(body).to_vec(),
            RsaHash::Sha512 => digest::sha512(body).to_vec(),
        }
    }

    fn sign(&self, base_string: &str, key: SigningKey<'_>) -> Result<String, CannotSign> {
        let SigningKey::Rsa(key) = key else { return Err(CannotSign::WrongKey) };
        match key.sign(self.hash, base_string.as_bytes()) {
            Ok(signature) => Ok(to_base64(&signature)),
            Err(CryptoError::KeyRejected) => Err(CannotSign::NotBuilt),
            Err(_) => Err(CannotSign::Backend),
        }
    }

    fn verify(&self, base_string: &str, signature: &str, key: VerifyingKey<'_>) -> Result<(), BadSignature> {
        let VerifyingKey::Rsa(key) = key else { return Err(BadSignature) };
        let signature = from_base64(signature).unwrap_or_default();
        key.verify(self.hash, base_string.as_bytes(), &signature).map_err(|_| BadSignature)
    }
}
