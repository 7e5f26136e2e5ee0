//! The store's own facts.

use async_trait::async_trait;
use valetkey_ports::{Meta, StoreError};

use super::Sql;
use crate::tx::{Database, Shape, bind, corrupt};

#[async_trait]
impl<D: Database> Meta for Sql<D> {
    async fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = self.0.find_one("SELECT value FROM meta WHERE key = ?", &bind![key]).await?;
        row.map(|mut row| row.take()).transpose()
    }

    async fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.0.write_one(sql, bind![key, value]).await.map(drop)
    }

    async fn set_if_absent(&self, key: &str, value: &str) -> Result<String, StoreError> {
        let put = bind![key, value];
        let look = bind![key];
        let held = self.0.write(Shape::OneWrite, move |tx| {
            Box::pin(async move {
                let sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING";
                tx.execute(sql, &put).await?;
                let row = tx.find_one("SELECT value FROM meta WHERE key = ?", &look).await?;
                row.ok_or_else(|| corrupt("a fact that was just written is gone"))?.take()
            })
        });
        held.await
    }

    async fn epoch(&self) -> Result<u64, StoreError> {
        let row = self.0.find_one("SELECT value FROM epoch WHERE id = 1", &[]).await?;
        row.ok_or_else(|| corrupt("the epoch is gone"))?.take()
    }

    /// Takes the write lock and changes nothing: no commit reaches the disk for it.
    async fn ping(&self) -> Result<(), StoreError> {
        self.epoch().await?;
        self.0.write_one("UPDATE meta SET value = value WHERE key = ''", Vec::new()).await.map(drop)
    }
}
