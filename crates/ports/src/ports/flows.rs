//! Authorization requests that wait for their person.

use async_trait::async_trait;
use valetkey_oauth2::{HandleHash, Timestamp};

use super::StoreError;
use crate::Flow;

/// Authorization requests that wait, under the hash of their handle.
#[async_trait]
pub trait Flows: Send + Sync {
    /// Keeps a new flow until then.
    async fn put(&self, hash: &HandleHash, flow: &Flow, expires_at: Timestamp) -> Result<(), StoreError>;
    /// Finds a flow that has neither expired nor ended.
    async fn find(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<Flow>, StoreError>;
    /// Replaces what is kept; `false` when it has ended meanwhile.
    async fn update(&self, hash: &HandleHash, flow: &Flow) -> Result<bool, StoreError>;
    /// Ends the flow, once: of any number of concurrent callers one gets it.
    async fn consume(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<Flow>, StoreError>;
    /// Removes expired ones, `batch` at the most; answers how many.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
