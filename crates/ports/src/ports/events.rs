//! The audit, and the recent refusals.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, Timestamp};

use super::{Page, StoreError};
use crate::{Event, Refusal};

/// The audit: durable, only ever added to.
#[async_trait]
pub trait Events: Send + Sync {
    /// Writes events down.
    async fn record(&self, events: &[Event]) -> Result<(), StoreError>;
    /// Lists, latest first; of one account or all.
    async fn list(&self, account: Option<&AccountId>, page: &Page) -> Result<Vec<Event>, StoreError>;
    /// How many of each kind (by name) there were in each hour since then: (hour's begin, kind, count).
    async fn count_by_hour(&self, since: Timestamp) -> Result<Vec<(Timestamp, String, u64)>, StoreError>;
    /// Removes those before then, `batch` at the most; answers how many.
    async fn purge(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError>;
}

/// Recent refusals: a bounded table.
#[async_trait]
pub trait Refusals: Send + Sync {
    /// Writes refusals down, and drops the oldest beyond the bound of 10,000.
    async fn record(&self, refusals: &[Refusal]) -> Result<(), StoreError>;
    /// Lists, latest first; of one request id or all.
    async fn list(&self, request_id: Option<&str>, page: &Page) -> Result<Vec<Refusal>, StoreError>;
}
