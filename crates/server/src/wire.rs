//! The HTTP edge: a socket's request becomes `http::Request<Bytes>`, the answer goes back, and what no handler should have
//! to think of is done here once: sizes and deadlines, one form of every path, the client's true address, the request's
//! name, a panic that becomes a 500.
//!
//! It serves hyper's connections itself. Between a request and the engine stand one look at the path, one at the body and
//! one hash look-up; nothing is allocated but the request's name.

mod body;
mod client_address;
mod listen;
mod path;
mod tls;

use std::{
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, body::Body};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{
        ACCEPT, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, STRICT_TRANSPORT_SECURITY, TRANSFER_ENCODING,
    },
};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tower::ServiceExt as _;
use valetkey_pages::Pages;
use valetkey_provider::{
    Failure, Peer, Provider, RequestId, answer,
    failure::{PageError, PageKind},
};

pub(crate) use client_address::TrustedProxies;
pub(crate) use listen::{Limits, serve, serve_metrics};
pub(crate) use tls::acceptor;

use crate::{api::Api, telemetry::Metrics};

/// All that answers on the main listener.
pub(crate) struct Wire {
    pub(crate) provider: Provider,
    pub(crate) pages: Pages,
    pub(crate) api: Api,
    pub(crate) trusted: TrustedProxies,
    pub(crate) metrics: Arc<Metrics>,
    /// Whether `/metrics` is answered here: where no listener of its own is configured, on loopback.
    pub(crate) shows_metrics: bool,
    /// What this process drew at its start, for the names of requests.
    pub(crate) process: u32,
    pub(crate) is_draining: AtomicBool,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A year (security OP-07).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

impl Wire {
    /// Answers. Never fails: what goes wrong is an answer too.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        connection: SocketAddr,
        is_tls: bool,
    ) -> Response<Full<Bytes>> {
        let id = RequestId::new(self.process, self.metrics.next_request());
        // Whoever stands before us may see another end of a chunked request: nothing may follow it on this connection.
        let is_last =
            request.headers().contains_key(TRANSFER_ENCODING) && request.version() < http::Version::HTTP_2;
        let routed = AssertUnwindSafe(self.route(request, connection, is_tls, id)).catch_unwind();
        let mut response = routed.await.unwrap_or_else(|_| {
            self.metrics.panics.inc();
            tracing::error!(request_id = %id, "a handler panicked: please report this with the lines above");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "internal error\n")
        });
        self.metrics.count(response.status());
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_maybe_shared(Bytes::from(id.to_string())) {
            headers.insert(REQUEST_ID, id);
        }
        if self.provider.engine().issuer().is_secure() {
            headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
        }
        if is_last {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.map(Full::new)
    }

    async fn route(
        &self,
        request: Request<Incoming>,
        connection: SocketAddr,
        is_tls: bool,
        id: RequestId,
    ) -> Response<Bytes> {
        if !path::is_canonical(request.uri().path()) {
            return answer::empty(StatusCode::NOT_FOUND);
        }
        let (parts, body) = request.into_parts();
        let peer = Peer {
            address: self.trusted.client(connection.ip(), &parts.headers),
            request_id: id,
            is_secure: is_tls || self.trusted.says_https(connection.ip(), &parts.headers),
        };
        let body = match body::read(body, &parts.headers).await {
            Ok(body) => body,
            Err(status) => return refuse_body(status),
        };
        let request = Request::from_parts(parts, body);
        let path = request.uri().path();
        if self.provider.serves(path) {
            return self.provider.handle(&request, &peer).await;
        }
        if self.api.serves(path) {
            let mut request = request;
            // Who verifies a signature there counts by it.
            request.extensions_mut().insert(peer);
            return forward(self.api.router(), request).await;
        }
        if self.pages.serves(path) {
            return self.pages.handle(&request, &peer).await;
        }
        match path {
            "/healthz" => self.operations(&request, plain(StatusCode::OK, "alive\n")),
            "/readyz" => self.operations(&request, self.ready().await),
            "/metrics" if self.shows_metrics => self.operations(&request, metrics(&self.metrics)),
            _ => self.not_found(&request, &peer),
        }
    }

    fn operations(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return response;
        }
        let mut refusal = answer::empty(StatusCode::METHOD_NOT_ALLOWED);
        refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        refusal
    }

    /// Whether requests should come here: the store answers, and the server is not on its way out.
    async fn ready(&self) -> Response<Bytes> {
        if self.is_draining.load(Ordering::Relaxed) {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "on its way out\n");
        }
        match self.provider.engine().ports().meta.ping().await {
            Ok(()) => plain(StatusCode::OK, "ready\n"),
            Err(fault) => {
                tracing::error!(%fault, "not ready");
                plain(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
            }
        }
    }

    /// A page for people, nothing for programs.
    fn not_found(&self, request: &Request<Bytes>, peer: &Peer) -> Response<Bytes> {
        if !wants_html(request.headers()) {
            return answer::empty(StatusCode::NOT_FOUND);
        }
        let page = PageError {
            kind: PageKind::NotFound,
            status: StatusCode::NOT_FOUND,
            code: None,
            title: "There is no such page".into(),
            sentence: "Check the address, or begin at the front page.".into(),
            reason: "no such path".into(),
        };
        self.provider.engine().error_page(&Failure::Page(Box::new(page)), request, peer)
    }
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"))
}

fn refuse_body(status: StatusCode) -> Response<Bytes> {
    let mut response = match status {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge.json("valetkey"),
        other => answer::empty(other),
    };
    // What is left of the body is not read.
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Text for operators.
fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn metrics(metrics: &Metrics) -> Response<Bytes> {
    let mut response = plain(StatusCode::OK, metrics.text());
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Takes a request to an axum router, and its answer back.
async fn forward(router: Router, request: Request<Bytes>) -> Response<Bytes> {
    let Ok(response) = router.oneshot(request.map(Body::from)).await;
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => Response::from_parts(parts, body.to_bytes()),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "internal error\n"),
    }
}
