//! Whole flows in process: `Provider::handle` over the memory store, with a small browser and a clock that jumps.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect should stop"
)]

mod browser;
mod world;

mod authorize;
mod client_auth;
mod code;
mod consent;
mod cors;
mod edge;
mod explained;
mod introspect;
mod keys;
mod legacy;
mod metadata;
mod oauth1;
mod people;
mod races;
mod refresh;
mod registry;
mod registry_oauth1;
mod resources;
mod revoke;
mod token_exchange;
