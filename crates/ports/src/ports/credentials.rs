//! OAuth 1 token credentials.

use async_trait::async_trait;
use valetkey_oauth2::{HandleHash, Timestamp};

use super::StoreError;
use crate::{Crossing, Held, Standing, TokenCredentials};

/// OAuth 1 token credentials, under the hash of their token. They begin with their grant, in one move
/// ([`super::NewGrant::credentials`]), and end with it.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Keeps credentials of a grant that has begun already: those that a site brings along. `Conflict` when the token
    /// is taken.
    async fn put(&self, credentials: &TokenCredentials) -> Result<(), StoreError>;
    /// Finds credentials with the marks above them, in one read. Expired ones may be found: the caller judges.
    async fn find(&self, hash: &HandleHash) -> Result<Option<(Held, Standing)>, StoreError>;
    /// Notes that they were exchanged for OAuth 2 tokens.
    async fn mark_exchanged(&self, hash: &HandleHash, at: Timestamp) -> Result<(), StoreError>;
    /// How far each client has come on its way over, by the client's id: only those that have live credentials.
    async fn crossings(&self, now: Timestamp) -> Result<Vec<Crossing>, StoreError>;
    /// Removes expired ones, and such as their grant, consent or account has ended for good, with their grant where that
    /// would never end by itself. Looks at `batch` at the most, and goes round in turns; answers how many were removed.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
