//! The pages as a browser meets them: over `Pages::handle` and `Provider::handle`, on the memory store.

mod account;
mod admin;
mod apps;
mod consent;
mod edge;
mod harness;
mod login;
mod signup;
