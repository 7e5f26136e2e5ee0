//! Registered applications.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId};

use super::StoreError;
use crate::Client;

/// Where a listing goes on: `after` is the last key of the page before, `limit` how many rows at the most. Keys are the id
/// (clients, grants, sessions) or the user name's key (accounts); events and refusals have none, there it is the number
/// of rows seen so far.
#[derive(Clone, Debug)]
pub struct Page {
    /// The key after which to go on.
    pub after: Option<String>,
    /// How many at the most.
    pub limit: u32,
}

impl Page {
    /// The first so many.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// The next so many, after the row of that key.
    #[must_use]
    pub const fn after(key: String, limit: u32) -> Self {
        Self { after: Some(key), limit }
    }

    /// The next so many of what has no key of its own, after so many that were seen already.
    #[must_use]
    pub fn after_seen(seen: u64, limit: u32) -> Self {
        Self { after: Some(seen.to_string()), limit }
    }

    /// How many rows were seen already, where rows have no key of their own (events, refusals).
    #[must_use]
    pub fn seen(&self) -> u32 {
        self.after.as_deref().and_then(|seen| seen.parse().ok()).unwrap_or(0)
    }
}

/// Registered applications. A change anywhere moves [`super::Meta::epoch`], by which caches are dropped.
#[async_trait]
pub trait Clients: Send + Sync {
    /// Finds a client.
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError>;
    /// Keeps a new one; `Conflict` when the id is taken.
    async fn put(&self, client: &Client) -> Result<(), StoreError>;
    /// Replaces the record; `false` when there is none.
    async fn update(&self, client: &Client) -> Result<bool, StoreError>;
    /// Removes it, and marks everything under it for the purge; `false` when there is none. An id is never given
    /// again: `put` of a removed id is a `Conflict`.
    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError>;
    /// Lists by id, all of them or one owner's.
    async fn list(&self, owner: Option<&AccountId>, page: &Page) -> Result<Vec<Client>, StoreError>;
}
