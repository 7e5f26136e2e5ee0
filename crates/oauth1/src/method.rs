//! The contract of a signature method (RFC 5849 §3.4). [`crate::methods`] has those that we know; an embedder may add
//! its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::credentials::{SigningKey, VerifyingKey};

/// What kind of key a method signs with.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyKind {
    /// The shared secrets of client and token.
    Secrets,
    /// The client's RSA key pair; the token's secret plays no part.
    Rsa,
}

/// Why a method cannot sign.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CannotSign {
    /// The key is of the other kind.
    #[error("the signature method needs another kind of key")]
    WrongKey,
    /// This build does not sign with it: RSA-SHA1 without the feature `rsa-sha1-signing`.
    #[error("this build cannot sign with the signature method")]
    NotBuilt,
    /// The cryptographic backend failed.
    #[error("the cryptographic backend failed")]
    Backend,
}

/// The signature does not fit; nothing else is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the signature does not match")]
pub struct BadSignature;

/// One signature method.
pub trait SignatureMethod: Send + Sync {
    /// Its name in `oauth_signature_method`.
    fn name(&self) -> &str;

    /// What it signs with.
    fn key_kind(&self) -> KeyKind;

    /// Whether a request needs nonce and timestamp; only `PLAINTEXT` does without (§3.1).
    fn needs_stamp(&self) -> bool {
        true
    }

    /// Whether the signature depends on the request; that of `PLAINTEXT` does not.
    fn covers_request(&self) -> bool {
        true
    }

    /// Why an operator might not want it, if there is a reason (§4.11).
    fn weakness(&self) -> Option<&'static str> {
        None
    }

    /// The method's own hash of a body, for `oauth_body_hash`.
    fn hash_body(&self, body: &[u8]) -> Vec<u8>;

    /// Makes the value of `oauth_signature`, not yet encoded.
    ///
    /// # Errors
    /// [`CannotSign`] says why not.
    fn sign(&self, base_string: &str, key: SigningKey<'_>) -> Result<String, CannotSign>;

    /// Checks the value of `oauth_signature`, decoded, in constant time.
    ///
    /// # Errors
    /// [`BadSignature`], for every reason alike.
    fn verify(&self, base_string: &str, signature: &str, key: VerifyingKey<'_>) -> Result<(), BadSignature>;
}

/// Base64 as RFC 2045 §6.8 writes it, in one line.
#[must_use]
pub fn to_base64(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

/// Base64 as RFC 2045 §6.8 reads it: line breaks mean nothing.
#[must_use]
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    if text.bytes().any(|octet| octet.is_ascii_whitespace()) {
        let joined: String = text.split_ascii_whitespace().collect();
        return STANDARD.decode(joined).ok();
    }
    STANDARD.decode(text).ok()
}
