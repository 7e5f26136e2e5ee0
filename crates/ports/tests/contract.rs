//! The memory store keeps every promise.

use std::sync::Arc;

use valetkey_ports::{
    Ports, memory,
    testing::{ManualClock, SeededRandom},
};

async fn open() -> (Ports, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (memory::open(clock.clone(), Arc::new(SeededRandom::new(1))), clock)
}

valetkey_ports::contract::suite!(open);
