//! People.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, HandleHash, Timestamp};

use super::{Memory, State, next_mark};
use crate::{Account, Accounts, Page, StoreError};

#[async_trait]
impl Accounts for Memory {
    fn are_beside_grants(&self) -> bool {
        true
    }

    async fn find(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.state().accounts.get(id).cloned().flatten())
    }

    async fn find_by_username(&self, key: &str) -> Result<Option<Account>, StoreError> {
        Ok(self.state().named(key).cloned())
    }

    async fn put(&self, account: &Account) -> Result<(), StoreError> {
        self.state().put_account(account)
    }

    async fn update(&self, account: &Account) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.named(account.username.key()).is_some_and(|other| other.id != account.id) {
            return Err(StoreError::Conflict("an account of that name".to_owned()));
        }
        let Some(Some(kept)) = state.accounts.get_mut(&account.id) else { return Ok(false) };
        let not_before = kept.not_before.max(account.not_before);
        *kept = Account { not_before, ..account.clone() };
        Ok(true)
    }

    async fn upgrade_password(&self, id: &AccountId, from: &str, to: &str) -> Result<bool, StoreError> {
        match self.state().accounts.get_mut(id) {
            Some(Some(kept)) if kept.password.as_deref() == Some(from) => {
                kept.password = Some(to.to_owned());
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn end_all(&self, id: &AccountId, at: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(Some(kept)) = state.accounts.get_mut(id) else { return Ok(false) };
        kept.not_before = next_mark(kept.not_before, at);
        Ok(true)
    }

    async fn delete(&self, id: &AccountId) -> Result<bool, StoreError> {
        let mut state = self.state();
        let was_there = state.accounts.get_mut(id).and_then(Option::take).is_some();
        if was_there {
            state.sessions.retain(|_, session| session.account != *id);
            state.consents.retain(|(account, _), _| account != id);
        }
        Ok(was_there)
    }

    async fn list(&self, page: &Page) -> Result<Vec<Account>, StoreError> {
        let state = self.state();
        let mut all: Vec<&Account> = state.accounts.values().flatten().collect();
        all.sort_by(|one, other| one.username.key().cmp(other.username.key()));
        let rest = all
            .into_iter()
            .filter(|account| page.after.as_deref().is_none_or(|key| account.username.key() > key));
        Ok(rest.take(page.limit as usize).cloned().collect())
    }

    async fn put_with_ticket(
        &self,
        account: &Account,
        ticket: &HandleHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.ticket(ticket, now).is_none() {
            return Ok(false);
        }
        state.put_account(account)?;
        state.tickets.remove(ticket);
        Ok(true)
    }
}

impl State {
    fn named(&self, key: &str) -> Option<&Account> {
        self.accounts.values().flatten().find(|account| account.username.key() == key)
    }

    fn put_account(&mut self, account: &Account) -> Result<(), StoreError> {
        if self.named(account.username.key()).is_some() {
            return Err(StoreError::Conflict("an account of that name".to_owned()));
        }
        if self.accounts.contains_key(&account.id) {
            return Err(StoreError::Conflict("an account of that id".to_owned()));
        }
        self.accounts.insert(account.id, Some(account.clone()));
        Ok(())
    }
}
