//! OAuth 1 temporary credentials.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};

use super::{NewGrant, Once, Replay, StoreError};
use crate::{Allowance, TemporaryCredentials};

/// What became of an attempt to trade temporary credentials for token credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Traded {
    /// They are traded, and their grant has begun: for this caller, and for nobody else ever.
    Fresh,
    /// The verifier is another one. It was counted.
    WrongVerifier,
    /// They were traded before.
    Replayed,
    /// They are used up, and nothing has begun: the consent or the account was ended meanwhile.
    Ended,
    /// There are none that somebody has allowed: never were, or they have expired, or are another client's.
    Unknown,
}

/// What [`Temporary::trade`] is asked for, in one piece.
#[derive(Clone, Copy, Debug)]
pub struct Trade<'a> {
    /// The temporary credentials.
    pub hash: &'a HandleHash,
    /// Who trades them.
    pub by: &'a ClientId,
    /// The verifier that came with the request.
    pub verifier: &'a HandleHash,
    /// So many wrong verifiers end the credentials.
    pub tries: u32,
    /// What begins.
    pub new: &'a NewGrant,
}

/// OAuth 1 temporary credentials, under the hash of their token (RFC 5849 §2).
#[async_trait]
pub trait Temporary: Send + Sync {
    /// Keeps new ones.
    async fn put(&self, credentials: &TemporaryCredentials) -> Result<(), StoreError>;
    /// Finds them; also expired ones and ones that were used, for the rule judges.
    async fn find(&self, hash: &HandleHash) -> Result<Option<TemporaryCredentials>, StoreError>;
    /// Notes what a person allowed, once: only where nobody has decided yet and they live. Of any number of concurrent
    /// callers, of this and of [`Temporary::deny`], one gets `true`.
    async fn allow(
        &self,
        hash: &HandleHash,
        allowance: &Allowance,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Notes that a person said no, once.
    async fn deny(&self, hash: &HandleHash, now: Timestamp) -> Result<bool, StoreError>;
    /// Trades them for token credentials, once, and begins their grant, in one move: of any number of concurrent callers
    /// with the right verifier exactly one gets `Fresh`. Nothing begins that the marks of consent and account have ended
    /// already, where this store keeps them. A wrong verifier is counted in the same move; the one that makes the count
    /// reach `tries` ends the credentials.
    async fn trade(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        verifier: &HandleHash,
        tries: u32,
        new: &NewGrant,
        now: Timestamp,
    ) -> Result<Traded, StoreError>;
    /// As [`Temporary::put`], where the request for it may be seen once: `false`, and nothing is kept, if it was seen before.
    /// A store that keeps both makes one move of it; without that there are two, and what is seen comes first.
    async fn put_once(
        &self,
        credentials: &TemporaryCredentials,
        request: &Once,
        replay: &dyn Replay,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if !replay.insert(request.space, &request.key, request.until, now).await? {
            return Ok(false);
        }
        self.put(credentials).await.map(|()| true)
    }
    /// As [`Temporary::trade`], where the request for it may be seen once: `None`, and nothing is traded or counted, if it
    /// was seen before. Of the moves the same holds as of [`Temporary::put_once`].
    async fn trade_once(
        &self,
        trade: &Trade<'_>,
        request: &Once,
        replay: &dyn Replay,
        now: Timestamp,
    ) -> Result<Option<Traded>, StoreError> {
        if !replay.insert(request.space, &request.key, request.until, now).await? {
            return Ok(None);
        }
        let Trade { hash, by, verifier, tries, new } = *trade;
        self.trade(hash, by, verifier, tries, new, now).await.map(Some)
    }
    /// Removes expired ones, `batch` at the most; answers how many.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
