//! The pages of a person's own account.

use serde::Serialize;

use super::{Message, Page, Problems};

/// `account.html`, at `/account`.
#[derive(Clone, Default, Serialize)]
pub struct Account {
    /// What every page has.
    pub page: Page,
    /// Since when the account is there.
    pub created_at: i64,
    /// When the password was last changed.
    pub password_changed_at: Option<i64>,
    /// How many sessions are open.
    pub sessions: usize,
    /// How many apps are connected.
    pub apps: usize,
    /// What happened lately.
    pub events: Vec<AccountEvent>,
}

/// One line of an account's history.
#[derive(Clone, Default, Serialize)]
pub struct AccountEvent {
    /// When.
    pub at: i64,
    /// What, with its arguments: a text under `event.`.
    pub what: Message,
    /// From where, in words.
    pub place: Option<String>,
}

/// `account_password.html`: `POST /account/password` with `csrf`, `current_password`, `new_password`. Problems go by
/// these names.
#[derive(Clone, Default, Serialize)]
pub struct AccountPassword {
    /// What every page has.
    pub page: Page,
    /// What is wrong with the fields.
    pub problems: Problems,
    /// What is wrong with the whole.
    pub error: Option<Message>,
    /// How long a password must be.
    pub password_length: usize,
}

/// `account_sessions.html`: `POST /account/sessions/end` with `csrf` and `session` (an id, or `all_others`).
#[derive(Clone, Default, Serialize)]
pub struct AccountSessions {
    /// What every page has.
    pub page: Page,
    /// The open sessions, this one first.
    pub sessions: Vec<SessionRow>,
}

/// A session.
#[derive(Clone, Default, Serialize)]
pub struct SessionRow {
    /// Its public id (never the cookie's value).
    pub id: String,
    /// The account, where a list shows several.
    pub username: String,
    /// The account's id, where a list shows several.
    pub account_id: String,
    /// Browser and system, in words.
    pub device: String,
    /// Address or place.
    pub place: String,
    /// When it was opened.
    pub started_at: i64,
    /// When it was last used.
    pub last_seen_at: i64,
    /// Whether it is the one that looks at this page.
    pub is_current: bool,
}

/// `account_apps.html`, at `/account/apps`: `POST /account/apps/revoke` with `csrf` and `client_id`.
#[derive(Clone, Default, Serialize)]
pub struct AccountApps {
    /// What every page has.
    pub page: Page,
    /// The connected apps, the last used first.
    pub apps: Vec<ConnectedApp>,
}

/// An app that an account has let in.
#[derive(Clone, Default, Serialize)]
pub struct ConnectedApp {
    /// Its client id.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// The host of its site.
    pub host: Option<String>,
    /// Whether an administrator of this site has checked it.
    pub is_verified: bool,
    /// What it may do.
    pub scopes: Vec<ScopeLine>,
    /// When it was first let in.
    pub granted_at: i64,
    /// When it last used that.
    pub last_used_at: Option<i64>,
    /// Whether it signs for this person as OAuth 1 does.
    pub uses_oauth1: bool,
    /// Whether it holds tokens of OAuth 2.
    pub uses_oauth2: bool,
}

/// A scope in words.
#[derive(Clone, Default, Serialize)]
pub struct ScopeLine {
    /// Its wire name.
    pub name: String,
    /// In words.
    pub title: String,
}
