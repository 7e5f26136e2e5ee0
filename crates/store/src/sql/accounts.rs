//! People.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, HandleHash, Timestamp};
use valetkey_ports::{Account, Accounts, Page, StoreError};

use super::{Sql, replay};
use crate::tx::{Database, Row, Shape, Value, bind, to_json};

const PUT: &str = "INSERT INTO accounts (id, username_key, password, is_active, not_before, body) \
                   VALUES (?, ?, ?, ?, ?, ?)";

#[async_trait]
impl<D: Database> Accounts for Sql<D> {
    fn are_beside_grants(&self) -> bool {
        true
    }

    async fn find(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT body, password, not_before FROM accounts WHERE id = ? AND is_deleted = 0";
        self.0.find_one(sql, &bind![id]).await?.map(|mut row| account(&mut row)).transpose()
    }

    async fn find_by_username(&self, key: &str) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT body, password, not_before FROM accounts WHERE username_key = ?";
        self.0.find_one(sql, &bind![key]).await?.map(|mut row| account(&mut row)).transpose()
    }

    async fn put(&self, account: &Account) -> Result<(), StoreError> {
        self.0.write_one(PUT, columns(account)?).await.map(drop)
    }

    async fn update(&self, account: &Account) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET username_key = ?, password = ?, is_active = ?, body = ?, \
                   not_before = CASE WHEN not_before > ? THEN not_before ELSE ? END \
                   WHERE id = ? AND is_deleted = 0";
        let values = bind![
            account.username.key(),
            account.password.as_deref(),
            account.is_active(),
            body(account)?,
            account.not_before,
            account.not_before,
            &account.id,
        ];
        Ok(self.0.write_one(sql, values).await? == 1)
    }

    async fn upgrade_password(&self, id: &AccountId, from: &str, to: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET password = ? WHERE id = ? AND password = ?";
        Ok(self.0.write_one(sql, bind![to, id, from]).await? == 1)
    }

    async fn end_all(&self, id: &AccountId, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET not_before = CASE WHEN not_before >= ? THEN not_before + 1 ELSE ? END \
                   WHERE id = ? AND is_deleted = 0";
        Ok(self.0.write_one(sql, bind![at, at, id]).await? == 1)
    }

    /// The row stays, as the mark under which all its tokens are dead; what is personal goes.
    async fn delete(&self, id: &AccountId) -> Result<bool, StoreError> {
        let id = *id;
        let deleted = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                let sql = "UPDATE accounts SET username_key = NULL, password = NULL, is_active = 0, body = '', \
                           is_deleted = 1 WHERE id = ? AND is_deleted = 0";
                let was_there = tx.execute(sql, &bind![&id]).await? == 1;
                if was_there {
                    tx.execute("DELETE FROM sessions WHERE account = ?", &bind![&id]).await?;
                    tx.execute("DELETE FROM consents WHERE account = ?", &bind![&id]).await?;
                }
                Ok(was_there)
            })
        });
        deleted.await
    }

    async fn list(&self, page: &Page) -> Result<Vec<Account>, StoreError> {
        let sql = "SELECT body, password, not_before FROM accounts WHERE username_key > ? \
                   ORDER BY username_key LIMIT ?";
        let rows = self.0.list(sql, bind![page.after.as_deref().unwrap_or_default(), page.limit]).await?;
        rows.into_iter().map(|mut row| account(&mut row)).collect()
    }

    async fn put_with_ticket(
        &self,
        account: &Account,
        ticket: &HandleHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = columns(account)?;
        let ticket = bind![ticket, now];
        let made = self.0.write(Shape::Several, move |tx| {
            Box::pin(async move {
                let is_ours = tx.execute(replay::USE_TICKET, &ticket).await? == 1;
                if is_ours {
                    tx.execute(PUT, &values).await?;
                }
                Ok(is_ours)
            })
        });
        made.await
    }
}

/// Reads body, password and mark: the last two change without the body.
pub(super) fn account(row: &mut Row) -> Result<Account, StoreError> {
    let account: Account = row.take_json()?;
    Ok(Account { password: row.take()?, not_before: row.take()?, ..account })
}

fn columns(account: &Account) -> Result<[Value; 6], StoreError> {
    Ok(bind![
        &account.id,
        account.username.key(),
        account.password.as_deref(),
        account.is_active(),
        account.not_before,
        body(account)?,
    ])
}

/// The record without its password hash, which has a column of its own.
fn body(account: &Account) -> Result<String, StoreError> {
    to_json(&Account { password: None, ..account.clone() })
}
