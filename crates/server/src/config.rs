//! `valetkey.toml` < `VALETKEY_…` environment < flags: what an operator can say, and its defaults. An unknown key refuses to
//! start and names its nearest neighbour.

mod declared;
mod layers;
mod oauth1;
mod policy;
mod values;

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{Issuer, TokenFormat};
use valetkey_provider::{
    Switch,
    config::{AppRegistration, Profile, ResourceServer, ScopeEntry},
};

pub(crate) use declared::{DeclaredAccount, DeclaredClient, merge};
pub(crate) use layers::{Flags, Layers};
pub(crate) use oauth1::{DeclaredOAuth1, OAuth1Settings};
pub(crate) use policy::{policy, warnings};
pub(crate) use values::{Hidden, Span, Texts};

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The server's own name, as browsers and clients reach it.
    pub(crate) issuer: Option<Issuer>,
    pub(crate) listen: SocketAddr,
    /// The name of the site, on its pages.
    pub(crate) site_name: Option<String>,
    /// `sqlite:///a/path`.
    pub(crate) database: String,
    pub(crate) master_key: Option<Hidden>,
    pub(crate) master_key_file: Option<PathBuf>,
    /// A command whose output is the master key.
    pub(crate) master_key_command: Option<String>,
    /// Lets an issuer be plain `http` beyond loopback.
    pub(crate) insecure_transport: bool,
    /// The proxies whose `X-Forwarded-For` counts.
    pub(crate) trusted_proxies: Texts,
    pub(crate) tls: Option<Tls>,
    pub(crate) metrics: MetricsSettings,
    pub(crate) log: Log,
    pub(crate) connections: Connections,
    /// A folder with templates and texts that take the place of the built-in ones.
    pub(crate) templates: Option<PathBuf>,
    pub(crate) profile: Profile,
    pub(crate) token_format: TokenFormat,
    pub(crate) implicit: Option<Switch>,
    pub(crate) password_grant: Option<Switch>,
    pub(crate) oauth1: OAuth1Settings,
    pub(crate) paths: PathSettings,
    pub(crate) sign_up: bool,
    pub(crate) app_registration: AppRegistration,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) passwords: Passwords,
    pub(crate) limits: LimitSettings,
    pub(crate) keys: Keys,
    /// The scopes there are; none named: `profile` and `email`.
    pub(crate) scopes: Vec<ScopeEntry>,
    pub(crate) resources: Vec<ResourceServer>,
    pub(crate) clients: Vec<DeclaredClient>,
    pub(crate) accounts: Vec<DeclaredAccount>,
}

/// TLS from files.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// The certificate and what it was signed with, as PEM.
    pub(crate) certificate_file: PathBuf,
    pub(crate) key_file: PathBuf,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricsSettings {
    /// Where `/metrics` is answered; none: nowhere.
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// `warn`, `info`, `debug`, or by part: `info,valetkey_provider=debug`.
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Connections {
    /// From one source; trusted proxies are exempt.
    pub(crate) per_source: usize,
    pub(crate) total: usize,
}

/// Where endpoints lie, below the issuer's own path.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PathSettings {
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) revoke: String,
    pub(crate) introspect: String,
    pub(crate) jwks: String,
    pub(crate) oauth1_request_token: String,
    pub(crate) oauth1_authorize: String,
    pub(crate) oauth1_access_token: String,
    pub(crate) oauth1_verify: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Lifetimes {
    pub(crate) code: Span,
    pub(crate) access_token: Span,
    pub(crate) refresh_idle: Span,
    pub(crate) refresh_absolute: Span,
    pub(crate) refresh_retry: Span,
    pub(crate) flow: Span,
    pub(crate) session_idle: Span,
    pub(crate) session_absolute: Span,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Passwords {
    pub(crate) min_length: usize,
    pub(crate) max_length: usize,
    /// How many hashes may run at once; none: as many as there are processors.
    pub(crate) parallel: Option<usize>,
    pub(crate) queue: usize,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitSettings {
    pub(crate) logins_per_account: u32,
    pub(crate) logins_per_source: u32,
    pub(crate) login_window: Span,
    pub(crate) wrong_secrets_per_source: u32,
    pub(crate) sign_ups_per_source: u32,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Keys {
    pub(crate) rotate_every: Span,
    pub(crate) publish_ahead: Span,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            issuer: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 7000)),
            site_name: None,
            database: "sqlite://valetkey.sqlite".to_owned(),
            master_key: None,
            master_key_file: None,
            master_key_command: None,
            insecure_transport: false,
            trusted_proxies: Texts::default(),
            tls: None,
            metrics: MetricsSettings::default(),
            log: Log::default(),
            connections: Connections::default(),
            templates: None,
            profile: Profile::default(),
            token_format: TokenFormat::Jwt,
            implicit: None,
            password_grant: None,
            oauth1: OAuth1Settings::default(),
            paths: PathSettings::default(),
            sign_up: true,
            app_registration: AppRegistration::default(),
            lifetimes: Lifetimes::default(),
            passwords: Passwords::default(),
            limits: LimitSettings::default(),
            keys: Keys::default(),
            scopes: Vec::new(),
            resources: Vec::new(),
            clients: Vec::new(),
            accounts: Vec::new(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self { per_source: 512, total: 10_000 }
    }
}

impl Default for PathSettings {
    fn default() -> Self {
        let engine = valetkey_provider::config::Paths::default();
        Self {
            authorize: engine.authorize,
            token: engine.token,
            revoke: engine.revoke,
            introspect: engine.introspect,
            jwks: engine.jwks,
            oauth1_request_token: engine.oauth1_request_token,
            oauth1_authorize: engine.oauth1_authorize,
            oauth1_access_token: engine.oauth1_access_token,
            oauth1_verify: engine.oauth1_verify,
        }
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        let engine = valetkey_provider::config::ServerLifetimes::default();
        Self {
            code: Span(engine.code),
            access_token: Span(engine.access_token),
            refresh_idle: Span(engine.refresh_idle),
            refresh_absolute: Span(engine.refresh_absolute),
            refresh_retry: Span(engine.refresh_retry),
            flow: Span(engine.flow),
            session_idle: Span(engine.session_idle),
            session_absolute: Span(engine.session_absolute),
        }
    }
}

impl Default for Passwords {
    fn default() -> Self {
        let engine = valetkey_provider::config::PasswordPolicy::default();
        Self {
            min_length: engine.min_length,
            max_length: engine.max_length,
            parallel: engine.parallel,
            queue: engine.queue,
        }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        let engine = valetkey_provider::config::Limits::default();
        Self {
            logins_per_account: engine.per_account,
            logins_per_source: engine.per_source,
            login_window: Span(engine.window),
            wrong_secrets_per_source: engine.per_source_tokens,
            sign_ups_per_source: engine.sign_ups,
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        let engine = valetkey_provider::config::KeyPolicy::default();
        Self { rotate_every: Span(engine.rotate_every), publish_ahead: Span(engine.publish_ahead) }
    }
}
