//! The policy: what holds on this server. Plain data, checked once when the provider is built.

mod catalogue;
mod check;
mod oauth1;
mod profile;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{ClientId, Issuer, Resource, Scope, TokenFormat};

pub use catalogue::{Catalogue, ScopeEntry};
pub use check::{InvalidPolicy, Warning};
pub use oauth1::OAuth1Policy;
pub use profile::Profile;

/// What holds on this server.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The server's own name; the default resource too.
    pub issuer: Issuer,
    /// Where things are.
    pub paths: Paths,
    /// How long things live.
    pub lifetimes: ServerLifetimes,
    /// The scopes there are.
    pub scopes: Catalogue,
    /// The resource servers there are, beside the issuer itself (RFC 8707).
    pub resources: Vec<ResourceServer>,
    /// What access tokens look like unless the client or the resource says otherwise.
    pub token_format: TokenFormat,
    /// The implicit grant (RFC 6749 §4.2): a legacy.
    pub implicit: Switch,
    /// The password grant (RFC 6749 §4.3): a legacy.
    pub password_grant: Switch,
    /// OAuth 1.
    pub oauth1: OAuth1Policy,
    /// Whether people may make accounts for themselves.
    pub sign_up: bool,
    /// Whether every account may register apps, or administrators only.
    pub app_registration: AppRegistration,
    /// What a password must be.
    pub passwords: PasswordPolicy,
    /// How much guessing is endured.
    pub limits: Limits,
    /// When signing keys change.
    pub keys: KeyPolicy,
    /// Whether this is `dev`: demo logins without a password, on loopback only.
    pub demo: bool,
}

impl Policy {
    /// The defaults, for that issuer.
    #[must_use]
    pub fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            paths: Paths::default(),
            lifetimes: ServerLifetimes::default(),
            scopes: Catalogue::default(),
            resources: Vec::new(),
            token_format: TokenFormat::Jwt,
            implicit: Switch::Off,
            password_grant: Switch::Off,
            oauth1: OAuth1Policy::default(),
            sign_up: true,
            app_registration: AppRegistration::Everybody,
            passwords: PasswordPolicy::default(),
            limits: Limits::default(),
            keys: KeyPolicy::default(),
            demo: false,
        }
    }

    /// The resource server of that name.
    #[must_use]
    pub fn resource(&self, uri: &Resource) -> Option<&ResourceServer> {
        self.resources.iter().find(|own| own.uri == *uri)
    }
}

/// Where things are, below the issuer's own path. Each begins with a slash.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is named as what lies there")]
pub struct Paths {
    pub authorize: String,
    pub token: String,
    pub revoke: String,
    pub introspect: String,
    pub jwks: String,
    pub login: String,
    pub consent: String,
    pub oauth1_request_token: String,
    pub oauth1_authorize: String,
    pub oauth1_access_token: String,
    pub oauth1_verify: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            authorize: "/oauth2/authorize".into(),
            token: "/oauth2/token".into(),
            revoke: "/oauth2/revoke".into(),
            introspect: "/oauth2/introspect".into(),
            jwks: "/.well-known/jwks.json".into(),
            login: "/login".into(),
            consent: "/consent".into(),
            oauth1_request_token: "/oauth1/request_token".into(),
            oauth1_authorize: "/oauth1/authorize".into(),
            oauth1_access_token: "/oauth1/access_token".into(),
            oauth1_verify: "/oauth1/verify".into(),
        }
    }
}

/// How long things live.
#[derive(Clone, Debug)]
pub struct ServerLifetimes {
    /// Of an authorization code; at most ten minutes.
    pub code: Duration,
    /// Of an access token.
    pub access_token: Duration,
    /// Of a refresh token that is not used.
    pub refresh_idle: Duration,
    /// Of a refresh token family, used or not.
    pub refresh_absolute: Duration,
    /// How long a refresh may be retried and gets the same successor.
    pub refresh_retry: Duration,
    /// Of an authorization request that waits for its person.
    pub flow: Duration,
    /// Of a session that is not used.
    pub session_idle: Duration,
    /// Of a session, used or not.
    pub session_absolute: Duration,
}

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

impl Default for ServerLifetimes {
    fn default() -> Self {
        Self {
            code: Duration::from_secs(60),
            access_token: Duration::from_secs(10 * MINUTE),
            refresh_idle: Duration::from_secs(30 * DAY),
            refresh_absolute: Duration::from_secs(365 * DAY),
            refresh_retry: Duration::from_secs(30),
            flow: Duration::from_secs(60 * MINUTE),
            session_idle: Duration::from_secs(DAY),
            session_absolute: Duration::from_secs(14 * DAY),
        }
    }
}

/// A resource server (RFC 8707): an API that takes this server's tokens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceServer {
    /// Its URI: what `resource` names and `aud` carries.
    pub uri: Resource,
    /// What people read.
    pub name: String,
    /// The scopes that mean something there; none: all of them. Others are refused where they are asked for by name, and
    /// left out of its tokens where they are not.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// What its tokens look like.
    #[serde(default)]
    pub token_format: Option<TokenFormat>,
    /// How long its access tokens live, in seconds.
    #[serde(default)]
    pub access_token_seconds: Option<u32>,
    /// The clients that may ask about its tokens.
    #[serde(default)]
    pub introspectors: Vec<ClientId>,
}

/// Whether a legacy is in use.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    /// Nobody may.
    #[default]
    Off,
    /// Clients that were registered for it may.
    PerClient,
    /// Every client may.
    All,
}

/// Who may register apps.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppRegistration {
    /// Every account.
    #[default]
    Everybody,
    /// Administrators.
    Administrators,
}

/// What a password must be (NIST SP 800-63B-4 §3.1.1): long, and not one of those that everybody tries.
#[derive(Clone, Debug)]
pub struct PasswordPolicy {
    /// How many characters at least: 15 where the password is the only factor.
    pub min_length: usize,
    /// How many characters at most are hashed.
    pub max_length: usize,
    /// How many hashes may run at once; none: as many as there are processors.
    pub parallel: Option<usize>,
    /// How many may wait for their turn before the rest hears 503.
    pub queue: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: 15, max_length: 1024, parallel: None, queue: 64 }
    }
}

/// How much guessing is endured. What locks somebody out is counted in the store.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Wrong passwords for one account from browsers that it does not know, in a window.
    pub per_account: u32,
    /// Wrong passwords from one source, in a window.
    pub per_source: u32,
    /// The window.
    pub window: Duration,
    /// Wrong client secrets, codes and tokens from one source, in a minute.
    pub per_source_tokens: u32,
    /// New accounts from one source, in an hour.
    pub sign_ups: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_account: 20,
            per_source: 60,
            window: Duration::from_secs(15 * MINUTE),
            per_source_tokens: 120,
            sign_ups: 20,
        }
    }
}

/// When signing keys change.
#[derive(Clone, Debug)]
pub struct KeyPolicy {
    /// How long a key signs.
    pub rotate_every: Duration,
    /// How long it is published before it signs: longer than any cache of the JWKS.
    pub publish_ahead: Duration,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self { rotate_every: Duration::from_secs(90 * DAY), publish_ahead: Duration::from_secs(DAY) }
    }
}
