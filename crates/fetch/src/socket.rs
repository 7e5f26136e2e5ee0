//! What [`Guarded`](crate::Guarded) and [`Plain`](crate::Plain) share: the client, the caps, the reading.

use std::error::Error as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, Uri};
use url::{Host, Url};

use crate::FetchError;
use crate::address::is_loopback;

/// How a client is made, on first use.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) timeout: Duration,
    pub(crate) body_limit: usize,
    pub(crate) roots_pem: Vec<Vec<u8>>,
    pub(crate) resolver: Option<Arc<dyn reqwest::dns::Resolve>>,
    pub(crate) keeps_connections: bool,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            body_limit: 64 * 1024,
            roots_pem: Vec::new(),
            resolver: None,
            keeps_connections: false,
        }
    }

    fn client(&self) -> Result<reqwest::Client, FetchError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Lost only when another thread was faster, and then one is there.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        let mut roots = Vec::new();
        for pem in &self.roots_pem {
            let bundle = reqwest::Certificate::from_pem_bundle(pem);
            roots.extend(bundle.map_err(|error| FetchError::Setup(story(&error)))?);
        }
        let built = self.builder().tls_certs_merge(roots.clone()).build();
        built.or_else(|error| {
            // A machine without a certificate store still reaches plain http on loopback, and the roots that were given.
            tracing::warn!(reason = %story(&error), "no system certificates: https works only with the roots given");
            self.builder().tls_certs_only(roots).build().map_err(|error| FetchError::Setup(story(&error)))
        })
    }

    fn builder(&self) -> reqwest::ClientBuilder {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("valetkey/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(self.timeout);
        if !self.keeps_connections {
            builder = builder.pool_max_idle_per_host(0);
        }
        if let Some(resolver) = &self.resolver {
            builder = builder.dns_resolver(Arc::clone(resolver));
        }
        builder
    }
}

/// Sends to URLs that have been admitted.
pub(crate) struct Socket {
    setup: Setup,
    client: OnceLock<Result<reqwest::Client, FetchError>>,
}

impl Socket {
    pub(crate) fn new(setup: Setup) -> Self {
        Self { setup, client: OnceLock::new() }
    }

    pub(crate) async fn send(
        &self,
        url: Url,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, FetchError> {
        let client = self.client.get_or_init(|| self.setup.client()).clone()?;
        match tokio::time::timeout(self.setup.timeout, self.exchange(client, url, request)).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::Timeout(self.setup.timeout)),
        }
    }

    async fn exchange(
        &self,
        client: reqwest::Client,
        url: Url,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, FetchError> {
        let (parts, body) = request.into_parts();
        let mut outgoing = reqwest::Request::new(parts.method, url);
        *outgoing.headers_mut() = parts.headers;
        if !body.is_empty() {
            *outgoing.body_mut() = Some(body.into());
        }
        let mut incoming = client.execute(outgoing).await.map_err(|error| self.failure(&error))?;

        let limit = self.setup.body_limit;
        let too_large = FetchError::TooLarge { limit };
        if incoming.content_length().is_some_and(|length| length > limit as u64) {
            return Err(too_large);
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = incoming.chunk().await.map_err(|error| self.failure(&error))? {
            if body.len() + chunk.len() > limit {
                return Err(too_large);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = incoming.status();
        *response.version_mut() = incoming.version();
        *response.headers_mut() = std::mem::take(incoming.headers_mut());
        Ok(response)
    }

    /// Finds our own refusal inside what the connector wrapped around it.
    fn failure(&self, error: &reqwest::Error) -> FetchError {
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(own) = inner.downcast_ref::<FetchError>() {
                return own.clone();
            }
            cause = inner.source();
        }
        if error.is_timeout() {
            return FetchError::Timeout(self.setup.timeout);
        }
        FetchError::Network(story(error))
    }
}

/// An error and its causes in one line, without the URL: its query may hold what no log should.
fn story(error: &reqwest::Error) -> String {
    let mut text = match error {
        error if error.is_connect() => "could not connect".to_owned(),
        error if error.is_body() || error.is_decode() => "the answer broke off".to_owned(),
        error if error.is_builder() => "could not be built".to_owned(),
        _ => "no valid answer".to_owned(),
    };
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// The URL that will be connected to, read by the same parser that connects.
pub(crate) fn absolute(uri: &Uri) -> Result<Url, FetchError> {
    if uri.scheme().is_none() {
        return Err(FetchError::InvalidUrl("it is not absolute"));
    }
    let url = Url::parse(&uri.to_string()).map_err(|_| FetchError::InvalidUrl("it does not parse"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::InvalidUrl("it carries user information"));
    }
    if !url.has_host() {
        return Err(FetchError::InvalidUrl("it has no host"));
    }
    Ok(url)
}

/// Whether the URL names this machine: a loopback address, or `localhost` (RFC 6761 §6.3).
pub(crate) fn names_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(v4)) => is_loopback(v4.into()),
        Some(Host::Ipv6(v6)) => is_loopback(v6.into()),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}
