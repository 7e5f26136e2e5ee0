//! Token revocation (RFC 7009), whose request introspection shares (RFC 7662 §2.1).

use crate::{ErrorCode, Form, Secret};

/// The answer to every revocation that is not an error, also of a token that nobody knows (RFC 7009 §2.2). It is JSON, for
/// some clients parse the body of every 200.
pub const DONE: &[u8] = b"{}";

/// Which token is meant.
#[derive(Clone, Debug)]
pub struct Params {
    /// The token, of whatever kind.
    pub token: Secret,
    /// Where to look first. It never decides: a wrong hint finds the token all the same (RFC 7009 §2.1).
    pub hint: Option<TokenTypeHint>,
}

/// A `token_type_hint` (RFC 7009 §2.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenTypeHint {
    /// `access_token`
    AccessToken,
    /// `refresh_token`
    RefreshToken,
}

impl Params {
    /// Reads the request; a hint that is not known counts as none.
    ///
    /// # Errors
    /// The code and the sentence that the client hears.
    pub fn parse(form: &Form<'_>) -> Result<Self, (ErrorCode, &'static str)> {
        let token = form.get("token").ok_or((ErrorCode::InvalidRequest, "Send the token."))?;
        let hint = match form.get("token_type_hint") {
            Some("access_token") => Some(TokenTypeHint::AccessToken),
            Some("refresh_token") => Some(TokenTypeHint::RefreshToken),
            _ => None,
        };
        Ok(Self { token: Secret::new(token), hint })
    }
}
