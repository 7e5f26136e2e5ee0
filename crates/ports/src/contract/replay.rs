//! What may be seen once.

use std::sync::Arc;

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{Clock, Ports, StoreError, testing::ManualClock};

/// Of any number of callers with one assertion's id one is told that it is new.
pub async fn sec_ca_04_of_racing_assertions_one_is_new(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    for _ in 0..5 {
        let key = samples::bytes();
        let answers = race(CALLERS, |_| {
            let ports = ports.clone();
            async move { ports.replay.insert("assertion", &key, now.plus(seconds(60)), now).await.unwrap() }
        });
        assert_eq!(count(&answers.await, |is_new| *is_new), 1);
    }
}

/// A key of one space says nothing about another.
pub async fn spaces_do_not_share_keys(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let key = samples::bytes();
    for space in ["one", "other"] {
        assert!(ports.replay.insert(space, &key, now.plus(seconds(60)), now).await.unwrap());
        assert!(!ports.replay.insert(space, &key, now.plus(seconds(60)), now).await.unwrap());
    }
}

/// On the second its time is over it may come again, purged or not, and is remembered anew.
pub async fn a_key_is_new_again_once_its_time_is_over(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let key = samples::bytes();
    let end = now.plus(seconds(60));
    assert!(ports.replay.insert("one", &key, end, now).await.unwrap());
    assert!(!ports.replay.insert("one", &key, end.plus(seconds(9)), end.minus(seconds(1))).await.unwrap());
    assert!(ports.replay.insert("one", &key, end.plus(seconds(60)), end).await.unwrap());
    assert!(!ports.replay.insert("one", &key, end.plus(seconds(60)), end.plus(seconds(59))).await.unwrap());
}

/// Of any number of callers one takes a ticket; looking takes nothing.
pub async fn sec_op_17_of_racing_callers_one_takes_a_ticket(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let ticket = samples::hash();
    ports.replay.put_ticket(&ticket, "setup", now.plus(seconds(60))).await.unwrap();
    let doubled = ports.replay.put_ticket(&ticket, "other", now.plus(seconds(60))).await;
    assert!(matches!(doubled, Err(StoreError::Conflict(_))));
    for _ in 0..3 {
        assert_eq!(ports.replay.find_ticket(&ticket, now).await.unwrap().as_deref(), Some("setup"));
    }
    let answers = race(CALLERS, |_| {
        let ports = ports.clone();
        async move { ports.replay.take_ticket(&ticket, now).await.unwrap() }
    });
    let answers = answers.await;
    assert_eq!(count(&answers, |purpose| purpose.as_deref() == Some("setup")), 1);
    assert_eq!(count(&answers, Option::is_none), CALLERS - 1);
    assert_eq!(ports.replay.find_ticket(&ticket, now).await.unwrap(), None);
}

/// Its expiry is the first second on which it is neither found nor taken.
pub async fn a_ticket_dies_on_the_second_it_expires(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (ticket, end) = (samples::hash(), now.plus(seconds(60)));
    ports.replay.put_ticket(&ticket, "setup", end).await.unwrap();
    assert_eq!(ports.replay.find_ticket(&ticket, end).await.unwrap(), None);
    assert_eq!(ports.replay.take_ticket(&ticket, end).await.unwrap(), None);
    let before = end.minus(seconds(1));
    assert!(ports.replay.take_ticket(&ticket, before).await.unwrap().is_some());
}

/// The purge takes what is over, so many of each at a time, and leaves the rest.
pub async fn what_was_seen_is_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let end = now.plus(seconds(60));
    for _ in 0..5 {
        ports.replay.insert("one", &samples::bytes(), end, now).await.unwrap();
        ports.replay.put_ticket(&samples::hash(), "setup", end).await.unwrap();
    }
    let (living, ticket) = (samples::bytes(), samples::hash());
    ports.replay.insert("one", &living, end.plus(seconds(60)), now).await.unwrap();
    ports.replay.put_ticket(&ticket, "setup", end.plus(seconds(60))).await.unwrap();
    assert_eq!(ports.replay.purge(end.minus(seconds(1)), 10).await.unwrap(), 0);
    assert_eq!(ports.replay.purge(end, 3).await.unwrap(), 6);
    assert_eq!(ports.replay.purge(end, 3).await.unwrap(), 4);
    assert!(!ports.replay.insert("one", &living, end, end).await.unwrap());
    assert!(ports.replay.find_ticket(&ticket, end).await.unwrap().is_some());
}

/// Asking whether a key is known takes nothing, and its time is honoured.
pub async fn what_is_known_can_be_asked(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (key, until) = (samples::bytes(), now.plus(seconds(10)));
    assert!(!ports.replay.is_known("a", &key, now).await.unwrap());
    assert!(ports.replay.insert("a", &key, until, now).await.unwrap());
    assert!(ports.replay.is_known("a", &key, until.minus(seconds(1))).await.unwrap());
    assert!(!ports.replay.is_known("a", &key, until).await.unwrap());
    assert!(!ports.replay.is_known("b", &key, now).await.unwrap());
}
