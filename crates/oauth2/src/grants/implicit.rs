//! The implicit grant (RFC 6749 §4.2): off, unless an operator needs it for old clients. Its request is the authorization
//! request; its answer goes through the browser, and never in a query.

use super::Legacy;
use crate::{ErrorCode, ResponseMode, Scope};

/// Why no token is given at the authorization endpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The server has it off (RFC 9700 §2.1.2).
    #[error("the implicit grant is off")]
    Off,
    /// This client may not.
    #[error("the implicit grant is off for this client")]
    NotAllowed,
    /// In a query it would end in logs and histories (OAuth 2.0 Multiple Response Type Encoding Practices §3).
    #[error("a token was asked for in the query")]
    InQuery,
}

impl Refusal {
    /// What the client hears of it.
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        match self {
            Self::Off => (ErrorCode::UnsupportedResponseType, "Ask for response_type=code."),
            Self::NotAllowed => (
                ErrorCode::UnauthorizedClient,
                "Ask for response_type=code: this client may not ask for a token.",
            ),
            Self::InQuery => (
                ErrorCode::InvalidRequest,
                "A token never travels in a query: ask for response_mode=fragment or form_post.",
            ),
        }
    }
}

/// Whether this client may, and how the answer travels.
///
/// # Errors
/// [`Refusal`].
pub const fn allow(
    setting: Legacy,
    is_switched_on: bool,
    mode: Option<ResponseMode>,
) -> Result<ResponseMode, Refusal> {
    match (setting, mode) {
        (Legacy::Off, _) => Err(Refusal::Off),
        (other, _) if !other.permits(is_switched_on) => Err(Refusal::NotAllowed),
        (_, Some(ResponseMode::Query)) => Err(Refusal::InQuery),
        (_, Some(mode)) => Ok(mode),
        (_, None) => Ok(ResponseMode::Fragment),
    }
}

/// The answer (RFC 6749 §4.2.2). There is never a refresh token in it.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// The access token.
    pub access_token: &'a str,
    /// How it is used.
    pub token_type: &'a str,
    /// How many seconds it lives from now.
    pub expires_in: u64,
    /// The scope.
    pub scope: Option<&'a Scope>,
    /// The client's own text.
    pub state: Option<&'a str>,
    /// Who answers (RFC 9207).
    pub iss: &'a str,
}

impl Response<'_> {
    /// The parameters, ready for [`crate::messages::response_mode::write`].
    #[must_use]
    pub fn write(&self) -> Vec<(&'static str, String)> {
        let mut params = vec![
            ("access_token", self.access_token.to_owned()),
            ("token_type", self.token_type.to_owned()),
            ("expires_in", self.expires_in.to_string()),
        ];
        params.extend(self.scope.map(|scope| ("scope", scope.as_str().to_owned())));
        params.extend(self.state.map(|state| ("state", state.to_owned())));
        params.push(("iss", self.iss.to_owned()));
        params
    }
}
