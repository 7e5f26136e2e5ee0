//! Proof Key for Code Exchange (RFC 7636), by `S256` only: `plain` protects from nobody who can read the request.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::ErrorCode;

/// A `code_challenge` under `S256` (RFC 7636 §4.2): the SHA-256 of a verifier, 43 base64url characters on the wire.
///
/// ```
/// use valetkey_oauth2::{Challenge, Verifier};
/// let verifier = Verifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
/// let challenge = Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", Some("S256")).unwrap();
/// assert!(challenge.is_met_by(&verifier));
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Challenge([u8; 32]);

/// Why a challenge or verifier is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PkceError {
    /// `plain`, a method nobody registered, or none, which means `plain` (RFC 7636 §4.3).
    #[error("the challenge's method is not S256")]
    Method,
    /// Not the 43 base64url characters of a SHA-256.
    #[error("a challenge is 43 base64url characters")]
    Challenge,
    /// Not 43 to 128 unreserved characters (RFC 7636 §4.1).
    #[error("a verifier is 43 to 128 unreserved characters")]
    Verifier,
    /// A method without a challenge.
    #[error("a challenge's method was sent without a challenge")]
    ChallengeMissing,
}

impl PkceError {
    /// What the client hears of it at the authorization endpoint (RFC 7636 §4.4.1).
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        let description = match self {
            Self::Method => "Send code_challenge_method=S256 with the code_challenge.",
            Self::Challenge => {
                "Send as code_challenge the base64url SHA-256 of the code_verifier, 43 characters."
            }
            Self::Verifier => "Send a code_verifier of 43 to 128 unreserved characters.",
            Self::ChallengeMissing => "Send a code_challenge with the code_challenge_method.",
        };
        (ErrorCode::InvalidRequest, description)
    }
}

impl Challenge {
    /// Reads `code_challenge` and `code_challenge_method`.
    ///
    /// # Errors
    /// [`PkceError::Method`] for every method but `S256`, [`PkceError::Challenge`] for another form.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, PkceError> {
        match method {
            Some("S256") => Self::decode(challenge),
            _ => Err(PkceError::Method),
        }
    }

    /// Whether that verifier is the one it was made from. Compared in constant time.
    #[must_use]
    pub fn is_met_by(&self, verifier: &Verifier) -> bool {
        valetkey_crypto::ct_eq(&self.0, &verifier.challenge().0)
    }

    /// The SHA-256 itself.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn decode(text: &str) -> Result<Self, PkceError> {
        if text.len() != 43 {
            return Err(PkceError::Challenge);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| PkceError::Challenge)?;
        bytes.try_into().map(Self).map_err(|_| PkceError::Challenge)
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Challenge {
    type Error = PkceError;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::decode(&raw)
    }
}

impl From<Challenge> for String {
    fn from(challenge: Challenge) -> Self {
        challenge.to_string()
    }
}

/// A `code_verifier` (RFC 7636 §4.1). Prints nothing; wiped when dropped.
#[derive(Clone)]
pub struct Verifier(String);

impl Verifier {
    /// Reads a verifier.
    ///
    /// # Errors
    /// [`PkceError::Verifier`] for another length or alphabet.
    pub fn parse(raw: &str) -> Result<Self, PkceError> {
        let unreserved =
            |byte: u8| matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~');
        match raw.len() {
            43..=128 if raw.bytes().all(unreserved) => Ok(Self(raw.to_owned())),
            _ => Err(PkceError::Verifier),
        }
    }

    /// Makes one from 256 random bits.
    #[must_use]
    pub fn mint(bits: &[u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bits))
    }

    /// Its `S256` challenge (RFC 7636 §4.2).
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge(valetkey_crypto::digest::sha256(self.0.as_bytes()))
    }

    /// Shows the text, for the one request it belongs in.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(…)")
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
