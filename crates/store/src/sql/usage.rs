//! How often what was done.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, Timestamp};
use valetkey_ports::{StoreError, Usage, Use};

use super::Sql;
use crate::tx::{Database, Row, Shape, Value, bind};

#[async_trait]
impl<D: Database> Usage for Sql<D> {
    async fn add(&self, uses: &[Use]) -> Result<(), StoreError> {
        let rows: Vec<[Value; 5]> = uses.iter().map(values).collect();
        let added = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                let sql = "INSERT INTO uses (day, client, what, count, last_at) VALUES (?, ?, ?, ?, ?) \
                           ON CONFLICT (day, client, what) DO UPDATE SET count = uses.count + excluded.count, \
                           last_at = CASE WHEN uses.last_at > excluded.last_at THEN uses.last_at \
                           ELSE excluded.last_at END";
                for row in &rows {
                    tx.execute(sql, row).await?;
                }
                Ok(())
            })
        });
        added.await
    }

    async fn list(&self, client: Option<&ClientId>, since: Timestamp) -> Result<Vec<Use>, StoreError> {
        let rows = match client {
            Some(client) => {
                let sql = "SELECT day, client, what, count, last_at FROM uses WHERE day >= ? AND client = ? \
                           ORDER BY day, client, what";
                self.0.list(sql, bind![since, client]).await?
            }
            None => {
                let sql = "SELECT day, client, what, count, last_at FROM uses WHERE day >= ? \
                           ORDER BY day, client, what";
                self.0.list(sql, bind![since]).await?
            }
        };
        rows.into_iter().map(used).collect()
    }

    async fn purge(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let sql = "DELETE FROM uses WHERE (day, client, what) IN \
                   (SELECT u.day, u.client, u.what FROM uses u WHERE u.day < ? LIMIT ?)";
        self.0.write_one(sql, bind![before, batch]).await
    }
}

fn values(one: &Use) -> [Value; 5] {
    let count = i64::try_from(one.count).unwrap_or(i64::MAX);
    bind![one.day, &one.client, one.what.as_str(), count, one.last_at]
}

fn used(mut row: Row) -> Result<Use, StoreError> {
    let day = row.take()?;
    Ok(Use { client: row.take()?, day, what: row.take()?, count: row.take()?, last_at: row.take()? })
}
