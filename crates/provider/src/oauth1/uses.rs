//! Who still signs, and how often: counted in memory, written down in batches.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use valetkey_oauth2::{ClientId, Timestamp};
use valetkey_ports::Use;

use crate::Engine;

/// What exchanges of OAuth 1 tokens for OAuth 2 ones are counted under; all else is a signature method's name.
pub const EXCHANGE: &str = "exchange";

const DAY: i64 = 24 * 60 * 60;
/// How many clients are counted between two writings; whoever comes beyond is not.
const MOST: usize = 16_384;

/// Counts until they are written down.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<HashMap<ClientId, Vec<Use>>>);

impl Uses {
    pub(crate) fn count(&self, client: &ClientId, what: &str, now: Timestamp) {
        let day = Timestamp::from_seconds(now.seconds() - now.seconds().rem_euclid(DAY));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = all.get_mut(client) {
            if let Some(known) = mine.iter_mut().find(|one| one.day == day && one.what == what) {
                known.count += 1;
                known.last_at = now.max(known.last_at);
                return;
            }
        } else if all.len() >= MOST {
            return;
        }
        let one = Use { client: client.clone(), day, what: what.to_owned(), count: 1, last_at: now };
        all.entry(client.clone()).or_default().push(one);
    }

    fn take(&self) -> Vec<Use> {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        all.into_values().flatten().collect()
    }
}

impl Engine {
    /// Writes down who used what how often since the last time. What a crash takes is a few seconds' counts.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn write_uses(&self) -> Result<(), crate::Failure> {
        let uses = self.oauth1.uses.take();
        if uses.is_empty() {
            return Ok(());
        }
        Ok(self.ports().usage.add(&uses).await?)
    }
}
