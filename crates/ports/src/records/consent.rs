//! What an account has allowed a client, remembered.

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{AccountId, ClientId, Resource, Scope, Timestamp};

/// What an account has allowed a client.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// Who.
    pub account: AccountId,
    /// To whom.
    pub client: ClientId,
    /// What; empty once withdrawn.
    pub scope: Scope,
    /// Where; empty: at the issuer itself.
    pub resources: Vec<Resource>,
    /// What the client looked like: a change of its name or redirect URIs asks again.
    pub digest: [u8; 32],
    /// When it was first given.
    pub given_at: Timestamp,
    /// When it was last given or widened.
    pub updated_at: Timestamp,
    /// What was authorized at this second or before is dead.
    pub not_before: Timestamp,
}

impl Consent {
    /// Whether there is anything left of it.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.not_before >= self.updated_at
    }
}
