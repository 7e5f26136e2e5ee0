//! Logs and metrics. Requests are counted, not logged: refusals and the audit log themselves.

use std::{
    io::IsTerminal as _,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::Context as _;
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{Log, LogFormat};

/// Begins to log, to standard error.
pub(crate) fn log(log: &Log) -> anyhow::Result<()> {
    let filter: Targets = log.level.parse().with_context(|| {
        format!(
            "log.level {:?} is not understood: say `info`, `debug`, or `warn,valetkey_provider=debug`",
            log.level
        )
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let begun = match log.format {
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(layer.with_ansi(std::io::stderr().is_terminal())).try_init(),
    };
    begun.context("logging cannot begin")
}

/// What is counted. The handles are kept: no look-up per request.
pub(crate) struct Metrics {
    registry: Registry,
    /// Answers by class of status: 1xx to 5xx.
    answers: [Counter; 5],
    /// Panics caught at the edge: each is a bug (security OP-11).
    pub(crate) panics: Counter,
    /// Connections turned away because of their number.
    pub(crate) refused_connections: Counter,
    /// Connections that are open.
    pub(crate) connections: Gauge<i64>,
    started: AtomicU64,
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("valetkey");
        let by_class = Family::<[(&str, &str); 1], Counter>::default();
        let answers = CLASSES.map(|class| by_class.get_or_create_owned(&[("class", class)]));
        registry.register("answers", "Answers by class of status", by_class);
        let (panics, refused_connections) = (Counter::default(), Counter::default());
        let connections = Gauge::<i64>::default();
        registry.register("panics", "Panics that were caught: each is a bug", panics.clone());
        let refused = "Connections turned away because of their number";
        registry.register("refused_connections", refused, refused_connections.clone());
        registry.register("connections", "Connections that are open", connections.clone());
        Self { registry, answers, panics, refused_connections, connections, started: AtomicU64::new(0) }
    }

    pub(crate) fn count(&self, status: http::StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.answers.get(class) {
            counter.inc();
        }
    }

    /// The number of this request.
    pub(crate) fn next_request(&self) -> u32 {
        // Wrapping is fine: a request id needs to be found in a log, not to be unique for ever.
        self.started.fetch_add(1, Ordering::Relaxed) as u32
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
