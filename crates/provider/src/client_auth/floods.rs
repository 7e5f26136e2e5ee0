//! Guessing of client secrets (security CA-01). What is wrong is counted by source in memory first; what is guessed at a
//! client that there is also in the store, as long as its source is below the limit: so a flood writes nothing. What is
//! right costs nothing, and passes also where others at the same address have guessed.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use valetkey_crypto::digest::sha256;
use valetkey_oauth2::Timestamp;

use crate::{Engine, Failure, Peer};

const WINDOW: Duration = Duration::from_secs(60);
/// How many blocked pairs are remembered, past which the oldest knowledge goes; and how many sources are counted, past
/// which whoever is new is taken to be over the limit.
const MOST: usize = 4096;

/// Who has guessed too often of late.
#[derive(Debug, Default)]
pub struct Floods {
    /// By client and source.
    blocked: Mutex<HashMap<[u8; 32], Timestamp>>,
    /// What was wrong by source, and until when that counts.
    counted: Mutex<HashMap<[u8; 32], (u32, Timestamp)>>,
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
            Some(until) if now < *until => Err(too_many(*until, now)),
            _ => Ok(()),
        }
    }

    /// Counts in memory what was wrong.
    ///
    /// # Errors
    /// [`Failure::TooMany`] past the limit, or where no room is left to count.
    fn count(&self, key: [u8; 32], limit: u32, now: Timestamp) -> Result<(), Failure> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= MOST && !counted.contains_key(&key) {
            counted.retain(|_, (_, until)| now < *until);
            if counted.len() >= MOST {
                return Err(too_many(now.plus(WINDOW), now));
            }
        }
        let fresh = (0, now.plus(WINDOW));
        let (tries, until) = counted.entry(key).or_insert(fresh);
        if *until <= now {
            (*tries, *until) = fresh;
        }
        *tries = tries.saturating_add(1);
        if *tries > limit { Err(too_many(*until, now)) } else { Ok(()) }
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
    /// Counts somebody who is not the client that they say, `guessed` where there is such a client. Guesses at one client
    /// block it for a minute at their source: at once where the source has been wrong too often, of whatever client.
    ///
    /// # Errors
    /// [`Failure::TooMany`] past the source's limit; the store's faults.
    pub async fn count_wrong_client(
        &self,
        guessed: Option<&str>,
        peer: &Peer,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let limit = self.policy().limits.per_source_tokens;
        let counted = self.floods().count(named("wrong clients", "", peer), limit, now);
        let Some(client) = guessed else { return counted };
        let key = key(client, peer);
        if counted.is_err() || self.ports().attempts.count(&key, WINDOW, now).await?.tries >= limit {
            self.floods().block(key, now);
        }
        counted
    }

    /// Counts a code or a refresh token that is not known, apart from secrets. They are too long to be guessed (security
    /// CO-05): it is a flood that is stopped, and what is known passes whatever was counted.
    ///
    /// # Errors
    /// [`Failure::TooMany`] past the limit of the client at that source.
    pub fn count_unknown_token(&self, client: &str, peer: &Peer, now: Timestamp) -> Result<(), Failure> {
        self.floods().count(
            named("unknown tokens", client, peer),
            self.policy().limits.per_source_tokens,
            now,
        )
    }
}

fn too_many(until: Timestamp, now: Timestamp) -> Failure {
    Failure::TooMany(u32::try_from(until.since(now).as_secs()).unwrap_or(u32::MAX))
}

fn key(client: &str, peer: &Peer) -> [u8; 32] {
    named("client secret", client, peer)
}

fn named(what: &str, client: &str, peer: &Peer) -> [u8; 32] {
    sha256(format!("{what}\0{client}\0{}", peer.source()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RequestId;

    fn peer(address: &str) -> Peer {
        Peer { address: address.parse().unwrap(), request_id: RequestId::default(), is_secure: false }
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
    fn a_flood_from_everywhere_is_not_counted_beyond_what_there_is_room_for() {
        let floods = Floods::default();
        let now = Timestamp::from_seconds(1000);
        let from = |count: u32| Peer { address: std::net::Ipv4Addr::from_bits(count).into(), ..peer("::1") };
        let most = u32::try_from(MOST).unwrap();
        let count = |number, now| floods.count(named("wrong clients", "", &from(number)), 2, now);
        assert!((0..most).all(|number| count(number, now).is_ok()));
        assert!(count(most, now).is_err(), "there is no room for another");
        assert!(count(7, now).is_ok() && count(7, now).is_err(), "who is known is counted on");
        assert_eq!(floods.counted.lock().unwrap().len(), MOST);
        let later = now.plus(WINDOW);
        assert!(count(most, later).is_ok() && count(7, later).is_ok());
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
