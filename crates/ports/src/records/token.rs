//! Access tokens that have a record, and refresh token families.

use std::fmt;

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{
    AccountId, ClientId, GrantId, Handle, HandleHash, Resource, Scope, Timestamp,
    grants::refresh_token::RefreshFacts,
};

use crate::Grant;

/// What an opaque access token stands for.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AccessRecord {
    /// Under which hash it is kept.
    pub hash: HandleHash,
    /// What it hangs from.
    pub grant: GrantId,
    /// To whom it was given.
    pub client: ClientId,
    /// Whose it is; nobody for client credentials.
    pub account: Option<AccountId>,
    /// What it may do.
    pub scope: Scope,
    /// Where it may do it.
    pub audience: Vec<Resource>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it dies.
    pub expires_at: Timestamp,
}

/// The name of a refresh token family: the first half of each of its handles' bits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FamilyId([u8; 16]);

impl FamilyId {
    /// Takes the sixteen bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The family that a refresh token names.
    #[must_use]
    pub fn of(handle: &Handle) -> Self {
        Self(*handle.bits().first_chunk::<16>().unwrap_or(&[0; 16]))
    }

    /// The sixteen bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for FamilyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}…")
    }
}

/// A refresh token family: one row, whose rotation is one conditional update.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RefreshRecord {
    /// Its name.
    pub family: FamilyId,
    /// What it hangs from.
    pub grant: GrantId,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// What the rule judges.
    pub facts: RefreshFacts,
}

impl RefreshRecord {
    /// A family as it begins under its grant.
    #[must_use]
    pub fn first(grant: &Grant, new: &NewRefresh) -> Self {
        Self {
            family: new.family,
            grant: grant.id,
            account: grant.account,
            facts: RefreshFacts {
                client_id: grant.client.clone(),
                scope: grant.scope.clone(),
                resources: grant.resources.clone(),
                current: new.current,
                previous: None,
                earlier: None,
                rotated_at: grant.last_used_at,
                earlier_rotated_at: None,
                retry_binding: None,
                successor: None,
                idle_expires_at: new.idle_expires_at,
                absolute_expires_at: new.absolute_expires_at,
                generation: 0,
            },
        }
    }
}

/// A new refresh token family.
#[derive(Clone, Debug)]
pub struct NewRefresh {
    /// Its name.
    pub family: FamilyId,
    /// The hash of its first handle.
    pub current: HandleHash,
    /// When it dies unused.
    pub idle_expires_at: Timestamp,
    /// When it dies anyhow.
    pub absolute_expires_at: Timestamp,
}

/// One rotation: made only if `from` is still the family's current handle.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Which family.
    pub family: FamilyId,
    /// The handle that was presented.
    pub from: HandleHash,
    /// The handle that takes its place.
    pub to: HandleHash,
    /// The successor's text, sealed under the presented handle, for a retry.
    pub successor: Vec<u8>,
    /// What a retry must be equal in.
    pub retry_binding: [u8; 32],
    /// When the family dies unused from now on.
    pub idle_expires_at: Timestamp,
    /// The access token given with it, where it has a record.
    pub access: Option<AccessRecord>,
    /// Whether the grant's last use is written down with it: once a minute is enough for whoever reads it.
    pub marks_use: bool,
    /// When.
    pub now: Timestamp,
}
