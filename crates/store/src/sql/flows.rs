//! Authorization requests that wait for their person.

use async_trait::async_trait;
use valetkey_oauth2::{HandleHash, Timestamp};
use valetkey_ports::{Flow, Flows, StoreError};

use super::Sql;
use crate::{
    dialect::purge,
    tx::{Database, Shape, bind, from_json, to_json},
};

#[async_trait]
impl<D: Database> Flows for Sql<D> {
    async fn put(&self, hash: &HandleHash, flow: &Flow, expires_at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO flows (hash, expires_at, body) VALUES (?, ?, ?)";
        self.0.write_one(sql, bind![hash, expires_at, to_json(flow)?]).await.map(drop)
    }

    async fn find(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        let sql = "SELECT body FROM flows WHERE hash = ? AND has_ended = 0 AND expires_at > ?";
        let row = self.0.find_one(sql, &bind![hash, now]).await?;
        row.map(|mut row| row.take_json()).transpose()
    }

    async fn update(&self, hash: &HandleHash, flow: &Flow) -> Result<bool, StoreError> {
        let sql = "UPDATE flows SET body = ? WHERE hash = ? AND has_ended = 0";
        Ok(self.0.write_one(sql, bind![to_json(flow)?, hash]).await? == 1)
    }

    async fn consume(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        let hash = *hash;
        let taken = self.0.write(Shape::OneWrite, move |tx| {
            Box::pin(async move {
                let sql =
                    "UPDATE flows SET has_ended = 1 WHERE hash = ? AND has_ended = 0 AND expires_at > ?";
                if tx.execute(sql, &bind![&hash, now]).await? == 0 {
                    return Ok(None);
                }
                let row = tx.find_one("SELECT body FROM flows WHERE hash = ?", &bind![&hash]).await?;
                row.map(|mut row| row.take::<String>()).transpose()
            })
        });
        taken.await?.map(|body| from_json(&body)).transpose()
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.0.write_one(purge!("flows", "hash", "expires_at <= ?"), bind![now, batch]).await
    }
}
