//! How often what was done.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, Timestamp};

use super::{Memory, purge};
use crate::{StoreError, Usage, Use};

#[async_trait]
impl Usage for Memory {
    async fn add(&self, uses: &[Use]) -> Result<(), StoreError> {
        let mut state = self.state();
        for one in uses {
            let key = (one.day, one.client.clone(), one.what.clone());
            let (count, last_at) = state.usage.entry(key).or_insert((0, one.last_at));
            *count += one.count;
            *last_at = one.last_at.max(*last_at);
        }
        Ok(())
    }

    async fn list(&self, client: Option<&ClientId>, since: Timestamp) -> Result<Vec<Use>, StoreError> {
        let state = self.state();
        let found = state
            .usage
            .iter()
            .filter(|((day, by, _), _)| *day >= since && client.is_none_or(|client| by == client));
        let one =
            |((day, client, what), (count, last_at)): (&(Timestamp, ClientId, String), &(u64, Timestamp))| {
                Use {
                    client: client.clone(),
                    day: *day,
                    what: what.clone(),
                    count: *count,
                    last_at: *last_at,
                }
            };
        Ok(found.map(one).collect())
    }

    async fn purge(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        Ok(purge(&mut self.state().usage, batch, |(day, _, _), _| *day < before))
    }
}
