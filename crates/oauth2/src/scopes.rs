//! Which scope a client gets (RFC 6749 §3.3).
//!
//! The one documented rule for a scope that is unknown, or that this client may not have: the whole request is refused with
//! `invalid_scope`, and nothing is dropped silently. Nothing asked means the default scope, as far as the client may
//! have it.

use crate::{ErrorCode, Form, Scope};

/// Why the asked scope is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Characters outside of the grammar (RFC 6749 §3.3).
    #[error("the scope is malformed")]
    Malformed,
    /// A scope that is not in the catalogue.
    #[error("a scope is not known here")]
    Unknown,
    /// A scope that this client may not have.
    #[error("a scope is not allowed to this client")]
    NotAllowed,
    /// A scope beyond what the resource owner granted (RFC 6749 §6).
    #[error("a scope goes beyond what was granted")]
    Wider,
}

impl Refusal {
    /// What the client hears of it.
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        let description = match self {
            Self::Malformed => "Send as scope words of printable ASCII with one space between them.",
            Self::Unknown => "Ask only for scopes that this server knows.",
            Self::NotAllowed => "Ask only for scopes that this client is registered for.",
            Self::Wider => "Ask only for scopes that were granted, or leave the scope out.",
        };
        (ErrorCode::InvalidScope, description)
    }
}

/// Reads the `scope` of a request; `None` if there is none.
///
/// # Errors
/// [`Refusal::Malformed`].
pub fn parse(form: &Form<'_>) -> Result<Option<Scope>, Refusal> {
    let scope = form.get("scope").map(Scope::parse).transpose().map_err(|_| Refusal::Malformed)?;
    Ok(scope.filter(|scope| !scope.is_empty()))
}

/// What a client may get: what it asked, if all of it is in the catalogue and allowed; the default if it asked nothing.
///
/// # Errors
/// [`Refusal::Unknown`] or [`Refusal::NotAllowed`], of the first scope that is.
pub fn allow(
    asked: Option<&Scope>,
    allowed: &Scope,
    default: &Scope,
    catalogue: &Scope,
) -> Result<Scope, Refusal> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return Ok(default.narrow(allowed).narrow(catalogue));
    };
    if !asked.is_within(catalogue) {
        return Err(Refusal::Unknown);
    }
    if !asked.is_within(allowed) {
        return Err(Refusal::NotAllowed);
    }
    Ok(asked.clone())
}

/// What of a granted scope this token carries: all if nothing is asked, else what is asked, which must be granted.
///
/// # Errors
/// [`Refusal::Wider`].
pub fn narrow(granted: &Scope, asked: Option<&Scope>) -> Result<Scope, Refusal> {
    match asked.filter(|asked| !asked.is_empty()) {
        None => Ok(granted.clone()),
        Some(asked) if asked.is_within(granted) => Ok(asked.clone()),
        Some(_) => Err(Refusal::Wider),
    }
}
