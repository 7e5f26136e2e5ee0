//! Signing keys.

use async_trait::async_trait;
use valetkey_ports::{KeyState, Keys, SigningKeyRecord, StoreError};

use super::{Sql, bump_epoch};
use crate::tx::{Database, Row, Shape, bind, corrupt};

#[async_trait]
impl<D: Database> Keys for Sql<D> {
    async fn list(&self) -> Result<Vec<SigningKeyRecord>, StoreError> {
        let sql = "SELECT kid, algorithm, state, sealed, public, created_at, activates_at, retired_at FROM keys \
                   WHERE state <> 'gone' ORDER BY created_at, kid";
        self.0.list(sql, Vec::new()).await?.into_iter().map(|mut row| key(&mut row)).collect()
    }

    async fn put(&self, key: &SigningKeyRecord) -> Result<bool, StoreError> {
        let values = bind![
            key.kid.as_str(),
            key.algorithm.as_str(),
            name(key.state),
            key.sealed.clone(),
            key.public.as_str(),
            key.created_at,
            key.activates_at,
            key.retired_at,
        ];
        let put = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                // The unique index over algorithm and state decides, as does the kid.
                let sql = "INSERT INTO keys (kid, algorithm, state, sealed, public, created_at, activates_at, \
                           retired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
                let is_new = tx.execute(sql, &values).await? == 1;
                if is_new {
                    bump_epoch(tx).await?;
                }
                Ok(is_new)
            })
        });
        put.await
    }

    async fn advance(&self, key: &SigningKeyRecord, from: KeyState) -> Result<bool, StoreError> {
        let is_taking_over = key.state == KeyState::Current;
        let retire =
            bind![key.activates_at, key.algorithm.as_str(), key.kid.as_str(), key.kid.as_str(), name(from)];
        let promote = bind![
            name(key.state),
            key.activates_at,
            key.retired_at,
            key.state == KeyState::Gone,
            key.kid.as_str(),
            name(from),
        ];
        let advanced = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                if is_taking_over {
                    let sql = "UPDATE keys SET state = 'retiring', retired_at = ? \
                               WHERE algorithm = ? AND state = 'current' AND kid <> ? \
                               AND EXISTS (SELECT 1 FROM keys k WHERE k.kid = ? AND k.state = ?)";
                    tx.execute(sql, &retire).await?;
                }
                let sql = "UPDATE keys SET state = ?, activates_at = ?, retired_at = ?, \
                           sealed = CASE WHEN ? = 1 THEN x'' ELSE sealed END WHERE kid = ? AND state = ?";
                let has_advanced = tx.execute(sql, &promote).await? == 1;
                if has_advanced {
                    bump_epoch(tx).await?;
                }
                Ok(has_advanced)
            })
        });
        match advanced.await {
            // Another key is there where only one may be.
            Err(StoreError::Conflict(_)) => Ok(false),
            other => other,
        }
    }
}

const NAMES: [(KeyState, &str); 4] = [
    (KeyState::Next, "next"),
    (KeyState::Current, "current"),
    (KeyState::Retiring, "retiring"),
    (KeyState::Gone, "gone"),
];

fn name(state: KeyState) -> &'static str {
    NAMES.iter().find(|(one, _)| *one == state).map_or("", |(_, name)| name)
}

fn key(row: &mut Row) -> Result<SigningKeyRecord, StoreError> {
    Ok(SigningKeyRecord {
        kid: row.take()?,
        algorithm: row.take()?,
        state: {
            let name: String = row.take()?;
            let known = NAMES.iter().find(|(_, one)| *one == name);
            known.ok_or_else(|| corrupt("a key is in a state that is not known"))?.0
        },
        sealed: row.take()?,
        public: row.take()?,
        created_at: row.take()?,
        activates_at: row.take()?,
        retired_at: row.take()?,
    })
}
