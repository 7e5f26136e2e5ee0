//! The audit, and the recent refusals.

use std::sync::Arc;

use super::{samples, samples::seconds};
use crate::{Clock, EventKind, Page, Ports, Refusal, testing::ManualClock};

/// Latest first, also within one second, in pages by how many were seen.
pub async fn events_are_listed_latest_first_in_pages(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let events: Vec<_> = (0..7).map(|_| samples::event(EventKind::Login, None, now)).collect();
    ports.events.record(&events[..1]).await.unwrap();
    ports.events.record(&events[1..]).await.unwrap();
    ports.events.record(&[]).await.unwrap();
    let mut found = Vec::new();
    loop {
        let page = Page::after_seen(found.len() as u64, 3);
        let more = ports.events.list(None, &page).await.unwrap();
        assert!(more.len() <= 3);
        if more.is_empty() {
            break;
        }
        found.extend(more);
    }
    found.reverse();
    assert_eq!(found, events);
}

/// One account's events are its own.
pub async fn events_of_an_account_are_found(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let account = samples::account_id(now);
    let own = samples::event(EventKind::ConsentGiven, Some(account), now);
    let other = samples::event(EventKind::ConsentGiven, Some(samples::account_id(now)), now);
    ports
        .events
        .record(&[own.clone(), other, samples::event(EventKind::KeyRotated, None, now)])
        .await
        .unwrap();
    assert_eq!(ports.events.list(Some(&account), &Page::first(10)).await.unwrap(), [own]);
}

/// Counts by kind, in whole hours.
pub async fn events_are_counted_by_the_hour(ports: Ports, clock: Arc<ManualClock>) {
    let hour = valetkey_oauth2::Timestamp::from_seconds(clock.now().seconds() / 3600 * 3600);
    let at = |second| hour.plus(seconds(second));
    let events = [
        samples::event(EventKind::Login, None, hour.minus(seconds(1))),
        samples::event(EventKind::Login, None, at(0)),
        samples::event(EventKind::Login, None, at(3599)),
        samples::event(EventKind::Logout, None, at(5)),
        samples::event(EventKind::Login, None, at(3600)),
    ];
    ports.events.record(&events).await.unwrap();
    let expected = [(hour, "login", 2), (hour, "logout", 1), (at(3600), "login", 1)];
    let found = ports.events.count_by_hour(hour).await.unwrap();
    let found: Vec<_> = found.iter().map(|(hour, kind, count)| (*hour, kind.as_str(), *count)).collect();
    assert_eq!(found, expected);
}

/// The purge takes what is older, so many at a time.
pub async fn old_events_are_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let events: Vec<_> =
        (0..6).map(|n| samples::event(EventKind::Login, None, now.plus(seconds(n / 5)))).collect();
    ports.events.record(&events).await.unwrap();
    assert_eq!(ports.events.purge(now, 10).await.unwrap(), 0);
    let later = now.plus(seconds(1));
    assert_eq!(ports.events.purge(later, 3).await.unwrap(), 3);
    assert_eq!(ports.events.purge(later, 3).await.unwrap(), 2);
    assert_eq!(ports.events.list(None, &Page::first(10)).await.unwrap(), events[5..]);
}

/// A developer finds a refusal by the id on the answer.
pub async fn refusals_are_found_by_request(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let refusals: Vec<_> = ["a", "b", "a"].iter().map(|id| samples::refusal(id, now)).collect();
    ports.refusals.record(&refusals).await.unwrap();
    ports.refusals.record(&[]).await.unwrap();
    let found = ports.refusals.list(Some("a"), &Page::first(10)).await.unwrap();
    assert_eq!(found, [refusals[2].clone(), refusals[0].clone()]);
    assert_eq!(ports.refusals.list(None, &Page::after_seen(1, 1)).await.unwrap(), [refusals[1].clone()]);
    assert!(ports.refusals.list(Some("c"), &Page::first(10)).await.unwrap().is_empty());
}

/// Beyond the bound the oldest are dropped.
pub async fn refusals_are_bounded(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let many: Vec<_> =
        (0..Refusal::KEPT + 7).map(|number| samples::refusal(&number.to_string(), now)).collect();
    for some in many.chunks(500) {
        ports.refusals.record(some).await.unwrap();
    }
    let kept = ports.refusals.list(None, &Page::first(Refusal::KEPT * 2)).await.unwrap();
    assert_eq!(kept.len(), Refusal::KEPT as usize);
    assert_eq!((kept.first(), kept.last()), (many.last(), many.get(7)));
}
