//! The thumbprint of a key (RFC 7638): SHA-256 over its required members in their fixed order.

use valetkey_crypto::{PublicKey, digest};

use crate::jwk::ec_crv;
use crate::{Jwk, base64url};

impl Jwk {
    /// The SHA-256 thumbprint in base64url (RFC 7638 §3, for OKP RFC 8037 §2): the `kid` of our own keys, and the
    /// `jkt` of a bound one.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // Every value below is base64url or a fixed word: nothing needs escaping.
        let members = match self.public_key() {
            PublicKey::Ec { curve, x, y } => format!(
                r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#,
                ec_crv(*curve),
                base64url::encode(x),
                base64url::encode(y)
            ),
            PublicKey::Ed25519 { x } => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url::encode(x))
            }
            PublicKey::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, base64url::encode(e), base64url::encode(n))
            }
        };
        base64url::encode(&digest::sha256(members.as_bytes()))
    }
}
