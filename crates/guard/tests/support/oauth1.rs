//! A made-up issuer's verification endpoint, which truly verifies; and a client that signs.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use valetkey_crypto::Secret;
use valetkey_guard::{FetchError, Guard, GuardBuilder, PublicBase, RemoteOAuth1, Signatures, Transport};
use valetkey_oauth1::challenge::Challenge;
use valetkey_oauth1::params::Place;
use valetkey_oauth1::sign::{Outgoing, Signer, Stamp};
use valetkey_oauth1::{BaseUri, Limits, Message, Methods, Problem, Received, Report, Secrets, verify};

use super::{API, ISSUER, NOW, World};

const FORM: &str = "application/x-www-form-urlencoded";
const CLIENT: (&str, &str) = ("app", "kd94hf93k423kf44");
const TOKEN: (&str, &str) = ("nnch734d00sl2jdk", "pfkkdhi9sl3r4s00");

/// The issuer, as far as OAuth 1 goes.
#[derive(Clone, Default)]
pub(crate) struct Notary(Arc<Inner>);

#[derive(Default)]
struct Inner {
    nonces: Mutex<HashSet<String>>,
    asked: Mutex<Vec<HashMap<String, String>>>,
    /// A fixed answer, or none at all.
    answer: Mutex<Option<Option<(u16, String)>>>,
    /// Members that every answer has besides.
    more: Mutex<Option<Value>>,
}

impl Notary {
    pub(crate) fn answer(&self, status: u16, body: impl Into<String>) {
        *self.0.answer.lock().unwrap() = Some(Some((status, body.into())));
    }

    /// The question arrives, the answer does not.
    pub(crate) fn keep_silent(&self) {
        *self.0.answer.lock().unwrap() = Some(None);
    }

    pub(crate) fn add(&self, members: Value) {
        *self.0.more.lock().unwrap() = Some(members);
    }

    /// What was asked since the last call.
    pub(crate) fn asked(&self) -> Vec<HashMap<String, String>> {
        std::mem::take(&mut self.0.asked.lock().unwrap())
    }

    pub(crate) fn signatures(&self) -> Signatures {
        let remote = RemoteOAuth1::builder(ISSUER, "api server", "s3cret/+").transport(self.clone()).build();
        Signatures::new(remote, PublicBase::parse(API).unwrap())
    }

    /// Takes both.
    pub(crate) fn guard(&self, world: &World) -> Guard {
        self.builder(world).build()
    }

    pub(crate) fn builder(&self, world: &World) -> GuardBuilder {
        Guard::builder(world.local()).realm("notes").oauth1(self.signatures())
    }

    fn serve(&self, asked: &HashMap<String, String>) -> Value {
        let mut answer = match self.verify(asked) {
            Ok(answer) => answer,
            Err(refused) => {
                let (status, report) = *refused;
                let word = report.as_ref().map(|report| report.problem.as_str());
                let challenge = Challenge { realm: Some("id".to_owned()), report: report.clone() };
                json!({
                    "active": false, "status": status, "oauth_problem": word,
                    "www_authenticate": challenge.write(),
                })
            }
        };
        let more = self.0.more.lock().unwrap().clone().unwrap_or_else(|| json!({}));
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        answer
    }

    fn verify(&self, asked: &HashMap<String, String>) -> Result<Value, Box<(u16, Option<Report>)>> {
        let field = |name: &str| asked.get(name).map(String::as_str);
        let shown: Vec<&[u8]> = field("authorization").iter().map(|value| value.as_bytes()).collect();
        let hashes: Vec<&str> =
            ["body_sha1", "body_sha256", "body_sha512"].into_iter().filter_map(field).collect();
        let mut received =
            Received::new(field("method").unwrap(), field("uri").unwrap()).authorization(&shown);
        if let Some(form) = field("form") {
            received = received.body(Some(FORM.as_bytes()), form.as_bytes());
        } else if !hashes.is_empty() {
            received.body = valetkey_oauth1::Body::Hashes(&hashes);
        }
        let message = Message::parse(&received, &Limits::default())
            .map_err(|malformed| Box::new((malformed.status(), malformed.report())))?;
        let methods = Methods::all();
        let method = methods.find(message.signature_method()).unwrap();
        let (client, token) = (Secret::new(CLIENT.1), Secret::new(TOKEN.1));
        let secrets = Secrets { client: &client, token: message.token().map(|_| &token) };
        let uri = BaseUri::parse(received.target).unwrap();
        verify::verify(&message, &uri, method, Some(secrets.into()), NOW, &verify::Rules::default())
            .map_err(|refusal| Box::new((refusal.status(), Some(refusal.report()))))?;
        if let Some(nonce) = message.nonce()
            && !self.0.nonces.lock().unwrap().insert(nonce.to_owned())
        {
            return Err(Box::new((401, Some(Problem::NonceUsed.into()))));
        }
        let mut answer = json!({
            "active": true, "client_id": message.consumer_key(), "scope": "read write", "iss": ISSUER,
            "token_type": "OAuth1", "iat": NOW - 5,
        });
        if message.token().is_some() {
            answer["sub"] = "alice".into();
            answer["username"] = "al".into();
        }
        Ok(answer)
    }
}

#[async_trait]
impl Transport for Notary {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        assert_eq!(
            (request.method().as_str(), request.uri().to_string()),
            ("POST", format!("{ISSUER}/oauth1/verify"))
        );
        assert_eq!(request.headers()["authorization"], "Basic YXBpK3NlcnZlcjpzM2NyZXQlMkYlMkI=");
        assert_eq!(request.headers()["content-type"], FORM);
        let asked: HashMap<_, _> = form_urlencoded::parse(request.body()).into_owned().collect();
        self.0.asked.lock().unwrap().push(asked.clone());
        let fixed = self.0.answer.lock().unwrap().clone();
        let (status, body) = match fixed {
            Some(Some(fixed)) => fixed,
            Some(None) => return Err(FetchError::Network("the connection was reset".to_owned())),
            None => (200, self.serve(&asked).to_string()),
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(response)
    }
}

/// How a request is signed: by default with HMAC-SHA1 and a token, in the header.
#[derive(Clone, Copy)]
pub(crate) struct How {
    pub(crate) method: &'static str,
    pub(crate) place: Place,
    pub(crate) has_token: bool,
    pub(crate) hashes_body: bool,
}

pub(crate) const HEADER: How =
    How { method: "HMAC-SHA1", place: Place::Header, has_token: true, hashes_body: true };

/// A request to `https://api.example` and that path, signed.
pub(crate) fn signed(method: &str, path: &str, body: Option<(&str, &str)>, how: How) -> Request<Body> {
    let url = format!("{API}{path}");
    let mut outgoing = Outgoing::new(method, &url);
    if let Some((kind, text)) = body {
        outgoing = outgoing.body(kind, text.as_bytes());
    }
    let (client, token) = (Secret::new(CLIENT.1), Secret::new(TOKEN.1));
    let secrets = Secrets { client: &client, token: how.has_token.then_some(&token) };
    let methods = Methods::all();
    let mut signer =
        Signer::new(methods.find(how.method).unwrap(), CLIENT.0, secrets.into()).place(how.place);
    if how.has_token {
        signer = signer.token(TOKEN.0);
    }
    if !how.hashes_body {
        signer = signer.without_body_hash();
    }
    static NONCE: AtomicU32 = AtomicU32::new(0);
    let nonce = NONCE.fetch_add(1, Ordering::SeqCst).to_string();
    let signed = signer.sign(&outgoing, &Stamp::new(NOW, &nonce)).unwrap();

    let mut request = Request::builder().method(method).uri(signed.url.strip_prefix(API).unwrap());
    if let Some(value) = signed.authorization {
        request = request.header("authorization", value);
    }
    let text = signed.body.or_else(|| body.map(|(_, text)| text.as_bytes().to_vec()));
    if let Some(text) = &text {
        let kind = body.map_or(FORM, |(kind, _)| kind);
        request = request.header("content-type", kind).header("content-length", text.len());
    }
    request.body(text.map_or_else(Body::empty, Body::from)).unwrap()
}

/// The same once more, as a thief would send it.
pub(crate) fn again(request: &Request<Body>) -> Request<Body> {
    let mut copy = Request::builder().method(request.method()).uri(request.uri());
    copy.headers_mut().unwrap().clone_from(request.headers());
    copy.body(Body::empty()).unwrap()
}
