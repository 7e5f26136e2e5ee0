//! The fetcher for addresses that strangers chose.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use url::{Host, Url};

use crate::address::{is_loopback, is_public};
use crate::socket::{Setup, Socket, absolute, names_loopback};
use crate::{FetchError, Transport};

/// Fetches from addresses that a client, a developer or a document named, without becoming their tool (RG-06).
///
/// A name is resolved once, inside the connector: every address it has is checked, and the connection goes to those very
/// addresses. A name with one forbidden address is refused as a whole, so there is nothing to race (DNS rebinding).
pub struct Guarded {
    socket: Socket,
    allows_loopback: bool,
    only_hosts: Option<Vec<String>>,
}

/// Turns a name into addresses. The default asks the system.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// All addresses of `name`, in order of preference.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

impl Guarded {
    /// With the defaults: 5 seconds, 64 KiB, `https` only, public addresses only.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// With other caps.
    pub fn builder() -> GuardedBuilder {
        GuardedBuilder {
            setup: Setup::new(),
            resolver: Arc::new(SystemResolver),
            allows_loopback: false,
            only_hosts: None,
        }
    }

    /// The cheap checks, before anything leaves the machine.
    fn admit(&self, url: &Url) -> Result<(), FetchError> {
        match url.scheme() {
            "https" => {}
            "http" if self.allows_loopback && names_loopback(url) => {}
            other => return Err(FetchError::SchemeRefused(other.to_owned())),
        }
        if let Some(allowed) = &self.only_hosts {
            let host = url.host_str().unwrap_or_default();
            if !allowed.iter().any(|one| one.eq_ignore_ascii_case(host)) {
                return Err(FetchError::HostRefused(host.to_owned()));
            }
        }
        // An address in the URL never reaches the resolver.
        match url.host() {
            Some(Host::Ipv4(v4)) => check(v4.into(), self.allows_loopback),
            Some(Host::Ipv6(v6)) => check(v6.into(), self.allows_loopback),
            _ => Ok(()),
        }
    }
}

impl Default for Guarded {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Transport for Guarded {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let url = absolute(request.uri())?;
        self.admit(&url)?;
        self.socket.send(url, request).await
    }
}

/// Makes a [`Guarded`].
#[must_use]
pub struct GuardedBuilder {
    setup: Setup,
    resolver: Arc<dyn Resolve>,
    allows_loopback: bool,
    only_hosts: Option<Vec<String>>,
}

impl GuardedBuilder {
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

    /// Allows this machine, over `http` too: for development only.
    pub fn allow_loopback(mut self) -> Self {
        self.allows_loopback = true;
        self
    }

    /// Asks these hosts and no others (an egress allow list).
    pub fn only_hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.only_hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Resolves names by other means than the system's. What it answers is checked all the same.
    pub fn resolver(mut self, resolver: impl Resolve + 'static) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// The fetcher. The HTTP client itself is made on first use.
    #[must_use]
    pub fn build(self) -> Guarded {
        let Self { mut setup, resolver, allows_loopback, only_hosts } = self;
        setup.resolver = Some(Arc::new(Checked { resolver, allows_loopback }));
        Guarded { socket: Socket::new(setup), allows_loopback, only_hosts }
    }
}

fn check(address: IpAddr, allows_loopback: bool) -> Result<(), FetchError> {
    if is_public(address) || (allows_loopback && is_loopback(address)) {
        Ok(())
    } else {
        Err(FetchError::AddressRefused(address))
    }
}

/// The resolver as the connector sees it: it hands out checked addresses or nothing.
struct Checked {
    resolver: Arc<dyn Resolve>,
    allows_loopback: bool,
}

impl reqwest::dns::Resolve for Checked {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let resolver = Arc::clone(&self.resolver);
        let allows_loopback = self.allows_loopback;
        Box::pin(async move {
            let unresolved = |reason| FetchError::Unresolved { name: name.as_str().to_owned(), reason };
            let found = resolver.resolve(name.as_str()).await;
            let addresses = found.map_err(|error| unresolved(error.to_string()))?;
            if addresses.is_empty() {
                return Err(unresolved("it has no address".to_owned()).into());
            }
            for address in &addresses {
                check(*address, allows_loopback)?;
            }
            // Port 0 stands for the URL's own.
            let targets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(targets) as reqwest::dns::Addrs)
        })
    }
}

struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|target| target.ip()).collect())
    }
}
