//! The audit, and the recent refusals.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, Timestamp};
use valetkey_ports::{Event, Events, Page, Refusal, Refusals, StoreError};

use super::Sql;
use crate::{
    dialect::purge,
    tx::{Database, Row, Shape, Value, bind, to_json},
};

#[async_trait]
impl<D: Database> Events for Sql<D> {
    async fn record(&self, events: &[Event]) -> Result<(), StoreError> {
        let sql = "INSERT INTO events (at, kind, account, body) VALUES (?, ?, ?, ?)";
        let values =
            |event: &Event| Ok(bind![event.at, event.kind.as_str(), event.account.as_ref(), to_json(event)?]);
        match events {
            [] => Ok(()),
            [one] => self.0.write_one(sql, values(one)?).await.map(drop),
            many => self.write_all(sql, many.iter().map(values).collect::<Result<_, _>>()?).await,
        }
    }

    async fn list(&self, account: Option<&AccountId>, page: &Page) -> Result<Vec<Event>, StoreError> {
        let rows = match account {
            Some(account) => {
                let sql = "SELECT body FROM events WHERE account = ? ORDER BY id DESC LIMIT ? OFFSET ?";
                self.0.list(sql, bind![account, page.limit, page.seen()]).await?
            }
            None => {
                let sql = "SELECT body FROM events ORDER BY id DESC LIMIT ? OFFSET ?";
                self.0.list(sql, bind![page.limit, page.seen()]).await?
            }
        };
        bodies(rows)
    }

    async fn count_by_hour(&self, since: Timestamp) -> Result<Vec<(Timestamp, String, u64)>, StoreError> {
        let sql = "SELECT at - at % 3600 AS hour, kind, COUNT(*) FROM events WHERE at >= ? GROUP BY hour, kind \
                   ORDER BY hour, kind";
        let rows = self.0.list(sql, bind![since]).await?;
        rows.into_iter().map(|mut row| Ok((row.take()?, row.take()?, row.take()?))).collect()
    }

    async fn purge(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.0.write_one(purge!("events", "id", "at < ?"), bind![before, batch]).await
    }
}

#[async_trait]
impl<D: Database> Refusals for Sql<D> {
    async fn record(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        if refusals.is_empty() {
            return Ok(());
        }
        let values = |refusal: &Refusal| Ok(bind![refusal.request_id.as_str(), to_json(refusal)?]);
        let rows: Vec<[Value; 2]> = refusals.iter().map(values).collect::<Result<_, StoreError>>()?;
        let recorded = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                for row in rows {
                    let sql = "INSERT INTO refusals (request_id, body) VALUES (?, ?)";
                    tx.execute(sql, &row).await?;
                }
                // Ids are given without gaps, and only the oldest go.
                let sql = "DELETE FROM refusals WHERE id <= (SELECT MAX(id) FROM refusals) - ?";
                tx.execute(sql, &bind![Refusal::KEPT]).await.map(drop)
            })
        });
        recorded.await
    }

    async fn list(&self, request_id: Option<&str>, page: &Page) -> Result<Vec<Refusal>, StoreError> {
        let rows = match request_id {
            Some(id) => {
                let sql = "SELECT body FROM refusals WHERE request_id = ? ORDER BY id DESC LIMIT ? OFFSET ?";
                self.0.list(sql, bind![id, page.limit, page.seen()]).await?
            }
            None => {
                let sql = "SELECT body FROM refusals ORDER BY id DESC LIMIT ? OFFSET ?";
                self.0.list(sql, bind![page.limit, page.seen()]).await?
            }
        };
        bodies(rows)
    }
}

impl<D: Database> Sql<D> {
    async fn write_all(&self, sql: &'static str, rows: Vec<[Value; 4]>) -> Result<(), StoreError> {
        let written = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                for row in rows {
                    tx.execute(sql, &row).await?;
                }
                Ok(())
            })
        });
        written.await
    }
}

fn bodies<T: serde::de::DeserializeOwned>(rows: Vec<Row>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(|mut row| row.take_json()).collect()
}
