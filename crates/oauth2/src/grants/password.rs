//! The resource owner password credentials grant (RFC 6749 §4.3): off, unless an operator needs it for old clients.

use super::Legacy;
use crate::{ErrorCode, Form, Resource, Scope, Secret, resources, scopes};

/// The token request.
#[derive(Clone, Debug)]
pub struct Params {
    /// Who the resource owner says to be.
    pub username: String,
    /// What the resource owner proves it with.
    pub password: Secret,
    /// What the token shall open.
    pub scope: Option<Scope>,
    /// Whom it shall be for.
    pub resources: Vec<Resource>,
}

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The server has it off (RFC 9700 §2.4).
    #[error("the password grant is off")]
    Off,
    /// This client may not.
    #[error("the password grant is off for this client")]
    NotAllowed,
    /// No `username`.
    #[error("the request has no username")]
    UsernameMissing,
    /// No `password`.
    #[error("the request has no password")]
    PasswordMissing,
    /// Wrong, or locked out, or a second factor is due; the engine says this.
    #[error("the resource owner's credentials are not taken")]
    Credentials,
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
            Self::Off => (
                ErrorCode::UnsupportedGrantType,
                "Use the authorization code grant: this server does not take passwords from clients.",
            ),
            Self::NotAllowed => (
                ErrorCode::UnauthorizedClient,
                "Use the authorization code grant: this client may not handle passwords.",
            ),
            Self::UsernameMissing => (ErrorCode::InvalidRequest, "Send the username."),
            Self::PasswordMissing => (ErrorCode::InvalidRequest, "Send the password."),
            Self::Credentials => {
                (ErrorCode::InvalidGrant, "Ask the person again: the credentials are not accepted.")
            }
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
        let username = form.get("username").ok_or(Refusal::UsernameMissing)?;
        let password = form.get("password").ok_or(Refusal::PasswordMissing)?;
        Ok(Self {
            username: username.to_owned(),
            password: Secret::new(password),
            scope: scopes::parse(form)?,
            resources: resources::parse(form)?,
        })
    }
}

/// Whether this client may, by the server's setting and its own switch.
///
/// # Errors
/// [`Refusal::Off`] or [`Refusal::NotAllowed`].
pub const fn allow(setting: Legacy, is_switched_on: bool) -> Result<(), Refusal> {
    match setting {
        Legacy::Off => Err(Refusal::Off),
        other if other.permits(is_switched_on) => Ok(()),
        _ => Err(Refusal::NotAllowed),
    }
}
