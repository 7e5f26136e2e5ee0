//! Counted attempts.

use std::time::Duration;

use async_trait::async_trait;
use valetkey_oauth2::Timestamp;

use super::{Memory, purge};
use crate::{Attempts, Count, StoreError};

#[async_trait]
impl Attempts for Memory {
    async fn count(&self, key: &[u8; 32], window: Duration, now: Timestamp) -> Result<Count, StoreError> {
        let mut state = self.state();
        let fresh = (Count { tries: 0, since: now }, now.plus(window));
        let (count, until) = state.attempts.entry(*key).or_insert(fresh);
        if *until <= now {
            (*count, *until) = fresh;
        }
        count.tries = count.tries.saturating_add(1);
        Ok(*count)
    }

    async fn give_back(&self, key: &[u8; 32], counted: &Count) -> Result<(), StoreError> {
        if let Some((count, _)) =
            self.state().attempts.get_mut(key).filter(|(now, _)| now.since == counted.since)
        {
            count.tries = count.tries.saturating_sub(1);
        }
        Ok(())
    }

    async fn clear(&self, key: &[u8; 32]) -> Result<(), StoreError> {
        self.state().attempts.remove(key);
        Ok(())
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        Ok(purge(&mut self.state().attempts, batch, |_, (_, until)| *until <= now))
    }
}
