//! The audit, and the recent refusals.

use std::collections::BTreeMap;

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, Timestamp};

use super::Memory;
use crate::{Event, Events, Page, Refusal, Refusals, StoreError};

#[async_trait]
impl Events for Memory {
    async fn record(&self, events: &[Event]) -> Result<(), StoreError> {
        self.state().events.extend_from_slice(events);
        Ok(())
    }

    async fn list(&self, account: Option<&AccountId>, page: &Page) -> Result<Vec<Event>, StoreError> {
        let state = self.state();
        let asked =
            state.events.iter().rev().filter(|event| account.is_none() || event.account.as_ref() == account);
        Ok(asked.skip(page.seen() as usize).take(page.limit as usize).cloned().collect())
    }

    async fn count_by_hour(&self, since: Timestamp) -> Result<Vec<(Timestamp, String, u64)>, StoreError> {
        let mut counts = BTreeMap::new();
        for event in self.state().events.iter().filter(|event| event.at >= since) {
            let hour = Timestamp::from_seconds(event.at.seconds().div_euclid(3600) * 3600);
            *counts.entry((hour, event.kind.as_str())).or_insert(0) += 1;
        }
        Ok(counts.into_iter().map(|((hour, kind), count)| (hour, kind.to_owned(), count)).collect())
    }

    async fn purge(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let mut left = u64::from(batch);
        self.state().events.retain(|event| {
            let is_dead = event.at < before && left > 0;
            left -= u64::from(is_dead);
            !is_dead
        });
        Ok(u64::from(batch) - left)
    }
}

#[async_trait]
impl Refusals for Memory {
    async fn record(&self, refusals: &[Refusal]) -> Result<(), StoreError> {
        let mut state = self.state();
        state.refusals.extend(refusals.iter().cloned());
        let surplus = state.refusals.len().saturating_sub(Refusal::KEPT as usize);
        state.refusals.drain(..surplus);
        Ok(())
    }

    async fn list(&self, request_id: Option<&str>, page: &Page) -> Result<Vec<Refusal>, StoreError> {
        let state = self.state();
        let asked =
            state.refusals.iter().rev().filter(|one| request_id.is_none_or(|id| one.request_id == id));
        Ok(asked.skip(page.seen() as usize).take(page.limit as usize).cloned().collect())
    }
}
