//! A made-up issuer behind a made-up network, and a clock that jumps.
#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses its part")]
#![allow(clippy::needless_pass_by_value, reason = "tests read better so")]
#![allow(clippy::unwrap_used, reason = "tests")]

pub(crate) mod oauth1;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use axum::{Router, routing::any};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use valetkey_guard::{
    Algorithm, Clock, FetchError, Guard, LocalVerifier, OAuth, RemoteVerifier, RequireOAuth, Transport,
};
use valetkey_jose::{Jwks, SigningKey};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const API: &str = "https://api.example";
pub(crate) const NOW: i64 = 1_800_000_000;

/// The issuer, the network to it, and the time.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    time: AtomicI64,
    is_down: AtomicBool,
    key: Mutex<Arc<SigningKey>>,
    published: Mutex<Vec<Arc<SigningKey>>>,
    /// Fixed answers by path: status and body.
    answers: Mutex<HashMap<String, (u16, String)>>,
    /// What introspection says, by token.
    tokens: Mutex<HashMap<String, Value>>,
    asked: Mutex<Vec<String>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let key = new_key();
        Self(Arc::new(Inner {
            time: AtomicI64::new(NOW),
            is_down: AtomicBool::new(false),
            key: Mutex::new(Arc::clone(&key)),
            published: Mutex::new(vec![key]),
            answers: Mutex::default(),
            tokens: Mutex::default(),
            asked: Mutex::default(),
        }))
    }

    pub(crate) fn clock(&self) -> Clock {
        let world = self.clone();
        Clock::new(move || world.0.time.load(Ordering::SeqCst))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.0.time.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn set_down(&self, is_down: bool) {
        self.0.is_down.store(is_down, Ordering::SeqCst);
    }

    pub(crate) fn answer(&self, path: &str, status: u16, body: impl Into<String>) {
        self.0.answers.lock().unwrap().insert(path.to_owned(), (status, body.into()));
    }

    pub(crate) fn answer_truly(&self, path: &str) {
        self.0.answers.lock().unwrap().remove(path);
    }

    /// Signs with a new key, which stays unknown until it is published.
    pub(crate) fn rotate(&self) {
        *self.0.key.lock().unwrap() = new_key();
    }

    pub(crate) fn publish(&self) {
        let key = Arc::clone(&self.0.key.lock().unwrap());
        self.0.published.lock().unwrap().push(key);
    }

    pub(crate) fn withdraw_all_keys(&self) {
        self.0.published.lock().unwrap().clear();
    }

    /// What was asked since the last call, such as `GET /jwks.json 304`.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.asked.lock().unwrap())
    }

    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": ISSUER, "aud": API, "sub": "alice", "client_id": "app", "scope": "read write",
            "iat": NOW, "exp": NOW + 600, "jti": "t1",
        })
    }

    pub(crate) fn jwt(&self) -> String {
        self.sign("at+jwt", &self.claims())
    }

    /// A JWT whose claims differ from the good ones.
    pub(crate) fn jwt_with(&self, changes: Value) -> String {
        self.sign("at+jwt", &merged(self.claims(), &changes))
    }

    pub(crate) fn sign(&self, typ: &'static str, claims: &Value) -> String {
        let key = Arc::clone(&self.0.key.lock().unwrap());
        key.sign_jwt(typ, claims).unwrap()
    }

    /// An opaque token that introspection knows, its answer changed from the good one.
    pub(crate) fn opaque(&self, name: &str, changes: Value) -> String {
        let good = merged(self.claims(), &json!({ "active": true, "token_type": "Bearer" }));
        self.0.tokens.lock().unwrap().insert(name.to_owned(), merged(good, &changes));
        name.to_owned()
    }

    pub(crate) fn revoke(&self, name: &str) {
        self.0.tokens.lock().unwrap().remove(name);
    }

    pub(crate) fn local(&self) -> LocalVerifier {
        LocalVerifier::builder(ISSUER, API).transport(self.clone()).clock(self.clock()).build()
    }

    pub(crate) fn remote(&self) -> RemoteVerifier {
        RemoteVerifier::builder(ISSUER, API, "api server", "s3cret/+")
            .transport(self.clone())
            .clock(self.clock())
            .build()
    }

    fn serve(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        if let Some((status, body)) = self.0.answers.lock().unwrap().get(path) {
            return Response::builder().status(*status).body(Bytes::from(body.clone())).unwrap();
        }
        let body = match path {
            "/.well-known/oauth-authorization-server" => json!({
                "issuer": ISSUER,
                "jwks_uri": format!("{ISSUER}/jwks.json"),
                "introspection_endpoint": format!("{ISSUER}/introspect"),
            }),
            "/jwks.json" => return self.serve_keys(request),
            "/introspect" => self.introspect(request),
            _ => return Response::builder().status(404).body(Bytes::new()).unwrap(),
        };
        Response::new(Bytes::from(body.to_string()))
    }

    fn serve_keys(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let published = self.0.published.lock().unwrap();
        let etag = format!("\"{}\"", published.iter().map(|key| key.kid()).collect::<Vec<_>>().join(","));
        if request.headers().get("if-none-match").is_some_and(|known| *known == *etag) {
            return Response::builder().status(304).body(Bytes::new()).unwrap();
        }
        let keys = published.iter().map(|key| key.public_jwk().clone()).collect();
        let document = serde_json::to_vec(&Jwks { keys }).unwrap();
        Response::builder().header("etag", etag).body(Bytes::from(document)).unwrap()
    }

    fn introspect(&self, request: &Request<Bytes>) -> Value {
        // "api+server" and "s3cret%2F%2B", joined and in base64.
        assert_eq!(request.headers()["authorization"], "Basic YXBpK3NlcnZlcjpzM2NyZXQlMkYlMkI=");
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        let form: HashMap<_, _> = form_urlencoded::parse(request.body()).into_owned().collect();
        let tokens = self.0.tokens.lock().unwrap();
        tokens.get(&form["token"]).cloned().unwrap_or_else(|| json!({ "active": false }))
    }
}

#[async_trait]
impl Transport for World {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        tokio::task::yield_now().await;
        let is_down = self.0.is_down.load(Ordering::SeqCst);
        let answer = if is_down {
            Err(FetchError::Network("the network is down".to_owned()))
        } else {
            Ok(self.serve(&request))
        };
        let outcome =
            answer.as_ref().map_or("down".to_owned(), |response| response.status().as_u16().to_string());
        let line = format!("{} {} {outcome}", request.method(), request.uri().path());
        self.0.asked.lock().unwrap().push(line);
        answer
    }
}

fn new_key() -> Arc<SigningKey> {
    Arc::new(SigningKey::generate(Algorithm::Es256).unwrap().0)
}

fn merged(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let members = claims.as_object_mut().unwrap();
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

/// An app behind a guard, at `/notes`, which says who is calling and what it saw.
pub(crate) fn app(guard: &Guard, required: RequireOAuth) -> Router {
    Router::new().route("/notes", any(tell)).layer(guard.require(required))
}

pub(crate) async fn tell(caller: Option<OAuth>, request: Request<Body>) -> String {
    let mut told = match caller {
        Some(caller) => format!("{} through {}\n", caller.subject(), caller.client_id()),
        None => "anonymous\n".to_owned(),
    };
    told.push_str(&format!("{} {}\n", request.method(), request.uri()));
    let mut headers: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    told.push_str(&headers.concat());
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    told.push_str(&String::from_utf8_lossy(&body));
    told
}

/// `GET /notes` with these headers.
pub(crate) fn get(uri: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

pub(crate) fn bearer(token: &str) -> Request<Body> {
    get("/notes", &[("authorization", &format!("Bearer {token}"))])
}

/// The whole answer as text: status, headers in order of name, body.
pub(crate) async fn answer(app: &Router, request: Request<Body>) -> String {
    let response = app.clone().oneshot(request).await.unwrap();
    let mut text = format!("{}\n", response.status().as_u16());
    let mut headers: Vec<String> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "content-length")
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    headers.sort();
    text.push_str(&headers.concat());
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    text.push_str(&String::from_utf8_lossy(&body));
    text
}

/// Only the status.
pub(crate) async fn status(app: &Router, request: Request<Body>) -> u16 {
    app.clone().oneshot(request).await.unwrap().status().as_u16()
}
