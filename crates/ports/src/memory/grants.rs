//! Acts of authorization.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId, GrantId, Timestamp};

use super::{GrantSlot, Memory, State, purge};
use crate::{AccountMark, Grant, Grants, NewGrant, Opened, Page, RefreshRecord, Standing, StoreError};

#[async_trait]
impl Grants for Memory {
    async fn open(&self, new: &NewGrant) -> Result<Opened, StoreError> {
        self.state().open(new)
    }

    async fn stand(&self, grant: &Grant) -> Result<(), StoreError> {
        self.state().grants.entry(grant.id).or_insert_with(|| GrantSlot::Begun(grant.clone()));
        Ok(())
    }

    async fn find(&self, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        Ok(self.state().grant(id).cloned())
    }

    async fn standing(&self, id: &GrantId) -> Result<Option<Standing>, StoreError> {
        Ok(self.state().standing(id))
    }

    async fn mark_used(&self, id: &GrantId, at: Timestamp) -> Result<(), StoreError> {
        if let Some(GrantSlot::Begun(grant)) = self.state().grants.get_mut(id) {
            grant.last_used_at = grant.last_used_at.max(at);
        }
        Ok(())
    }

    async fn revoke(&self, id: &GrantId, client: &ClientId, at: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let burnt = GrantSlot::Burnt { until: at.plus(Grant::BURNT_FOR) };
        match state.grants.entry(*id).or_insert(burnt) {
            GrantSlot::Begun(grant) if grant.client == *client => {
                let was_alive = grant.revoked_at.is_none() || grant.account.is_none();
                if was_alive {
                    grant.revoked_at = grant.revoked_at.max(Some(at));
                }
                Ok(was_alive)
            }
            _ => Ok(false),
        }
    }

    async fn list_account(&self, account: &AccountId, page: &Page) -> Result<Vec<Grant>, StoreError> {
        let state = self.state();
        let is_live = |grant: &Grant| {
            grant.account.as_ref() == Some(account)
                && state.standing(&grant.id).is_some_and(|standing| standing.is_live(grant.authorized_at))
        };
        Ok(state.latest(page, is_live))
    }

    async fn list(&self, client: Option<&ClientId>, page: &Page) -> Result<Vec<Grant>, StoreError> {
        Ok(self.state().latest(page, |grant| client.is_none_or(|client| grant.client == *client)))
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let state = &mut *self.state();
        let (clients, accounts) = (&state.clients, &state.accounts);
        let is_orphan = |grant: &Grant| {
            matches!(clients.get(&grant.client), Some(None))
                || grant.account.is_some_and(|account| matches!(accounts.get(&account), Some(None)))
        };
        Ok(purge(&mut state.grants, batch, |_, slot| match slot {
            GrantSlot::Begun(grant) => grant.expires_at <= now || is_orphan(grant),
            GrantSlot::Burnt { until } => *until <= now,
        }))
    }
}

impl State {
    pub(super) fn grant(&self, id: &GrantId) -> Option<&Grant> {
        match self.grants.get(id) {
            Some(GrantSlot::Begun(grant)) => Some(grant),
            _ => None,
        }
    }

    /// The marks above a token of that grant.
    pub(super) fn standing(&self, id: &GrantId) -> Option<Standing> {
        let grant = self.grant(id)?;
        let consent = grant.account.and_then(|account| self.consents.get(&(account, grant.client.clone())));
        let account = grant.account.and_then(|account| self.accounts.get(&account));
        Some(Standing {
            client: grant.client.clone(),
            account: grant.account,
            authorized_at: grant.authorized_at,
            revoked_at: grant.revoked_at,
            consent_not_before: consent.map(|consent| consent.not_before),
            account_mark: account.map(|account| AccountMark {
                is_active: account.as_ref().is_some_and(crate::Account::is_active),
                not_before: account.as_ref().map_or(Timestamp::default(), |account| account.not_before),
            }),
        })
    }

    fn latest(&self, page: &Page, is_asked: impl Fn(&Grant) -> bool) -> Vec<Grant> {
        let after = page.after.as_deref().and_then(|id| id.parse::<GrantId>().ok());
        let rest = self.grants.iter().rev().filter(|(id, _)| after.is_none_or(|after| **id < after));
        let begun = rest.filter_map(|(_, slot)| match slot {
            GrantSlot::Begun(grant) => Some(grant),
            GrantSlot::Burnt { .. } => None,
        });
        begun.filter(|grant| is_asked(grant)).take(page.limit as usize).cloned().collect()
    }
}

impl State {
    /// Begins a grant with its first tokens.
    pub(super) fn open(&mut self, new: &NewGrant) -> Result<Opened, StoreError> {
        match self.grants.get(&new.grant.id) {
            Some(GrantSlot::Burnt { .. }) => return Ok(Opened::Revoked),
            Some(GrantSlot::Begun(_)) => return Err(StoreError::Conflict("a grant of that id".to_owned())),
            None => {}
        }
        if new.access.as_ref().is_some_and(|access| self.access.contains_key(&access.hash))
            || new.refresh.as_ref().is_some_and(|refresh| self.families.contains_key(&refresh.family))
            || new.credentials.as_ref().is_some_and(|held| self.credentials.contains_key(&held.hash))
        {
            return Err(StoreError::Conflict("a token of that handle".to_owned()));
        }
        if let Some(refresh) = &new.refresh {
            self.families.insert(refresh.family, RefreshRecord::first(&new.grant, refresh));
        }
        self.grants.insert(new.grant.id, GrantSlot::Begun(new.grant.clone()));
        if let Some(access) = &new.access {
            self.access.insert(access.hash, access.clone());
        }
        if let Some(credentials) = &new.credentials {
            self.credentials.insert(credentials.hash, credentials.clone());
        }
        Ok(Opened::Fresh)
    }

    /// Whether a mark has ended what this grant would be, before it begins.
    pub(super) fn has_ended(&self, grant: &Grant) -> bool {
        let Some(account) = grant.account else { return false };
        let by_account = match self.accounts.get(&account) {
            Some(Some(known)) => !known.is_active() || known.not_before >= grant.authorized_at,
            Some(None) => true,
            None => false,
        };
        let consent = self.consents.get(&(account, grant.client.clone()));
        by_account || consent.is_some_and(|consent| consent.not_before >= grant.authorized_at)
    }
}
