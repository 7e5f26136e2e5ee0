//! Access tokens with a record, denied JWTs, refresh token families.

use async_trait::async_trait;
use valetkey_oauth2::{GrantId, HandleHash, Timestamp};

use super::StoreError;
use crate::{AccessRecord, FamilyId, NewRefresh, RefreshRecord, Rotation, Standing};

/// Access tokens with a record, and refresh token families.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Keeps a new opaque access token.
    async fn put_access(&self, record: &AccessRecord) -> Result<(), StoreError>;
    /// Finds an access token with the marks above it, in one read; revoked ones are not found. Expired ones may be: the
    /// caller judges.
    async fn find_access(&self, hash: &HandleHash) -> Result<Option<(AccessRecord, Standing)>, StoreError>;
    /// Ends one access token; answers whether it was there.
    async fn revoke_access(&self, hash: &HandleHash) -> Result<bool, StoreError>;
    /// Denies a JWT by its `jti` until it would have died by itself.
    async fn deny(&self, jti: &str, until: Timestamp) -> Result<(), StoreError>;
    /// Whether a JWT was denied.
    async fn is_denied(&self, jti: &str) -> Result<bool, StoreError>;
    /// Finds a refresh token family with the marks above it, in one read.
    async fn find_refresh(&self, family: &FamilyId) -> Result<Option<(RefreshRecord, Standing)>, StoreError>;
    /// Rotates, once: succeeds only where [`Rotation::from`] is still the current handle, the family has not expired
    /// at [`Rotation::now`] and its grant is not revoked. Keeps the access token in the same move, and marks the grant
    /// as used where [`Rotation::marks_use`] says so. Of any number of concurrent callers one gets `true`. What was
    /// current becomes previous, what was previous earlier.
    async fn rotate(&self, rotation: &Rotation) -> Result<bool, StoreError>;
    /// Begins one more family, with its first access token where that has a record, under a grant that has begun before
    /// and was not revoked; `false` where there is none such. The grant lives as long as the family at least.
    async fn hang(
        &self,
        grant: &GrantId,
        refresh: &NewRefresh,
        access: Option<&AccessRecord>,
    ) -> Result<bool, StoreError>;
    /// Ends one family and leaves its grant alive; answers whether it was there.
    async fn end_family(&self, family: &FamilyId) -> Result<bool, StoreError>;
    /// Removes expired tokens, families and denials, and erases sealed successors handed out before `retry_before`;
    /// `batch` at the most of each; answers how many rows were touched.
    async fn purge(&self, now: Timestamp, retry_before: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
