//! An app that logs people in: code with PKCE (RFC 6749 §4.1, RFC 7636), then one request to the API.
//!
//! Start `valetkey dev`, then `cargo run -p demo-client`, then open <http://127.0.0.1:8000>. Another server is named by
//! `ISSUER`, another client by `CLIENT_ID`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, ensure};
use axum::{
    Router,
    extract::{Query, State},
    response::{AppendHeaders, Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use serde_json::Value;
use url::form_urlencoded::Serializer;
use valetkey_fetch::{Plain, Transport as _};

const REDIRECT_URI: &str = "http://127.0.0.1:8000/callback";
/// Cookies know no ports: the name keeps out of everybody else's way on this machine.
const COOKIE: &str = "demo_client_session";

struct App {
    issuer: String,
    client_id: String,
    http: Plain,
    /// By the cookie's value: logins under way (state and verifier), and people who are logged in.
    logins: Mutex<HashMap<String, (String, String)>>,
    people: Mutex<HashMap<String, Value>>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setting = |name, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let app = Arc::new(App {
        issuer: setting("ISSUER", "http://127.0.0.1:7000"),
        client_id: setting("CLIENT_ID", "demo-app"),
        http: Plain::new(),
        logins: Mutex::default(),
        people: Mutex::default(),
    });
    let routes = Router::new()
        .route("/", get(home))
        .route("/login", post(login))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .with_state(Arc::clone(&app));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await.context("port 8000 is taken")?;
    println!("The demo app is at http://127.0.0.1:8000 and logs people in with {}", app.issuer);
    Ok(axum::serve(listener, routes).await?)
}

async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Html<String> {
    let who = cookie(&headers).and_then(|cookie| lock(&app.people).get(&cookie).cloned());
    let Some(who) = who else {
        return page(
            "<p>Nobody is logged in.<form method=post action=/login><button>Log in with Valetkey</button></form>",
        );
    };
    let name = who["name"].as_str().or(who["username"].as_str()).unwrap_or("somebody");
    let facts = serde_json::to_string_pretty(&who).unwrap_or_default();
    let (name, facts) = (escape(name), escape(&facts));
    page(&format!(
        "<p>You are <b>{name}</b>.<pre>{facts}</pre><form method=post action=/logout><button>Forget me</button></form>"
    ))
}

/// Sends the browser to the server, and remembers with what.
async fn login(State(app): State<Arc<App>>) -> Response {
    let (cookie, state, verifier) = (random(), random(), random());
    let challenge = URL_SAFE_NO_PAD.encode(valetkey_crypto::digest::sha256(verifier.as_bytes()));
    let query = Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", &app.client_id),
            ("redirect_uri", REDIRECT_URI),
        ])
        .extend_pairs([("scope", "profile"), ("state", &state), ("code_challenge", &challenge)])
        .append_pair("code_challenge_method", "S256")
        .finish();
    lock(&app.logins).insert(cookie.clone(), (state, verifier));
    let set = format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax");
    (
        AppendHeaders([(header::SET_COOKIE, set)]),
        Redirect::to(&format!("{}/oauth2/authorize?{query}", app.issuer)),
    )
        .into_response()
}

/// The browser comes back with a code, or with a no.
async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(answer): Query<HashMap<String, String>>,
) -> Response {
    match who(&app, cookie(&headers).unwrap_or_default(), &answer).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => {
            page(&format!("<p>That did not work: {}.<p><a href=/>Back</a>", escape(&format!("{error:#}"))))
                .into_response()
        }
    }
}

async fn who(app: &App, cookie: String, answer: &HashMap<String, String>) -> anyhow::Result<()> {
    let (state, verifier) = lock(&app.logins)
        .remove(&cookie)
        .context("this app did not begin that login, so it takes no code from it")?;
    let told = |name: &str| answer.get(name).map(String::as_str).unwrap_or_default();
    ensure!(told("state") == state, "the answer belongs to another login");
    ensure!(told("iss") == app.issuer, "the answer is another server's (RFC 9207)");
    ensure!(told("error").is_empty(), "{}: {}", told("error"), told("error_description"));
    let form = Serializer::new(String::new())
        .extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", told("code")),
            ("redirect_uri", REDIRECT_URI),
        ])
        .extend_pairs([("client_id", app.client_id.as_str()), ("code_verifier", &verifier)])
        .finish();
    let ask = Request::post(format!("{}/oauth2/token", app.issuer));
    let ask =
        ask.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Bytes::from(form))?;
    let tokens: Value = serde_json::from_slice(app.http.send(ask).await?.body())?;
    let token = tokens["access_token"].as_str().with_context(|| format!("no token: {tokens}"))?;
    let ask = Request::get(format!("{}/api/me", app.issuer))
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let who = serde_json::from_slice(app.http.send(ask.body(Bytes::new())?).await?.body())?;
    lock(&app.people).insert(cookie, who);
    Ok(())
}

async fn logout(State(app): State<Arc<App>>, headers: HeaderMap) -> Redirect {
    cookie(&headers).and_then(|cookie| lock(&app.people).remove(&cookie));
    Redirect::to("/")
}

const STYLE: &str = ":root{color-scheme:light dark}body{margin:0;padding:1rem;font:1rem/1.6 system-ui,sans-serif}\
    main{max-width:34rem;margin:8vh auto;padding:1.5rem 2rem;border:1px solid #8886;border-radius:12px}\
    pre{padding:1rem;overflow:auto;border-radius:8px;background:#8882}\
    button{padding:.6rem 1.2rem;font:inherit;font-weight:600;border:0;border-radius:8px;background:#1d5a4c;color:#fff;cursor:pointer}";

fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=width=device-width>\
         <title>Demo app</title><style>{STYLE}</style><main><h1>Demo app</h1>{body}</main>"
    ))
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|pair| pair.strip_prefix(COOKIE)?.strip_prefix('=')).map(str::to_owned)
}

fn random() -> String {
    let mut octets = [0; 32];
    valetkey_crypto::random_bytes(&mut octets);
    URL_SAFE_NO_PAD.encode(octets)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
