//! Counted attempts.

use std::{collections::BTreeSet, sync::Arc};

use super::{CALLERS, race, samples, samples::seconds};
use crate::{Clock, Count, Ports, testing::ManualClock};

/// However many race, each hears a number of its own, and none is lost.
pub async fn sec_ui_07_racing_attempts_are_counted_exactly(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let key = samples::bytes();
    let answers = race(CALLERS, |_| {
        let ports = ports.clone();
        async move { ports.attempts.count(&key, seconds(60), now).await.unwrap().tries }
    });
    let answers: BTreeSet<u32> = answers.await.into_iter().collect();
    assert_eq!(answers, (1..=CALLERS as u32).collect());
    let other = ports.attempts.count(&samples::bytes(), seconds(60), now).await.unwrap();
    assert_eq!(other, Count { tries: 1, since: now });
}

/// A window holds from its first attempt, and the second it runs out begins the next.
pub async fn a_window_begins_anew_on_the_second_it_runs_out(ports: Ports, clock: Arc<ManualClock>) {
    let begin = clock.now();
    let key = samples::bytes();
    let count = async |after| {
        clock.set(begin.plus(seconds(after)));
        ports.attempts.count(&key, seconds(60), clock.now()).await.unwrap()
    };
    assert_eq!(count(0).await, Count { tries: 1, since: begin });
    assert_eq!(count(59).await, Count { tries: 2, since: begin });
    let next = begin.plus(seconds(60));
    assert_eq!(count(60).await, Count { tries: 1, since: next });
    assert_eq!(count(119).await, Count { tries: 2, since: next });
}

/// What was given back is free again, and never more than was counted, nor of another window.
pub async fn what_was_given_back_does_not_count(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let key = samples::bytes();
    let give_back = async |count: &Count| ports.attempts.give_back(&key, count).await.unwrap();
    let first = ports.attempts.count(&key, seconds(60), now).await.unwrap();
    assert_eq!(ports.attempts.count(&key, seconds(60), now).await.unwrap().tries, 2);
    for _ in 0..5 {
        give_back(&first).await;
    }
    assert_eq!(ports.attempts.count(&key, seconds(60), now).await.unwrap().tries, 1);
    let later = now.plus(seconds(60));
    ports.attempts.count(&key, seconds(60), later).await.unwrap();
    give_back(&first).await;
    assert_eq!(ports.attempts.count(&key, seconds(60), later).await.unwrap().tries, 2);
    let unknown = samples::bytes();
    ports.attempts.give_back(&unknown, &first).await.unwrap();
    assert_eq!(ports.attempts.count(&unknown, seconds(60), now).await.unwrap().tries, 1);
}

/// After a success there were no failures.
pub async fn clearing_forgets(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let key = samples::bytes();
    ports.attempts.count(&key, seconds(60), now).await.unwrap();
    ports.attempts.clear(&key).await.unwrap();
    ports.attempts.clear(&key).await.unwrap();
    assert_eq!(ports.attempts.count(&key, seconds(60), now).await.unwrap().tries, 1);
}

/// The purge takes windows that ran out, so many at a time.
pub async fn windows_that_ran_out_are_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    for _ in 0..5 {
        ports.attempts.count(&samples::bytes(), seconds(60), now).await.unwrap();
    }
    let living = samples::bytes();
    ports.attempts.count(&living, seconds(120), now).await.unwrap();
    assert_eq!(ports.attempts.purge(now.plus(seconds(59)), 10).await.unwrap(), 0);
    let end = now.plus(seconds(60));
    assert_eq!(ports.attempts.purge(end, 3).await.unwrap(), 3);
    assert_eq!(ports.attempts.purge(end, 3).await.unwrap(), 2);
    assert_eq!(ports.attempts.count(&living, seconds(120), end).await.unwrap().tries, 2);
}
