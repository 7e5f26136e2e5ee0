//! Sockets: accepting, bounding, draining (security OP-10).

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::{Wire, client_address::source};
use crate::telemetry::Metrics;

/// How many connections are endured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From one source; trusted proxies are exempt.
    pub(crate) per_source: usize,
    /// In all.
    pub(crate) total: usize,
}

/// Of a request's head, of a TLS handshake, and between requests.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long the last requests may take once the server is told to go.
const DRAIN: Duration = Duration::from_secs(20);
/// Of a request's head, in octets.
const HEAD: usize = 32 * 1024;

/// Accepts connections until `stop` is ready, then waits for the requests that are under way.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    wire: Arc<Wire>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let open = Arc::new(Open { limits, by_source: Mutex::default(), wire: Arc::clone(&wire) });
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly: no descriptors left. A moment later some connection has ended.
                tracing::error!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = Open::take(&open, peer.ip()) else { continue };
        tokio::spawn(connection(stream, peer, tls.clone(), place, graceful.watcher()));
    }
    wire.is_draining.store(true, Ordering::Relaxed);
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests took too long and were cut off");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    place: Place,
    watcher: Watcher,
) {
    let _ = stream.set_nodelay(true);
    let wire = Arc::clone(&place.0.wire);
    let Some(tls) = tls else {
        return http1(stream, peer, false, wire, watcher).await;
    };
    let Ok(Ok(stream)) = tokio::time::timeout(DEADLINE, tls.accept(stream)).await else { return };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http2(stream, peer, wire, watcher).await;
    } else {
        http1(stream, peer, true, wire, watcher).await;
    }
}

async fn http1(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    is_tls: bool,
    wire: Arc<Wire>,
    watcher: Watcher,
) {
    let service = service_fn(move |request| {
        let wire = Arc::clone(&wire);
        async move { Ok::<_, Infallible>(wire.answer(request, peer, is_tls).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(DEADLINE)
        .max_header_size(HEAD)
        .max_headers(100)
        .max_buf_size(2 * HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // Ended by the other side, or cut off: nothing to be said.
    let _ = watcher.watch(connection).await;
}

async fn http2(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    wire: Arc<Wire>,
    watcher: Watcher,
) {
    let service = service_fn(move |request| {
        let wire = Arc::clone(&wire);
        async move { Ok::<_, Infallible>(wire.answer(request, peer, true).await) }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_header_list_size(32 * 1024)
        .max_concurrent_streams(64)
        .max_pending_accept_reset_streams(32)
        .max_local_error_reset_streams(64)
        .keep_alive_interval(DEADLINE)
        .keep_alive_timeout(DEADLINE)
        .serve_connection(TokioIo::new(stream), service);
    let _ = watcher.watch(connection).await;
}

/// The connections that are open.
struct Open {
    limits: Limits,
    by_source: Mutex<HashMap<IpAddr, usize>>,
    wire: Arc<Wire>,
}

/// A connection's place among the open ones, given back when it ends.
struct Place(Arc<Open>, IpAddr);

impl Open {
    fn take(open: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let metrics = &open.wire.metrics;
        let is_free = open.wire.trusted.contains(&address.to_canonical());
        let source = source(address);
        let mut by_source = open.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_source.entry(source).or_insert(0);
        let is_full = metrics.connections.get() >= i64::try_from(open.limits.total).unwrap_or(i64::MAX);
        if is_full || (*count >= open.limits.per_source && !is_free) {
            metrics.refused_connections.inc();
            if *count == 0 {
                by_source.remove(&source);
            }
            return None;
        }
        *count += 1;
        metrics.connections.inc();
        Some(Place(Arc::clone(open), source))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.wire.metrics.connections.dec();
        let mut by_source = self.0.by_source.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_source.get_mut(&self.1) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                by_source.remove(&self.1);
            }
        }
    }
}

/// Answers `/metrics` on a listener of its own.
pub(crate) async fn serve_metrics(listener: TcpListener, metrics: Arc<Metrics>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let metrics = Arc::clone(&metrics);
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let response = if request.uri().path() == "/metrics" {
                super::metrics(&metrics)
            } else {
                super::plain(http::StatusCode::NOT_FOUND, "metrics are at /metrics\n")
            };
            async move { Ok::<_, Infallible>(response.map(Full::new)) }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(DEADLINE);
        tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
    }
}
