//! Signing keys.

use std::sync::Arc;

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{Clock, KeyState, Ports, SigningKeyRecord, testing::ManualClock};

/// What was put is listed, oldest first.
pub async fn a_key_is_kept_whole(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let next = samples::key(KeyState::Next, now.plus(seconds(5)));
    let current = samples::key(KeyState::Current, now);
    let other = SigningKeyRecord {
        algorithm: "EdDSA".to_owned(),
        ..samples::key(KeyState::Current, now.plus(seconds(9)))
    };
    for key in [&next, &current, &other] {
        assert!(ports.keys.put(key).await.unwrap());
        assert!(!ports.keys.put(key).await.unwrap());
    }
    assert_eq!(ports.keys.list().await.unwrap(), [current, next, other]);
}

/// Of processes that start together one makes the first key.
pub async fn of_racing_first_keys_one_is_kept(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    for state in [KeyState::Current, KeyState::Next] {
        let answers = race(CALLERS, |_| {
            let ports = ports.clone();
            let key = samples::key(state, now);
            async move { ports.keys.put(&key).await.unwrap() }
        });
        assert_eq!(count(&answers.await, |is_kept| *is_kept), 1);
    }
    assert_eq!(ports.keys.list().await.unwrap().len(), 2);
}

/// The one before retires in the same move, on the second the next begins.
pub async fn a_key_that_takes_over_retires_the_one_before(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let current = samples::key(KeyState::Current, now);
    let next = samples::key(KeyState::Next, now.plus(seconds(1)));
    let other = SigningKeyRecord { algorithm: "EdDSA".to_owned(), ..samples::key(KeyState::Current, now) };
    for key in [&current, &next, &other] {
        assert!(ports.keys.put(key).await.unwrap());
    }
    let at = now.plus(seconds(60));
    let promoted = SigningKeyRecord { state: KeyState::Current, activates_at: at, ..next };
    assert!(ports.keys.advance(&promoted, KeyState::Next).await.unwrap());
    assert!(!ports.keys.advance(&promoted, KeyState::Next).await.unwrap(), "it is not next any more");
    let retired = SigningKeyRecord { state: KeyState::Retiring, retired_at: Some(at), ..current };
    let keys = ports.keys.list().await.unwrap();
    assert_eq!(keys.len(), 3);
    for key in [&promoted, &retired, &other] {
        assert!(keys.contains(key), "{key:?} in {keys:?}");
    }
    let absent = samples::key(KeyState::Current, at);
    assert!(!ports.keys.advance(&absent, KeyState::Next).await.unwrap());
    assert!(ports.keys.list().await.unwrap().contains(&promoted), "what does not take over retires nothing");
}

/// Of processes that rotate together one does.
pub async fn of_racing_rotations_one_advances(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    assert!(ports.keys.put(&samples::key(KeyState::Current, now)).await.unwrap());
    let next = samples::key(KeyState::Next, now);
    assert!(ports.keys.put(&next).await.unwrap());
    let answers = race(CALLERS, |_| {
        let ports = ports.clone();
        let promoted = SigningKeyRecord { state: KeyState::Current, ..next.clone() };
        async move { ports.keys.advance(&promoted, KeyState::Next).await.unwrap() }
    });
    assert_eq!(count(&answers.await, |has_advanced| *has_advanced), 1);
    let keys = ports.keys.list().await.unwrap();
    assert_eq!(count(&keys, |key| key.state == KeyState::Current), 1);
}

/// A key that is gone is not listed, and does not come back under its name.
pub async fn a_gone_key_is_not_listed(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let key = samples::key(KeyState::Retiring, now);
    assert!(ports.keys.put(&key).await.unwrap());
    let gone = SigningKeyRecord { state: KeyState::Gone, retired_at: Some(now), ..key.clone() };
    assert!(!ports.keys.advance(&gone, KeyState::Current).await.unwrap());
    assert!(ports.keys.advance(&gone, KeyState::Retiring).await.unwrap());
    assert!(ports.keys.list().await.unwrap().is_empty());
    assert!(!ports.keys.put(&key).await.unwrap());
}

/// Servers keep keys in caches: a new one and a moved one are told.
pub async fn every_change_of_keys_moves_the_epoch(ports: Ports, clock: Arc<ManualClock>) {
    let before = ports.meta.epoch().await.unwrap();
    let key = samples::key(KeyState::Next, clock.now());
    assert!(ports.keys.put(&key).await.unwrap());
    let put = ports.meta.epoch().await.unwrap();
    assert!(put > before);
    let promoted = SigningKeyRecord { state: KeyState::Current, ..key };
    assert!(ports.keys.advance(&promoted, KeyState::Next).await.unwrap());
    assert!(ports.meta.epoch().await.unwrap() > put);
}
