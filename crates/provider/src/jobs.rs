//! What the server does by itself: purging in small batches, the keys' schedule, the refusals' writer.

use std::{sync::Arc, time::Duration};

use valetkey_oauth2::Timestamp;

use crate::Engine;

/// How many rows one batch of the purge removes: few enough that no request waits for it.
const BATCH: u32 = 200;
/// How often it is written down who signed how often.
const USES_EVERY: Duration = Duration::from_secs(5);
/// How long the audit is kept.
const AUDIT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Runs every job for as long as it is polled. One task of the server runs this.
pub async fn run(engine: Arc<Engine>) {
    let refusals = engine.write_refusals();
    let uses = async {
        let mut tick = tokio::time::interval(USES_EVERY);
        loop {
            tick.tick().await;
            if let Err(fault) = engine.write_uses().await {
                tracing::warn!(%fault, "who signed how often could not be written down");
            }
        }
    };
    let schedule = async {
        let mut tick = tokio::time::interval(Duration::from_secs(60));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(fault) = engine.maintain_keys().await {
                tracing::error!(%fault, "the signing keys could not be maintained");
            }
            purge(&engine).await;
        }
    };
    tokio::join!(refusals, uses, schedule);
}

/// Removes what has expired, batch by batch, with a breath in between.
pub async fn purge(engine: &Engine) {
    loop {
        let removed = purge_batch(engine, engine.now()).await;
        if removed < u64::from(BATCH) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// One batch of every table; answers the largest number of rows that any of them gave up.
async fn purge_batch(engine: &Engine, now: Timestamp) -> u64 {
    let ports = engine.ports();
    let retry_before = now.minus(engine.policy().lifetimes.refresh_retry);
    let outcomes = [
        ("codes", ports.codes.purge(now, BATCH).await),
        ("tokens", ports.tokens.purge(now, retry_before, BATCH).await),
        ("grants", ports.grants.purge(now, BATCH).await),
        ("flows", ports.flows.purge(now, BATCH).await),
        ("sessions", ports.sessions.purge(now, BATCH).await),
        ("replay", ports.replay.purge(now, BATCH).await),
        ("temporary credentials", ports.temporary.purge(now, BATCH).await),
        ("token credentials", ports.credentials.purge(now, BATCH).await),
        ("uses", ports.usage.purge(now.minus(AUDIT), BATCH).await),
        ("attempts", ports.attempts.purge(now, BATCH).await),
        ("events", ports.events.purge(now.minus(AUDIT), BATCH).await),
    ];
    let mut most = 0;
    for (table, outcome) in outcomes {
        match outcome {
            Ok(removed) => most = most.max(removed),
            Err(fault) => tracing::warn!(table, %fault, "expired rows could not be removed"),
        }
    }
    most
}
