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
