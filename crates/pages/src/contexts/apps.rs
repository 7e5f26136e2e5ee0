//! The pages of a developer's apps.

use serde::Serialize;

use super::{Message, Page, Problems};

/// `apps.html`, at `/apps`.
#[derive(Clone, Default, Serialize)]
pub struct Apps {
    /// What every page has.
    pub page: Page,
    /// The developer's apps.
    pub apps: Vec<AppRow>,
}

/// One app in a list.
#[derive(Clone, Default, Serialize)]
pub struct AppRow {
    /// Its client id.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// The host of its site.
    pub host: Option<String>,
    /// `confidential`, `public` or `native`.
    pub kind: &'static str,
    /// Who owns it, where a list shows several developers' apps.
    pub owner: Option<String>,
    /// When it was registered.
    pub created_at: i64,
    /// When a token was last issued to it.
    pub last_used_at: Option<i64>,
    /// Whether an administrator has switched it off.
    pub is_disabled: bool,
    /// Whether an administrator of this site has checked it.
    pub is_verified: bool,
    /// Whether it came with `dev`.
    pub is_demo: bool,
}

/// `app_form.html`: `POST /apps/new` or `POST /apps/{id}/edit` with `csrf`, `name`, `site`, `redirect_uris` (one a
/// line), `type`, `grant` (repeated), `scope` (repeated), `logo_url`, `policy_url`, `terms_url`, `token_format`.
/// Problems go by these names.
#[derive(Clone, Default, Serialize)]
pub struct AppForm {
    /// What every page has.
    pub page: Page,
    /// The app that is edited; nothing for a new one.
    pub client_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its site.
    pub site: String,
    /// Its redirect URIs, one a line.
    pub redirect_uris: String,
    /// `confidential`, `public` or `native` (field `type`).
    pub kind: &'static str,
    /// The grant types there are; each has its words under `grant.`.
    pub grants: Vec<Choice>,
    /// The scopes there are.
    pub scopes: Vec<Choice>,
    /// Its logo.
    pub logo_url: String,
    /// Its privacy policy.
    pub policy_url: String,
    /// Its terms of service.
    pub terms_url: String,
    /// `jwt` or `opaque`.
    pub token_format: &'static str,
    /// What is wrong with the fields.
    pub problems: Problems,
    /// What is wrong with the whole.
    pub error: Option<Message>,
}

/// A box to tick.
#[derive(Clone, Default, Serialize)]
pub struct Choice {
    /// The value it sends.
    pub value: String,
    /// What it says (scopes; a grant type's words are in the catalogue).
    pub title: String,
    /// Whether it is ticked.
    pub is_checked: bool,
}

/// `app_secret.html`: after `POST /apps/new` and `POST /apps/{id}/secret`. The secret is shown this once.
#[derive(Clone, Default, Serialize)]
pub struct AppSecret {
    /// What every page has.
    pub page: Page,
    /// Whether the app is new; else its secret is.
    pub is_new: bool,
    /// Its client id.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// The secret; a public or native app has none.
    pub secret: Option<String>,
    /// A command that works when pasted.
    pub curl: Option<String>,
}

/// `app.html`, at `/apps/{id}`: `POST /apps/{id}/secret`, `…/secret/retire`, `…/delete` (with `confirm` = `yes`).
#[derive(Clone, Default, Serialize)]
pub struct App {
    /// What every page has.
    pub page: Page,
    /// The app.
    pub app: AppRow,
    /// Its site.
    pub site_url: Option<String>,
    /// Its redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Its grant types, wire names.
    pub grants: Vec<String>,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// `jwt` or `opaque`.
    pub token_format: &'static str,
    /// Its living secrets, the newest first: none, one, or two while one is being replaced.
    pub secrets: Vec<SecretRow>,
    /// How many accounts have connected it.
    pub accounts: u64,
    /// Its privacy policy.
    pub policy_url: Option<String>,
    /// Its terms of service.
    pub terms_url: Option<String>,
}

/// A client secret, without the secret.
#[derive(Clone, Default, Serialize)]
pub struct SecretRow {
    /// When it was made.
    pub created_at: i64,
    /// When it ends, where another has taken its place.
    pub expires_at: Option<i64>,
}
