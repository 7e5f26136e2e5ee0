//! What may be seen once.

use async_trait::async_trait;
use valetkey_oauth2::{HandleHash, Timestamp};

use super::StoreError;

/// Something that may be seen once, as [`Replay::insert`] remembers it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Once {
    /// The space of its key.
    pub space: &'static str,
    /// What it is known by.
    pub key: [u8; 32],
    /// How long it is remembered.
    pub until: Timestamp,
}

/// What may be seen once: nonces, assertion ids, and tickets (links that work once).
#[async_trait]
pub trait Replay: Send + Sync {
    /// Remembers `key` in its space until then; `true` if it was not remembered yet. Of any number of concurrent callers
    /// one gets `true`.
    async fn insert(
        &self,
        space: &str,
        key: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Whether `key` is remembered in its space; for whoever explains, never for whoever decides.
    async fn is_known(&self, space: &str, key: &[u8; 32], now: Timestamp) -> Result<bool, StoreError>;
    /// Keeps a ticket for a purpose until then.
    async fn put_ticket(&self, hash: &HandleHash, purpose: &str, until: Timestamp) -> Result<(), StoreError>;
    /// Looks at a ticket: its purpose, if it is neither used nor expired.
    async fn find_ticket(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<String>, StoreError>;
    /// Uses a ticket, once.
    async fn take_ticket(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<String>, StoreError>;
    /// Removes expired ones, `batch` at the most; answers how many.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
