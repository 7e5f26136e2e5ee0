//! Signing keys, as kept.

use serde::{Deserialize, Serialize};
use valetkey_oauth2::Timestamp;

/// A signing key, its private half sealed under the master key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SigningKeyRecord {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// The JWS algorithm it signs with.
    pub algorithm: String,
    /// Where in its life it is.
    pub state: KeyState,
    /// The PKCS#8 document, sealed, bound to `kid`.
    pub sealed: Vec<u8>,
    /// The public JWK, as JSON text.
    pub public: String,
    /// When it was made, and published.
    pub created_at: Timestamp,
    /// When it began, or will begin, to sign.
    pub activates_at: Timestamp,
    /// When it stopped signing; it stays published until the last token that it signed has died.
    pub retired_at: Option<Timestamp>,
}

/// Where in its life a key is (design: next, current, retiring, gone).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, and not signing yet.
    Next,
    /// Signing.
    Current,
    /// Published for the tokens it signed.
    Retiring,
    /// No longer published.
    Gone,
}
