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
/// line), `type`, `grant` (repeated), `scope` (repeated), `logo_url`, `policy_url`, `terms_url`, `token_format`;
/// and `oauth1` (`on`), `oauth1_method` (repeated), `oauth1_rsa_keys` (in PEM, one after another), `oauth1_oob`,
/// `oauth1_alone`, `oauth1_days`, `oauth1_sunset`. Problems go by these names.
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
    /// Its side of OAuth 1; nothing where the server does not speak it.
    pub oauth1: Option<OAuth1Form>,
    /// What is wrong with the fields.
    pub problems: Problems,
    /// What is wrong with the whole.
    pub error: Option<Message>,
}

/// The part of `app_form.html` that is about OAuth 1.
#[derive(Clone, Default, Serialize)]
pub struct OAuth1Form {
    /// Whether the app speaks it.
    pub is_on: bool,
    /// The signature methods there are.
    pub methods: Vec<MethodChoice>,
    /// What holds where none is ticked.
    pub default_methods: Vec<String>,
    /// Its RSA public keys in PEM, one after another.
    pub rsa_keys: String,
    /// Whether the person may carry the verifier by hand.
    pub may_use_oob: bool,
    /// Whether it may sign without a token.
    pub may_sign_alone: bool,
    /// How many days its token credentials live; empty: as the server says.
    pub days: String,
    /// How long the server lets them live, in seconds; nothing: until they are revoked.
    pub default_seconds: Option<i64>,
    /// From when on it must use OAuth 2; empty: as the server says.
    pub sunset: String,
}

/// A signature method to tick.
#[derive(Clone, Default, Serialize)]
pub struct MethodChoice {
    /// Its name.
    pub name: String,
    /// Whether it is weak: why, is a text under `weak_method.`.
    pub is_weak: bool,
    /// Whether it is ticked.
    pub is_checked: bool,
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

/// `app_secret.html`: after `POST /apps/new`, `POST /apps/{id}/secret` and `POST /apps/{id}/oauth1-secret`. What is
/// secret is shown this once.
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
    /// Whether it speaks OAuth 1, where its client id is the consumer key.
    pub has_oauth1: bool,
    /// The shared secret for OAuth 1.
    pub oauth1_secret: Option<String>,
    /// A command that works when pasted.
    pub curl: Option<String>,
}

/// `app.html`, at `/apps/{id}`: `POST /apps/{id}/secret`, `…/secret/retire`, `…/oauth1-secret`,
/// `…/oauth1-secret/retire`, `…/delete` (with `confirm` = `yes`).
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
    /// Its side of OAuth 1, if it speaks it.
    pub oauth1: Option<OAuth1Facts>,
    /// How many accounts have connected it.
    pub accounts: u64,
    /// Its privacy policy.
    pub policy_url: Option<String>,
    /// Its terms of service.
    pub terms_url: Option<String>,
}

/// What an app has for OAuth 1.
#[derive(Clone, Default, Serialize)]
pub struct OAuth1Facts {
    /// Whether the server speaks it at all.
    pub is_served: bool,
    /// The signature methods that it may use.
    pub methods: Vec<String>,
    /// The weak ones of these: why, is a text under `weak_method.`.
    pub weak_methods: Vec<String>,
    /// Its RSA public keys, in PEM.
    pub rsa_keys: Vec<String>,
    /// Whether the person may carry the verifier by hand.
    pub may_use_oob: bool,
    /// Whether it may sign without a token.
    pub may_sign_alone: bool,
    /// How long its token credentials live, in seconds; nothing: until they are revoked.
    pub token_seconds: Option<i64>,
    /// From when on it must use OAuth 2.
    pub sunset_at: Option<i64>,
    /// Where the three requests go, in their order (RFC 5849 §2).
    pub endpoints: Vec<String>,
    /// Its living shared secrets, the newest first.
    pub secrets: Vec<SecretRow>,
}

/// A client secret, without the secret.
#[derive(Clone, Default, Serialize)]
pub struct SecretRow {
    /// When it was made.
    pub created_at: i64,
    /// When it ends, where another has taken its place.
    pub expires_at: Option<i64>,
}
