//! Authorization requests that wait for their person.

use std::sync::Arc;

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{Clock, Ports, StoreError, testing::ManualClock};

/// What was put is found; what was updated too.
pub async fn a_flow_is_kept_whole_and_changed(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (handle, flow) = (samples::hash(), samples::flow(now));
    assert!(!ports.flows.update(&handle, &flow).await.unwrap());
    ports.flows.put(&handle, &flow, now.plus(seconds(600))).await.unwrap();
    assert_eq!(ports.flows.find(&handle, now).await.unwrap().as_ref(), Some(&flow));
    assert!(matches!(ports.flows.put(&handle, &flow, now).await, Err(StoreError::Conflict(_))));
    let changed = samples::approved(&flow, now);
    assert!(ports.flows.update(&handle, &changed).await.unwrap());
    assert_eq!(ports.flows.find(&handle, now).await.unwrap().as_ref(), Some(&changed));
    assert_eq!(ports.flows.consume(&handle, now).await.unwrap(), Some(changed));
}

/// Its expiry is the first second on which it is neither found nor ended.
pub async fn a_flow_dies_on_the_second_it_expires(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let handle = samples::hash();
    let end = now.plus(seconds(600));
    ports.flows.put(&handle, &samples::flow(now), end).await.unwrap();
    assert!(ports.flows.find(&handle, end.minus(seconds(1))).await.unwrap().is_some());
    assert!(ports.flows.find(&handle, end).await.unwrap().is_none());
    assert!(ports.flows.consume(&handle, end).await.unwrap().is_none());
    assert!(ports.flows.consume(&handle, end.minus(seconds(1))).await.unwrap().is_some());
}

/// Of any number of callers one ends the flow.
pub async fn of_racing_callers_one_ends_a_flow(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let handle = samples::hash();
    ports.flows.put(&handle, &samples::flow(now), now.plus(seconds(600))).await.unwrap();
    let answers = race(CALLERS, |_| {
        let ports = ports.clone();
        async move { ports.flows.consume(&handle, now).await.unwrap() }
    });
    assert_eq!(count(&answers.await, Option::is_some), 1);
}

/// What has ended stays ended.
pub async fn an_ended_flow_cannot_be_changed_or_found(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (handle, flow) = (samples::hash(), samples::flow(now));
    ports.flows.put(&handle, &flow, now.plus(seconds(600))).await.unwrap();
    assert!(ports.flows.consume(&handle, now).await.unwrap().is_some());
    assert!(!ports.flows.update(&handle, &flow).await.unwrap());
    assert_eq!(ports.flows.find(&handle, now).await.unwrap(), None);
    assert_eq!(ports.flows.consume(&handle, now).await.unwrap(), None);
}

/// The purge takes the expired, so many at a time.
pub async fn expired_flows_are_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    for _ in 0..5 {
        ports.flows.put(&samples::hash(), &samples::flow(now), now.plus(seconds(1))).await.unwrap();
    }
    let living = samples::hash();
    ports.flows.put(&living, &samples::flow(now), now.plus(seconds(600))).await.unwrap();
    assert_eq!(ports.flows.purge(now, 10).await.unwrap(), 0);
    let later = now.plus(seconds(1));
    assert_eq!(ports.flows.purge(later, 3).await.unwrap(), 3);
    assert_eq!(ports.flows.purge(later, 3).await.unwrap(), 2);
    assert!(ports.flows.find(&living, later).await.unwrap().is_some());
}
