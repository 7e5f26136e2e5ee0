//! Authorization codes.

use std::sync::Arc;

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{Clock, Consumed, Ports, StoreError, testing::ManualClock};

/// What was put is found as often as one looks, and still taken then.
pub async fn a_code_is_kept_whole_and_looking_takes_nothing(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    assert!(matches!(ports.codes.find(&handle).await.unwrap(), Consumed::Unknown));
    ports.codes.put(&handle, &code).await.unwrap();
    assert!(matches!(ports.codes.put(&handle, &code).await, Err(StoreError::Conflict(_))));
    for _ in 0..3 {
        let Consumed::Fresh(found) = ports.codes.find(&handle).await.unwrap() else { panic!("it is unused") };
        assert_eq!(*found, code);
    }
    let taken = ports.codes.consume(&handle, &code.facts.client_id, now).await.unwrap();
    let Consumed::Fresh(taken) = taken else { panic!("it is unused") };
    assert_eq!(*taken, code);
}

/// Of any number of concurrent callers exactly one gets it; all others learn that it was taken.
pub async fn sec_co_01_of_racing_redemptions_of_one_code_one_is_fresh(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    for _ in 0..5 {
        let handle = samples::hash();
        ports.codes.put(&handle, &samples::code(&client, now)).await.unwrap();
        let answers = race(CALLERS, |_| {
            let (ports, client) = (ports.clone(), client.clone());
            async move { ports.codes.consume(&handle, &client, now).await.unwrap() }
        });
        let answers = answers.await;
        assert_eq!(count(&answers, |answer| matches!(answer, Consumed::Fresh(_))), 1);
        assert_eq!(count(&answers, |answer| matches!(answer, Consumed::Replayed(_))), CALLERS - 1);
    }
}

/// The tombstone keeps all that was known, also after the code's own time.
pub async fn sec_co_02_a_taken_code_is_remembered_as_replayed(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    ports.codes.put(&handle, &code).await.unwrap();
    ports.codes.consume(&handle, &code.facts.client_id, now).await.unwrap();
    let later = code.remembered_until.minus(seconds(1));
    ports.codes.purge(later, 100).await.unwrap();
    for answer in [
        ports.codes.find(&handle).await.unwrap(),
        ports.codes.consume(&handle, &code.facts.client_id, now).await.unwrap(),
        ports.codes.consume(&handle, &code.facts.client_id, later).await.unwrap(),
    ] {
        let Consumed::Replayed(found) = answer else { panic!("it was taken: {answer:?}") };
        assert_eq!(*found, code);
    }
}

/// Another client neither takes a code nor learns of it, used or not; its own client still can.
pub async fn sec_co_03_another_clients_code_is_unknown_and_stays_alive(
    ports: Ports,
    clock: Arc<ManualClock>,
) {
    let now = clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    ports.codes.put(&handle, &code).await.unwrap();
    let foreign = samples::client_id();
    assert!(matches!(ports.codes.consume(&handle, &foreign, now).await.unwrap(), Consumed::Unknown));
    let own = ports.codes.consume(&handle, &code.facts.client_id, now).await.unwrap();
    assert!(matches!(own, Consumed::Fresh(_)));
    assert!(matches!(ports.codes.consume(&handle, &foreign, now).await.unwrap(), Consumed::Unknown));
}

/// Its expiry is the first second on which it cannot be taken.
pub async fn sec_co_06_a_code_dies_on_the_second_it_expires(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    ports.codes.put(&handle, &code).await.unwrap();
    let (client, end) = (&code.facts.client_id, code.facts.expires_at);
    assert!(matches!(ports.codes.consume(&handle, client, end).await.unwrap(), Consumed::Unknown));
    let found = ports.codes.find(&handle).await.unwrap();
    assert!(matches!(found, Consumed::Fresh(_)), "the rule says that it has expired");
    let before = end.minus(seconds(1));
    assert!(matches!(ports.codes.consume(&handle, client, before).await.unwrap(), Consumed::Fresh(_)));
}

/// Unused codes go when they expire, tombstones when their time is over, so many at a time.
pub async fn codes_and_tombstones_are_purged_in_their_time(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let mut taken = Vec::new();
    for number in 0..6 {
        let (handle, code) = (samples::hash(), samples::code(&client, now));
        ports.codes.put(&handle, &code).await.unwrap();
        if number < 2 {
            ports.codes.consume(&handle, &client, now).await.unwrap();
            taken.push(handle);
        }
    }
    let end = now.plus(seconds(60));
    assert_eq!(ports.codes.purge(end.minus(seconds(1)), 10).await.unwrap(), 0);
    assert_eq!(ports.codes.purge(end, 3).await.unwrap(), 3);
    assert_eq!(ports.codes.purge(end, 3).await.unwrap(), 1);
    for handle in &taken {
        assert!(matches!(ports.codes.find(handle).await.unwrap(), Consumed::Replayed(_)));
    }
    assert_eq!(ports.codes.purge(now.plus(seconds(86_400)), 10).await.unwrap(), 2);
    assert!(matches!(ports.codes.find(&taken[0]).await.unwrap(), Consumed::Unknown));
}
