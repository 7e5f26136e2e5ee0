//! Signing keys.

use async_trait::async_trait;

use super::StoreError;
use crate::{KeyState, SigningKeyRecord};

/// Signing keys, sealed.
#[async_trait]
pub trait Keys: Send + Sync {
    /// All that are not gone, oldest first.
    async fn list(&self) -> Result<Vec<SigningKeyRecord>, StoreError>;
    /// Keeps a new key in state `Next` or `Current` if there is no other of its algorithm in that state; `false` when
    /// there is (another process was faster).
    async fn put(&self, key: &SigningKeyRecord) -> Result<bool, StoreError>;
    /// Moves a key to the state and dates in the record, if it is still in state `from`; where it becomes `Current`,
    /// the one that was current retires in the same move, at the record's `activates_at`.
    async fn advance(&self, key: &SigningKeyRecord, from: KeyState) -> Result<bool, StoreError>;
}
