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
        if blocked.len() >= MOST
            && let Some(oldest) = blocked.iter().min_by_key(|(_, until)| **until).map(|(key, _)| *key)
        {
            blocked.remove(&oldest);
        }
        blocked.insert(key, now.plus(WINDOW));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RequestId;

    fn peer(address: &str) -> Peer {
        Peer { address: address.parse().unwrap(), request_id: RequestId::default() }
    }

    #[test]
    fn a_flood_from_everywhere_neither_grows_nor_frees_the_latest() {
        let floods = Floods::default();
        let now = Timestamp::from_seconds(1000);
        for count in 0..u32::try_from(MOST).unwrap() + 10 {
            let from = Peer { address: std::net::Ipv4Addr::from_bits(count).into(), ..peer("::1") };
            floods.block(key("app", &from), now.plus(Duration::from_secs(u64::from(count / 1000))));
        }
        assert_eq!(floods.blocked.lock().unwrap().len(), MOST);
        let last = Peer { address: std::net::Ipv4Addr::from_bits(4096 + 9).into(), ..peer("::1") };
        assert!(floods.admit("app", &last, now).is_err());
        assert!(floods.admit("other", &last, now).is_ok());
        assert!(floods.admit("app", &last, now.plus(Duration::from_secs(65))).is_ok());
    }

    #[test]
    fn sec_ca_01_one_subscribers_addresses_are_one_source() {
        let floods = Floods::default();
        let now = Timestamp::from_seconds(1000);
        floods.block(key("app", &peer("2001:db8:1:2::1")), now);
        assert!(floods.admit("app", &peer("2001:db8:1:2:ffff::9"), now).is_err());
        assert!(floods.admit("app", &peer("2001:db8:1:3::1"), now).is_ok());
        assert_eq!(peer("::ffff:192.0.2.1").source(), peer("192.0.2.1").source());
    }
}
