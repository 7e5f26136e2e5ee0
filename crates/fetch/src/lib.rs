//! Outbound HTTP for Valetkey: `http` in, `http` out.
//!
//! Whatever has to ask another server something holds a [`Transport`] and does not know what is behind it: a socket, a
//! provider in the same process, or a test's fake. Two transports open sockets (feature `reqwest`, on by default):
//!
//! - [`Guarded`] for addresses that somebody else chose (a client's `jwks_uri`, a logo, a web hook). It takes `https`
//!   only, resolves a name once, refuses every special-use address and connects to exactly what it checked. So nobody
//!   can make the server knock at its own network's doors.
//! - [`Plain`] for addresses that the operator chose (a guard's own provider). The address rules are off, all caps hold.
//!
//! Both follow no redirects, read no proxy from the environment, unpack no compressed bodies, and give up after five
//! seconds or 64 KiB, whatever comes first. [`Coalesced`] stands in front of either: concurrent `GET`s of one URL become
//! one, and a URL that failed is left alone for a while.
//!
//! ```
//! # #[cfg(feature = "reqwest")]
//! # async fn demo() -> Result<(), valetkey_fetch::FetchError> {
//! use bytes::Bytes;
//! use valetkey_fetch::{Guarded, Transport};
//!
//! let fetcher = Guarded::new();
//! let request = http::Request::get("https://client.example/jwks.json").body(Bytes::new()).unwrap();
//! let response = fetcher.send(request).await?;
//! assert_eq!(response.status(), 200);
//! # Ok(())
//! # }
//! ```

pub mod address;
mod clock;
mod coalesce;
mod error;
#[cfg(feature = "reqwest")]
mod guarded;
#[cfg(feature = "reqwest")]
mod plain;
mod single_flight;
#[cfg(feature = "reqwest")]
mod socket;
mod transport;

pub use clock::Clock;
pub use coalesce::Coalesced;
pub use error::FetchError;
#[cfg(feature = "reqwest")]
pub use guarded::{Guarded, GuardedBuilder, Resolve};
#[cfg(feature = "reqwest")]
pub use plain::{Plain, PlainBuilder};
pub use single_flight::SingleFlight;
pub use transport::Transport;
