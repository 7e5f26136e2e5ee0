//! The public face: a request in, an answer out.

mod builder;
mod cors;

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header::CONTENT_TYPE};

pub use builder::{BuildError, Builder};

use crate::{
    Engine, Failure, answer,
    endpoint::{Cors, Endpoint, Look},
};

/// An OAuth 2 provider: [`Provider::handle`] is all there is to call.
#[derive(Clone)]
pub struct Provider {
    engine: Arc<Engine>,
    routes: Arc<HashMap<String, &'static dyn Endpoint>>,
}

/// The largest body that any endpoint takes, in octets.
pub const MAX_BODY: usize = 64 * 1024;

/// Who is at the other end, as the server's outer layer found out.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The client's address: the connection's, or the one that a trusted proxy named.
    pub address: IpAddr,
    /// The request's name in answers and logs.
    pub request_id: RequestId,
    /// Whether nobody could listen: TLS here, or at a trusted proxy that says so.
    pub is_secure: bool,
}

impl Peer {
    /// Somebody on this machine: for tests and embedders without a socket.
    #[must_use]
    pub fn local(request_id: RequestId) -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::LOCALHOST), request_id, is_secure: false }
    }

    /// What guessing is counted by: the address; of IPv6 its first 64 bits, since whoever has one has all of the rest.
    #[must_use]
    pub fn source(&self) -> IpAddr {
        match self.address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
            address @ IpAddr::V4(_) => address,
        }
    }
}

/// A request's name: eight hexadecimal digits of the process, eight of a counter.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RequestId {
    process: u32,
    count: u32,
}

impl RequestId {
    /// The `count`th request of a process that drew `process` at its start.
    #[must_use]
    pub const fn new(process: u32, count: u32) -> Self {
        Self { process, count }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}{:08x}", self.process, self.count)
    }
}

impl Provider {
    /// Begins to build one.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The engine, for pages and commands.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Whether a path is one of this provider's.
    #[must_use]
    pub fn serves(&self, path: &str) -> bool {
        self.routes.contains_key(path)
    }

    /// Answers a request. Never fails: what goes wrong is an answer too.
    pub async fn handle(&self, request: &Request<Bytes>, peer: &Peer) -> Response<Bytes> {
        let Some(endpoint) = self.routes.get(request.uri().path()) else {
            return answer::empty(http::StatusCode::NOT_FOUND);
        };
        let origin = cors::origin(request);
        if request.method() == Method::OPTIONS && endpoint.cors() != Cors::None {
            return cors::preflight(&self.engine, *endpoint, origin).await;
        }
        let outcome = match self.admit(*endpoint, request) {
            Ok(()) => endpoint.handle(&self.engine, request, peer).await,
            Err(failure) => Err(failure),
        };
        let mut response = match outcome {
            Ok(response) => response,
            Err(failure) => self.refuse(*endpoint, &failure, request, peer),
        };
        cors::allow(&self.engine, *endpoint, origin, request, &mut response).await;
        response
    }

    /// What every endpoint asks of a request before it looks at it.
    fn admit(&self, endpoint: &dyn Endpoint, request: &Request<Bytes>) -> Result<(), Failure> {
        let allowed = endpoint.methods();
        if !allowed.split(", ").any(|method| method == request.method().as_str()) {
            return Err(Failure::Method(allowed));
        }
        if request.body().len() > MAX_BODY {
            return Err(Failure::TooLarge);
        }
        if request.method() == Method::POST
            && endpoint.wants_form()
            && !is_form(request.headers().get(CONTENT_TYPE))
        {
            return Err(Failure::MediaType);
        }
        Ok(())
    }

    fn refuse(
        &self,
        endpoint: &dyn Endpoint,
        failure: &Failure,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Response<Bytes> {
        self.engine.note_refusal(endpoint.name(), failure, request, peer);
        match endpoint.look() {
            Look::Json => failure.json("valetkey"),
            Look::Signed => failure.signed(&self.engine.policy().oauth1.realm),
            Look::Page => self.engine.error_page(failure, request, peer),
        }
    }
}

/// Whether a body is form-encoded; parameters of the media type are of no interest.
fn is_form(content_type: Option<&HeaderValue>) -> bool {
    content_type
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("paths", &self.routes.keys()).finish_non_exhaustive()
    }
}
