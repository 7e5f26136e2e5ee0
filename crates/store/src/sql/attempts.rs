//! Counted attempts.

use std::time::Duration;

use async_trait::async_trait;
use valetkey_oauth2::Timestamp;
use valetkey_ports::{Attempts, Count, StoreError};

use super::Sql;
use crate::{
    dialect::purge,
    tx::{Database, Shape, bind, corrupt},
};

#[async_trait]
impl<D: Database> Attempts for Sql<D> {
    async fn count(&self, key: &[u8; 32], window: Duration, now: Timestamp) -> Result<Count, StoreError> {
        let more = bind![key, now, now.plus(window)];
        let look = bind![key];
        let count = self.0.write(Shape::OneWrite, move |tx| {
            Box::pin(async move {
                let sql = "INSERT INTO attempts (key, tries, since, until) VALUES (?, 1, ?, ?) \
                           ON CONFLICT (key) DO UPDATE SET \
                           tries = CASE WHEN attempts.until <= excluded.since THEN 1 ELSE attempts.tries + 1 END, \
                           since = CASE WHEN attempts.until <= excluded.since THEN excluded.since \
                           ELSE attempts.since END, \
                           until = CASE WHEN attempts.until <= excluded.since THEN excluded.until \
                           ELSE attempts.until END";
                tx.execute(sql, &more).await?;
                let row = tx.find_one("SELECT tries, since FROM attempts WHERE key = ?", &look).await?;
                let mut row = row.ok_or_else(|| corrupt("a count that was just made is gone"))?;
                Ok(Count { tries: row.take()?, since: row.take()? })
            })
        });
        count.await
    }

    async fn give_back(&self, key: &[u8; 32], counted: &Count) -> Result<(), StoreError> {
        let sql = "UPDATE attempts SET tries = tries - 1 WHERE key = ? AND since = ? AND tries > 0";
        self.0.write_one(sql, bind![key, counted.since]).await.map(drop)
    }

    async fn clear(&self, key: &[u8; 32]) -> Result<(), StoreError> {
        self.0.write_one("DELETE FROM attempts WHERE key = ?", bind![key]).await.map(drop)
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.0.write_one(purge!("attempts", "key", "until <= ?"), bind![now, batch]).await
    }
}
