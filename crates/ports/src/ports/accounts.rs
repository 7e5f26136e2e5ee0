//! People.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, Timestamp};

use super::{Page, StoreError};
use crate::Account;

/// People. A site with its own users implements this.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Whether the store of the grants keeps these accounts too and finds their marks in its own reads
    /// ([`crate::Standing::account_mark`]); else the engine asks here.
    fn are_beside_grants(&self) -> bool {
        false
    }
    /// Finds an account.
    async fn find(&self, id: &AccountId) -> Result<Option<Account>, StoreError>;
    /// Finds an account by the key of its user name ([`crate::username_key`]).
    async fn find_by_username(&self, key: &str) -> Result<Option<Account>, StoreError>;
    /// Keeps a new one; `Conflict` when the user name's key or the id is taken.
    async fn put(&self, account: &Account) -> Result<(), StoreError>;
    /// Replaces the record, but never takes a not-before mark back; `false` when there is none, `Conflict` when the
    /// user name is taken.
    async fn update(&self, account: &Account) -> Result<bool, StoreError>;
    /// Replaces the password hash only if it is still `from`: an upgrade at login must not undo a change.
    async fn upgrade_password(&self, id: &AccountId, from: &str, to: &str) -> Result<bool, StoreError>;
    /// Ends everything that was authorized or logged in up to and with `at`. A mark that is there already moves on by a
    /// second at least: what began after it is dated after it, and ends too.
    async fn end_all(&self, id: &AccountId, at: Timestamp) -> Result<bool, StoreError>;
    /// Removes it: nothing that hangs from it lives. Its id never comes back.
    async fn delete(&self, id: &AccountId) -> Result<bool, StoreError>;
    /// Lists by user name key.
    async fn list(&self, page: &Page) -> Result<Vec<Account>, StoreError>;
    /// Keeps a new administrator if, and only if, the setup link `ticket` was still unused ([`super::Replay`] knows
    /// the link under the same hash). One move: of two callers with one link, one makes an administrator.
    async fn put_with_ticket(
        &self,
        account: &Account,
        ticket: &valetkey_oauth2::HandleHash,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
}
