//! Digests, MACs, signatures and sealing for Valetkey, over one backend.
//!
//! The contracts stand in [`signature`]: [`Sign`], [`Verify`], [`KeyPair`]. Those who keep them are made by the
//! backend, [`aws_lc`] (the feature `aws-lc`, on by default), whose keys are parsed once and then shared.
//! [`digest`], [`mac`] and [`seal`] are thin: they name what the rest of the house asks for, and the backend does it.
//!
//! Nothing here performs IO or reads the clock. Randomness that the house *mints* with (handles, nonces, ids) comes
//! through a port; the backend draws its own only for signatures, key pairs and the nonces of seals.

mod constant_time;
mod error;
mod secret;
pub mod signature;

#[cfg(feature = "aws-lc")]
pub mod aws_lc;
#[cfg(feature = "aws-lc")]
pub mod digest;
#[cfg(feature = "aws-lc")]
pub mod mac;
#[cfg(feature = "aws-lc")]
pub mod seal;

#[cfg(feature = "aws-lc")]
pub use aws_lc::random_bytes;
pub use constant_time::ct_eq;
pub use error::CryptoError;
#[cfg(feature = "aws-lc")]
pub use seal::{MasterKey, Sealer};
pub use secret::Secret;
pub use signature::{Curve, KeyPair, PublicKey, Scheme, Sign, Verify};
pub use zeroize::Zeroizing;
