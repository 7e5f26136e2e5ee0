//! The signature methods that we know, and nothing but the list.

mod hmac;
mod plaintext;
mod rsa;

use std::fmt;
use std::sync::Arc;

use valetkey_crypto::mac::MacHash;

pub use hmac::Hmac;
pub use plaintext::Plaintext;
pub use rsa::Rsa;

use crate::credentials::RsaHash;
use crate::method::SignatureMethod;

/// HMAC with SHA-1 (RFC 5849 §3.4.2).
pub const HMAC_SHA1: Hmac = Hmac::new("HMAC-SHA1", MacHash::Sha1);
/// HMAC with SHA-256, as most servers of today offer it.
pub const HMAC_SHA256: Hmac = Hmac::new("HMAC-SHA256", MacHash::Sha256);
/// HMAC with SHA-512.
pub const HMAC_SHA512: Hmac = Hmac::new("HMAC-SHA512", MacHash::Sha512);
/// RSA with SHA-1 (RFC 5849 §3.4.3).
pub const RSA_SHA1: Rsa = Rsa::new("RSA-SHA1", RsaHash::Sha1);
/// RSA with SHA-256.
pub const RSA_SHA256: Rsa = Rsa::new("RSA-SHA256", RsaHash::Sha256);
/// RSA with SHA-512.
pub const RSA_SHA512: Rsa = Rsa::new("RSA-SHA512", RsaHash::Sha512);
/// The secrets themselves (RFC 5849 §3.4.4).
pub const PLAINTEXT: Plaintext = Plaintext;

/// The methods that one server accepts, or one client knows.
///
/// ```
/// use valetkey_oauth1::Methods;
/// let methods = Methods::all().only(&["HMAC-SHA1", "HMAC-SHA256"]);
/// assert!(methods.find("HMAC-SHA1").is_some());
/// assert!(methods.find("PLAINTEXT").is_none());
/// ```
#[derive(Clone)]
pub struct Methods(Vec<Arc<dyn SignatureMethod>>);

impl Methods {
    /// Every method of this house.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![
            Arc::new(HMAC_SHA1),
            Arc::new(HMAC_SHA256),
            Arc::new(HMAC_SHA512),
            Arc::new(RSA_SHA1),
            Arc::new(RSA_SHA256),
            Arc::new(RSA_SHA512),
            Arc::new(PLAINTEXT),
        ])
    }

    /// Adds one of the caller's own; it takes the place of one with the same name.
    #[must_use]
    pub fn with(mut self, method: impl SignatureMethod + 'static) -> Self {
        self.0.retain(|known| known.name() != method.name());
        self.0.push(Arc::new(method));
        self
    }

    /// Keeps those of these names.
    #[must_use]
    pub fn only<T: AsRef<str>>(mut self, names: &[T]) -> Self {
        self.0.retain(|method| names.iter().any(|name| name.as_ref() == method.name()));
        self
    }

    /// The method of that name; names are case-sensitive (RFC 5849 §3.1).
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&dyn SignatureMethod> {
        self.iter().find(|method| method.name() == name)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &dyn SignatureMethod> {
        self.0.iter().map(AsRef::as_ref)
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(SignatureMethod::name)).finish()
    }
}
