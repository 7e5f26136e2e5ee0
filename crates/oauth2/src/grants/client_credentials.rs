//! The client credentials grant (RFC 6749 §4.4): a client acts for itself.

use crate::{ErrorCode, Form, Resource, Scope, resources, scopes};

/// The token request.
#[derive(Clone, Debug)]
pub struct Params {
    /// What the token shall open.
    pub scope: Option<Scope>,
    /// Whom it shall be for.
    pub resources: Vec<Resource>,
}

/// Why a client gets no token of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// A client that has proved nothing (RFC 6749 §4.4).
    #[error("a public client asks for client credentials")]
    PublicClient,
    /// See [`scopes::Refusal`].
    #[error(transparent)]
    Scope(#[from] scopes::Refusal),
    /// See [`resources::Refusal`].
    #[error(transparent)]
    Resource(#[from] resources::Refusal),
}

impl Refusal {
    /// What the client hears of it.
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        match self {
            Self::PublicClient => (
                ErrorCode::UnauthorizedClient,
                "Use a confidential client, with its secret: a public client cannot act for itself.",
            ),
            Self::Scope(refusal) => refusal.wire(),
            Self::Resource(refusal) => refusal.wire(),
        }
    }
}

impl Params {
    /// Reads the token request.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(form: &Form<'_>) -> Result<Self, Refusal> {
        Ok(Self { scope: scopes::parse(form)?, resources: resources::parse(form)? })
    }
}

/// Whether this client may, by how it has shown who it is.
///
/// # Errors
/// [`Refusal::PublicClient`].
pub const fn allow(is_authenticated: bool) -> Result<(), Refusal> {
    if is_authenticated { Ok(()) } else { Err(Refusal::PublicClient) }
}
