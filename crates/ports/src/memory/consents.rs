//! What accounts have allowed.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId, Scope, Timestamp};

use super::{GrantSlot, Memory, next_mark};
use crate::{Consent, Consents, Grant, StoreError};

#[async_trait]
impl Consents for Memory {
    async fn find(&self, account: &AccountId, client: &ClientId) -> Result<Option<Consent>, StoreError> {
        Ok(self.state().consents.get(&(*account, client.clone())).cloned())
    }

    async fn save(&self, consent: &Consent) -> Result<(), StoreError> {
        let mut state = self.state();
        let key = (consent.account, consent.client.clone());
        let kept = match state.consents.get(&key) {
            None => consent.clone(),
            Some(old) => {
                let given_at = if old.given_at == NEVER { consent.given_at } else { old.given_at };
                Consent { given_at, not_before: old.not_before.max(consent.not_before), ..consent.clone() }
            }
        };
        state.consents.insert(key, kept);
        Ok(())
    }

    async fn withdraw(
        &self,
        account: &AccountId,
        client: &ClientId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let kept = state.consents.entry((*account, client.clone())).or_insert_with(|| Consent {
            account: *account,
            client: client.clone(),
            scope: Scope::empty(),
            resources: Vec::new(),
            digest: [0; 32],
            given_at: NEVER,
            updated_at: NEVER,
            not_before: NEVER,
        });
        let was_there = !kept.is_withdrawn();
        kept.scope = Scope::empty();
        kept.resources = Vec::new();
        kept.updated_at = kept.updated_at.min(at);
        kept.not_before = next_mark(kept.not_before, at);
        Ok(was_there)
    }

    async fn list(&self, account: &AccountId) -> Result<Vec<(Consent, Option<Grant>)>, StoreError> {
        let state = self.state();
        let own = state.consents.values().filter(|one| one.account == *account && !one.is_withdrawn());
        let last_grant = |consent: &Consent| {
            let begun = state.grants.values().filter_map(|slot| match slot {
                GrantSlot::Begun(grant) => Some(grant),
                GrantSlot::Burnt { .. } => None,
            });
            let own = begun.filter(|grant| grant.account == Some(*account) && grant.client == consent.client);
            own.max_by_key(|grant| (grant.last_used_at, grant.id)).cloned()
        };
        Ok(own.map(|consent| (consent.clone(), last_grant(consent))).collect())
    }
}

/// The dates of a mark that was made where there was no consent.
const NEVER: Timestamp = Timestamp::from_seconds(0);
