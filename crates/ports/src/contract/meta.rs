//! The store's own facts.

use std::{collections::BTreeSet, sync::Arc};

use super::{CALLERS, race};
use crate::{Ports, testing::ManualClock};

/// A fact holds until it is written again.
pub async fn facts_are_kept(ports: Ports, _clock: Arc<ManualClock>) {
    assert_eq!(ports.meta.get("issuer").await.unwrap(), None);
    for value in ["https://a.example", ""] {
        ports.meta.set("issuer", value).await.unwrap();
        assert_eq!(ports.meta.get("issuer").await.unwrap().as_deref(), Some(value));
    }
    assert_eq!(ports.meta.set_if_absent("issuer", "x").await.unwrap(), "");
}

/// Processes that start together agree on what the first has written.
pub async fn of_racing_first_facts_one_holds_for_all(ports: Ports, _clock: Arc<ManualClock>) {
    let answers = race(CALLERS, |number| {
        let ports = ports.clone();
        async move { ports.meta.set_if_absent("check", &number.to_string()).await.unwrap() }
    });
    let answers: BTreeSet<String> = answers.await.into_iter().collect();
    assert_eq!(answers.len(), 1);
    assert_eq!(ports.meta.get("check").await.unwrap(), answers.into_iter().next());
}

/// A store that can be read and written says so.
pub async fn the_store_answers_a_ping(ports: Ports, _clock: Arc<ManualClock>) {
    ports.meta.ping().await.unwrap();
}
