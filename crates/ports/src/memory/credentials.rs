//! OAuth 1 token credentials.

use std::collections::{BTreeMap, btree_map::Entry};

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Timestamp};

use super::{Memory, purge};
use crate::{Credentials, Crossing, Held, Standing, StoreError, TokenCredentials};

#[async_trait]
impl Credentials for Memory {
    async fn put(&self, credentials: &TokenCredentials) -> Result<(), StoreError> {
        match self.state().credentials.entry(credentials.hash) {
            Entry::Occupied(_) => Err(StoreError::Conflict("token credentials of that token".to_owned())),
            Entry::Vacant(place) => {
                place.insert(credentials.clone());
                Ok(())
            }
        }
    }

    async fn find(&self, hash: &HandleHash) -> Result<Option<(Held, Standing)>, StoreError> {
        let state = self.state();
        let found = state.credentials.get(hash).and_then(|credentials| {
            let grant = state.grant(&credentials.grant)?;
            let held = Held {
                credentials: credentials.clone(),
                scope: grant.scope.clone(),
                last_used_at: grant.last_used_at,
            };
            Some((held, state.standing(&credentials.grant)?))
        });
        Ok(found)
    }

    async fn mark_exchanged(&self, hash: &HandleHash, at: Timestamp) -> Result<(), StoreError> {
        if let Some(credentials) = self.state().credentials.get_mut(hash) {
            credentials.exchanged_at = credentials.exchanged_at.max(Some(at));
        }
        Ok(())
    }

    async fn crossings(&self, now: Timestamp) -> Result<Vec<Crossing>, StoreError> {
        let state = self.state();
        let mut counts: BTreeMap<ClientId, (u64, u64)> = BTreeMap::new();
        for credentials in state.credentials.values() {
            let standing = state.standing(&credentials.grant);
            let standing = standing.filter(|standing| standing.is_live(credentials.issued_at));
            let is_over = credentials.expires_at.is_some_and(|until| until <= now);
            if let (Some(standing), false) = (standing, is_over) {
                let (live, exchanged) = counts.entry(standing.client).or_default();
                *live += 1;
                *exchanged += u64::from(credentials.exchanged_at.is_some());
            }
        }
        let crossing = |(client, (live, exchanged))| Crossing { client, live, exchanged };
        Ok(counts.into_iter().map(crossing).collect())
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let state = &mut *self.state();
        let standings: BTreeMap<_, _> =
            state.credentials.values().map(|one| (one.grant, state.standing(&one.grant))).collect();
        let is_ended = |credentials: &TokenCredentials| match &standings[&credentials.grant] {
            // An account that was disabled may be enabled again.
            Some(standing) => {
                standing.revoked_at.is_some()
                    || standing.consent_not_before.is_some_and(|mark| standing.authorized_at <= mark)
                    || standing.account_mark.is_some_and(|mark| standing.authorized_at <= mark.not_before)
            }
            None => true,
        };
        let is_lasting =
            |credentials: &TokenCredentials| credentials.expires_at.is_none() && is_ended(credentials);
        let lasting: Vec<_> = state
            .credentials
            .values()
            .filter(|one| is_lasting(one))
            .map(|one| one.grant)
            .take(batch as usize)
            .collect();
        let removed = purge(&mut state.credentials, batch, |_, credentials| {
            credentials.expires_at.is_some_and(|until| until <= now) || is_ended(credentials)
        });
        for grant in lasting {
            state.grants.remove(&grant);
        }
        Ok(removed)
    }
}
