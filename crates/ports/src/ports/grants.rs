//! Acts of authorization.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId, GrantId, Timestamp};

use super::{Page, StoreError};
use crate::{AccessRecord, Grant, NewRefresh, Standing, TokenCredentials};

/// A grant that begins, with its first tokens: one move.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// The grant.
    pub grant: Grant,
    /// Its refresh token family.
    pub refresh: Option<NewRefresh>,
    /// Its first access token, where that has a record.
    pub access: Option<AccessRecord>,
    /// Its OAuth 1 token credentials.
    pub credentials: Option<TokenCredentials>,
}

/// Whether a grant could begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Opened {
    /// It has begun.
    Fresh,
    /// It was revoked before it began (its code was replayed meanwhile): nothing was kept.
    Revoked,
}

/// Acts of authorization, and what kills them.
#[async_trait]
pub trait Grants: Send + Sync {
    /// Begins a grant with its first tokens, in one move.
    async fn open(&self, new: &NewGrant) -> Result<Opened, StoreError>;
    /// Sees to it that a client's standing grant is there; changes nothing when it is.
    async fn stand(&self, grant: &Grant) -> Result<(), StoreError>;
    /// Finds a grant.
    async fn find(&self, id: &GrantId) -> Result<Option<Grant>, StoreError>;
    /// The marks above a token of this grant, in one read.
    async fn standing(&self, id: &GrantId) -> Result<Option<Standing>, StoreError>;
    /// Notes that a grant was used at that time; nothing when it was used later already.
    async fn mark_used(&self, id: &GrantId, at: Timestamp) -> Result<(), StoreError>;
    /// Ends a grant, and with it every token: also one that is not there yet, so that a code's replay kills what is
    /// being minted. Answers whether it was alive.
    async fn revoke(&self, id: &GrantId, client: &ClientId, at: Timestamp) -> Result<bool, StoreError>;
    /// An account's live grants, latest first.
    async fn list_account(&self, account: &AccountId, page: &Page) -> Result<Vec<Grant>, StoreError>;
    /// Everybody's or one client's grants, latest first, ended ones too.
    async fn list(&self, client: Option<&ClientId>, page: &Page) -> Result<Vec<Grant>, StoreError>;
    /// Removes those whose last token has died, `batch` at the most; answers how many.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
