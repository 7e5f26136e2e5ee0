//! Authorization requests that wait for their person.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use valetkey_oauth2::{HandleHash, Timestamp};

use super::{Memory, purge};
use crate::{Flow, Flows, StoreError};

#[async_trait]
impl Flows for Memory {
    async fn put(&self, hash: &HandleHash, flow: &Flow, expires_at: Timestamp) -> Result<(), StoreError> {
        match self.state().flows.entry(*hash) {
            Entry::Occupied(_) => Err(StoreError::Conflict("a flow of that handle".to_owned())),
            Entry::Vacant(place) => {
                place.insert((flow.clone(), expires_at));
                Ok(())
            }
        }
    }

    async fn find(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        let state = self.state();
        Ok(state.flows.get(hash).filter(|(_, expires_at)| now < *expires_at).map(|(flow, _)| flow.clone()))
    }

    async fn update(&self, hash: &HandleHash, flow: &Flow) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some((kept, _)) = state.flows.get_mut(hash) else { return Ok(false) };
        *kept = flow.clone();
        Ok(true)
    }

    async fn consume(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        match self.state().flows.entry(*hash) {
            Entry::Occupied(place) if now < place.get().1 => Ok(Some(place.remove().0)),
            _ => Ok(None),
        }
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        Ok(purge(&mut self.state().flows, batch, |_, (_, expires_at)| *expires_at <= now))
    }
}
