//! An authorization request that waits for its person.

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{
    AccountId, ClientId, HandleHash, RedirectUri, Resource, Scope, SessionId, Timestamp,
    messages::authorization::{Parameters, Prompt},
};

use super::Callback;

/// A parsed, validated request of either protocol, kept on the server; the browser carries only its handle.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Who asks.
    pub client: ClientId,
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
    /// What only its protocol knows.
    pub asked: Asked,
}

/// What a request of one protocol holds beyond what both share.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "protocol")]
pub enum Asked {
    /// An OAuth 2 authorization request.
    #[serde(rename = "oauth2")]
    OAuth2(AuthorizationFlow),
    /// A resource owner authorization of OAuth 1 (RFC 5849 §2.2).
    #[serde(rename = "oauth1")]
    OAuth1(TemporaryFlow),
}

/// An OAuth 2 authorization request on its way.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationFlow {
    /// Where the answer goes.
    pub redirect_uri: RedirectUri,
    /// Whether the request named it, so that the token request must too.
    pub redirect_uri_was_sent: bool,
    /// What is asked.
    pub parameters: Parameters,
}

/// Temporary credentials on their way through the person's browser.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct TemporaryFlow {
    /// Which.
    pub token: HandleHash,
    /// The `oauth_token` itself, for the redirect: it is public, since it travels through browsers, and opens nothing
    /// without its secret.
    pub oauth_token: String,
    /// Where the verifier goes.
    pub callback: Callback,
    /// The APIs that signed requests go to: this server and those that ask it, so that consent is remembered as OAuth 2
    /// remembers it.
    pub resources: Vec<Resource>,
}

impl Flow {
    /// Which pages the person shall or shall not see.
    #[must_use]
    pub fn prompt(&self) -> Prompt {
        match &self.asked {
            Asked::OAuth2(asked) => asked.parameters.prompt,
            Asked::OAuth1(_) => Prompt::default(),
        }
    }

    /// How many seconds ago the person may have logged in at most.
    #[must_use]
    pub fn max_age(&self) -> Option<u64> {
        match &self.asked {
            Asked::OAuth2(asked) => asked.parameters.max_age,
            Asked::OAuth1(_) => None,
        }
    }

    /// Whom the client believes before it.
    #[must_use]
    pub fn login_hint(&self) -> Option<&str> {
        match &self.asked {
            Asked::OAuth2(asked) => asked.parameters.login_hint.as_deref(),
            Asked::OAuth1(_) => None,
        }
    }

    /// The APIs that it is for.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        match &self.asked {
            Asked::OAuth2(asked) => &asked.parameters.resources,
            Asked::OAuth1(asked) => &asked.resources,
        }
    }

    /// Where the browser goes with the answer; nowhere, where the person carries the verifier by hand.
    #[must_use]
    pub fn redirect_uri(&self) -> Option<&RedirectUri> {
        match &self.asked {
            Asked::OAuth2(asked) => Some(&asked.redirect_uri),
            Asked::OAuth1(asked) => asked.callback.uri(),
        }
    }
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
