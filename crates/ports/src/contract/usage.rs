//! How often what was done.

use std::sync::Arc;

use valetkey_oauth2::{ClientId, Timestamp};

use super::{CALLERS, race, samples, samples::seconds};
use crate::{Clock, Ports, Use, testing::ManualClock};

/// Counts of one client, day and word add up, also those that race; the last time is the latest.
pub async fn racing_counts_add_up_exactly(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let added = race(CALLERS, |number| {
        let (ports, client) = (ports.clone(), client.clone());
        async move {
            let at = now.plus(seconds(number as u64));
            ports.usage.add(&[used(&client, now, "HMAC-SHA1", 2, at)]).await.unwrap();
        }
    });
    added.await;
    let found = ports.usage.list(None, now).await.unwrap();
    assert_eq!(found, [used(&client, now, "HMAC-SHA1", 200, now.plus(seconds(99)))]);
}

/// They are listed by day, client and word, everybody's or one client's.
pub async fn counts_are_listed_by_day_client_and_word(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let next = now.plus(seconds(86_400));
    let mut clients = [samples::client_id(), samples::client_id()];
    clients.sort_unstable();
    let [first, second] = &clients;
    let all = [
        used(first, now, "HMAC-SHA1", 1, now),
        used(first, now, "PLAINTEXT", 2, now),
        used(second, now, "HMAC-SHA1", 3, now),
        used(first, next, "HMAC-SHA1", 4, next),
    ];
    let mut mixed = all.clone();
    mixed.reverse();
    ports.usage.add(&mixed).await.unwrap();
    assert_eq!(ports.usage.list(None, now).await.unwrap(), all);
    assert_eq!(ports.usage.list(None, next).await.unwrap(), all[3..]);
    assert_eq!(ports.usage.list(Some(second), now).await.unwrap(), all[2..3]);
}

/// Old days go, in batches.
pub async fn old_counts_are_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let next = now.plus(seconds(86_400));
    let old: Vec<Use> = (0..5).map(|_| used(&samples::client_id(), now, "HMAC-SHA1", 1, now)).collect();
    ports.usage.add(&old).await.unwrap();
    let staying = used(&samples::client_id(), next, "HMAC-SHA1", 1, next);
    ports.usage.add(std::slice::from_ref(&staying)).await.unwrap();
    assert_eq!(ports.usage.purge(next, 3).await.unwrap(), 3);
    assert_eq!(ports.usage.purge(next, 3).await.unwrap(), 2);
    assert_eq!(ports.usage.list(None, now).await.unwrap(), [staying]);
}

fn used(client: &ClientId, day: Timestamp, what: &str, count: u64, last_at: Timestamp) -> Use {
    Use { client: client.clone(), day, what: what.to_owned(), count, last_at }
}
