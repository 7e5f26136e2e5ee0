//! An app that logs people in with OAuth 1.0a: the three legs of RFC 5849, then one signed request to the API.
//!
//! Start `valetkey dev`, which prints a consumer key and secret, then
//! `CONSUMER_KEY=… CONSUMER_SECRET=… cargo run -p oauth1-client`, then open <http://127.0.0.1:8000>. Another server is
//! named by `ISSUER`; `METHOD` names another signature method than HMAC-SHA256.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, bail, ensure};
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
use valetkey_crypto::Secret;
use valetkey_fetch::{Plain, Transport as _};
use valetkey_oauth1::{
    Methods, Secrets, Signer,
    answers::{TemporaryCredentials, TokenCredentials},
    challenge::Challenge,
    sign::{Outgoing, Stamp},
};

const CALLBACK: &str = "http://127.0.0.1:8000/callback";
/// Cookies know no ports: the name keeps out of everybody else's way on this machine.
const COOKIE: &str = "oauth1_client_session";

struct App {
    issuer: String,
    key: String,
    secret: Secret,
    method: String,
    methods: Methods,
    http: Plain,
    /// By the cookie's value: logins under way, and what people have allowed.
    logins: Mutex<HashMap<String, TemporaryCredentials>>,
    people: Mutex<HashMap<String, Arc<TokenCredentials>>>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setting = |name, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let needed =
        |name| std::env::var(name).with_context(|| format!("{name} is not set: `valetkey dev` prints it"));
    let app = Arc::new(App {
        issuer: setting("ISSUER", "http://127.0.0.1:7000"),
        key: needed("CONSUMER_KEY")?,
        secret: Secret::new(needed("CONSUMER_SECRET")?),
        method: setting("METHOD", "HMAC-SHA256"),
        methods: Methods::all(),
        http: Plain::new(),
        logins: Mutex::default(),
        people: Mutex::default(),
    });
    ensure!(app.methods.find(&app.method).is_some(), "there is no signature method {}", app.method);
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

const LOGIN: &str = "<form method=post action=/login><button>Log in with Valetkey</button></form>";

/// Asks the API who is here, with a signed request (§3), each time: what was taken back is over at once.
async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Html<String> {
    let held = cookie(&headers).and_then(|cookie| lock(&app.people).get(&cookie).cloned());
    let Some(token) = held else { return page(&format!("<p>Nobody is logged in.{LOGIN}")) };
    match who(&app, &token).await {
        Ok(who) => {
            let name = who["name"].as_str().or(who["username"].as_str()).unwrap_or("somebody");
            let facts = serde_json::to_string_pretty(&who).unwrap_or_default();
            let (name, facts) = (escape(name), escape(&facts));
            page(&format!(
                "<p>You are <b>{name}</b>.<pre>{facts}</pre><form method=post action=/logout><button>Forget me</button></form>"
            ))
        }
        Err(error) => {
            page(&format!("<p>Who you are is not to be had: {}.{LOGIN}", escape(&error.to_string())))
        }
    }
}

async fn who(app: &App, token: &TokenCredentials) -> anyhow::Result<Value> {
    let url = format!("{}/api/me", app.issuer);
    let body = send(app, "GET", &url, Some((&token.token, &token.secret)), None).await?;
    Ok(serde_json::from_slice(&body)?)
}

/// The first leg: temporary credentials (RFC 5849 §2.1); the second is the browser's (§2.2).
async fn login(State(app): State<Arc<App>>) -> Response {
    let begun = async {
        let url = format!("{}/oauth1/request_token", app.issuer);
        let body = send(&app, "POST", &url, None, Some(("oauth_callback", CALLBACK))).await?;
        TemporaryCredentials::parse(&body).context("the answer holds no temporary credentials")
    };
    match begun.await {
        Ok(temporary) => {
            let cookie = random();
            let onward = format!("{}/oauth1/authorize?oauth_token={}", app.issuer, temporary.token);
            lock(&app.logins).insert(cookie.clone(), temporary);
            let set = format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax");
            (AppendHeaders([(header::SET_COOKIE, set)]), Redirect::to(&onward)).into_response()
        }
        Err(error) => sorry(&error),
    }
}

/// The browser comes back with a verifier, or with a no.
async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(answer): Query<HashMap<String, String>>,
) -> Response {
    match trade(&app, cookie(&headers).unwrap_or_default(), &answer).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => sorry(&error),
    }
}

/// The third leg: token credentials (§2.3).
async fn trade(app: &App, cookie: String, answer: &HashMap<String, String>) -> anyhow::Result<()> {
    let temporary = lock(&app.logins)
        .remove(&cookie)
        .context("this app did not begin that login, so it takes no verifier from it")?;
    let told = |name: &str| answer.get(name).map(String::as_str).unwrap_or_default();
    ensure!(told("oauth_token") == temporary.token, "the answer belongs to another login");
    if !told("oauth_problem").is_empty() {
        bail!("the server says {}", told("oauth_problem"));
    }
    let url = format!("{}/oauth1/access_token", app.issuer);
    let own = (temporary.token.as_str(), &temporary.secret);
    let body = send(app, "POST", &url, Some(own), Some(("oauth_verifier", told("oauth_verifier")))).await?;
    let token = TokenCredentials::parse(&body).context("the answer holds no token")?;
    lock(&app.people).insert(cookie, Arc::new(token));
    Ok(())
}

/// Signs a request, sends it, and answers the body; a refusal is an error, with what the server says of it.
async fn send(
    app: &App,
    method: &str,
    url: &str,
    token: Option<(&str, &Secret)>,
    parameter: Option<(&str, &str)>,
) -> anyhow::Result<Bytes> {
    let own = app.methods.find(&app.method).context("the signature method is gone")?;
    let secrets = Secrets { client: &app.secret, token: token.map(|(_, secret)| secret) };
    let mut signer = Signer::new(own, &app.key, secrets.into());
    if let Some((token, _)) = token {
        signer = signer.token(token);
    }
    if let Some((name, value)) = parameter {
        signer = signer.parameter(name, value);
    }
    #[expect(clippy::disallowed_methods, reason = "an app has no clock but the machine's")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let nonce = random();
    let signed = signer.sign(&Outgoing::new(method, url), &Stamp::new(i64::try_from(now)?, &nonce))?;
    let header = signed.authorization.context("the signature belongs into a header")?;
    let ask = Request::builder().method(method).uri(url).header(header::AUTHORIZATION, header);
    let (answer, body) = app.http.send(ask.body(Bytes::new())?).await?.into_parts();
    if !answer.status.is_success() {
        let challenge = answer.headers.get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let said = Challenge::parse(challenge.unwrap_or_default()).and_then(|told| told.report);
        let problem = said.map_or("no more", |report| report.problem.as_str());
        bail!("the server answers {} and says {problem}", answer.status);
    }
    Ok(body)
}

async fn logout(State(app): State<Arc<App>>, headers: HeaderMap) -> Redirect {
    cookie(&headers).and_then(|cookie| lock(&app.people).remove(&cookie));
    Redirect::to("/")
}

fn sorry(error: &anyhow::Error) -> Response {
    page(&format!("<p>That did not work: {}.<p><a href=/>Back</a>", escape(&format!("{error:#}"))))
        .into_response()
}

const STYLE: &str = ":root{color-scheme:light dark}body{margin:0;padding:1rem;font:1rem/1.6 system-ui,sans-serif}\
    main{max-width:34rem;margin:8vh auto;padding:1.5rem 2rem;border:1px solid #8886;border-radius:12px}\
    pre{padding:1rem;overflow:auto;border-radius:8px;background:#8882}\
    button{padding:.6rem 1.2rem;font:inherit;font-weight:600;border:0;border-radius:8px;background:#1d5a4c;color:#fff;cursor:pointer}";

fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=width=device-width>\
         <link rel=icon href=data:,><title>OAuth 1 demo app</title><style>{STYLE}</style><main><h1>OAuth 1 demo app</h1>{body}</main>"
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
