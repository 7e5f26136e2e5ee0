//! Access tokens with a record, denied JWTs, refresh token families.

use async_trait::async_trait;
use valetkey_oauth2::{GrantId, HandleHash, Timestamp, grants::refresh_token::RefreshFacts};
use valetkey_ports::{
    AccessRecord, FamilyId, Grant, NewRefresh, RefreshRecord, Rotation, Standing, StoreError, Tokens,
};

use super::{Sql, standing};
use crate::{
    dialect::purge,
    tx::{Database, Shape, Value, bind},
};

pub(super) const PUT_ACCESS: &str = "INSERT INTO access_tokens (hash, grant_id, scope, audience, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)";

pub(super) const PUT_FAMILY: &str = "INSERT INTO refresh_families (family, grant_id, current, rotated_at, \
                                     idle_expires_at, absolute_expires_at, generation, due_at) \
                                     VALUES (?, ?, ?, ?, ?, ?, 0, ?)";

#[async_trait]
impl<D: Database> Tokens for Sql<D> {
    async fn put_access(&self, record: &AccessRecord) -> Result<(), StoreError> {
        self.0.write_one(PUT_ACCESS, access_values(record)).await.map(drop)
    }

    async fn find_access(&self, hash: &HandleHash) -> Result<Option<(AccessRecord, Standing)>, StoreError> {
        let sql = concat!(
            "SELECT t.grant_id, t.scope, t.audience, t.issued_at, t.expires_at, ",
            standing::columns!(),
            " FROM access_tokens t JOIN grants g ON g.id = t.grant_id",
            standing::marks!(),
            "WHERE t.hash = ? AND g.grant_type <> ''"
        );
        let Some(mut row) = self.0.find_one(sql, &bind![hash]).await? else { return Ok(None) };
        let grant = row.take()?;
        let scope = row.take()?;
        let audience = row.take()?;
        let issued_at = row.take()?;
        let expires_at = row.take()?;
        let standing = standing::standing(&mut row)?;
        let (client, account) = (standing.client.clone(), standing.account);
        let record =
            AccessRecord { hash: *hash, grant, client, account, scope, audience, issued_at, expires_at };
        Ok(Some((record, standing)))
    }

    async fn revoke_access(&self, hash: &HandleHash) -> Result<bool, StoreError> {
        Ok(self.0.write_one("DELETE FROM access_tokens WHERE hash = ?", bind![hash]).await? == 1)
    }

    async fn deny(&self, jti: &str, until: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO denied_tokens (jti, until) VALUES (?, ?) ON CONFLICT (jti) DO UPDATE SET \
                   until = CASE WHEN denied_tokens.until > excluded.until THEN denied_tokens.until \
                   ELSE excluded.until END";
        self.0.write_one(sql, bind![jti, until]).await.map(drop)
    }

    async fn is_denied(&self, jti: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM denied_tokens WHERE jti = ?";
        Ok(self.0.find_one(sql, &bind![jti]).await?.is_some())
    }

    async fn find_refresh(&self, family: &FamilyId) -> Result<Option<(RefreshRecord, Standing)>, StoreError> {
        let sql = concat!(
            "SELECT f.grant_id, g.scope, g.resources, f.current, f.previous, f.earlier, f.rotated_at, \
             f.earlier_rotated_at, f.retry_binding, f.successor, f.idle_expires_at, f.absolute_expires_at, \
             f.generation, ",
            standing::columns!(),
            " FROM refresh_families f JOIN grants g ON g.id = f.grant_id",
            standing::marks!(),
            "WHERE f.family = ? AND g.grant_type <> ''"
        );
        let Some(mut row) = self.0.find_one(sql, &bind![family]).await? else { return Ok(None) };
        let grant = row.take()?;
        let scope = row.take()?;
        let resources = row.take()?;
        let current = row.take()?;
        let previous = row.take()?;
        let earlier = row.take()?;
        let rotated_at = row.take()?;
        let earlier_rotated_at = row.take()?;
        let retry_binding = row.take()?;
        let successor = row.take()?;
        let idle_expires_at = row.take()?;
        let absolute_expires_at = row.take()?;
        let generation = row.take()?;
        let standing = standing::standing(&mut row)?;
        let facts = RefreshFacts {
            client_id: standing.client.clone(),
            scope,
            resources,
            current,
            previous,
            earlier,
            rotated_at,
            earlier_rotated_at,
            retry_binding,
            successor,
            idle_expires_at,
            absolute_expires_at,
            generation,
        };
        Ok(Some((RefreshRecord { family: *family, grant, account: standing.account, facts }, standing)))
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool, StoreError> {
        let now = rotation.now;
        let family = rotation.family;
        let swap = bind![
            &rotation.to,
            now,
            rotation.retry_binding,
            rotation.successor.clone(),
            rotation.idle_expires_at,
            now,
            &rotation.family,
            &rotation.from,
            now,
            now,
        ];
        let access = rotation.access.as_ref().map(|access| (access_values(access), access.expires_at));
        let marks_use = rotation.marks_use;
        let shape = if marks_use || access.is_some() { Shape::Several } else { Shape::OneWrite };
        let rotated = self.0.write(shape, move |tx| {
            Box::pin(async move {
                let sql = "UPDATE refresh_families SET earlier = previous, earlier_rotated_at = rotated_at, \
                           previous = current, current = ?, rotated_at = ?, retry_binding = ?, successor = ?, \
                           idle_expires_at = ?, due_at = ?, generation = generation + 1 \
                           WHERE family = ? AND current = ? AND idle_expires_at > ? AND absolute_expires_at > ? \
                           AND EXISTS (SELECT 1 FROM grants g WHERE g.id = refresh_families.grant_id \
                           AND g.revoked_at IS NULL AND g.grant_type <> '')";
                if tx.execute(sql, &swap).await? == 0 {
                    return Ok(false);
                }
                if marks_use {
                    let sql = "UPDATE grants SET last_used_at = ? WHERE last_used_at < ? \
                               AND id = (SELECT f.grant_id FROM refresh_families f WHERE f.family = ?)";
                    tx.execute(sql, &bind![now, now, &family]).await?;
                }
                if let Some((values, expires_at)) = access {
                    tx.execute(PUT_ACCESS, &values).await?;
                    // A statement of its own, so that the index of expiries is left alone where nothing changes.
                    let sql = "UPDATE grants SET expires_at = ? WHERE expires_at < ? \
                               AND id = (SELECT f.grant_id FROM refresh_families f WHERE f.family = ?)";
                    tx.execute(sql, &bind![expires_at, expires_at, &family]).await?;
                }
                Ok(true)
            })
        });
        rotated.await
    }

    async fn hang(
        &self,
        grant: &GrantId,
        refresh: &NewRefresh,
        access: Option<&AccessRecord>,
    ) -> Result<bool, StoreError> {
        let lasting = access
            .map_or(refresh.absolute_expires_at, |access| access.expires_at.max(refresh.absolute_expires_at));
        let family = bind![
            &refresh.family,
            &refresh.current,
            refresh.idle_expires_at,
            refresh.absolute_expires_at,
            refresh.idle_expires_at.min(refresh.absolute_expires_at),
            grant,
        ];
        let stay = bind![lasting, grant, lasting];
        let access = access.map(access_values);
        let hung = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                let sql = "INSERT INTO refresh_families (family, grant_id, current, rotated_at, idle_expires_at, \
                           absolute_expires_at, generation, due_at) \
                           SELECT ?, g.id, ?, g.last_used_at, ?, ?, 0, ? FROM grants g \
                           WHERE g.id = ? AND g.revoked_at IS NULL AND g.grant_type <> ''";
                if tx.execute(sql, &family).await? == 0 {
                    return Ok(false);
                }
                let sql = "UPDATE grants SET expires_at = ? WHERE id = ? AND expires_at < ?";
                tx.execute(sql, &stay).await?;
                if let Some(access) = access {
                    tx.execute(PUT_ACCESS, &access).await?;
                }
                Ok(true)
            })
        });
        hung.await
    }

    async fn end_family(&self, family: &FamilyId) -> Result<bool, StoreError> {
        Ok(self.0.write_one("DELETE FROM refresh_families WHERE family = ?", bind![family]).await? == 1)
    }

    async fn purge(&self, now: Timestamp, retry_before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let access = purge!("access_tokens", "hash", "expires_at <= ?");
        let access = self.0.write_one(access, bind![now, batch]).await?;
        let denied = purge!("denied_tokens", "jti", "until <= ?");
        let denied = self.0.write_one(denied, bind![now, batch]).await?;
        let erase = "UPDATE refresh_families SET successor = NULL, due_at = CASE \
                     WHEN idle_expires_at < absolute_expires_at THEN idle_expires_at ELSE absolute_expires_at END \
                     WHERE family IN (SELECT f.family FROM refresh_families f \
                     WHERE f.due_at < ? AND f.successor IS NOT NULL LIMIT ?)";
        let erased = self.0.write_one(erase, bind![retry_before, batch]).await?;
        let families = purge!(
            "refresh_families",
            "family",
            "due_at <= ? AND (idle_expires_at <= ? OR absolute_expires_at <= ?)"
        );
        let families = self.0.write_one(families, bind![now, now, now, batch]).await?;
        Ok(access + denied + erased + families)
    }
}

pub(super) fn access_values(record: &AccessRecord) -> [Value; 6] {
    bind![
        &record.hash,
        &record.grant,
        &record.scope,
        record.audience.as_slice(),
        record.issued_at,
        record.expires_at,
    ]
}

/// A family as it begins.
pub(super) fn first(grant: &Grant, new: &NewRefresh) -> [Value; 7] {
    bind![
        &new.family,
        &grant.id,
        &new.current,
        grant.last_used_at,
        new.idle_expires_at,
        new.absolute_expires_at,
        new.idle_expires_at.min(new.absolute_expires_at),
    ]
}
