//! Guards for protected resources: checks OAuth access tokens and OAuth 1 signatures, as a tower layer and axum
//! extractors.
//!
//! A [`Verifier`] says whether a token is good: [`LocalVerifier`] reads JWTs with the issuer's published keys,
//! [`RemoteVerifier`] asks the issuer by introspection (the online mode: a revoked token is refused within the cache's
//! limit, at once when that is zero), [`JwtOrOpaque`] does each where it fits. A [`Guard`] uses one to decide about
//! requests, and answers in the words of RFC 6750. [`RequireOAuth`] says what a route asks for.
//!
//! Beside tokens a guard takes requests signed by OAuth 1.0a, where it is given [`Signatures`]; handlers see the same
//! caller. [`RemoteOAuth1`] asks the issuer about each of them; every question consumes the nonce, so no answer is kept.
//!
//! Whatever goes wrong, the request is refused: 401 for the token's faults, 503 for ours.
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, routing::get};
//! use valetkey_guard::{Guard, LocalVerifier, OAuth, RequireOAuth};
//!
//! async fn notes(caller: OAuth) -> String {
//!     format!("the notes of {}", caller.subject())
//! }
//!
//! let tokens = LocalVerifier::builder("https://id.example", "https://notes.example").build();
//! let guard = Guard::builder(tokens).realm("notes").build();
//! let app: Router =
//!     Router::new().route("/notes", get(notes).layer(guard.require(RequireOAuth::scopes(["notes:read"]))));
//! # }
//! ```

mod access_token;
mod address;
#[cfg(feature = "axum")]
mod axum;
mod bearer;
mod challenge;
mod guard;
mod keys;
mod local;
mod metadata;
mod oauth1;
mod remote;
mod remote_oauth1;
mod require;
mod signatures;
#[cfg(feature = "tower")]
mod tower;
mod verify;

pub use access_token::{AccessToken, Protocol};
#[cfg(feature = "axum")]
pub use axum::{RequireScopes, RequiredScopes};
pub use challenge::{Challenge, Refusal};
pub use guard::{Guard, GuardBuilder, OAuth};
pub use local::{LocalVerifier, LocalVerifierBuilder};
pub use oauth1::{OAuth1Refusal, RefusedSignature, VerifyOAuth1};
pub use remote::{RemoteVerifier, RemoteVerifierBuilder};
pub use remote_oauth1::{RemoteOAuth1, RemoteOAuth1Builder};
pub use require::RequireOAuth;
pub use signatures::Signatures;
#[cfg(feature = "tower")]
pub use tower::{GuardLayer, GuardService, HeaderOnly, WithBody};
pub use valetkey_fetch::{Clock, FetchError, Plain, Transport};
pub use valetkey_jose::Algorithm;
pub use valetkey_oauth1::{InvalidUri, Problem, PublicBase, Received, Report};
pub use valetkey_oauth2::Scope;
pub use verify::{InvalidToken, JwtOrOpaque, Verifier, VerifyError};
