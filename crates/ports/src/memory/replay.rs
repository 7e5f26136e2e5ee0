//! What may be seen once.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use valetkey_oauth2::{HandleHash, Timestamp};

use super::{Memory, State, purge};
use crate::{Replay, StoreError};

#[async_trait]
impl Replay for Memory {
    async fn insert(
        &self,
        space: &str,
        key: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match self.state().seen.entry((space.to_owned(), *key)) {
            Entry::Occupied(place) if now < *place.get() => Ok(false),
            place => {
                place.insert_entry(until);
                Ok(true)
            }
        }
    }

    async fn is_known(&self, space: &str, key: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.state().seen.get(&(space.to_owned(), *key)).is_some_and(|until| now < *until))
    }

    async fn put_ticket(&self, hash: &HandleHash, purpose: &str, until: Timestamp) -> Result<(), StoreError> {
        match self.state().tickets.entry(*hash) {
            Entry::Occupied(_) => Err(StoreError::Conflict("a ticket of that handle".to_owned())),
            Entry::Vacant(place) => {
                place.insert((purpose.to_owned(), until));
                Ok(())
            }
        }
    }

    async fn find_ticket(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<String>, StoreError> {
        Ok(self.state().ticket(hash, now).map(str::to_owned))
    }

    async fn take_ticket(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<String>, StoreError> {
        let mut state = self.state();
        let purpose = state.ticket(hash, now).map(str::to_owned);
        if purpose.is_some() {
            state.tickets.remove(hash);
        }
        Ok(purpose)
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let mut state = self.state();
        let seen = purge(&mut state.seen, batch, |_, until| *until <= now);
        Ok(seen + purge(&mut state.tickets, batch, |_, (_, until)| *until <= now))
    }
}

impl State {
    /// The purpose of a ticket that is neither used nor expired.
    pub(super) fn ticket(&self, hash: &HandleHash, now: Timestamp) -> Option<&str> {
        self.tickets.get(hash).filter(|(_, until)| now < *until).map(|(purpose, _)| purpose.as_str())
    }
}
