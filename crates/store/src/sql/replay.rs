//! What may be seen once.

use async_trait::async_trait;
use valetkey_oauth2::{HandleHash, Timestamp};
use valetkey_ports::{Replay, StoreError};

use super::Sql;
use crate::{
    dialect::purge,
    tx::{Database, Shape, bind},
};

/// Uses a ticket, if it is neither used nor expired.
pub(super) const USE_TICKET: &str =
    "UPDATE tickets SET is_used = 1 WHERE hash = ? AND is_used = 0 AND until > ?";

/// Remembers what may be seen once; where it is remembered already nothing changes.
pub(super) const SEE: &str = "INSERT INTO seen (space, key, until) VALUES (?, ?, ?) \
                              ON CONFLICT (space, key) DO UPDATE SET until = excluded.until WHERE seen.until <= ?";

/// What is seen of OAuth 1's nonces stands in no index of what expires: their keys begin with their time.
const PURGE_SEEN: &str = "DELETE FROM seen WHERE (space, key) IN (SELECT s.space, s.key FROM seen s \
                          WHERE s.space <> 'oauth1 nonce' AND s.until <= ? LIMIT ?)";

/// Looks at the oldest. Where they are remembered for longer than what came later, that waits for them and no longer.
const PURGE_NONCES: &str = "DELETE FROM seen WHERE space = 'oauth1 nonce' AND key IN (SELECT s.key FROM (SELECT key, until \
                            FROM seen WHERE space = 'oauth1 nonce' ORDER BY key LIMIT ?) s WHERE s.until <= ?)";

#[async_trait]
impl<D: Database> Replay for Sql<D> {
    async fn insert(
        &self,
        space: &str,
        key: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.0.write_one(SEE, bind![space, key, until, now]).await? == 1)
    }

    async fn is_known(&self, space: &str, key: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM seen WHERE space = ? AND key = ? AND until > ?";
        Ok(self.0.find_one(sql, &bind![space, key, now]).await?.is_some())
    }

    async fn put_ticket(&self, hash: &HandleHash, purpose: &str, until: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO tickets (hash, purpose, until) VALUES (?, ?, ?)";
        self.0.write_one(sql, bind![hash, purpose, until]).await.map(drop)
    }

    async fn find_ticket(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<String>, StoreError> {
        let sql = "SELECT purpose FROM tickets WHERE hash = ? AND is_used = 0 AND until > ?";
        self.0.find_one(sql, &bind![hash, now]).await?.map(|mut row| row.take()).transpose()
    }

    async fn take_ticket(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<String>, StoreError> {
        let hash = *hash;
        let taken = self.0.write(Shape::OneWrite, move |tx| {
            Box::pin(async move {
                if tx.execute(USE_TICKET, &bind![&hash, now]).await? == 0 {
                    return Ok(None);
                }
                let row = tx.find_one("SELECT purpose FROM tickets WHERE hash = ?", &bind![&hash]).await?;
                row.map(|mut row| row.take()).transpose()
            })
        });
        taken.await
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let tickets = self.0.write_one(purge!("tickets", "hash", "until <= ?"), bind![now, batch]).await?;
        let seen = self.0.write_one(PURGE_SEEN, bind![now, batch]).await?;
        let nonces = self.0.write_one(PURGE_NONCES, bind![batch, now]).await?;
        Ok(tickets + seen + nonces)
    }
}
