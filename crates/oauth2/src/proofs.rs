//! Proofs that a message comes from whom it seems to.

pub mod pkce;

pub use pkce::{Challenge, PkceError, Verifier};
