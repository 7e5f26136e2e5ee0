//! The fetcher for the operator's own addresses.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::socket::{Setup, Socket, absolute, names_loopback};
use crate::{FetchError, Transport};

/// Fetches from addresses that the operator configured: a guard from its provider, the command line from its server.
///
/// Private addresses are fine here, everything else is as in [`Guarded`](crate::Guarded): time and size are capped,
/// redirects and proxies are off. `http` goes to this machine only, unless [`PlainBuilder::allow_http`] says more.
pub struct Plain {
    socket: Socket,
    allows_http: bool,
}

impl Plain {
    /// With the defaults: 5 seconds, 64 KiB, `https` (and `http` on loopback).
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// With other caps.
    pub fn builder() -> PlainBuilder {
        PlainBuilder { setup: Setup { keeps_connections: true, ..Setup::new() }, allows_http: false }
    }
}

impl Default for Plain {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Transport for Plain {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let url = absolute(request.uri())?;
        match url.scheme() {
            "https" => {}
            "http" if self.allows_http || names_loopback(&url) => {}
            other => return Err(FetchError::SchemeRefused(other.to_owned())),
        }
        self.socket.send(url, request).await
    }
}

/// Makes a [`Plain`].
#[must_use]
pub struct PlainBuilder {
    setup: Setup,
    allows_http: bool,
}

impl PlainBuilder {
    /// The time for the whole exchange, from resolving the name to the last byte (default: 5 s).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.setup.timeout = timeout;
        self
    }

    /// The most bytes that an answer's body may have (default: 64 KiB).
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.setup.body_limit = bytes;
        self
    }

    /// Trusts further certificate authorities, as PEM, beside the system's.
    pub fn trust_pem(mut self, bundle: impl Into<Vec<u8>>) -> Self {
        self.setup.roots_pem.push(bundle.into());
        self
    }

    /// Allows `http` to other machines, for a network that is private by itself. Secrets then travel in clear.
    pub fn allow_http(mut self) -> Self {
        self.allows_http = true;
        self
    }

    /// The fetcher. The HTTP client itself is made on first use.
    #[must_use]
    pub fn build(self) -> Plain {
        Plain { socket: Socket::new(self.setup), allows_http: self.allows_http }
    }
}
