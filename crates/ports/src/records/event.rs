//! What is written down: the audit's events and the recent refusals.

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{AccountId, ClientId, GrantId, Timestamp};

/// One line of the audit.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Whose account it concerns.
    pub account: Option<AccountId>,
    /// Which client.
    pub client: Option<ClientId>,
    /// Which grant.
    pub grant: Option<GrantId>,
    /// Who did it, if not the account itself: an administrator, or the command line.
    pub by: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// In a few words what else is to be known; never a secret.
    pub detail: String,
}

impl Event {
    /// An event with nothing but its kind and time.
    #[must_use]
    pub fn new(kind: EventKind, at: Timestamp) -> Self {
        Self {
            at,
            kind,
            account: None,
            client: None,
            grant: None,
            by: None,
            address: None,
            detail: String::new(),
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum EventKind {
            $($(#[$doc])* $variant),+
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Finds a kind by its name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
            }
        }
    };
}

kinds! {
    /// Somebody logged in.
    Login = "login",
    /// A login was refused.
    LoginFailed = "login_failed",
    /// Somebody logged out.
    Logout = "logout",
    /// An account was made.
    AccountCreated = "account_created",
    /// An account was changed, disabled or enabled.
    AccountChanged = "account_changed",
    /// An account was deleted.
    AccountDeleted = "account_deleted",
    /// A password was changed.
    PasswordChanged = "password_changed",
    /// A session was ended by its owner or an operator.
    SessionEnded = "session_ended",
    /// A consent was given.
    ConsentGiven = "consent_given",
    /// A consent was refused.
    ConsentDenied = "consent_denied",
    /// A consent was withdrawn.
    ConsentWithdrawn = "consent_withdrawn",
    /// A client was registered.
    ClientCreated = "client_created",
    /// A client was changed.
    ClientChanged = "client_changed",
    /// A client was deleted.
    ClientDeleted = "client_deleted",
    /// A client's secret was replaced.
    SecretRotated = "secret_rotated",
    /// A grant was revoked.
    GrantRevoked = "grant_revoked",
    /// A token was revoked.
    TokenRevoked = "token_revoked",
    /// An authorization code was presented again.
    CodeReplayed = "code_replayed",
    /// A refresh token was presented again after its time.
    RefreshReused = "refresh_reused",
    /// OAuth 1 token credentials were exchanged for OAuth 2 tokens.
    TokenExchanged = "token_exchanged",
    /// A signing key was made, rotated or retired.
    KeyRotated = "key_rotated",
}

/// One recent refusal, for the developer who asks why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// The id that the answer carried.
    pub request_id: String,
    /// When.
    pub at: Timestamp,
    /// Which endpoint.
    pub endpoint: String,
    /// Which client, as far as was known.
    pub client: Option<String>,
    /// The code on the wire.
    pub code: String,
    /// The full reason.
    pub reason: String,
    /// From where.
    pub address: Option<String>,
    /// What a signature of OAuth 1 was held against, where one was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<RefusedSignature>,
}

/// An OAuth 1 request that was refused, without what is the client's own business: enough to tell its developer what to
/// mend.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RefusedSignature {
    /// The signature method that it named.
    pub method: String,
    /// Where it carried its parameters: `header`, `query` or `body`.
    pub carriage: String,
    /// The base string as we make it, with the values of the application's own parameters masked.
    pub base_string: String,
    /// How many seconds its clock is ahead of ours.
    pub clock_skew: Option<i64>,
    /// Whether its nonce had been used.
    pub nonce_was_used: bool,
    /// One sentence: what to mend.
    pub advice: String,
}

impl Refusal {
    /// How many are kept.
    pub const KEPT: u32 = 10_000;
}
