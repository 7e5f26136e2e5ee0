//! A registered application.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{
    AccountId, AuthMethod, ClientId, GrantType, HandleHash, Origin, RedirectKind, RedirectUri, Resource,
    Scope, Secret, Timestamp, TokenFormat,
};

use super::OAuth1Client;

/// A registered application. One record serves every protocol.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// Its name on the wire.
    pub id: ClientId,
    /// What people read; cleaned of control and direction characters.
    pub name: String,
    /// What kind of program it is.
    pub kind: ClientKind,
    /// The developer's account that registered it.
    pub owner: Option<AccountId>,
    /// Who made the record, and so who may change it.
    pub origin: ClientOrigin,
    /// Its home page.
    pub site: Option<String>,
    /// Where its logo lies (kept; shown once the guarded fetcher serves logos).
    pub logo: Option<String>,
    /// Its privacy policy.
    pub policy: Option<String>,
    /// Its terms of service.
    pub terms: Option<String>,
    /// Where answers may be sent (RFC 6749 §3.1.2.2).
    pub redirect_uris: Vec<RedirectUri>,
    /// What it may ask the token endpoint for; `implicit` opens `response_type=token`.
    pub grant_types: Vec<GrantType>,
    /// The most it may ask for.
    pub scope: Scope,
    /// What it gets when it asks for nothing; none: the server's default, as far as `scope` goes.
    pub default_scope: Option<Scope>,
    /// The resources it may name; empty: any.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// How it may show who it is.
    pub auth_methods: Vec<AuthMethod>,
    /// Its secrets: one, or two while one is being replaced.
    pub secrets: Vec<ClientSecret>,
    /// What it has for OAuth 1; none: it speaks OAuth 2 only.
    #[serde(default)]
    pub oauth1: Option<OAuth1Client>,
    /// Whether it must use PKCE.
    pub pkce: PkcePolicy,
    /// What its access tokens look like; none: as the resource or the server says.
    pub token_format: Option<TokenFormat>,
    /// Where its lifetimes differ from the server's.
    pub lifetimes: Lifetimes,
    /// Origins of its browser-based parts, for CORS, beside those of its redirect URIs.
    #[serde(default)]
    pub origins: Vec<Origin>,
    /// Whether the operator vouches for it: no consent page.
    #[serde(default)]
    pub is_trusted: bool,
    /// Whether it may ask about every token (RFC 7662), beside those of resources that name it.
    #[serde(default)]
    pub may_introspect: bool,
    /// Since when it gets and uses nothing.
    pub disabled_at: Option<Timestamp>,
    /// What was authorized at this second or before is dead.
    pub not_before: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Client {
    /// Whether it can keep a secret (RFC 6749 §2.1), and always has to show it.
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        self.kind == ClientKind::Web && !self.auth_methods.contains(&AuthMethod::None)
    }

    /// Whether its loopback redirect URIs may vary their port (RFC 8252 §7.3).
    #[must_use]
    pub fn is_native(&self) -> bool {
        self.kind == ClientKind::Native
    }

    /// Whether it may be used.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// Whether it was registered for that grant type.
    #[must_use]
    pub fn may_use(&self, grant: &GrantType) -> bool {
        self.grant_types.contains(grant)
    }

    /// The registered redirect URI that a request's one is equal to.
    #[must_use]
    pub fn redirect_uri(&self, asked: &RedirectUri) -> Option<&RedirectUri> {
        self.redirect_uris.iter().find(|own| own.accepts(asked, self.is_native()))
    }

    /// Whether a browser page of that origin may read this client's answers.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        let own = |uri: &RedirectUri| uri.kind() != RedirectKind::PrivateUse && uri.form_action() == origin;
        self.origins.iter().any(|listed| listed.as_str() == origin)
            || (self.kind == ClientKind::Browser && self.redirect_uris.iter().any(own))
    }
}

/// What kind of program a client is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// Runs on a server and keeps secrets: confidential.
    Web,
    /// Runs in a browser: public.
    Browser,
    /// Runs on a person's device: public, may use loopback and private schemes.
    Native,
}

/// Who made a client's record.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientOrigin {
    /// A developer, on the pages.
    Pages,
    /// The operator, by command.
    CommandLine,
    /// Declared in the configuration: read-only elsewhere.
    Configuration,
    /// Made by `dev`: `serve` refuses it.
    Demo,
}

/// Whether a client must use PKCE (RFC 7636; RFC 9700 §2.1.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PkcePolicy {
    /// Always.
    #[default]
    Required,
    /// A confidential client may do without; what is sent is checked all the same.
    Optional,
}

/// One of a client's secrets, as kept.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// What is kept of it.
    pub hash: SecretHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being accepted; none: until replaced.
    pub expires_at: Option<Timestamp>,
}

impl ClientSecret {
    /// Whether it is accepted at that time.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|until| now < until)
    }
}

/// What is kept of a client secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretHash {
    /// SHA-256, of one that was drawn at random or given with 128 bits of strength.
    Sha256(HandleHash),
    /// Argon2id in PHC form, of a given weak one.
    Argon2(String),
}

impl SecretHash {
    /// The hash of a strong secret.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        Self::Sha256(HandleHash::from_bytes(secret.sha256()))
    }
}

/// Where a client's lifetimes differ from the server's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Lifetimes {
    /// Of access tokens.
    pub access_token: Option<Duration>,
    /// Of refresh tokens that are not used.
    pub refresh_idle: Option<Duration>,
    /// Of refresh token families, used or not.
    pub refresh_absolute: Option<Duration>,
}
