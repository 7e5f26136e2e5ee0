//! The Valetkey engine: an OAuth 2 provider from `http::Request` to `http::Response`, without a framework, a database
//! or a page of its own.
//!
//! | module | what |
//! |---|---|
//! | [`provider`] | the public face: [`Provider::handle`] |
//! | [`engine`], [`config`] | what every handler is given; the policy, checked once when built |
//! | [`endpoint`], [`endpoints`] | the trait; the list, one endpoint a file |
//! | [`grant`], [`grants`] | the trait; the list, one grant a file |
//! | [`step`], [`steps`] | the trait; what stands between a request and its code, in order |
//! | [`client_auth`] | who is asking |
//! | [`issue`] | the only place where a token is minted |
//! | [`failure`] | a rule's refusal, a store's fault: the one bridge to the wire |
//! | [`keys`] | signing keys: made, published ahead, rotated, retired |
//! | [`oauth1`] | who signed a request |
//! | [`people`], [`registry`] | accounts and sessions; registration of clients: for pages and commands alike |

pub mod answer;
pub mod browser;
mod cache;
pub mod client_auth;
pub mod config;
pub mod endpoint;
pub mod endpoints;
pub mod engine;
pub mod face;
pub mod failure;
pub mod grant;
pub mod grants;
pub mod inspect;
pub mod issue;
pub mod jobs;
pub mod keys;
pub mod oauth1;
pub mod password;
pub mod people;
pub mod provider;
pub mod registry;
pub mod step;
pub mod steps;

pub use client_auth::AuthenticatedClient;
pub use config::{Policy, Switch};
pub use engine::Engine;
pub use failure::Failure;
pub use provider::{Builder, Peer, Provider, RequestId};
