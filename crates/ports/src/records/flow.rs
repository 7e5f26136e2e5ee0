//! An authorization request that waits for its person.

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{
    AccountId, ClientId, HandleHash, RedirectUri, Scope, SessionId, Timestamp,
    messages::authorization::Parameters,
};

/// A parsed, validated request, kept on the server; the browser carries only its handle.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "protocol", rename_all = "snake_case")]
pub enum Flow {
    /// An OAuth 2 authorization request.
    #[serde(rename = "oauth2")]
    OAuth2(AuthorizationFlow),
}

/// An OAuth 2 authorization request on its way.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationFlow {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes.
    pub redirect_uri: RedirectUri,
    /// Whether the request named it, so that the token request must too.
    pub redirect_uri_was_sent: bool,
    /// What is asked.
    pub parameters: Parameters,
    /// The scope that the client may have of what it asked.
    pub scope: Scope,
    /// The browser it belongs to; nobody's until it is first seen with a cookie (it may have come by a cross-site
    /// POST, which carries none).
    pub browser: Option<HandleHash>,
    /// When the request came in.
    pub started_at: Timestamp,
    /// Whether somebody logged in within this flow, which meets `prompt=login` and `max_age`.
    pub has_logged_in: bool,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// What the person has allowed in this flow.
    pub approval: Option<Approval>,
}

/// What a person allowed on the consent page of one flow.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub account: AccountId,
    /// In which session.
    pub session: SessionId,
    /// What.
    pub scope: Scope,
}
