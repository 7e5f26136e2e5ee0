//! OAuth 1 token credentials.

use async_trait::async_trait;
use valetkey_oauth2::{HandleHash, Timestamp};
use valetkey_ports::{Credentials, Crossing, Held, Sealed, Standing, StoreError, TokenCredentials};

use super::{Sql, standing};
use crate::{
    dialect::purge,
    tx::{Database, Shape, Value, bind},
};

pub(super) const PUT: &str = "INSERT INTO token_credentials (hash, grant_id, secret, issued_at, expires_at, \
                              exchanged_at) VALUES (?, ?, ?, ?, ?, ?)";

/// The credentials at one place of the round, and what has ended them for good. (An account that is disabled may be
/// enabled again.)
macro_rules! ended {
    ($what:literal) => {
        concat!(
            "(SELECT ",
            $what,
            " FROM (SELECT hash, grant_id, expires_at FROM token_credentials WHERE hash >= ? ORDER BY hash LIMIT ?) t \
             LEFT JOIN grants g ON g.id = t.grant_id",
            standing::marks!(),
            "WHERE g.id IS NULL OR g.revoked_at IS NOT NULL OR c.not_before >= g.authorized_at \
             OR a.not_before >= g.authorized_at)"
        )
    };
}

#[async_trait]
impl<D: Database> Credentials for Sql<D> {
    async fn put(&self, credentials: &TokenCredentials) -> Result<(), StoreError> {
        self.0.write_one(PUT, values(credentials)).await.map(drop)
    }

    async fn find(&self, hash: &HandleHash) -> Result<Option<(Held, Standing)>, StoreError> {
        let sql = concat!(
            "SELECT t.grant_id, t.secret, t.issued_at, t.expires_at, t.exchanged_at, g.scope, g.last_used_at, ",
            standing::columns!(),
            " FROM token_credentials t JOIN grants g ON g.id = t.grant_id",
            standing::marks!(),
            "WHERE t.hash = ? AND g.grant_type <> ''"
        );
        let Some(mut row) = self.0.find_one(sql, &bind![hash]).await? else { return Ok(None) };
        let credentials = TokenCredentials {
            hash: *hash,
            grant: row.take()?,
            secret: Sealed::from_bytes(row.take()?),
            issued_at: row.take()?,
            expires_at: row.take()?,
            exchanged_at: row.take()?,
        };
        let held = Held { credentials, scope: row.take()?, last_used_at: row.take()? };
        Ok(Some((held, standing::standing(&mut row)?)))
    }

    async fn mark_exchanged(&self, hash: &HandleHash, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE token_credentials SET exchanged_at = ? \
                   WHERE hash = ? AND (exchanged_at IS NULL OR exchanged_at < ?)";
        self.0.write_one(sql, bind![at, hash, at]).await.map(drop)
    }

    async fn crossings(&self, now: Timestamp) -> Result<Vec<Crossing>, StoreError> {
        let sql = concat!(
            "SELECT g.client, COUNT(*), COUNT(t.exchanged_at) FROM token_credentials t \
             JOIN grants g ON g.id = t.grant_id",
            standing::marks!(),
            "WHERE g.grant_type <> '' AND g.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?) \
             AND (c.not_before IS NULL OR g.authorized_at > c.not_before) \
             AND (a.id IS NULL OR (a.is_active = 1 AND g.authorized_at > a.not_before)) \
             GROUP BY g.client ORDER BY g.client"
        );
        let rows = self.0.list(sql, bind![now]).await?;
        let crossing = |mut row: crate::tx::Row| {
            Ok(Crossing { client: row.take()?, live: row.take()?, exchanged: row.take()? })
        };
        rows.into_iter().map(crossing).collect()
    }

    /// The ended are looked for from a place that is another one each time: a walk over all of them in one go would hold
    /// the writer for as long as the table is.
    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let expired = purge!("token_credentials", "id", "expires_at <= ?");
        let expired = self.0.write_one(expired, bind![now, batch]).await?;
        let place = self.turn();
        let grants = [Value::from(Timestamp::FAR), Value::from(place), batch.into()];
        let ended = bind![place, batch];
        let removed = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                // First the grants that would stay for ever without what hangs from them.
                let sql = concat!("DELETE FROM grants WHERE expires_at >= ? AND id IN ", ended!("g.id"));
                tx.execute(sql, &grants).await?;
                let sql = concat!("DELETE FROM token_credentials WHERE hash IN ", ended!("t.hash"));
                tx.execute(sql, &ended).await
            })
        });
        Ok(expired + removed.await?)
    }
}

pub(super) fn values(credentials: &TokenCredentials) -> [Value; 6] {
    bind![
        &credentials.hash,
        &credentials.grant,
        credentials.secret.as_bytes().to_vec(),
        credentials.issued_at,
        credentials.expires_at,
        credentials.exchanged_at,
    ]
}
