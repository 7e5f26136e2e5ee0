//! Authorization codes.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};
use valetkey_ports::{Code, Codes, Found, NewGrant, Redeemed, StoreError};

use super::{Sql, grants};
use crate::{
    dialect::purge,
    tx::{Database, Shape, bind, to_json},
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

    async fn find(&self, hash: &HandleHash) -> Result<Found, StoreError> {
        let sql = "SELECT is_taken, body FROM codes WHERE hash = ?";
        let Some(mut row) = self.0.find_one(sql, &bind![hash]).await? else { return Ok(Found::Unknown) };
        let is_taken = row.take()?;
        let code = row.take_json()?;
        Ok(if is_taken { Found::Redeemed(code) } else { Found::Fresh(code) })
    }

    async fn redeem(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        new: &NewGrant,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let take = bind![hash, by, now];
        let look = bind![hash, by];
        let begin = grants::Beginning::of(new);
        let redeemed = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                let sql = "UPDATE codes SET is_taken = 1, forget_at = remembered_until \
                           WHERE hash = ? AND client = ? AND is_taken = 0 AND expires_at > ?";
                if tx.execute(sql, &take).await? == 1 {
                    return Ok(match begin.unless_ended(tx).await? {
                        true => Redeemed::Fresh,
                        false => Redeemed::Ended,
                    });
                }
                let sql = "SELECT 1 FROM codes WHERE hash = ? AND client = ? AND is_taken = 1";
                Ok(match tx.find_one(sql, &look).await? {
                    Some(_) => Redeemed::Replayed,
                    None => Redeemed::Unknown,
                })
            })
        });
        redeemed.await
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.0.write_one(purge!("codes", "id", "forget_at <= ?"), bind![now, batch]).await
    }
}
