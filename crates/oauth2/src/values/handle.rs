//! Handles: the opaque strings that clients and browsers hold.
//!
//! A handle is `vk_` kind `_`, 43 base62 characters for 256 bits, and 6 for the CRC-32 of what stands before them,
//! so that a secret scanner can tell a leaked one from noise. A store sees only its SHA-256.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::base62;

/// What a handle opens. The one list of the kinds there are.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HandleKind {
    /// An authorization code (RFC 6749 §1.3.1).
    Code,
    /// An opaque access token.
    AccessToken,
    /// A refresh token: 16 bytes name its family, 16 are the secret.
    RefreshToken,
    /// A client secret.
    ClientSecret,
    /// A browser's session.
    Session,
    /// An authorization request that waits for its person.
    Flow,
    /// A browser before it is logged in, and the CSRF token's other half.
    Browser,
    /// A link that works once: the first administrator's.
    Setup,
    /// A browser that an account has logged in from before.
    Device,
    /// OAuth 1 temporary credentials' token (RFC 5849 §2.1).
    TemporaryToken,
    /// OAuth 1 token credentials' token (RFC 5849 §2.3).
    SignedToken,
    /// A shared secret of OAuth 1: a client's, or a token's.
    SharedSecret,
    /// An OAuth 1 verifier (RFC 5849 §2.2).
    Verifier,
}

impl HandleKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Code,
        Self::AccessToken,
        Self::RefreshToken,
        Self::ClientSecret,
        Self::Session,
        Self::Flow,
        Self::Browser,
        Self::Setup,
        Self::Device,
        Self::TemporaryToken,
        Self::SignedToken,
        Self::SharedSecret,
        Self::Verifier,
    ];

    /// How handles of this kind begin.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Code => "vk_ac_",
            Self::AccessToken => "vk_at_",
            Self::RefreshToken => "vk_rt_",
            Self::ClientSecret => "vk_cs_",
            Self::Session => "vk_ss_",
            Self::Flow => "vk_fl_",
            Self::Browser => "vk_br_",
            Self::Setup => "vk_su_",
            Self::Device => "vk_dv_",
            Self::TemporaryToken => "vk_tt_",
            Self::SignedToken => "vk_st_",
            Self::SharedSecret => "vk_sh_",
            Self::Verifier => "vk_vf_",
        }
    }
}

const BITS: usize = 43;
const SUM: usize = 6;

/// An opaque string of a known kind. Prints nothing but its kind; wiped when dropped.
///
/// ```
/// use valetkey_oauth2::{Handle, HandleKind};
/// let handle = Handle::mint(HandleKind::Code, &[7; 32]);
/// assert_eq!(handle.expose().len(), 55);
/// assert!(Handle::parse(HandleKind::Code, handle.expose()).is_ok());
/// assert!(Handle::parse(HandleKind::AccessToken, handle.expose()).is_err());
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Handle {
    kind: HandleKind,
    text: String,
}

/// Why a text is no handle.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidHandle {
    /// It begins like no handle, or like one of another kind.
    #[error("not a handle of this kind")]
    Kind,
    /// It is too short, too long, or holds foreign characters.
    #[error("not of a handle's length and alphabet")]
    Form,
    /// Its check sum does not fit: a typing or copying mistake, or a guess.
    #[error("the handle's check sum does not fit")]
    CheckSum,
}

impl Handle {
    /// Makes a handle from 256 random bits.
    #[must_use]
    pub fn mint(kind: HandleKind, bits: &[u8; 32]) -> Self {
        let prefix = kind.prefix();
        let mut text = String::with_capacity(prefix.len() + BITS + SUM);
        text.push_str(prefix);
        base62::encode(bits, BITS, &mut text);
        let sum = crc32fast::hash(text.as_bytes());
        base62::encode(&sum.to_be_bytes(), SUM, &mut text);
        Self { kind, text }
    }

    /// Reads a handle of that kind: exact prefix, length, alphabet and check sum.
    ///
    /// # Errors
    /// [`InvalidHandle`] says what is wrong; nothing of it belongs on the wire.
    pub fn parse(kind: HandleKind, text: &str) -> Result<Self, InvalidHandle> {
        let prefix = kind.prefix();
        let rest = text.strip_prefix(prefix).ok_or(InvalidHandle::Kind)?.as_bytes();
        if rest.len() != BITS + SUM {
            return Err(InvalidHandle::Form);
        }
        let (bits, sum) = rest.split_at(BITS);
        base62::decode::<32>(bits).ok_or(InvalidHandle::Form)?;
        let sum = base62::decode::<4>(sum).ok_or(InvalidHandle::Form)?;
        let body = text.as_bytes().get(..prefix.len() + BITS).ok_or(InvalidHandle::Form)?;
        if crc32fast::hash(body).to_be_bytes() != sum {
            return Err(InvalidHandle::CheckSum);
        }
        Ok(Self { kind, text: text.to_owned() })
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> HandleKind {
        self.kind
    }

    /// Shows the text, to whom it belongs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What a store keeps of it.
    #[must_use]
    pub fn hash(&self) -> HandleHash {
        HandleHash::of(&self.text)
    }

    /// The 256 bits it was made of.
    #[must_use]
    pub fn bits(&self) -> [u8; 32] {
        let from = self.kind.prefix().len();
        let digits = self.text.as_bytes().get(from..from + BITS).unwrap_or_default();
        base62::decode(digits).unwrap_or_default()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.kind.prefix())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// SHA-256 of a handle's whole text: the key under which its record is kept.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct HandleHash([u8; 32]);

impl HandleHash {
    /// Hashes a text, handle or given token.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(valetkey_crypto::digest::sha256(text.as_bytes()))
    }

    /// Takes the hash itself, from a store.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for HandleHash {
    /// The first four bytes: enough to find it in a log, too little to look it up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_character_is_noticed() {
        let handle = Handle::mint(HandleKind::AccessToken, &[42; 32]);
        let text = handle.expose().to_owned();
        for at in 6..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(Handle::parse(HandleKind::AccessToken, &changed).is_err(), "{changed}");
        }
        assert_eq!(handle.bits(), [42; 32]);
    }

    #[test]
    fn sec_tk_21_truncated_or_padded_handles_are_refused() {
        let text = Handle::mint(HandleKind::RefreshToken, &[9; 32]).expose().to_owned();
        let longer = format!("{text}A");
        for wrong in [&text[..text.len() - 1], &longer, "", "vk_rt_", &text.to_uppercase()] {
            assert!(Handle::parse(HandleKind::RefreshToken, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn prefixes_differ() {
        let mut all: Vec<_> = HandleKind::ALL.iter().map(|kind| kind.prefix()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), HandleKind::ALL.len());
    }
}
