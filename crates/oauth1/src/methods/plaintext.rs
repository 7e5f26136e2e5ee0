//! The secrets themselves as the signature (RFC 5849 §3.4.4): nothing of the request is covered.

use valetkey_crypto::{ct_eq, digest};

use crate::credentials::{SigningKey, VerifyingKey};
use crate::method::{BadSignature, CannotSign, KeyKind, SignatureMethod};

/// The method `PLAINTEXT`. It is for TLS only, which the caller sees to.
#[derive(Clone, Copy, Debug)]
pub struct Plaintext;

impl SignatureMethod for Plaintext {
    fn name(&self) -> &str {
        "PLAINTEXT"
    }

    fn key_kind(&self) -> KeyKind {
        KeyKind::Secrets
    }

    fn needs_stamp(&self) -> bool {
        false
    }

    fn covers_request(&self) -> bool {
        false
    }

    fn weakness(&self) -> Option<&'static str> {
        Some("the secrets travel in every request and nothing of it is signed (RFC 5849 §3.4.4)")
    }

    /// SHA-1, as the extension knows no other for it.
    fn hash_body(&self, body: &[u8]) -> Vec<u8> {
        digest::sha1(body).to_vec()
    }

    fn sign(&self, _: &str, key: SigningKey<'_>) -> Result<String, CannotSign> {
        let SigningKey::Secrets(secrets) = key else { return Err(CannotSign::WrongKey) };
        Ok(secrets.joined().to_string())
    }

    fn verify(&self, _: &str, signature: &str, key: VerifyingKey<'_>) -> Result<(), BadSignature> {
        let VerifyingKey::Secrets(secrets) = key else { return Err(BadSignature) };
        if ct_eq(signature.as_bytes(), secrets.joined().as_bytes()) { Ok(()) } else { Err(BadSignature) }
    }
}
