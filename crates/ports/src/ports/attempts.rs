//! Counted attempts: what decides a lockout is counted in the store, before the check.

use std::time::Duration;

use async_trait::async_trait;
use valetkey_oauth2::Timestamp;

use super::StoreError;

/// How often something was tried in its window, this time included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Count {
    /// How often, this time included.
    pub tries: u32,
    /// When the window began.
    pub since: Timestamp,
}

/// Counted attempts.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts one more under a key (a hash of what is limited), in one atomic write; a window that has run out begins
    /// anew.
    async fn count(&self, key: &[u8; 32], window: Duration, now: Timestamp) -> Result<Count, StoreError>;
    /// Takes back one that was counted, when it turned out to be none of what is limited. In a window that has begun
    /// since, nothing is taken back.
    async fn give_back(&self, key: &[u8; 32], counted: &Count) -> Result<(), StoreError>;
    /// Forgets a key, after a success.
    async fn clear(&self, key: &[u8; 32]) -> Result<(), StoreError>;
    /// Removes those whose window has run out, `batch` at the most; answers how many.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
