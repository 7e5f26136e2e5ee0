//! The pages of the administration.

use serde::Serialize;

use super::{AppRow, Message, Page, Paging, SessionRow};

/// `admin.html`, at `/admin`.
#[derive(Clone, Default, Serialize)]
pub struct Admin {
    /// What every page has.
    pub page: Page,
    /// The issuer's URL.
    pub issuer: String,
    /// The server's version.
    pub version: String,
    /// When the server started.
    pub started_at: i64,
    /// How many accounts, apps, sessions and grants there are.
    pub counts: Counts,
    /// Figures per hour: `logins`, `failed`, `consents`, `refusals`.
    pub charts: Vec<Chart>,
    /// What the configuration weakens, in the log's own words.
    pub warnings: Vec<String>,
    /// The last few refusals.
    pub refusals: Vec<RefusalRow>,
}

/// How many there are.
#[derive(Clone, Default, Serialize)]
pub struct Counts {
    /// Accounts.
    pub accounts: u64,
    /// Clients.
    pub clients: u64,
    /// Open sessions.
    pub sessions: u64,
    /// Living grants.
    pub grants: u64,
}

/// Figures per hour, the current hour last.
#[derive(Clone, Default, Serialize)]
pub struct Chart {
    /// Its name under `chart.`.
    pub name: &'static str,
    /// The figures.
    pub values: Vec<u64>,
}

/// `admin_clients.html`: `POST /admin/clients/{id}/disable`, `…/enable`, `…/revoke-tokens`.
#[derive(Clone, Default, Serialize)]
pub struct AdminClients {
    /// What every page has.
    pub page: Page,
    /// What was searched for (field `q`).
    pub query: String,
    /// The rows.
    pub clients: Vec<AppRow>,
    /// The pages around.
    pub paging: Paging,
}

/// `admin_accounts.html`: `POST /admin/accounts/{id}/disable`, `…/enable`, `…/end-sessions`.
#[derive(Clone, Default, Serialize)]
pub struct AdminAccounts {
    /// What every page has.
    pub page: Page,
    /// What was searched for (field `q`).
    pub query: String,
    /// The rows.
    pub accounts: Vec<AccountRow>,
    /// The pages around.
    pub paging: Paging,
}

/// An account in a list.
#[derive(Clone, Default, Serialize)]
pub struct AccountRow {
    /// Its id.
    pub id: String,
    /// Its username.
    pub username: String,
    /// Whether it administers.
    pub is_admin: bool,
    /// Whether it is switched off.
    pub is_disabled: bool,
    /// Whether it came with `dev`.
    pub is_demo: bool,
    /// Whether it is the one that looks at this page.
    pub is_me: bool,
    /// When it was made.
    pub created_at: i64,
    /// When it last logged in.
    pub last_login_at: Option<i64>,
    /// How many sessions it has.
    pub sessions: u64,
}

/// `admin_sessions.html`; its buttons are those of the accounts.
#[derive(Clone, Default, Serialize)]
pub struct AdminSessions {
    /// What every page has.
    pub page: Page,
    /// The rows.
    pub sessions: Vec<SessionRow>,
    /// The pages around.
    pub paging: Paging,
}

/// `admin_keys.html`: `POST /admin/keys/rotate`.
#[derive(Clone, Default, Serialize)]
pub struct AdminKeys {
    /// What every page has.
    pub page: Page,
    /// The keys, the newest first.
    pub keys: Vec<KeyRow>,
    /// When the schedule rotates next.
    pub next_rotation_at: Option<i64>,
}

/// A signing key.
#[derive(Clone, Default, Serialize)]
pub struct KeyRow {
    /// Its `kid`.
    pub kid: String,
    /// Its `alg`.
    pub algorithm: String,
    /// `published` (not yet used), `active`, `retiring` (only verifies), `retired`.
    pub state: &'static str,
    /// When it was made.
    pub created_at: i64,
    /// From when it signs.
    pub active_from: Option<i64>,
    /// From when it is no longer published.
    pub gone_from: Option<i64>,
}

/// `admin_refusals.html`.
#[derive(Clone, Default, Serialize)]
pub struct AdminRefusals {
    /// What every page has.
    pub page: Page,
    /// The request id that was searched for (field `request_id`).
    pub request_id: String,
    /// The rows, the newest first.
    pub refusals: Vec<RefusalRow>,
    /// The pages around.
    pub paging: Paging,
}

/// A refused request.
#[derive(Clone, Default, Serialize)]
pub struct RefusalRow {
    /// When.
    pub at: i64,
    /// The id in the answer and the log.
    pub request_id: String,
    /// Which endpoint refused.
    pub endpoint: String,
    /// The client id, as far as it is known.
    pub client_id: Option<String>,
    /// The wire's error code.
    pub code: String,
    /// Our own reason.
    pub reason: String,
    /// What a signature of OAuth 1 was held against.
    pub signature: Option<SignatureRow>,
}

/// A signed request (RFC 5849 §3) that was refused.
#[derive(Clone, Default, Serialize)]
pub struct SignatureRow {
    /// The signature method that it named.
    pub method: String,
    /// `header`, `query` or `body`; what else it may be has no text.
    pub carriage: String,
    /// The base string as we make it.
    pub base_string: String,
    /// The base string's method and address, readable; nothing if it has no such parts.
    pub request: Option<String>,
    /// Its parameters, one a line.
    pub parameters: String,
    /// How many seconds its clock is ahead of ours.
    pub clock_skew: Option<i64>,
    /// Whether its nonce had been used.
    pub nonce_was_used: bool,
    /// What to mend.
    pub advice: String,
    /// The command that signs such a request rightly; nothing if the base string has no such parts.
    pub sign: Option<String>,
}

/// `admin_oauth1.html`, at `/admin/oauth1`.
#[derive(Clone, Default, Serialize)]
pub struct AdminOAuth1 {
    /// What every page has.
    pub page: Page,
    /// Whether OAuth 1 is spoken here at all.
    pub is_on: bool,
    /// When it ends for everybody.
    pub sunset_at: Option<i64>,
    /// Where developers read how to move over.
    pub sunset_link: Option<String>,
    /// How many days the figures show.
    pub days: usize,
    /// The first second of each day, today's last.
    pub dates: Vec<i64>,
    /// Signed requests, a row a signature method; as many figures as there are days.
    pub methods: Vec<Series>,
    /// Exchanges for OAuth 2 tokens a day.
    pub exchanges: Vec<u64>,
    /// Signed requests a day, all methods together.
    pub signed: Vec<u64>,
    /// Who still signs, or could: the most active first.
    pub clients: Vec<CrossingRow>,
    /// How many more there are.
    pub unlisted: usize,
}

/// Figures of one name.
#[derive(Clone, Default, Serialize)]
pub struct Series {
    /// The signature method.
    pub name: String,
    /// A figure a day.
    pub values: Vec<u64>,
}

/// How far a client has come on its way over to OAuth 2.
#[derive(Clone, Default, Serialize)]
pub struct CrossingRow {
    /// Its client id.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Whether it was deleted.
    pub is_gone: bool,
    /// Whether it is switched off.
    pub is_disabled: bool,
    /// How often it signed in these days.
    pub signed: u64,
    /// With which methods, the most used first.
    pub methods: Vec<String>,
    /// When it last signed.
    pub last_at: Option<i64>,
    /// How many of its token credentials are alive.
    pub live: u64,
    /// How many of these were exchanged.
    pub exchanged: u64,
    /// From when on it must use OAuth 2.
    pub sunset_at: Option<i64>,
}

/// `admin_events.html`.
#[derive(Clone, Default, Serialize)]
pub struct AdminEvents {
    /// What every page has.
    pub page: Page,
    /// The rows, the newest first.
    pub events: Vec<EventRow>,
    /// The pages around.
    pub paging: Paging,
}

/// A line of the audit trail.
#[derive(Clone, Default, Serialize)]
pub struct EventRow {
    /// When.
    pub at: i64,
    /// What, with its arguments: a text under `event.`.
    pub what: Message,
    /// The account it happened to.
    pub account: Option<String>,
    /// The client it happened with.
    pub client_id: Option<String>,
    /// Who did it, if not the account itself.
    pub actor: Option<String>,
    /// From where.
    pub place: Option<String>,
}
