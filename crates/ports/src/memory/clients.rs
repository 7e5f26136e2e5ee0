//! Registered applications.

use std::{collections::btree_map::Entry, ops::Bound};

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, ClientId};

use super::Memory;
use crate::{Client, Clients, Page, StoreError};

#[async_trait]
impl Clients for Memory {
    async fn find(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self.state().clients.get(id).cloned().flatten())
    }

    async fn put(&self, client: &Client) -> Result<(), StoreError> {
        let mut state = self.state();
        match state.clients.entry(client.id.clone()) {
            Entry::Occupied(_) => Err(StoreError::Conflict("a client of that id".to_owned())),
            Entry::Vacant(place) => {
                place.insert(Some(client.clone()));
                state.epoch += 1;
                Ok(())
            }
        }
    }

    async fn update(&self, client: &Client) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(Some(kept)) = state.clients.get_mut(&client.id) else { return Ok(false) };
        *kept = client.clone();
        state.epoch += 1;
        Ok(true)
    }

    async fn delete(&self, id: &ClientId) -> Result<bool, StoreError> {
        let mut state = self.state();
        let was_there = state.clients.get_mut(id).and_then(Option::take).is_some();
        state.epoch += u64::from(was_there);
        Ok(was_there)
    }

    async fn list(&self, owner: Option<&AccountId>, page: &Page) -> Result<Vec<Client>, StoreError> {
        let after = page.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.state();
        let all = state
            .clients
            .range::<str, _>((after, Bound::Unbounded))
            .filter_map(|(_, client)| client.as_ref());
        let own = all.filter(|client| owner.is_none() || client.owner.as_ref() == owner);
        Ok(own.take(page.limit as usize).cloned().collect())
    }
}
