//! OAuth 1.0a in the engine: who signed a request, and what its secrets are. The endpoints of RFC 5849 §2 are in
//! `endpoints/oauth1/`.

mod access;
mod against;
mod bound;
pub(crate) mod check;
pub(crate) mod desk;
mod explained;
mod holder;
mod looked;
mod masked;
mod proof;
mod realms;
pub(crate) mod refusal;
mod secrets;
mod sunset;
mod uses;
pub(crate) mod verifier;

pub use access::SignedAccess;
pub use looked::Looked;
pub use masked::masked;
pub use refusal::SignatureRefusal;
pub use uses::EXCHANGE;

use valetkey_oauth2::GrantType;

/// How grants of OAuth 1 came about: by a name of our own, since the protocol has none.
#[must_use]
pub fn grant_type() -> GrantType {
    GrantType::new(GRANT_TYPE)
}

/// The name of [`grant_type`].
pub const GRANT_TYPE: &str = "oauth1";
