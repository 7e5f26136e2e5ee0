//! The endpoints there are: nothing but the list.

mod authorize;
mod introspect;
mod jwks;
mod metadata;
mod oauth1;
mod revoke;
mod token;

pub use authorize::{Approved, flow_of};
pub(crate) use metadata::{Made, url as metadata_url};

use crate::endpoint::Endpoint;

/// Every endpoint.
pub const ALL: &[&dyn Endpoint] = &[
    &authorize::Authorize,
    &token::Token,
    &revoke::Revoke,
    &introspect::Introspect,
    &jwks::JwksDocument,
    &metadata::MetadataDocument,
    &oauth1::request_token::RequestToken,
    &oauth1::authorize::Authorize,
    &oauth1::access_token::AccessToken,
    &oauth1::verify::Verify,
];
