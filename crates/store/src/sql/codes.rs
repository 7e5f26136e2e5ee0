//! Authorization codes.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};
use valetkey_ports::{Code, Codes, Consumed, StoreError};

use super::Sql;
use crate::{
    dialect::purge,
    tx::{Database, Shape, bind, from_json, to_json},
};

#[async_trait]
impl<D: Database> Codes for Sql<D> {
    async fn put(&self, hash: &HandleHash, code: &Code) -> Result<(), StoreError> {
        let sql = "INSERT INTO codes (hash, client, expires_at, remembered_until, forget_at, body) \
                   VALUES (?, ?, ?, ?, ?, ?)";
        let expires_at = code.facts.expires_at;
        let values =
            bind![hash, &code.facts.client_id, expires_at, code.remembered_until, expires_at, to_json(code)?];
        self.0.write_one(sql, values).await.map(drop)
    }

    async fn find(&self, hash: &HandleHash) -> Result<Consumed, StoreError> {
        let sql = "SELECT is_taken, body FROM codes WHERE hash = ?";
        let Some(mut row) = self.0.find_one(sql, &bind![hash]).await? else { return Ok(Consumed::Unknown) };
        let is_taken = row.take()?;
        let code = row.take_json()?;
        Ok(if is_taken { Consumed::Replayed(code) } else { Consumed::Fresh(code) })
    }

    async fn consume(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        now: Timestamp,
    ) -> Result<Consumed, StoreError> {
        let take = bind![hash, by, now];
        let look = bind![hash, by];
        let consumed = self.0.write(Shape::OneWrite, move |tx| {
            Box::pin(async move {
                let sql = "UPDATE codes SET is_taken = 1, forget_at = remembered_until \
                           WHERE hash = ? AND client = ? AND is_taken = 0 AND expires_at > ?";
                let is_ours = tx.execute(sql, &take).await? == 1;
                let sql = "SELECT body FROM codes WHERE hash = ? AND client = ? AND is_taken = 1";
                let row = tx.find_one(sql, &look).await?;
                Ok((is_ours, row.map(|mut row| row.take::<String>()).transpose()?))
            })
        });
        Ok(match consumed.await? {
            (_, None) => Consumed::Unknown,
            (true, Some(body)) => Consumed::Fresh(from_json(&body)?),
            (false, Some(body)) => Consumed::Replayed(from_json(&body)?),
        })
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.0.write_one(purge!("codes", "hash", "forget_at <= ?"), bind![now, batch]).await
    }
}
