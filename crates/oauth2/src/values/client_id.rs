//! A client's name on the wire.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::base62;

/// A client identifier (RFC 6749 §2.2): visible characters (appendix A.1), and never a UUID, so that the `sub` of
/// client credentials cannot look like an account (RFC 9700 §4.15).
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(Arc<str>);

/// Why a text is no client identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidClientId {
    /// Nothing, or more than 255 characters.
    #[error("a client id has 1 to 255 characters")]
    Length,
    /// A character outside of space to tilde.
    #[error("a client id holds visible ASCII characters only")]
    Character,
    /// It reads as a UUID, which is how accounts are named.
    #[error("a client id must not be a UUID: accounts are named by those")]
    LooksLikeAccount,
}

impl ClientId {
    /// Reads a given identifier.
    ///
    /// # Errors
    /// [`InvalidClientId`] says what is wrong.
    pub fn parse(raw: &str) -> Result<Self, InvalidClientId> {
        if raw.is_empty() || raw.len() > 255 {
            return Err(InvalidClientId::Length);
        }
        if !raw.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
            return Err(InvalidClientId::Character);
        }
        if raw.len() >= 32 && uuid::Uuid::parse_str(raw).is_ok() {
            return Err(InvalidClientId::LooksLikeAccount);
        }
        Ok(Self(raw.into()))
    }

    /// Makes one from 128 random bits: 22 base62 characters.
    #[must_use]
    pub fn mint(bits: &[u8; 16]) -> Self {
        let mut text = String::with_capacity(22);
        base62::encode(bits, 22, &mut text);
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl std::borrow::Borrow<str> for ClientId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = InvalidClientId;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw)
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_ca_12_a_client_id_cannot_look_like_an_account() {
        assert_eq!(
            ClientId::parse("01890a5d-ac96-774b-bcce-b302099a8057"),
            Err(InvalidClientId::LooksLikeAccount)
        );
        assert_eq!(
            ClientId::parse("01890a5dac96774bbcceb302099a8057"),
            Err(InvalidClientId::LooksLikeAccount)
        );
        assert!(ClientId::parse("my app, the second").is_ok());
        assert_eq!(ClientId::parse("snow\u{2603}"), Err(InvalidClientId::Character));
        assert_eq!(ClientId::mint(&[255; 16]).as_str().len(), 22);
    }
}
