//! HMAC over the base string (RFC 5849 §3.4.2), with any of three hashes.

use valetkey_crypto::digest;
use valetkey_crypto::mac::{MacHash, MacKey};

use crate::credentials::{Secrets, SigningKey, VerifyingKey};
use crate::method::{BadSignature, CannotSign, KeyKind, SignatureMethod, from_base64, to_base64};

/// A method of the HMAC family.
#[derive(Clone, Copy, Debug)]
pub struct Hmac {
    name: &'static str,
    hash: MacHash,
}

impl Hmac {
    /// A method of that name over that hash.
    #[must_use]
    pub const fn new(name: &'static str, hash: MacHash) -> Self {
        Self { name, hash }
    }

    fn key(&self, secrets: &Secrets<'_>) -> MacKey {
        MacKey::new(self.hash, secrets.joined().as_bytes())
    }
}

impl SignatureMethod for Hmac {
    fn name(&self) -> &str {
        self.name
    }

    fn key_kind(&self) -> KeyKind {
        KeyKind::Secrets
    }

    fn weakness(&self) -> Option<&'static str> {
        (self.hash == MacHash::Sha1).then_some("it uses SHA-1, which HMAC survives so far (RFC 5849 §4.11)")
    }

    fn hash_body(&self, body: &[u8]) -> Vec<u8> {
        match self.hash {
            MacHash::Sha1 => digest::sha1(body).to_vec(),
            MacHash::Sha256 => digest::sha256(body).to_vec(),
            MacHash::Sha384 => digest::sha384(body).to_vec(),
            MacHash::Sha512 => digest::sha512(body).to_vec(),
        }
    }

    fn sign(&self, base_string: &str, key: SigningKey<'_>) -> Result<String, CannotSign> {
        let SigningKey::Secrets(secrets) = key else { return Err(CannotSign::WrongKey) };
        Ok(to_base64(&self.key(&secrets).tag(base_string.as_bytes())))
    }

    fn verify(&self, base_string: &str, signature: &str, key: VerifyingKey<'_>) -> Result<(), BadSignature> {
        let VerifyingKey::Secrets(secrets) = key else { return Err(BadSignature) };
        let tag = from_base64(signature).unwrap_or_default();
        // What is no base64 is compared all the same, so that it costs the same.
        if self.key(&secrets).is_tag(base_string.as_bytes(), &tag) { Ok(()) } else { Err(BadSignature) }
    }
}
