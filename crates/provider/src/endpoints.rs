//! The endpoints there are: nothing but the list.

mod authorize;
mod introspect;
mod jwks;
mod metadata;
mod revoke;
mod token;

pub use authorize::{Approved, flow_of};
pub(crate) use metadata::Made;

use crate::endpoint::Endpoint;

/// Every endpoint.
pub const ALL: &[&dyn Endpoint] = &[
    &authorize::Authorize,
    &token::Token,
    &revoke::Revoke,
    &introspect::Introspect,
    &jwks::JwksDocument,
    &metadata::MetadataDocument,
];
