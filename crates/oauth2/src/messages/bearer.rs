//! Bearer tokens at a resource (RFC 6750): reading the `Authorization` header, and writing the challenge.

use super::token::clean;
use crate::{ErrorCode, Scope};

/// Why a request carries no bearer token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BearerError {
    /// No `Authorization` header: the challenge has no error then (RFC 6750 §3.1).
    #[error("there is no authorization header")]
    Missing,
    /// Another scheme.
    #[error("the authorization header is of another scheme")]
    OtherScheme,
    /// `Bearer`, and then nothing, or what is no `b64token`.
    #[error("the bearer token is malformed")]
    Malformed,
    /// In the header, and in the form or query too (RFC 6750 §2).
    #[error("the token was sent in two ways")]
    TwoWays,
}

impl BearerError {
    /// What the client hears of it; `None` where the challenge names no error.
    #[must_use]
    pub const fn wire(self) -> Option<(ErrorCode, &'static str)> {
        match self {
            Self::Missing | Self::OtherScheme => None,
            Self::Malformed => {
                Some((ErrorCode::InvalidRequest, "Send the access token as Authorization: Bearer TOKEN."))
            }
            Self::TwoWays => {
                Some((ErrorCode::InvalidRequest, "Send the access token in the Authorization header only."))
            }
        }
    }
}

/// Reads the token from an `Authorization` header (RFC 6750 §2.1). The scheme's case does not matter (RFC 9110 §11.1).
///
/// # Errors
/// [`BearerError`].
pub fn parse(authorization: Option<&[u8]>) -> Result<&str, BearerError> {
    let header = authorization.ok_or(BearerError::Missing)?;
    let token = super::super::credentials::after_scheme(header, "bearer").ok_or(BearerError::OtherScheme)?;
    let body =
        token.iter().rposition(|byte| *byte != b'=').and_then(|last| token.get(..=last)).unwrap_or_default();
    let legal =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    if body.is_empty() || !body.iter().all(legal) {
        return Err(BearerError::Malformed);
    }
    std::str::from_utf8(token).map_err(|_| BearerError::Malformed)
}

/// What stands in `WWW-Authenticate` (RFC 6750 §3).
#[derive(Clone, Copy, Debug, Default)]
pub struct Challenge<'a> {
    /// The protection space.
    pub realm: Option<&'a str>,
    /// What was wrong; nothing if there was no token at all.
    pub error: Option<(ErrorCode, &'a str)>,
    /// What would be enough, under `insufficient_scope`.
    pub scope: Option<&'a Scope>,
    /// Where the resource's metadata is (RFC 9728 §5.1).
    pub resource_metadata: Option<&'a str>,
}

impl Challenge<'_> {
    /// Writes the header's value.
    #[must_use]
    pub fn write(&self) -> String {
        let mut parts: Vec<(&str, &str)> = Vec::with_capacity(5);
        parts.extend(self.realm.map(|realm| ("realm", realm)));
        if let Some((code, description)) = self.error {
            parts.push(("error", code.as_str()));
            parts.push(("error_description", description));
        }
        parts.extend(self.scope.map(|scope| ("scope", scope.as_str())));
        parts.extend(self.resource_metadata.map(|uri| ("resource_metadata", uri)));
        let parts: Vec<String> =
            parts.iter().map(|(name, value)| format!("{name}=\"{}\"", clean(value))).collect();
        if parts.is_empty() { "Bearer".to_owned() } else { format!("Bearer {}", parts.join(", ")) }
    }
}
