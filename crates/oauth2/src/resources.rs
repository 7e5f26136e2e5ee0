//! Which resource servers a token is for (RFC 8707).

use crate::{ErrorCode, Form, Resource};

/// Why the asked resources are refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// A `resource` that is no absolute URI, or has a fragment (RFC 8707 §2).
    #[error("a resource is not an absolute URI without a fragment")]
    Malformed,
    /// A resource that no server here stands for.
    #[error("a resource is not known here")]
    Unknown,
    /// A resource beyond those the grant was given for (RFC 8707 §2.2).
    #[error("a resource goes beyond what was granted")]
    Wider,
}

impl Refusal {
    /// What the client hears of it.
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        let description = match self {
            Self::Malformed => "Send as resource an absolute URI without a fragment.",
            Self::Unknown => "Ask for a resource that is registered at this server.",
            Self::Wider => "Ask only for resources that the authorization was granted for.",
        };
        (ErrorCode::InvalidTarget, description)
    }
}

/// Reads every `resource` of a request, each once, in order.
///
/// # Errors
/// [`Refusal::Malformed`].
pub fn parse(form: &Form<'_>) -> Result<Vec<Resource>, Refusal> {
    let mut resources = Vec::new();
    for raw in form.all("resource") {
        let resource = Resource::parse(raw).map_err(|_| Refusal::Malformed)?;
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    Ok(resources)
}

/// What of the granted resources this token is for: all if none is asked, else those asked, which must be granted.
/// So whoever records a grant records the default resource too, where none was asked.
///
/// # Errors
/// [`Refusal::Wider`].
pub fn narrow(granted: &[Resource], asked: &[Resource]) -> Result<Vec<Resource>, Refusal> {
    if asked.is_empty() {
        return Ok(granted.to_vec());
    }
    match asked.iter().all(|resource| granted.contains(resource)) {
        true => Ok(asked.to_vec()),
        false => Err(Refusal::Wider),
    }
}

/// What is asked, if every one of it is registered; the default if none is asked.
///
/// # Errors
/// [`Refusal::Unknown`].
pub fn allow(
    asked: &[Resource],
    default: &Resource,
    is_known: impl Fn(&Resource) -> bool,
) -> Result<Vec<Resource>, Refusal> {
    if asked.is_empty() {
        return Ok(vec![default.clone()]);
    }
    match asked.iter().all(is_known) {
        true => Ok(asked.to_vec()),
        false => Err(Refusal::Unknown),
    }
}
