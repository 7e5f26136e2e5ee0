//! Registered applications.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId};

use super::StoreError;
use crate::Client;

/// Where a listing goes on: `after` is the last key of the page before, `limit` how many rows at the most.
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
