//! The pages as a browser meets them: over `Pages::handle` and `Provider::handle`, on the memory store.

mod harness;
mod login;
