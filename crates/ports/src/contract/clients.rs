//! Registered applications.

use std::sync::Arc;

use super::{CALLERS, count, race, samples};
use crate::{Client, Clock, Page, Ports, StoreError, testing::ManualClock};

/// What was put is found, field by field; what was updated too.
pub async fn a_client_is_kept_whole(ports: Ports, clock: Arc<ManualClock>) {
    let client = samples::client(clock.now());
    assert_eq!(ports.clients.find(&client.id).await.unwrap(), None);
    assert!(!ports.clients.update(&client).await.unwrap(), "there is none to update");
    ports.clients.put(&client).await.unwrap();
    assert_eq!(ports.clients.find(&client.id).await.unwrap().as_ref(), Some(&client));
    let changed = Client { name: "New".to_owned(), owner: None, default_scope: None, ..client };
    assert!(ports.clients.update(&changed).await.unwrap());
    assert_eq!(ports.clients.find(&changed.id).await.unwrap(), Some(changed));
}

/// A second client of one id is a conflict, and the first stays as it is.
pub async fn an_id_is_given_once(ports: Ports, clock: Arc<ManualClock>) {
    let client = samples::client(clock.now());
    ports.clients.put(&client).await.unwrap();
    let other = Client { name: "Other".to_owned(), ..client.clone() };
    assert!(matches!(ports.clients.put(&other).await, Err(StoreError::Conflict(_))));
    assert_eq!(ports.clients.find(&client.id).await.unwrap(), Some(client));
}

/// Of racing registrations of one id one succeeds, the others are conflicts.
pub async fn of_racing_registrations_of_one_id_one_succeeds(ports: Ports, clock: Arc<ManualClock>) {
    let client = samples::client(clock.now());
    let answers = race(CALLERS, |_| {
        let (ports, client) = (ports.clone(), client.clone());
        async move { ports.clients.put(&client).await }
    });
    let answers = answers.await;
    assert_eq!(count(&answers, Result::is_ok), 1);
    assert_eq!(count(&answers, |answer| matches!(answer, Err(StoreError::Conflict(_)))), CALLERS - 1);
}

/// A removed client is not found, listed or updated, and its id is never given again.
pub async fn a_removed_client_is_gone_and_its_id_stays_taken(ports: Ports, clock: Arc<ManualClock>) {
    let client = samples::client(clock.now());
    ports.clients.put(&client).await.unwrap();
    assert!(ports.clients.delete(&client.id).await.unwrap());
    assert!(!ports.clients.delete(&client.id).await.unwrap());
    assert_eq!(ports.clients.find(&client.id).await.unwrap(), None);
    assert!(!ports.clients.update(&client).await.unwrap());
    assert!(ports.clients.list(None, &Page::first(10)).await.unwrap().is_empty());
    assert!(ports.clients.list(client.owner.as_ref(), &Page::first(10)).await.unwrap().is_empty());
    assert!(matches!(ports.clients.put(&client).await, Err(StoreError::Conflict(_))));
}

/// Lists go on after the last id, of all or of one owner.
pub async fn clients_are_listed_by_id_in_pages(ports: Ports, clock: Arc<ManualClock>) {
    let owner = samples::account_id(clock.now());
    let mut own = Vec::new();
    let mut all = Vec::new();
    for number in 0..7 {
        let mut client = samples::client(clock.now());
        if number % 2 == 0 {
            client.owner = Some(owner);
            own.push(client.id.clone());
        }
        all.push(client.id.clone());
        ports.clients.put(&client).await.unwrap();
    }
    own.sort();
    all.sort();
    for (owner, expected) in [(None, all), (Some(&owner), own)] {
        let mut found = Vec::new();
        let mut page = Page::first(3);
        loop {
            let clients = ports.clients.list(owner, &page).await.unwrap();
            assert!(clients.len() <= 3);
            let Some(last) = clients.last() else { break };
            page = Page::after(last.id.to_string(), 3);
            found.extend(clients.into_iter().map(|client| client.id));
        }
        assert_eq!(found, expected);
    }
}

/// Put, update and delete each move the epoch; what changed nothing may leave it.
pub async fn every_change_moves_the_epoch(ports: Ports, clock: Arc<ManualClock>) {
    let client = samples::client(clock.now());
    let mut last = ports.meta.epoch().await.unwrap();
    let mut has_moved = async || {
        let epoch = ports.meta.epoch().await.unwrap();
        let has_moved = epoch > last;
        last = epoch;
        has_moved
    };
    ports.clients.put(&client).await.unwrap();
    assert!(has_moved().await);
    assert!(ports.clients.update(&client).await.unwrap());
    assert!(has_moved().await);
    assert!(ports.clients.delete(&client.id).await.unwrap());
    assert!(has_moved().await);
}
