//! What crosses the wire, one message a file: `parse` on its way in, `write` on its way out.

pub mod authorization;
pub mod bearer;
pub mod introspection;
mod json;
pub mod metadata;
pub mod response_mode;
pub mod revocation;
pub mod token;

pub use authorization::{AuthorizationRequest, Parameters, Prompt, Target, TargetError};
pub use introspection::Introspection;
pub use metadata::Metadata;
pub use response_mode::Delivery;
pub use revocation::TokenTypeHint;
pub use token::TokenResponse;
