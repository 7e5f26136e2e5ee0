//! What accounts have allowed.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId, Timestamp};
use valetkey_ports::{Consent, Consents, Grant, StoreError};

use super::{Sql, grants};
use crate::tx::{Database, Row, Shape, bind};

macro_rules! columns {
    () => {
        "c.account, c.client, c.scope, c.resources, c.digest, c.given_at, c.updated_at, c.not_before"
    };
}

#[async_trait]
impl<D: Database> Consents for Sql<D> {
    async fn find(&self, account: &AccountId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM consents c WHERE c.account = ? AND c.client = ?");
        let row = self.0.find_one(sql, &bind![account, client]).await?;
        row.map(|mut row| consent(&mut row)).transpose()
    }

    async fn save(&self, consent: &Consent) -> Result<(), StoreError> {
        let sql = "INSERT INTO consents (account, client, scope, resources, digest, given_at, updated_at, not_before) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, client) DO UPDATE SET \
                   scope = excluded.scope, resources = excluded.resources, digest = excluded.digest, \
                   given_at = CASE WHEN consents.given_at = 0 THEN excluded.given_at ELSE consents.given_at END, \
                   updated_at = excluded.updated_at, not_before = CASE WHEN consents.not_before > excluded.not_before \
                   THEN consents.not_before ELSE excluded.not_before END";
        let values = bind![
            &consent.account,
            &consent.client,
            &consent.scope,
            consent.resources.as_slice(),
            consent.digest,
            consent.given_at,
            consent.updated_at,
            consent.not_before,
        ];
        self.0.write_one(sql, values).await.map(drop)
    }

    async fn withdraw(
        &self,
        account: &AccountId,
        client: &ClientId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let live = bind![at, at, at, at, account, client];
        let mark = bind![account, client, [0; 32], at];
        let withdrawn = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                let sql = "UPDATE consents SET scope = '', resources = '', \
                           updated_at = CASE WHEN updated_at > ? THEN ? ELSE updated_at END, \
                           not_before = CASE WHEN not_before >= ? THEN not_before + 1 ELSE ? END \
                           WHERE account = ? AND client = ? AND not_before < updated_at";
                if tx.execute(sql, &live).await? == 1 {
                    return Ok(true);
                }
                let sql = "INSERT INTO consents (account, client, scope, resources, digest, given_at, updated_at, \
                           not_before) VALUES (?, ?, '', '', ?, 0, 0, ?) ON CONFLICT (account, client) DO UPDATE SET \
                           scope = '', resources = '', not_before = CASE \
                           WHEN consents.not_before >= excluded.not_before THEN consents.not_before + 1 \
                           ELSE excluded.not_before END";
                tx.execute(sql, &mark).await?;
                Ok(false)
            })
        });
        withdrawn.await
    }

    async fn list(&self, account: &AccountId) -> Result<Vec<(Consent, Option<Grant>)>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            ", ",
            grants::columns!(),
            " FROM consents c LEFT JOIN grants g ON g.id = \
             (SELECT l.id FROM grants l WHERE l.account = c.account AND l.client = c.client \
             AND l.grant_type <> '' ORDER BY l.last_used_at DESC, l.id DESC LIMIT 1) \
             WHERE c.account = ? AND c.not_before < c.updated_at ORDER BY c.client"
        );
        let rows = self.0.list(sql, bind![account]).await?;
        rows.into_iter().map(|mut row| Ok((consent(&mut row)?, grants::maybe_grant(&mut row)?))).collect()
    }
}

fn consent(row: &mut Row) -> Result<Consent, StoreError> {
    Ok(Consent {
        account: row.take()?,
        client: row.take()?,
        scope: row.take()?,
        resources: row.take()?,
        digest: row.take()?,
        given_at: row.take()?,
        updated_at: row.take()?,
        not_before: row.take()?,
    })
}
