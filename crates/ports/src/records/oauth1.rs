//! OAuth 1.0a: temporary credentials, token credentials, and what a client signs with (RFC 5849 §1.1).

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use valetkey_oauth2::{AccountId, ClientId, GrantId, HandleHash, RedirectUri, Scope, SessionId, Timestamp};

/// A secret that signatures need in clear, sealed under the master key and bound to its row. Prints nothing.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes what the sealer gave.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// For the sealer, and the store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for Sealed {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        URL_SAFE_NO_PAD.decode(text).map(Self)
    }
}

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        URL_SAFE_NO_PAD.encode(sealed.0)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// What a client has for OAuth 1: a credential of its own, beside those of OAuth 2 (decision 6).
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct OAuth1Client {
    /// The signature methods it may use, by their names; none: as the server says.
    #[serde(default)]
    pub methods: Option<Vec<String>>,
    /// Its shared secrets: one, or two while one is being replaced. None for a client that signs with RSA only.
    #[serde(default)]
    pub secrets: Vec<SharedSecret>,
    /// Its RSA public keys, as SPKI in PEM.
    #[serde(default)]
    pub rsa_keys: Vec<String>,
    /// Whether it may ask for `oob`: the person carries the verifier by hand.
    #[serde(default)]
    pub may_use_oob: bool,
    /// Whether a request that it signs without a token is an answerable one (two-legged).
    #[serde(default)]
    pub may_sign_alone: bool,
    /// How long its token credentials live; none: as the server says, which by default is until they are revoked.
    #[serde(default)]
    pub token_lifetime: Option<Duration>,
    /// From when on it must use OAuth 2.
    #[serde(default)]
    pub sunset: Option<Timestamp>,
}

impl OAuth1Client {
    /// The shared secrets that are accepted at that time.
    pub fn live_secrets(&self, now: Timestamp) -> impl Iterator<Item = &SharedSecret> {
        self.secrets.iter().filter(move |secret| secret.expires_at.is_none_or(|until| now < until))
    }
}

/// A client's shared secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SharedSecret {
    /// The secret.
    pub sealed: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being accepted; none: until replaced.
    pub expires_at: Option<Timestamp>,
}

/// Where a verifier goes (RFC 5849 §2.1, `oauth_callback`).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Callback {
    /// To that address.
    Uri(RedirectUri),
    /// To the person, who carries it by hand (`oob`).
    OutOfBand,
}

impl Callback {
    /// The address, where there is one.
    #[must_use]
    pub const fn uri(&self) -> Option<&RedirectUri> {
        match self {
            Self::Uri(uri) => Some(uri),
            Self::OutOfBand => None,
        }
    }
}

/// Temporary credentials (RFC 5849 §2.1): short-lived, one client's, for one person, used once.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct TemporaryCredentials {
    /// Under which hash they are kept.
    pub hash: HandleHash,
    /// Whose they are.
    pub client: ClientId,
    /// The shared secret.
    pub secret: Sealed,
    /// Where the verifier goes.
    pub callback: Callback,
    /// The realms that are asked for.
    pub scope: Scope,
    /// When they die.
    pub expires_at: Timestamp,
    /// How far they have come.
    pub stage: Stage,
}

/// How far temporary credentials have come.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The client has them; nobody has decided.
    Asked,
    /// Somebody has allowed it.
    Allowed(Allowance),
    /// Somebody has said no, or too many verifiers were tried.
    Denied,
    /// They were exchanged for token credentials.
    Exchanged,
}

/// What a person allowed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Allowance {
    /// What is kept of the verifier.
    pub verifier: HandleHash,
    /// Who.
    pub account: AccountId,
    /// In which session.
    pub session: Option<SessionId>,
    /// What.
    pub scope: Scope,
    /// The grant that the token credentials will hang from.
    pub grant: GrantId,
    /// When; after every not-before mark of that moment.
    pub authorized_at: Timestamp,
}

/// Token credentials (RFC 5849 §2.3): what signs for a person. They hang from a grant like every token.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct TokenCredentials {
    /// Under which hash they are kept.
    pub hash: HandleHash,
    /// What they hang from.
    pub grant: GrantId,
    /// The shared secret.
    pub secret: Sealed,
    /// When they were issued.
    pub issued_at: Timestamp,
    /// When they die; none: when they are revoked.
    pub expires_at: Option<Timestamp>,
    /// When they were last exchanged for OAuth 2 tokens.
    pub exchanged_at: Option<Timestamp>,
}

/// Token credentials with the grant that they hang from, as one read finds them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Held {
    /// The credentials.
    pub credentials: TokenCredentials,
    /// The most that they may do.
    pub scope: Scope,
    /// When the grant was last used.
    pub last_used_at: Timestamp,
}

/// How often something was done by one client on one day.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Use {
    /// By whom.
    pub client: ClientId,
    /// The first second of the day (UTC).
    pub day: Timestamp,
    /// What: a signature method's name, or another word of the engine's.
    pub what: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// How far one client has come on its way over to OAuth 2.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Crossing {
    /// Which.
    pub client: ClientId,
    /// How many of its token credentials are alive.
    pub live: u64,
    /// How many of these were exchanged for OAuth 2 tokens.
    pub exchanged: u64,
}
