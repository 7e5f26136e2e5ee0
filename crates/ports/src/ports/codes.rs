//! Authorization codes.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};

use super::StoreError;
use crate::Code;

/// What became of an attempt to take a code.
#[derive(Clone, Debug)]
pub enum Consumed {
    /// It is yours, and nobody else's ever.
    Fresh(Box<Code>),
    /// It was taken before.
    Replayed(Box<Code>),
    /// There is none, or it has expired, or it is another client's.
    Unknown,
}

/// Authorization codes, under their handle's hash.
#[async_trait]
pub trait Codes: Send + Sync {
    /// Keeps a new code.
    async fn put(&self, hash: &HandleHash, code: &Code) -> Result<(), StoreError>;
    /// Looks at a code and takes nothing: unused (`Fresh`, also an expired one: the rule judges), taken before, or
    /// unknown.
    async fn find(&self, hash: &HandleHash) -> Result<Consumed, StoreError>;
    /// Takes the code, once: of any number of concurrent callers exactly one gets `Fresh`. It leaves a tombstone until
    /// [`Code::remembered_until`]. Another client's code, and one that expired before `now`, are `Unknown`.
    async fn consume(&self, hash: &HandleHash, by: &ClientId, now: Timestamp)
    -> Result<Consumed, StoreError>;
    /// Removes unused ones that expired and tombstones past their time, `batch` at the most; answers how many.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
