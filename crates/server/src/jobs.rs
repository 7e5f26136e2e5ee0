//! What runs beside the requests: the engine's own jobs, and a look at the store's epoch each second, so that a quiet
//! server too notices what a command changed.

use std::{sync::Arc, time::Duration};

use valetkey_provider::{Engine, jobs};

/// Starts them; they end with the runtime.
pub(crate) fn start(engine: &Arc<Engine>) {
    tokio::spawn(jobs::run(Arc::clone(engine)));
    let engine = Arc::clone(engine);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(fault) = engine.refresh_now().await {
                tracing::warn!(%fault, "the store's epoch cannot be read");
            }
        }
    });
}
