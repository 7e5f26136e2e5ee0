//! Browsers' logins.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, HandleHash, SessionId, Timestamp};

use super::{Memory, purge};
use crate::{Account, Page, Session, Sessions, StoreError};

#[async_trait]
impl Sessions for Memory {
    async fn put(
        &self,
        hash: &HandleHash,
        session: &Session,
        instead_of: Option<&HandleHash>,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.sessions.contains_key(hash) {
            return Err(StoreError::Conflict("a session of that handle".to_owned()));
        }
        if let Some(old) = instead_of {
            state.sessions.remove(old);
        }
        state.sessions.insert(*hash, session.clone());
        Ok(())
    }

    async fn find(
        &self,
        hash: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<(Session, Account)>, StoreError> {
        let state = self.state();
        let Some(session) = state.sessions.get(hash).filter(|session| session.is_live(now)) else {
            return Ok(None);
        };
        let Some(Some(account)) = state.accounts.get(&session.account) else { return Ok(None) };
        let is_live = account.is_active() && session.authenticated_at > account.not_before;
        Ok(is_live.then(|| (session.clone(), account.clone())))
    }

    async fn touch(
        &self,
        hash: &HandleHash,
        seen_at: Timestamp,
        idle_expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(session) = self.state().sessions.get_mut(hash) {
            session.last_seen_at = seen_at;
            session.idle_expires_at = idle_expires_at;
        }
        Ok(())
    }

    async fn end(&self, hash: &HandleHash) -> Result<(), StoreError> {
        self.state().sessions.remove(hash);
        Ok(())
    }

    async fn end_one(&self, account: &AccountId, id: &SessionId) -> Result<bool, StoreError> {
        let mut state = self.state();
        let before = state.sessions.len();
        state.sessions.retain(|_, session| session.account != *account || session.id != *id);
        Ok(state.sessions.len() < before)
    }

    async fn end_others(&self, account: &AccountId, but: Option<&SessionId>) -> Result<u64, StoreError> {
        let mut state = self.state();
        let before = state.sessions.len();
        state.sessions.retain(|_, session| session.account != *account || but == Some(&session.id));
        Ok((before - state.sessions.len()) as u64)
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        Ok(self.live(now, |session| session.account == *account))
    }

    async fn list_all(&self, page: &Page, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let after = page.after.as_deref().and_then(|id| id.parse::<SessionId>().ok());
        let mut all = self.live(now, |session| after.is_none_or(|after| session.id < after));
        all.truncate(page.limit as usize);
        Ok(all)
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        Ok(purge(&mut self.state().sessions, batch, |_, session| !session.is_live(now)))
    }
}

impl Memory {
    /// Live sessions, latest first.
    fn live(&self, now: Timestamp, is_asked: impl Fn(&Session) -> bool) -> Vec<Session> {
        let state = self.state();
        let is_live = |session: &&Session| {
            let account = state.accounts.get(&session.account).and_then(Option::as_ref);
            session.is_live(now)
                && account.is_some_and(|one| one.is_active() && session.authenticated_at > one.not_before)
        };
        let mut all: Vec<Session> =
            state.sessions.values().filter(is_live).filter(|session| is_asked(session)).cloned().collect();
        all.sort_by_key(|session| std::cmp::Reverse(session.id));
        all
    }
}
