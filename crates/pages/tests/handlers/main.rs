//! The pages as a browser meets them: over `Pages::handle` and `Provider::handle`, on the memory store.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod account;
mod admin;
mod apps;
mod consent;
mod edge;
mod harness;
mod login;
mod oauth1;
mod signup;
