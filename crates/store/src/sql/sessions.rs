//! Browsers' logins.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, HandleHash, SessionId, Timestamp};
use valetkey_ports::{Account, Page, Session, Sessions, StoreError};

use super::{Sql, accounts::account};
use crate::{
    dialect::purge,
    tx::{Database, Row, Shape, Value, bind},
};

/// The columns of a session, in [`session`]'s order; the condition under which it lives.
macro_rules! select {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT s.id, s.account, s.created_at, s.authenticated_at, s.last_seen_at, s.idle_expires_at, \
             s.expires_at, s.user_agent, s.address",
            $more,
            " FROM sessions s JOIN accounts a ON a.id = s.account \
             WHERE a.is_active = 1 AND s.authenticated_at > a.not_before \
             AND s.idle_expires_at > ? AND s.expires_at > ? ",
            $rest
        )
    };
}

#[async_trait]
impl<D: Database> Sessions for Sql<D> {
    async fn put(
        &self,
        hash: &HandleHash,
        session: &Session,
        instead_of: Option<&HandleHash>,
    ) -> Result<(), StoreError> {
        let values = bind![
            hash,
            &session.id,
            &session.account,
            session.created_at,
            session.authenticated_at,
            session.last_seen_at,
            session.idle_expires_at,
            session.expires_at,
            session.user_agent.as_str(),
            session.address.as_str(),
        ];
        let sql = "INSERT INTO sessions (hash, id, account, created_at, authenticated_at, last_seen_at, \
                   idle_expires_at, expires_at, user_agent, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let Some(old) = instead_of.copied() else { return self.0.write_one(sql, values).await.map(drop) };
        let kept = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                tx.execute("DELETE FROM sessions WHERE hash = ?", &bind![&old]).await?;
                tx.execute(sql, &values).await.map(drop)
            })
        });
        kept.await
    }

    async fn find(
        &self,
        hash: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<(Session, Account)>, StoreError> {
        let sql = select!(", a.body, a.password, a.not_before", "AND s.hash = ?");
        let Some(mut row) = self.0.find_one(sql, &bind![now, now, hash]).await? else { return Ok(None) };
        Ok(Some((session(&mut row)?, account(&mut row)?)))
    }

    async fn touch(
        &self,
        hash: &HandleHash,
        seen_at: Timestamp,
        idle_expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET last_seen_at = ?, idle_expires_at = ? WHERE hash = ?";
        self.0.write_one(sql, bind![seen_at, idle_expires_at, hash]).await.map(drop)
    }

    async fn end(&self, hash: &HandleHash) -> Result<(), StoreError> {
        self.0.write_one("DELETE FROM sessions WHERE hash = ?", bind![hash]).await.map(drop)
    }

    async fn end_one(&self, account: &AccountId, id: &SessionId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM sessions WHERE id = ? AND account = ?";
        Ok(self.0.write_one(sql, bind![id, account]).await? == 1)
    }

    async fn end_others(&self, account: &AccountId, but: Option<&SessionId>) -> Result<u64, StoreError> {
        match but {
            Some(but) => {
                let sql = "DELETE FROM sessions WHERE account = ? AND id <> ?";
                self.0.write_one(sql, bind![account, but]).await
            }
            None => self.0.write_one("DELETE FROM sessions WHERE account = ?", bind![account]).await,
        }
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let sql = select!("", "AND s.account = ? ORDER BY s.id DESC");
        let rows = self.0.list(sql, bind![now, now, account]).await?;
        rows.into_iter().map(|mut row| session(&mut row)).collect()
    }

    async fn list_all(&self, page: &Page, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let sql = select!("", "AND s.id < ? ORDER BY s.id DESC LIMIT ?");
        let after = page.after.as_deref().and_then(|id| id.parse::<SessionId>().ok());
        let after = after.map_or(Value::Id([0xff; 16]), |id| Value::from(&id));
        let rows = self.0.list(sql, vec![now.into(), now.into(), after, page.limit.into()]).await?;
        rows.into_iter().map(|mut row| session(&mut row)).collect()
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let sql = purge!("sessions", "hash", "idle_expires_at <= ? OR expires_at <= ?");
        self.0.write_one(sql, bind![now, now, batch]).await
    }
}

fn session(row: &mut Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.take()?,
        account: row.take()?,
        created_at: row.take()?,
        authenticated_at: row.take()?,
        last_seen_at: row.take()?,
        idle_expires_at: row.take()?,
        expires_at: row.take()?,
        user_agent: row.take()?,
        address: row.take()?,
    })
}
