//! What the OAuth 2 specifications say: words (values, messages) and rules (pure functions of record,
//! request and time). Nothing here does IO, reads a clock or draws randomness: those are given.
//!
//! | module | what |
//! |---|---|
//! | [`values`] | one value a file, each with one way in |
//! | [`form`] | strict form decoding |
//! | [`error`] | the registered error codes |
//! | [`messages`] | what crosses the wire, each with `parse` and `write` |
//! | [`grants`] | one grant a file: its parameters, the facts it needs, its rule |
//! | [`credentials`] | how a client shows who it is |
//! | [`proofs`] | PKCE |

pub mod values;

pub use values::*;
