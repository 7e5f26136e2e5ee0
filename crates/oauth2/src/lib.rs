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
//! | [`scopes`] and [`resources`] | what of the asked is given |
//! | [`credentials`] | how a client shows who it is |
//! | [`proofs`] | PKCE |

pub mod credentials;
pub mod error;
pub mod form;
pub mod grants;
pub mod messages;
pub mod proofs;
pub mod resources;
pub mod scopes;
pub mod values;

pub use credentials::{CredentialsError, Presented};
pub use error::ErrorCode;
pub use form::{Form, FormError};
pub use proofs::{Challenge, PkceError, Verifier};
pub use values::*;
