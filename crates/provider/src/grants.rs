//! The grant types there are. An embedder's own are handed to the builder.

mod authorization_code;
mod client_credentials;
mod password;
mod refresh_token;
mod token_exchange;

use std::sync::Arc;

use crate::grant::Grant;

/// Every built-in grant type.
#[must_use]
pub fn all() -> Vec<Arc<dyn Grant>> {
    vec![
        Arc::new(authorization_code::AuthorizationCode),
        Arc::new(client_credentials::ClientCredentials),
        Arc::new(refresh_token::RefreshToken),
        Arc::new(password::Password),
        Arc::new(token_exchange::TokenExchange),
    ]
}
