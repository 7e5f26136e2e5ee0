//! Guessing of client secrets: counted in the store when a guess is wrong; refused from memory, so that a right answer
//! costs nothing (security CA-01).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use valetkey_crypto::digest::sha256;
use valetkey_oauth2::Timestamp;

use crate::{Engine, Failure, Peer};

const WINDOW: Duration = Duration::from_secs(60);
/// How many blocked pairs are remembered; past it the oldest knowledge goes.
const MOST: usize = 4096;

/// Who has guessed too often of late, by client and source.
#[derive(Debug, Default)]
pub struct Floods {
    blocked: Mutex<HashMap<[u8; 32], Timestamp>>,
}

impl Floods {
    /// Lets a request pass, unless its source has guessed too often at this client.
    ///
    /// # Errors
    /// [`Failure::TooMany`] with the seconds to wait.
    pub fn admit(&self, client: &str, peer: &Peer, now: Timestamp) -> Result<(), Failure> {
        let blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        if blocked.is_empty() {
            return Ok(());
        }
        match blocked.get(&key(client, peer)) {
            Some(until) if now < *until => {
                Err(Failure::TooMany(u32::try_from(until.since(now).as_secs()).unwrap_or(u32::MAX)))
            }
            _ => Ok(()),
        }
    }

    fn block(&self, key: [u8; 32], now: Timestamp) {
        let mut blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        blocked.retain(|_, until| now < *until);
        if blocked.len() < MOST {
            blocked.insert(key, now.plus(WINDOW));
        }
    }
}

impl Engine {
    /// Counts a wrong secret, code or token from a source, and blocks it for a minute when there were too many.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn count_wrong_secret(&self, client: &str, peer: &Peer, now: Timestamp) -> Result<(), Failure> {
        let key = key(client, peer);
        let count = self.ports().attempts.count(&key, WINDOW, now).await?;
        if count.tries >= self.policy().limits.per_source_tokens {
            self.floods().block(key, now);
        }
        Ok(())
    }
}

fn key(client: &str, peer: &Peer) -> [u8; 32] {
    sha256(format!("client secret\0{client}\0{}", peer.source()).as_bytes())
}
