//! What a verified access token says.

use http::HeaderMap;
use serde_json::{Map, Value};
use valetkey_jose::Claims;
use valetkey_oauth2::Scope;

use crate::InvalidToken;

/// The protocol by which a request came. A credential of one is nothing to the other (O1-13).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Protocol {
    /// OAuth 2: a bearer token (RFC 6750).
    #[default]
    OAuth2,
    /// OAuth 1.0a: a signature (RFC 5849 §3).
    OAuth1,
}

/// The facts of a token that a [`Verifier`](crate::Verifier) has accepted, or of a signature that a
/// [`VerifyOAuth1`](crate::VerifyOAuth1) has: who, for whom, where, what, until when.
///
/// The token itself is not among them: an application that cannot see it cannot pass it on (RS-01).
#[derive(Clone, Debug)]
pub struct AccessToken {
    subject: String,
    client_id: String,
    issuer: Option<String>,
    audience: Vec<String>,
    scope: Scope,
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    id: Option<String>,
    claims: Map<String, Value>,
    protocol: Protocol,
    response_headers: HeaderMap,
}

impl AccessToken {
    /// For a verifier of your own: a token of `client_id` that acts for `subject`. The rest is added to it.
    #[must_use]
    pub fn new(subject: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            client_id: client_id.into(),
            issuer: None,
            audience: Vec::new(),
            scope: Scope::empty(),
            issued_at: None,
            expires_at: None,
            id: None,
            claims: Map::new(),
            protocol: Protocol::default(),
            response_headers: HeaderMap::new(),
        }
    }

    /// Reads the members that a JWT access token (RFC 9068 §2.2) and an introspection answer (RFC 7662 §2.2) share.
    ///
    /// # Errors
    /// `sub` or `client_id` is missing, or the scope is malformed.
    pub fn from_claims(claims: Claims) -> Result<Self, InvalidToken> {
        let present = |text: Option<String>| text.filter(|text| !text.is_empty());
        let scope = claims.scope.as_deref().unwrap_or_default();
        Ok(Self {
            subject: present(claims.sub).ok_or(InvalidToken::Claim("sub"))?,
            client_id: present(claims.client_id).ok_or(InvalidToken::Claim("client_id"))?,
            issuer: claims.iss,
            audience: claims.aud.iter().map(str::to_owned).collect(),
            scope: Scope::parse(scope).map_err(|_| InvalidToken::Claim("scope"))?,
            issued_at: claims.iat,
            expires_at: claims.exp,
            id: claims.jti,
            claims: claims.rest,
            protocol: Protocol::default(),
            response_headers: HeaderMap::new(),
        })
    }

    /// Sets the issuer.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets the resources that the token is meant for.
    #[must_use]
    pub fn with_audience<S: Into<String>>(mut self, audience: impl IntoIterator<Item = S>) -> Self {
        self.audience = audience.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the scope.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets beginning and end of its life, in seconds since 1970.
    #[must_use]
    pub fn with_times(mut self, issued_at: i64, expires_at: i64) -> Self {
        self.issued_at = Some(issued_at);
        self.expires_at = Some(expires_at);
        self
    }

    /// Sets the token's id (`jti`).
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the further claims. A `cnf` among them marks the token as bound to a key.
    #[must_use]
    pub fn with_claims(mut self, claims: Map<String, Value>) -> Self {
        self.claims = claims;
        self
    }

    /// Sets headers that the answer to the request shall carry: `Deprecation` (RFC 9745 §2), say.
    #[must_use]
    pub fn with_response_headers(mut self, headers: HeaderMap) -> Self {
        self.response_headers = headers;
        self
    }

    /// The guard says by which protocol it came, not the verifier.
    pub(crate) fn came_by(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Whom the client acts for (`sub`); for client credentials, and for a request signed without a token, the client
    /// itself.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The client that holds the token.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The resources it is meant for.
    #[must_use]
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// What it may do.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// When it was issued, in seconds since 1970.
    #[must_use]
    pub fn issued_at(&self) -> Option<i64> {
        self.issued_at
    }

    /// When it ends, in seconds since 1970.
    #[must_use]
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    /// Its id (`jti`).
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// What else it says: every claim that has no method of its own here.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// By which protocol the request came.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// What the answer to the request shall carry. The layer sees to it; another framework's glue adds what is not there.
    #[must_use]
    pub fn response_headers(&self) -> &HeaderMap {
        &self.response_headers
    }

    /// Whether it is bound to its holder's key (`cnf`, RFC 7800 §3.1): then it is no bearer token.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.claims.contains_key("cnf")
    }

    /// Whether it is meant for one of `expected`, octet by octet: no prefix, no case folding, no slash forgiven (RS-05).
    pub(crate) fn is_for(&self, expected: &[String]) -> bool {
        self.audience.iter().any(|own| expected.contains(own))
    }
}
