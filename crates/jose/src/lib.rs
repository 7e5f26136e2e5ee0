//! JSON Object Signing for Valetkey: JWA, JWK, JWS, JWT.
//!
//! The policy of RFC 8725 is the shape of the interface. A key knows its algorithms and a message never chooses one;
//! a token names a key by `kid` and never brings one along; [`jwt::verify`] asks for [`Expectations`] and answers
//! [`Verified`] claims, which nothing else can make. Sizes, depths, doubled members and unknown `crit` names are
//! refused before anything is computed.
//!
//! Nothing here performs IO or reads the clock: the time is an argument.
//!
//! ```
//! use valetkey_jose::{Algorithm, Claims, Expectations, KeySet, SigningKey, VerifyingKey, jwt};
//!
//! let (key, _pkcs8) = SigningKey::generate(Algorithm::Es256)?;
//! let token = key.sign_jwt("at+jwt", &Claims {
//!     iss: Some("https://as.example".into()),
//!     sub: Some("user".into()),
//!     aud: "https://api.example".into(),
//!     exp: Some(1_700_000_300),
//!     iat: Some(1_700_000_000),
//!     jti: Some("1".into()),
//!     client_id: Some("app".into()),
//!     ..Claims::default()
//! })?;
//!
//! let keys = KeySet::from_iter([VerifyingKey::from_jwk(key.public_jwk())?]);
//! let expect = Expectations::access_token("https://as.example", "https://api.example", 1_700_000_010);
//! let verified = jwt::verify(&token, &keys, &expect)?;
//! assert_eq!(verified.sub.as_deref(), Some("user"));
//! # Ok::<(), valetkey_jose::JoseError>(())
//! ```

pub mod alg;
pub mod base64url;
pub mod claims;
pub mod error;
pub mod json;
pub mod jwk;
pub mod jwks;
pub mod jws;
pub mod jwt;
pub mod signing_key;
pub mod thumbprint;
pub mod verifying_key;

pub use alg::Algorithm;
pub use claims::{Audience, Claims};
pub use error::JoseError;
pub use jwk::Jwk;
pub use jwk::oct::SecretKey;
pub use jwks::{Jwks, KeySet};
pub use jws::Header;
pub use jwt::{Expectations, TokenKind, Verified};
pub use signing_key::SigningKey;
pub use verifying_key::VerifyingKey;
