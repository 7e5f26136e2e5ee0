//! How a client shows who it is (RFC 6749 §2.3): one method a file, and exactly one a request.

pub mod basic;
pub mod none;
pub mod post;

use crate::{AuthMethod, ClientId, ErrorCode, Form, Secret};

/// What a request shows of its client. Nothing of it is proved yet.
#[derive(Clone, Debug)]
pub struct Presented {
    /// Who the client says it is.
    pub client_id: ClientId,
    /// Its secret, if it shows one.
    pub secret: Option<Secret>,
    /// The same secret as it stands in the Basic header before form-decoding, if that is another text: many libraries
    /// do not encode it, so it is worth a second try.
    pub raw_secret: Option<Secret>,
    /// The client's name before form-decoding, if that is another text.
    pub raw_client_id: Option<ClientId>,
    /// How it was shown.
    pub method: AuthMethod,
}

/// Why what a request shows cannot be judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CredentialsError {
    /// Nothing at all.
    #[error("the request names no client")]
    Missing,
    /// Two methods at once (RFC 6749 §2.3), equal or not.
    #[error("the client authenticates in two ways at once")]
    TwoMethods,
    /// An `Authorization` header of another scheme.
    #[error("the authorization header is not of the Basic scheme")]
    OtherScheme,
    /// A Basic header that does not decode, or with control characters in it.
    #[error("the Basic header is malformed")]
    BasicMalformed,
    /// One `client_id` in the header, another in the body.
    #[error("header and body name different clients")]
    ClientIdMismatch,
    /// A `client_id` that cannot be one.
    #[error("the client_id is malformed")]
    ClientIdMalformed,
    /// Control characters in a secret.
    #[error("the client_secret is malformed")]
    SecretMalformed,
    /// A client assertion (RFC 7521 §4.2).
    #[error("client assertions are not taken")]
    AssertionUnsupported,
}

impl CredentialsError {
    /// What the client hears of it (RFC 6749 §5.2).
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        match self {
            Self::Missing => (
                ErrorCode::InvalidClient,
                "Send the client_id, and the client_secret in a Basic header or in the body.",
            ),
            Self::TwoMethods => (
                ErrorCode::InvalidRequest,
                "Authenticate in one way only, by Basic header or by client_secret in the body.",
            ),
            Self::OtherScheme => (ErrorCode::InvalidClient, "Authenticate with the Basic scheme."),
            Self::BasicMalformed => (
                ErrorCode::InvalidClient,
                "Send as Basic credentials the base64 of client_id:client_secret, both form-encoded before.",
            ),
            Self::ClientIdMismatch => (
                ErrorCode::InvalidRequest,
                "Send the same client_id in the body as in the Basic header, or none.",
            ),
            Self::ClientIdMalformed => (ErrorCode::InvalidClient, "Send the client_id as it was registered."),
            Self::SecretMalformed => (ErrorCode::InvalidClient, "Send the client_secret as it was given."),
            Self::AssertionUnsupported => (
                ErrorCode::InvalidClient,
                "Authenticate with the client_secret: this server takes no assertions.",
            ),
        }
    }

    /// Whether the answer challenges with `WWW-Authenticate: Basic` and status 401 (RFC 6749 §5.2).
    #[must_use]
    pub const fn is_challenged(self) -> bool {
        matches!(self.wire().0, ErrorCode::InvalidClient)
    }
}

/// Reads what a request shows.
///
/// # Errors
/// [`CredentialsError`].
pub fn parse(authorization: Option<&[u8]>, form: &Form<'_>) -> Result<Presented, CredentialsError> {
    let has_assertion = form.get("client_assertion").is_some() || form.get("client_assertion_type").is_some();
    let in_body = usize::from(form.get("client_secret").is_some()) + usize::from(has_assertion);
    if usize::from(authorization.is_some()) + in_body > 1 {
        return Err(CredentialsError::TwoMethods);
    }
    match authorization {
        Some(header) => basic::parse(header, form),
        None if has_assertion => Err(CredentialsError::AssertionUnsupported),
        None if in_body > 0 => post::parse(form),
        None => none::parse(form),
    }
}

/// The `client_id` in the body.
fn named(form: &Form<'_>) -> Result<ClientId, CredentialsError> {
    let raw = form.get("client_id").ok_or(CredentialsError::Missing)?;
    ClientId::parse(raw).map_err(|_| CredentialsError::ClientIdMalformed)
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// What follows an authentication scheme, whose case does not matter (RFC 9110 §11.1); `None` for another scheme.
pub(crate) fn after_scheme<'h>(header: &'h [u8], scheme: &str) -> Option<&'h [u8]> {
    let header = header.trim_ascii();
    let (name, rest) = header.split_at_checked(scheme.len())?;
    let is_whole = rest.first().is_none_or(|byte| *byte == b' ');
    (is_whole && name.eq_ignore_ascii_case(scheme.as_bytes())).then(|| rest.trim_ascii_start())
}
