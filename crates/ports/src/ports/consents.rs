//! What accounts have allowed.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId, Timestamp};

use super::StoreError;
use crate::{Consent, Grant};

/// What accounts have allowed clients, one record for each pair.
#[async_trait]
pub trait Consents: Send + Sync {
    /// Finds the record, also a withdrawn one: its mark still counts.
    async fn find(&self, account: &AccountId, client: &ClientId) -> Result<Option<Consent>, StoreError>;
    /// Keeps or widens it. What is there keeps its first date and its mark; scopes and resources become the given.
    async fn save(&self, consent: &Consent) -> Result<(), StoreError>;
    /// Withdraws it: empty from now on, and everything authorized up to and with `at` is dead. A mark that is there
    /// already moves on by a second at least: what was allowed after it is dated after it, and is dead too. Makes the mark also
    /// where there was no record, since tokens may hang there without a consent. `false` when there was none.
    async fn withdraw(
        &self,
        account: &AccountId,
        client: &ClientId,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// An account's consents that are not withdrawn, each with the latest use of a grant under it; besides, clients
    /// that hold live grants without a consent (trusted ones) are listed by [`super::Grants::list_account`].
    async fn list(&self, account: &AccountId) -> Result<Vec<(Consent, Option<Grant>)>, StoreError>;
}
