//! Acts of authorization.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId, GrantId, GrantType, Timestamp};
use valetkey_ports::{Grant, Grants, NewGrant, Opened, Page, Standing, StoreError};

use super::{Sql, credentials, standing, tokens};
use crate::{
    dialect::purge,
    tx::{Database, Row, Shape, Tx, Value, bind},
};

/// The columns of a grant `g`, in [`grant`]'s order.
macro_rules! columns {
    () => {
        "g.id, g.client, g.account, g.session, g.grant_type, g.scope, g.resources, g.authorized_at, g.expires_at, \
         g.last_used_at, g.revoked_at"
    };
}
pub(super) use columns;

const BEGIN: &str = "INSERT INTO grants (id, client, account, session, grant_type, scope, resources, authorized_at, \
                     expires_at, last_used_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
                     ON CONFLICT (id) DO NOTHING";

/// The same, unless a mark of the account or the consent has ended it already.
const BEGIN_UNLESS_ENDED: &str = "INSERT INTO grants (id, client, account, session, grant_type, scope, resources, \
     authorized_at, expires_at, last_used_at, revoked_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? \
     WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = ? AND (a.is_active = 0 OR a.not_before >= ?)) \
     AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.account = ? AND c.client = ? AND c.not_before >= ?) \
     ON CONFLICT (id) DO NOTHING";

/// A grant with its first tokens, as values.
pub(super) struct Beginning {
    grant: Vec<Value>,
    marks: [Value; 5],
    refresh: Option<[Value; 7]>,
    access: Option<[Value; 6]>,
    credentials: Option<[Value; 6]>,
}

impl Beginning {
    pub(super) fn of(new: &NewGrant) -> Self {
        let grant = &new.grant;
        let (account, at) = (grant.account.as_ref(), grant.authorized_at);
        Self {
            grant: Vec::from(values(grant)),
            marks: bind![account, at, account, &grant.client, at],
            refresh: new.refresh.as_ref().map(|refresh| tokens::first(grant, refresh)),
            access: new.access.as_ref().map(tokens::access_values),
            credentials: new.credentials.as_ref().map(credentials::values),
        }
    }

    /// Begins it, unless it was ended; answers whether it has begun.
    pub(super) async fn unless_ended(mut self, tx: &mut dyn Tx) -> Result<bool, StoreError> {
        self.grant.extend(self.marks.iter().cloned());
        if tx.execute(BEGIN_UNLESS_ENDED, &self.grant).await? == 0 {
            return Ok(false);
        }
        self.tokens(tx).await.map(|()| true)
    }

    async fn tokens(self, tx: &mut dyn Tx) -> Result<(), StoreError> {
        if let Some(refresh) = self.refresh {
            tx.execute(tokens::PUT_FAMILY, &refresh).await?;
        }
        if let Some(access) = self.access {
            tx.execute(tokens::PUT_ACCESS, &access).await?;
        }
        if let Some(credentials) = self.credentials {
            tx.execute(credentials::PUT, &credentials).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl<D: Database> Grants for Sql<D> {
    async fn open(&self, new: &NewGrant) -> Result<Opened, StoreError> {
        let id = new.grant.id;
        let begin = Beginning::of(new);
        let opened = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                if tx.execute(BEGIN, &begin.grant).await? == 1 {
                    return begin.tokens(tx).await.map(|()| Opened::Fresh);
                }
                let sql = "SELECT grant_type FROM grants WHERE id = ?";
                let row = tx.find_one(sql, &bind![&id]).await?;
                let kind = row.map(|mut row| row.take::<String>()).transpose()?;
                match kind.is_none_or(|kind| kind.is_empty()) {
                    true => Ok(Opened::Revoked),
                    false => Err(StoreError::Conflict("a grant of that id".to_owned())),
                }
            })
        });
        opened.await
    }

    /// Nearly always it stands already, and a read tells so without the writer. The insert decides.
    async fn stand(&self, grant: &Grant) -> Result<(), StoreError> {
        let sql = "SELECT 1 FROM grants WHERE id = ?";
        if self.0.find_one(sql, &bind![&grant.id]).await?.is_some() {
            return Ok(());
        }
        self.0.write_one(BEGIN, values(grant)).await.map(drop)
    }

    async fn find(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        let sql = concat!("SELECT ", columns!(), " FROM grants g WHERE g.id = ? AND g.grant_type <> ''");
        let Some(mut row) = self.0.find_one(sql, &bind![id]).await? else { return Ok(None) };
        maybe_grant(&mut row)
    }

    async fn standing(&self, id: &GrantId) -> Result<Option<Standing>, StoreError> {
        let sql = concat!(
            "SELECT ",
            standing::columns!(),
            " FROM grants g",
            standing::marks!(),
            "WHERE g.id = ? AND g.grant_type <> ''"
        );
        let row = self.0.find_one(sql, &bind![id]).await?;
        row.map(|mut row| standing::standing(&mut row)).transpose()
    }

    async fn mark_used(&self, id: &GrantId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE grants SET last_used_at = ? WHERE id = ? AND last_used_at < ?";
        self.0.write_one(sql, bind![at, id, at]).await.map(drop)
    }

    async fn revoke(&self, id: &GrantId, client: &ClientId, at: Timestamp) -> Result<bool, StoreError> {
        let end = bind![at, at, id, client];
        let burn = bind![id, client, at, at.plus(Grant::BURNT_FOR), at, at];
        let revoked = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                // A standing grant lives on after its mark, so its mark may move on too.
                let sql = "UPDATE grants SET revoked_at = CASE WHEN revoked_at > ? THEN revoked_at ELSE ? END \
                           WHERE id = ? AND client = ? AND grant_type <> '' \
                           AND (revoked_at IS NULL OR account IS NULL)";
                if tx.execute(sql, &end).await? == 1 {
                    return Ok(true);
                }
                let sql = "INSERT INTO grants (id, client, grant_type, scope, resources, authorized_at, expires_at, \
                           last_used_at, revoked_at) VALUES (?, ?, '', '', '', ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
                tx.execute(sql, &burn).await?;
                Ok(false)
            })
        });
        revoked.await
    }

    async fn list_account(&self, account: &AccountId, page: &Page) -> Result<Vec<Grant>, StoreError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM grants g",
            standing::marks!(),
            "WHERE g.account = ? AND g.id < ? AND g.revoked_at IS NULL \
             AND (c.not_before IS NULL OR g.authorized_at > c.not_before) \
             AND (a.id IS NULL OR (a.is_active = 1 AND g.authorized_at > a.not_before)) \
             ORDER BY g.id DESC LIMIT ?"
        );
        let rows = self.0.list(sql, vec![account.into(), after(page), page.limit.into()]).await?;
        grants(rows)
    }

    async fn list(&self, client: Option<&ClientId>, page: &Page) -> Result<Vec<Grant>, StoreError> {
        let rows = match client {
            Some(client) => {
                let sql = concat!(
                    "SELECT ",
                    columns!(),
                    " FROM grants g WHERE g.client = ? AND g.id < ? AND g.grant_type <> '' ORDER BY g.id DESC LIMIT ?"
                );
                self.0.list(sql, vec![client.into(), after(page), page.limit.into()]).await?
            }
            None => {
                let sql = concat!(
                    "SELECT ",
                    columns!(),
                    " FROM grants g WHERE g.id < ? AND g.grant_type <> '' ORDER BY g.id DESC LIMIT ?"
                );
                self.0.list(sql, vec![after(page), page.limit.into()]).await?
            }
        };
        grants(rows)
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let over = self.0.write_one(purge!("grants", "id", "expires_at <= ?"), bind![now, batch]).await?;
        let sql = "DELETE FROM grants WHERE id IN (SELECT g.id FROM clients c JOIN grants g ON g.client = c.id \
                   WHERE c.is_deleted = 1 LIMIT ?)";
        let left = u64::from(batch).saturating_sub(over);
        let of_clients = self.0.write_one(sql, bind![i64::try_from(left).unwrap_or(0)]).await?;
        let sql = "DELETE FROM grants WHERE id IN (SELECT g.id FROM accounts a JOIN grants g ON g.account = a.id \
                   WHERE a.is_deleted = 1 LIMIT ?)";
        let left = left.saturating_sub(of_clients);
        let of_accounts = self.0.write_one(sql, bind![i64::try_from(left).unwrap_or(0)]).await?;
        Ok(over + of_clients + of_accounts)
    }
}

fn values(grant: &Grant) -> [Value; 11] {
    bind![
        &grant.id,
        &grant.client,
        grant.account.as_ref(),
        grant.session.as_ref(),
        grant.grant_type.as_str(),
        &grant.scope,
        grant.resources.as_slice(),
        grant.authorized_at,
        grant.expires_at,
        grant.last_used_at,
        grant.revoked_at,
    ]
}

/// Ids of version 7 rise with time: the latest first is the highest first.
fn after(page: &Page) -> Value {
    let after = page.after.as_deref().and_then(|id| id.parse::<GrantId>().ok());
    after.map_or(Value::Id([0xff; 16]), |id| Value::from(&id))
}

fn grants(rows: Vec<Row>) -> Result<Vec<Grant>, StoreError> {
    rows.into_iter().filter_map(|mut row| maybe_grant(&mut row).transpose()).collect()
}

/// A grant; none where an outer join found none.
pub(super) fn maybe_grant(row: &mut Row) -> Result<Option<Grant>, StoreError> {
    let Some(id) = row.take()? else { return Ok(None) };
    Ok(Some(Grant {
        id,
        client: row.take()?,
        account: row.take()?,
        session: row.take()?,
        grant_type: GrantType::new(row.take::<String>()?),
        scope: row.take()?,
        resources: row.take()?,
        authorized_at: row.take()?,
        expires_at: row.take()?,
        last_used_at: row.take()?,
        revoked_at: row.take()?,
    }))
}
