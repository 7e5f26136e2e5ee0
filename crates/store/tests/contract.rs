//! SQLite keeps every promise: in a file, in memory, and when two openers share one file.

#![expect(clippy::unwrap_used, reason = "a test's helpers")]

mod scratch;

use std::sync::Arc;

use valetkey_ports::{
    Ports,
    testing::{ManualClock, SeededRandom},
};

mod file {
    use super::*;

    async fn open() -> (Ports, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        let folder = scratch::Folder::lasting();
        let ports = ports(&folder.url(), &clock).await;
        std::mem::forget(folder);
        (ports, clock)
    }

    valetkey_ports::contract::suite!(open);
}

mod memory {
    use super::*;

    async fn open() -> (Ports, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        (ports("sqlite::memory:", &clock).await, clock)
    }

    valetkey_ports::contract::suite!(open);
}

async fn ports(url: &str, clock: &Arc<ManualClock>) -> Ports {
    valetkey_store::open(url, clock.clone(), Arc::new(SeededRandom::new(1))).await.unwrap().ports
}
