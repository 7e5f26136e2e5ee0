//! Authorization codes.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};

use super::{NewGrant, StoreError};
use crate::Code;

/// What is kept under a code.
#[derive(Clone, Debug)]
pub enum Found {
    /// A code that nobody has redeemed yet.
    Fresh(Box<Code>),
    /// What is left of one that was redeemed.
    Redeemed(Box<Code>),
    /// Nothing.
    Unknown,
}

/// What became of an attempt to redeem a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Redeemed {
    /// It is redeemed, and its grant has begun: for this caller, and for nobody else ever.
    Fresh,
    /// It was redeemed before.
    Replayed,
    /// It is used up, and nothing has begun: its grant, its consent or its account was ended meanwhile.
    Ended,
    /// There is none, or it has expired, or it is another client's.
    Unknown,
}

/// Authorization codes, under their handle's hash.
#[async_trait]
pub trait Codes: Send + Sync {
    /// Keeps a new code.
    async fn put(&self, hash: &HandleHash, code: &Code) -> Result<(), StoreError>;
    /// Looks at a code and takes nothing: also an expired one is found, for the rule judges.
    async fn find(&self, hash: &HandleHash) -> Result<Found, StoreError>;
    /// Redeems the code, once, and begins its grant with the first tokens, in one move: of any number of concurrent
    /// callers exactly one gets `Fresh`. The code leaves a tombstone until [`Code::remembered_until`]. Another client's
    /// code, and one that expired before `now`, are `Unknown`. Where this store also keeps consents and accounts, nothing
    /// begins that their marks have ended already.
    ///
    /// A store that keeps codes elsewhere than grants makes two moves of it, the code first: a crash between them leaves
    /// less authority, never more.
    async fn redeem(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        new: &NewGrant,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError>;
    /// Removes unused ones that expired and tombstones past their time, `batch` at the most; answers how many.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
