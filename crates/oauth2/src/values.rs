//! One value a file. A value has a private field and one way in: what holds one never checks again.

mod base62;
pub mod client_id;
pub mod handle;
pub mod ids;
pub mod issuer;
pub mod names;
pub mod origin;
pub mod redirect_uri;
pub mod resource;
pub mod scope;
pub mod timestamp;

pub use client_id::{ClientId, InvalidClientId};
pub use handle::{Handle, HandleHash, HandleKind, InvalidHandle};
pub use ids::{AccountId, GrantId, SessionId};
pub use issuer::{InvalidIssuer, Issuer};
pub use names::{AuthMethod, GrantType, ResponseMode, ResponseType, TokenFormat};
pub use origin::{InvalidOrigin, Origin};
pub use redirect_uri::{InvalidRedirectUri, RedirectKind, RedirectUri};
pub use resource::{InvalidResource, Resource};
pub use scope::{InvalidScope, Scope};
pub use timestamp::Timestamp;
pub use valetkey_crypto::Secret;
