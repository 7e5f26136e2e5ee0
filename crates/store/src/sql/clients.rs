//! Registered applications.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId};
use valetkey_ports::{Client, Clients, Page, StoreError};

use super::{Sql, bump_epoch};
use crate::tx::{Database, Shape, Value, bind, to_json};

#[async_trait]
impl<D: Database> Clients for Sql<D> {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let sql = "SELECT body FROM clients WHERE id = ? AND is_deleted = 0";
        let row = self.0.find_one(sql, &bind![id]).await?;
        row.map(|mut row| row.take_json()).transpose()
    }

    async fn put(&self, client: &Client) -> Result<(), StoreError> {
        let sql = "INSERT INTO clients (id, owner, body) VALUES (?, ?, ?)";
        self.change(sql, bind![&client.id, client.owner.as_ref(), to_json(client)?]).await.map(drop)
    }

    async fn update(&self, client: &Client) -> Result<bool, StoreError> {
        let sql = "UPDATE clients SET owner = ?, body = ? WHERE id = ? AND is_deleted = 0";
        self.change(sql, bind![client.owner.as_ref(), to_json(client)?, &client.id]).await
    }

    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError> {
        let sql =
            "UPDATE clients SET owner = NULL, body = '', is_deleted = 1 WHERE id = ? AND is_deleted = 0";
        self.change(sql, bind![id]).await
    }

    async fn list(&self, owner: Option<&AccountId>, page: &Page) -> Result<Vec<Client>, StoreError> {
        let after = page.after.as_deref().unwrap_or_default();
        let rows = match owner {
            Some(owner) => {
                let sql = "SELECT body FROM clients WHERE owner = ? AND id > ? AND is_deleted = 0 ORDER BY id LIMIT ?";
                self.0.list(sql, bind![owner, after, page.limit]).await?
            }
            None => {
                let sql = "SELECT body FROM clients WHERE id > ? AND is_deleted = 0 ORDER BY id LIMIT ?";
                self.0.list(sql, bind![after, page.limit]).await?
            }
        };
        rows.into_iter().map(|mut row| row.take_json()).collect()
    }
}

impl<D: Database> Sql<D> {
    /// Changes a client, and tells the caches if there was one to change.
    async fn change(
        &self,
        sql: &'static str,
        values: impl Into<Vec<Value>> + Send,
    ) -> Result<bool, StoreError> {
        let values = values.into();
        let changed = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                let changed = tx.execute(sql, &values).await? == 1;
                if changed {
                    bump_epoch(tx).await?;
                }
                Ok(changed)
            })
        });
        changed.await
    }
}
