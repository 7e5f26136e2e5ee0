//! Connected apps: what a person has let in, and how it is put out again.

use valetkey_oauth2::{AccountId, ClientId, Scope, Timestamp};

use super::Actor;
use crate::{Engine, Failure};

/// An app that a person has let in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConnectedApp {
    /// Which.
    pub client: ClientId,
    /// What it is called.
    pub name: String,
    /// Its home page.
    pub site: Option<String>,
    /// All that it may do.
    pub scope: Scope,
    /// When it was first let in.
    pub first_used: Timestamp,
    /// When it last got a token.
    pub last_used: Timestamp,
    /// How many logins of it are alive: one a device, roughly.
    pub grants: usize,
}

impl Engine {
    /// The apps that an account has let in, last used first: by consent, or without one because the operator vouches for
    /// them.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn connected_apps(&self, account: &AccountId) -> Result<Vec<ConnectedApp>, Failure> {
        let _ = account;
        Err(Failure::Internal("not there yet".into()))
    }

    /// Puts an app out: its consent, its grants and all their tokens end at once (security TK-23). `false` when there was
    /// nothing to end, or the account is not the actor's business.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn withdraw(
        &self,
        account: &AccountId,
        client: &ClientId,
        actor: &Actor,
    ) -> Result<bool, Failure> {
        let _ = (account, client, actor);
        Err(Failure::Internal("not there yet".into()))
    }
}
