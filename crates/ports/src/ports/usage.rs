//! How often what was done.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, Timestamp};

use super::StoreError;
use crate::Use;

/// Counts of what clients do, by the day: who still signs, and how. Written in batches, off the path of requests.
#[async_trait]
pub trait Usage: Send + Sync {
    /// Adds these counts to those of the same client, day and word.
    async fn add(&self, uses: &[Use]) -> Result<(), StoreError>;
    /// Everybody's or one client's counts since that day, the oldest first, then by client and word.
    async fn list(&self, client: Option<&ClientId>, since: Timestamp) -> Result<Vec<Use>, StoreError>;
    /// Removes counts of days before that time, `batch` at the most; answers how many.
    async fn purge(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
