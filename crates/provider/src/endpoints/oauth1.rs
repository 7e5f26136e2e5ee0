//! The endpoints of RFC 5849 §2, and the one that guards in other processes ask.

pub(super) mod access_token;
pub(super) mod answer_client;
pub(super) mod authorize;
pub(super) mod request_token;
pub(super) mod verify;

use valetkey_ports::{Callback, Client};

use crate::{Engine, Policy};

/// Where one of these endpoints is: nowhere while OAuth 1 is off.
fn paths(engine: &Engine, path: impl FnOnce(&Policy) -> &str) -> Vec<String> {
    let policy = engine.policy();
    let is_on = policy.oauth1.is_on;
    is_on.then(|| format!("{}{}", engine.issuer().path(), path(policy))).into_iter().collect()
}

/// Whether a verifier may still go there: what was registered may have been taken back since (security AZ-01).
pub(super) fn may_hear(client: &Client, callback: &Callback) -> bool {
    client.oauth1.as_ref().is_some_and(|own| match callback {
        Callback::Uri(uri) => client.redirect_uri(uri).is_some(),
        Callback::OutOfBand => own.may_use_oob,
    })
}
