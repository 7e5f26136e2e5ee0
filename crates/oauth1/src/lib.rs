//! What RFC 5849 says of OAuth 1.0a, in that document's own order, for both sides: signing and verifying. Nothing here
//! does IO, reads a clock or draws randomness: those are given.
//!
//! | module | what |
//! |---|---|
//! | [`credentials`] | §1.1: shared secrets and RSA keys |
//! | [`percent`], [`params`], [`base_string`] | §3.6, §3.4.1.3, §3.4.1 |
//! | [`method`] and [`methods`] | §3.4.2 to §3.4.4: the contract of a signature method, and those who keep it |
//! | [`carriage`] and [`message`] | §3.5 and §3.1: a request as received, and what it says |
//! | [`limits`] and [`malformed`] | what a request may be like, and why it is none |
//! | [`verify`] and [`sign`] | §3.2 and §3.1: the checks, and the signer |
//! | [`answers`] | §2: temporary credentials, the callback, token credentials |
//! | [`challenge`] and [`problem`] | §3.5.1: `WWW-Authenticate: OAuth`; the `oauth_problem` extension |
//! | [`explain`] | why a signature does not fit, in one sentence |
//!
//! A server reads a request with [`Message::parse`], finds the key, and lets [`verify::verify`] speak; the nonce is the
//! caller's to remember.
//!
//! ```
//! use std::time::Duration;
//! use valetkey_crypto::Secret;
//! use valetkey_oauth1::{BaseUri, Limits, Message, Methods, Received, Secrets, sign, verify};
//!
//! let (client, token) = (Secret::new("kd94hf93k423kf44"), Secret::new("pfkkdhi9sl3r4s00"));
//! let secrets = Secrets { client: &client, token: Some(&token) };
//! let methods = Methods::all();
//! let method = methods.find("HMAC-SHA256").unwrap();
//!
//! // The client:
//! let url = "https://photos.example.net/photos?file=vacation.jpg";
//! let signed = sign::Signer::new(method, "dpf43f3p2l4k3l03", secrets.into())
//!     .token("nnch734d00sl2jdk")
//!     .sign(&sign::Outgoing::new("GET", url), &sign::Stamp::new(137_131_202, "chapoH"))?;
//! let header = signed.authorization.unwrap();
//!
//! // The server:
//! let authorization = [header.as_bytes()];
//! let received = Received::new("GET", "/photos?file=vacation.jpg").authorization(&authorization);
//! let message = Message::parse(&received, &Limits::default())?;
//! let uri = BaseUri::parse(url)?;
//! let rules = verify::Rules::default();
//! let verified = verify::verify(&message, &uri, method, Some(secrets.into()), 137_131_210, &rules)?;
//! assert_eq!(verified.token(), Some("nnch734d00sl2jdk"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod answers;
pub mod base_string;
pub mod carriage;
pub mod challenge;
pub mod credentials;
pub mod explain;
pub mod limits;
pub mod malformed;
pub mod message;
pub mod method;
pub mod methods;
pub mod params;
pub mod percent;
pub mod problem;
pub mod sign;
pub mod verify;

pub use base_string::{BaseUri, InvalidUri, PublicBase};
pub use carriage::{Body, Received, has_parameter, is_signed};
pub use credentials::{RsaPublicKey, RsaSigningKey, Secrets, SigningKey, VerifyingKey};
pub use limits::{Alphabet, Limits};
pub use malformed::Malformed;
pub use message::{Callback, Message};
pub use method::{KeyKind, SignatureMethod};
pub use methods::Methods;
pub use params::Place;
pub use problem::{Problem, Report};
pub use sign::Signer;
pub use verify::{Refusal, Verified};
