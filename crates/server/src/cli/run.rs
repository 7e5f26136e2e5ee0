//! What `dev` and `serve` share: from an opened app to a server that runs until it is told to go.

use std::sync::{Arc, atomic::AtomicBool};

use anyhow::Context as _;
use tokio::net::TcpListener;
use valetkey_ports::Random as _;
use valetkey_provider::Engine;

use super::place::Place;

use crate::{
    api::Api,
    app::App,
    config::Settings,
    jobs,
    telemetry::Metrics,
    wire::{self, Limits, TrustedProxies, Wire},
};

/// A runtime for a server: as many workers as processors.
pub(super) fn server_runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(64)
        .thread_stack_size(1 << 20)
        .build()
        .context("the runtime cannot start")
}

/// A runtime for a command.
pub(super) fn command_runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("the runtime cannot start")
}

/// Does something with the engine over a place's database, and closes it. Servers on the same database notice within
/// two seconds.
pub(super) fn command(
    place: &Place,
    act: impl AsyncFnOnce(&Engine) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    command_runtime()?.block_on(async {
        let app = place.open().await?;
        let done = act(app.provider.engine()).await;
        app.store.close().await;
        done
    })
}

/// Takes the port.
pub(super) async fn bind(settings: &Settings) -> anyhow::Result<TcpListener> {
    let address = settings.listen;
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {} is taken: stop what listens there (`ss -ltnp` tells), or choose another one with --port",
            address.port()
        ),
        std::io::ErrorKind::PermissionDenied => anyhow::anyhow!(
            "port {} may not be used by this user: choose one above 1023, or give the program the capability \
             CAP_NET_BIND_SERVICE",
            address.port()
        ),
        _ => anyhow::Error::from(error).context(format!("{address} cannot be listened on")),
    })
}

/// Serves until SIGTERM or Ctrl-C, finishes what is under way, and closes the store. A second signal ends at once.
pub(super) async fn serve(app: App, settings: &Settings, listener: TcpListener) -> anyhow::Result<()> {
    let tls = match &settings.tls {
        Some(tls) => Some(wire::acceptor(&tls.certificate_file, &tls.key_file)?),
        None => None,
    };
    let metrics = Arc::new(Metrics::new());
    if let Some(address) = settings.metrics.listen {
        let listener = TcpListener::bind(address).await;
        let listener =
            listener.with_context(|| format!("metrics.listen: {address} cannot be listened on"))?;
        tokio::spawn(wire::serve_metrics(listener, Arc::clone(&metrics)));
    }
    let engine = Arc::clone(app.provider.engine());
    let mut process = [0; 4];
    valetkey_ports::SystemRandom.fill(&mut process);
    let wire = Arc::new(Wire {
        pages: app.pages(settings),
        api: Api::new(&engine),
        provider: app.provider.clone(),
        trusted: TrustedProxies::parse(&settings.trusted_proxies.0).map_err(anyhow::Error::msg)?,
        metrics,
        shows_metrics: engine.policy().demo && settings.metrics.listen.is_none(),
        process: u32::from_ne_bytes(process),
        is_draining: AtomicBool::new(false),
    });
    jobs::start(&engine);
    let limits = Limits { per_source: settings.connections.per_source, total: settings.connections.total };
    wire::serve(listener, tls, wire, limits, told_to_go()).await;
    app.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Waits for the first signal; from then on the second one ends the process.
async fn told_to_go() {
    signal().await;
    tracing::info!("finishing what is under way; a second signal ends at once");
    tokio::spawn(async {
        signal().await;
        std::process::exit(130);
    });
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            let _ = tokio::signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}
