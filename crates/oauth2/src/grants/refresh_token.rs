//! Refreshing (RFC 6749 §6, RFC 9700 §4.14.2): tokens rotate, a lost answer may be asked for once more, and a token that comes
//! back later ends the grant.
//!
//! A family is one row. Its current handle rotates. The one before it may come again within the retry window: from the
//! same client, asking the same, it is a retry and gets the same successor; anything else there is refused and ends
//! nothing, for two honest processes may race. After the window, an old handle is a stolen one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    ClientId, ErrorCode, Form, Handle, HandleHash, HandleKind, Resource, Scope, Timestamp, resources, scopes,
};

/// What is kept of a family of refresh tokens.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RefreshFacts {
    /// Whose it is.
    pub client_id: ClientId,
    /// What was granted. A narrowed refresh does not narrow it.
    pub scope: Scope,
    /// Whom it was granted for.
    pub resources: Vec<Resource>,
    /// The handle that rotates next.
    pub current: HandleHash,
    /// The one before, spent at `rotated_at`.
    pub previous: Option<HandleHash>,
    /// The one before that, spent at `earlier_rotated_at`.
    pub earlier: Option<HandleHash>,
    /// When the current handle was made.
    pub rotated_at: Timestamp,
    /// When the previous handle was made.
    pub earlier_rotated_at: Option<Timestamp>,
    /// What the last rotation was asked with, see [`retry_binding`].
    pub retry_binding: Option<[u8; 32]>,
    /// The current handle, sealed for whoever presents the previous one; erased after the window.
    pub successor: Option<Vec<u8>>,
    /// Dead from then on, unless refreshed before.
    pub idle_expires_at: Timestamp,
    /// Dead from then on.
    pub absolute_expires_at: Timestamp,
    /// How many rotations there have been.
    pub generation: u32,
}

/// The token request.
#[derive(Clone, Debug)]
pub struct Params {
    /// The refresh token.
    pub token: Handle,
    /// What of the granted scope the new access token shall carry; all if nothing is asked.
    pub scope: Option<Scope>,
    /// Whom of the granted ones it shall be for; all if none is asked.
    pub resources: Vec<Resource>,
}

/// What is to be done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Rotate, and issue an access token of this scope.
    Rotate {
        /// What the access token carries.
        scope: Scope,
        /// Whom it is for.
        resources: Vec<Resource>,
    },
    /// Give the same successor again, and a fresh access token.
    Retry {
        /// What the access token carries.
        scope: Scope,
        /// Whom it is for.
        resources: Vec<Resource>,
        /// The successor, sealed.
        sealed: Vec<u8>,
    },
    /// Inside its window, but not the same request, or its successor was used already: refused, and nothing ends.
    Spent,
    /// An old token came back: refused, and the grant ends.
    Reused,
    /// Refused, and nothing ends.
    Refused(Refusal),
}

/// Why a refresh token is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No `refresh_token`.
    #[error("the request has no refresh token")]
    TokenMissing,
    /// No refresh token of ours looks like that.
    #[error("the refresh token is malformed")]
    TokenMalformed,
    /// No such family; the engine says this.
    #[error("the refresh token is unknown")]
    TokenUnknown,
    /// It belongs to another client.
    #[error("the refresh token belongs to another client")]
    OtherClient,
    /// Unused for too long, or too old.
    #[error("the refresh token has expired")]
    Expired,
    /// See [`Verdict::Spent`].
    #[error("the refresh token was rotated just now")]
    Spent,
    /// See [`Verdict::Reused`].
    #[error("the refresh token was reused")]
    Reused,
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
        let description = match self {
            Self::TokenMissing => return (ErrorCode::InvalidRequest, "Send the refresh_token."),
            Self::Scope(refusal) => return refusal.wire(),
            Self::Resource(refusal) => return refusal.wire(),
            Self::Spent => "Use the newest refresh token: this one was exchanged for another a moment ago.",
            Self::TokenMalformed | Self::TokenUnknown | Self::OtherClient | Self::Expired | Self::Reused => {
                "Authorize again: the refresh token is unknown, expired, revoked, already used, or of another client."
            }
        };
        (ErrorCode::InvalidGrant, description)
    }
}

impl Params {
    /// Reads the token request.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(form: &Form<'_>) -> Result<Self, Refusal> {
        let token = form.get("refresh_token").ok_or(Refusal::TokenMissing)?;
        Ok(Self {
            token: Handle::parse(HandleKind::RefreshToken, token).map_err(|_| Refusal::TokenMalformed)?,
            scope: scopes::parse(form)?,
            resources: resources::parse(form)?,
        })
    }
}

/// Judges a refresh token against its family. `presented` is of this family by its name; which generation it is,
/// if any, is found here.
#[must_use]
pub fn judge(
    facts: &RefreshFacts,
    presented: &HandleHash,
    by: &ClientId,
    asked: &Params,
    binding: &[u8; 32],
    retry_window: Duration,
    now: Timestamp,
) -> Verdict {
    if *by != facts.client_id {
        return Verdict::Refused(Refusal::OtherClient);
    }
    if now >= facts.idle_expires_at || now >= facts.absolute_expires_at {
        return Verdict::Refused(Refusal::Expired);
    }
    let is_open = |since: Timestamp| now < since.plus(retry_window);
    let sealed = if *presented == facts.current {
        None
    } else if Some(*presented) == facts.previous {
        if !is_open(facts.rotated_at) {
            return Verdict::Reused;
        }
        match (&facts.successor, &facts.retry_binding) {
            (Some(sealed), Some(bound)) if valetkey_crypto::ct_eq(bound, binding) => Some(sealed.clone()),
            _ => return Verdict::Spent,
        }
    } else if Some(*presented) == facts.earlier {
        return match facts.earlier_rotated_at {
            Some(at) if is_open(at) => Verdict::Spent,
            _ => Verdict::Reused,
        };
    } else {
        return Verdict::Reused;
    };
    let (scope, resources) = match narrow(facts, asked) {
        Ok(narrowed) => narrowed,
        Err(refusal) => return Verdict::Refused(refusal),
    };
    match sealed {
        None => Verdict::Rotate { scope, resources },
        Some(sealed) => Verdict::Retry { scope, resources, sealed },
    }
}

/// What a rotation was asked with, in 32 bytes: client, scope (as a set), resources (as a set), and the proof of a key, if tokens
/// are bound to one. A retry must have the same.
#[must_use]
pub fn retry_binding(
    client: &ClientId,
    scope: Option<&Scope>,
    resources: &[Resource],
    proof: Option<&[u8]>,
) -> [u8; 32] {
    let mut words: Vec<&str> = scope.iter().flat_map(|scope| scope.iter()).collect();
    words.sort_unstable();
    let mut targets: Vec<&str> = resources.iter().map(Resource::as_str).collect();
    targets.sort_unstable();
    let mut text = Vec::with_capacity(256);
    // Every part with its length in front, so that no two requests read alike.
    let mut add = |part: &[u8]| {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    };
    add(client.as_str().as_bytes());
    add(words.join(" ").as_bytes());
    add(targets.join(" ").as_bytes());
    add(if proof.is_some() { b"proof" } else { b"" });
    add(proof.unwrap_or_default());
    valetkey_crypto::digest::sha256(&text)
}

fn narrow(facts: &RefreshFacts, asked: &Params) -> Result<(Scope, Vec<Resource>), Refusal> {
    let scope = scopes::narrow(&facts.scope, asked.scope.as_ref())?;
    Ok((scope, resources::narrow(&facts.resources, &asked.resources)?))
}
