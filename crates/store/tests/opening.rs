//! Opening, closing, opening again.

use std::sync::Arc;

use valetkey_ports::{SystemRandom, testing::ManualClock};
use valetkey_store::{OpenError, Store};

mod scratch;

async fn open(url: &str) -> Result<Store, OpenError> {
    valetkey_store::open(url, Arc::new(ManualClock::default()), Arc::new(SystemRandom)).await
}

#[tokio::test]
async fn facts_outlive_the_store_that_wrote_them() {
    let folder = scratch::Folder::new();
    let url = folder.url();
    let store = open(&url).await.unwrap();
    store.ports.meta.set("issuer", "https://id.example").await.unwrap();
    store.close().await;
    assert!(store.ports.meta.set("late", "x").await.is_err(), "a closed store takes nothing");
    let store = open(&url).await.unwrap();
    assert_eq!(store.ports.meta.get("issuer").await.unwrap().as_deref(), Some("https://id.example"));
    store.ports.meta.ping().await.unwrap();
}
