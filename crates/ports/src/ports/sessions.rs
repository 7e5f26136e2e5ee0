//! Browsers' logins.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, HandleHash, SessionId, Timestamp};

use super::{Page, StoreError};
use crate::{Account, Session};

/// Browsers' logins, under the hash of their cookie's handle.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps a new session; where the browser had one (`instead_of`), that one is dead in the same move.
    async fn put(
        &self,
        hash: &HandleHash,
        session: &Session,
        instead_of: Option<&HandleHash>,
    ) -> Result<(), StoreError>;
    /// Finds a session with its account, in one read; expired ones are not found, nor those logged in before the
    /// account's not-before mark, nor those of a disabled account.
    async fn find(&self, hash: &HandleHash, now: Timestamp)
    -> Result<Option<(Session, Account)>, StoreError>;
    /// Moves the idle limit.
    async fn touch(
        &self,
        hash: &HandleHash,
        seen_at: Timestamp,
        idle_expires_at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Ends one by its handle's hash.
    async fn end(&self, hash: &HandleHash) -> Result<(), StoreError>;
    /// Ends one of an account's by its id; `false` when the account has no such session.
    async fn end_one(&self, account: &AccountId, id: &SessionId) -> Result<bool, StoreError>;
    /// Ends all of an account's but one; answers how many.
    async fn end_others(&self, account: &AccountId, but: Option<&SessionId>) -> Result<u64, StoreError>;
    /// An account's live sessions, latest first.
    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError>;
    /// Everybody's live sessions, latest first.
    async fn list_all(&self, page: &Page, now: Timestamp) -> Result<Vec<Session>, StoreError>;
    /// Removes expired ones, `batch` at the most; answers how many.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
