//! Access tokens with a record, denied JWTs, refresh token families.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use valetkey_oauth2::{GrantId, HandleHash, Timestamp};

use super::{GrantSlot, Memory, purge};
use crate::{AccessRecord, FamilyId, NewRefresh, RefreshRecord, Rotation, Standing, StoreError, Tokens};

#[async_trait]
impl Tokens for Memory {
    async fn put_access(&self, record: &AccessRecord) -> Result<(), StoreError> {
        match self.state().access.entry(record.hash) {
            Entry::Occupied(_) => Err(StoreError::Conflict("a token of that handle".to_owned())),
            Entry::Vacant(place) => {
                place.insert(record.clone());
                Ok(())
            }
        }
    }

    async fn find_access(&self, hash: &HandleHash) -> Result<Option<(AccessRecord, Standing)>, StoreError> {
        let state = self.state();
        let Some(record) = state.access.get(hash) else { return Ok(None) };
        Ok(state.standing(&record.grant).map(|standing| (record.clone(), standing)))
    }

    async fn revoke_access(&self, hash: &HandleHash) -> Result<bool, StoreError> {
        Ok(self.state().access.remove(hash).is_some())
    }

    async fn deny(&self, jti: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        let kept = state.denied.entry(jti.to_owned()).or_insert(until);
        *kept = until.max(*kept);
        Ok(())
    }

    async fn is_denied(&self, jti: &str) -> Result<bool, StoreError> {
        Ok(self.state().denied.contains_key(jti))
    }

    async fn find_refresh(&self, family: &FamilyId) -> Result<Option<(RefreshRecord, Standing)>, StoreError> {
        let state = self.state();
        let Some(record) = state.families.get(family) else { return Ok(None) };
        Ok(state.standing(&record.grant).map(|standing| (record.clone(), standing)))
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<bool, StoreError> {
        let state = &mut *self.state();
        let Some(record) = state.families.get_mut(&rotation.family) else { return Ok(false) };
        let Some(GrantSlot::Begun(grant)) = state.grants.get_mut(&record.grant) else { return Ok(false) };
        let facts = &mut record.facts;
        let has_expired = facts.idle_expires_at <= rotation.now || facts.absolute_expires_at <= rotation.now;
        if facts.current != rotation.from || has_expired || grant.revoked_at.is_some() {
            return Ok(false);
        }
        if let Some(access) = &rotation.access {
            if state.access.contains_key(&access.hash) {
                return Err(StoreError::Conflict("a token of that handle".to_owned()));
            }
            state.access.insert(access.hash, access.clone());
            grant.expires_at = grant.expires_at.max(access.expires_at);
        }
        if rotation.marks_use {
            grant.last_used_at = grant.last_used_at.max(rotation.now);
        }
        facts.earlier = facts.previous.replace(facts.current);
        facts.earlier_rotated_at = Some(facts.rotated_at);
        facts.rotated_at = rotation.now;
        facts.current = rotation.to;
        facts.successor = Some(rotation.successor.clone());
        facts.retry_binding = Some(rotation.retry_binding);
        facts.idle_expires_at = rotation.idle_expires_at;
        facts.generation = facts.generation.saturating_add(1);
        Ok(true)
    }

    async fn hang(
        &self,
        grant: &GrantId,
        refresh: &NewRefresh,
        access: Option<&AccessRecord>,
    ) -> Result<bool, StoreError> {
        let state = &mut *self.state();
        let Some(GrantSlot::Begun(grant)) = state.grants.get_mut(grant) else { return Ok(false) };
        if grant.revoked_at.is_some() {
            return Ok(false);
        }
        if state.families.contains_key(&refresh.family)
            || access.is_some_and(|access| state.access.contains_key(&access.hash))
        {
            return Err(StoreError::Conflict("a token of that handle".to_owned()));
        }
        let lasting = access
            .map_or(refresh.absolute_expires_at, |access| access.expires_at.max(refresh.absolute_expires_at));
        grant.expires_at = grant.expires_at.max(lasting);
        state.families.insert(refresh.family, RefreshRecord::first(grant, refresh));
        if let Some(access) = access {
            state.access.insert(access.hash, access.clone());
        }
        Ok(true)
    }

    async fn end_family(&self, family: &FamilyId) -> Result<bool, StoreError> {
        Ok(self.state().families.remove(family).is_some())
    }

    async fn purge(&self, now: Timestamp, retry_before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let state = &mut *self.state();
        let access = purge(&mut state.access, batch, |_, record| record.expires_at <= now);
        let denied = purge(&mut state.denied, batch, |_, until| *until <= now);
        let families = purge(&mut state.families, batch, |_, record| {
            record.facts.idle_expires_at <= now || record.facts.absolute_expires_at <= now
        });
        let is_over = |record: &&mut RefreshRecord| {
            record.facts.successor.is_some() && record.facts.rotated_at < retry_before
        };
        let mut erased = 0;
        for record in state.families.values_mut().filter(is_over).take(batch as usize) {
            record.facts.successor = None;
            erased += 1;
        }
        Ok(access + denied + families + erased)
    }
}
