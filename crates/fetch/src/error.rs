//! Why a fetch came to nothing.

use std::net::IpAddr;
use std::time::Duration;

/// Why there is no answer. Meant for our log: none of it belongs on the wire.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Not an absolute URL, or one with user information in it.
    #[error("not a URL that can be fetched: {0}")]
    InvalidUrl(&'static str),
    /// Neither `https`, nor `http` where that was allowed.
    #[error("the scheme `{0}` is not allowed here")]
    SchemeRefused(String),
    /// The host is not on the list of those that may be asked.
    #[error("the host `{0}` is not on the list of allowed hosts")]
    HostRefused(String),
    /// A special-use address: loopback, private, link-local, translated, reserved …
    #[error("the address {0} is not one of the public internet")]
    AddressRefused(IpAddr),
    /// The name has no address, or the resolver could not be asked.
    #[error("`{name}` could not be resolved: {reason}")]
    Unresolved {
        /// The host's name.
        name: String,
        /// What the resolver said.
        reason: String,
    },
    /// No complete answer within the time allowed.
    #[error("no complete answer within {0:?}")]
    Timeout(Duration),
    /// The body is larger than allowed.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The cap in bytes.
        limit: usize,
    },
    /// The connection, TLS or HTTP itself failed.
    #[error("the request failed: {0}")]
    Network(String),
    /// The same URL failed a moment ago; it is left alone until the back-off is over.
    #[error("left alone for another {retry_after:?} after a failure: {reason}")]
    BackingOff {
        /// How long it is still left alone.
        retry_after: Duration,
        /// The failure that began it.
        reason: String,
    },
    /// As many fetches from this host as allowed are under way.
    #[error("too many fetches from `{0}` are under way")]
    Busy(String),
    /// The backend could not be set up (certificate store, TLS).
    #[error("the HTTP client could not be set up: {0}")]
    Setup(String),
}
