//! The pages one passes through: home, login, sign-up, set-up, consent, logout, error.

use serde::Serialize;

use super::{Message, Page, Problems};

/// `home.html`, at `/`.
#[derive(Clone, Default, Serialize)]
pub struct Home {
    /// What every page has.
    pub page: Page,
    /// The issuer's URL.
    pub issuer: String,
    /// The passwordless login of `dev`.
    pub demo: Option<Demo>,
}

/// `login.html`: `POST /login` with `csrf`, `flow`, `next`, `username`, `password`; a demo login sends `demo` (a username)
/// in place of the last two.
#[derive(Clone, Default, Serialize)]
pub struct Login {
    /// What every page has.
    pub page: Page,
    /// The flow that waits for this login.
    pub flow: Option<String>,
    /// The page of ours that waits for it instead (field `next`).
    pub next: Option<String>,
    /// What was typed before.
    pub username: String,
    /// Why the last attempt was refused: `problem.login`, `problem.slow_down` (with `seconds`), `problem.stale`.
    pub error: Option<Message>,
    /// The app that waits for this login.
    pub client: Option<ClientBadge>,
    /// Where to make an account (with the flow in its query), if that is allowed.
    pub signup_url: Option<String>,
    /// The passwordless login of `dev`.
    pub demo: Option<Demo>,
}

/// The passwordless login of `dev`: loopback only, loudly marked.
#[derive(Clone, Default, Serialize)]
pub struct Demo {
    /// The usernames to offer.
    pub accounts: Vec<String>,
    /// Whether any other name may be typed, which makes that account.
    pub takes_any_name: bool,
}

/// An app, as far as a login page names it.
#[derive(Clone, Default, Serialize)]
pub struct ClientBadge {
    /// Its name.
    pub name: String,
    /// The host of its site.
    pub host: Option<String>,
    /// Whether an administrator of this site has checked it.
    pub is_verified: bool,
}

/// `signup.html`: `POST /signup` with `csrf`, `flow`, `next`, `username`, `password`. Problems: `username`, `password`.
#[derive(Clone, Default, Serialize)]
pub struct Signup {
    /// What every page has.
    pub page: Page,
    /// The flow that waits for the new account.
    pub flow: Option<String>,
    /// The page of ours that waits for it instead (field `next`).
    pub next: Option<String>,
    /// What was typed before.
    pub username: String,
    /// What is wrong with the fields.
    pub problems: Problems,
    /// What is wrong with the whole.
    pub error: Option<Message>,
    /// The app that waits.
    pub client: Option<ClientBadge>,
    /// Where to log in instead (with the flow in its query).
    pub login_url: String,
    /// How long a password must be.
    pub password_length: usize,
}

/// `setup.html`: `POST /setup/{token}` with `csrf`, `username`, `password`. Problems: `username`, `password`.
#[derive(Clone, Default, Serialize)]
pub struct Setup {
    /// What every page has.
    pub page: Page,
    /// This page's own path with its token, where the form goes.
    pub action: String,
    /// What was typed before.
    pub username: String,
    /// What is wrong with the fields.
    pub problems: Problems,
    /// What is wrong with the whole.
    pub error: Option<Message>,
    /// How long a password must be.
    pub password_length: usize,
}

/// `consent.html`: `POST /consent` with `csrf`, `flow`, `scope` (once for each allowed), `decision` (`allow` or `deny`).
#[derive(Clone, Default, Serialize)]
pub struct Consent {
    /// What every page has.
    pub page: Page,
    /// The flow.
    pub flow: String,
    /// Who asks.
    pub client: ConsentClient,
    /// Where the answer goes: the redirect URI's host, or its scheme if it opens an app.
    pub redirect_host: String,
    /// Whether the answer is a code that the person carries to the app by hand (RFC 5849 §2.1, `oob`).
    pub is_by_hand: bool,
    /// The name of the account that gives.
    pub account: String,
    /// Where to log in as somebody else and come back to this flow.
    pub switch_url: String,
    /// What is asked for.
    pub scopes: Vec<ConsentScope>,
    /// The APIs it is asked for (RFC 8707), if any are named.
    pub resources: Vec<String>,
    /// How long one access token holds, in seconds; nothing if until it is revoked, as those of OAuth 1 do.
    pub access_seconds: Option<i64>,
    /// How long the app can renew it without asking, in seconds of disuse; nothing if it cannot.
    pub offline_seconds: Option<i64>,
}

/// An app that asks for consent.
#[derive(Clone, Default, Serialize)]
pub struct ConsentClient {
    /// Its name.
    pub name: String,
    /// The host of its site.
    pub host: Option<String>,
    /// Its site.
    pub site_url: Option<String>,
    /// Whether an administrator of this site has checked it.
    pub is_verified: bool,
    /// Whether the answer goes to a program on the person's own device (loopback or an app's own scheme), so that any
    /// program there could pose as this one.
    pub is_native: bool,
    /// Its privacy policy.
    pub policy_url: Option<String>,
    /// Its terms of service.
    pub terms_url: Option<String>,
}

/// One line of the consent page.
#[derive(Clone, Default, Serialize)]
pub struct ConsentScope {
    /// The scope's wire name.
    pub name: String,
    /// The scope in words, in the page's language.
    pub title: String,
    /// One sentence more.
    pub text: Option<String>,
    /// Whether it cannot be taken away.
    pub is_required: bool,
    /// Whether the account gave it to this app before.
    pub is_granted: bool,
    /// Whether its box is ticked.
    pub is_checked: bool,
}

/// `verifier.html`: what the person carries to an app by hand (RFC 5849 §2.2, `oob`).
#[derive(Clone, Default, Serialize)]
pub struct Verifier {
    /// What every page has.
    pub page: Page,
    /// The app's name.
    pub client_name: String,
    /// The code, as it is to be typed.
    pub verifier: String,
    /// How long it holds at the most.
    pub seconds: i64,
}

/// `logout.html`: `POST /logout` with `csrf`.
#[derive(Clone, Default, Serialize)]
pub struct Logout {
    /// What every page has.
    pub page: Page,
    /// The app that sent the person here.
    pub client: Option<ClientBadge>,
}

/// `logged_out.html`.
#[derive(Clone, Default, Serialize)]
pub struct LoggedOut {
    /// What every page has.
    pub page: Page,
}

/// `error.html`: every refusal that is a page.
#[derive(Clone, Default, Serialize)]
pub struct ErrorPage {
    /// What every page has.
    pub page: Page,
    /// Which error: `bad_request`, `untrusted_client`, `untrusted_redirect`, `flow_gone`, `stale_form`, `forbidden`,
    /// `not_found`, `slow_down`, `busy`, `internal`. Each has `title`, `text` and `hint` under `error.`.
    pub kind: &'static str,
    /// One plain sentence for the client's developer.
    pub detail: Option<String>,
    /// By which the log is searched.
    pub request_id: String,
    /// Where to go on.
    pub link: Option<Link>,
}

/// A link with its words.
#[derive(Clone, Default, Serialize)]
pub struct Link {
    /// Where it goes.
    pub url: String,
    /// What it says.
    pub text: Message,
}

/// `form_post.html`: an authorization response in the body of a POST (OAuth 2.0 Form Post Response Mode §2). The only
/// page with a script: the policy must carry its nonce.
#[derive(Clone, Default, Serialize)]
pub struct FormPost {
    /// The redirect URI.
    pub action: String,
    /// The response's parameters.
    pub fields: Vec<(String, String)>,
    /// The nonce of this answer's content security policy.
    pub nonce: String,
    /// The app's name.
    pub client_name: String,
}
