//! The store's own facts.

use async_trait::async_trait;

use super::StoreError;

/// The store's own facts: issuer, check value of the master key, the epoch of what is cached.
#[async_trait]
pub trait Meta: Send + Sync {
    /// Reads a fact.
    async fn get(&self, key: &str) -> Result<Option<String>, StoreError>;
    /// Writes a fact.
    async fn set(&self, key: &str, value: &str) -> Result<(), StoreError>;
    /// Writes a fact if it is not there; answers what holds.
    async fn set_if_absent(&self, key: &str, value: &str) -> Result<String, StoreError>;
    /// Moves on with every change to clients, keys and declared records, by whatever process.
    async fn epoch(&self) -> Result<u64, StoreError>;
    /// Answers when the store can be read and written.
    async fn ping(&self) -> Result<(), StoreError>;
}
