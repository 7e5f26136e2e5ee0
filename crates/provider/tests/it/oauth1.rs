//! OAuth 1.0a from outside: consumers that sign as the client library does, and answers read whole.

mod carriage;
mod endings;
mod legs;
mod person;
mod races;
mod refusals;
mod remote;
mod secrets;
mod times;
mod transport;
mod work;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use bytes::Bytes;
use http::{Method, Request, header};
use valetkey_oauth1::{
    Methods, Place, Received, RsaSigningKey, Secrets, SigningKey, answers,
    sign::{Outgoing, Signer, Stamp},
};
use valetkey_oauth2::Secret;
use valetkey_ports::Account;
use valetkey_provider::{
    Failure, Peer,
    oauth1::{SignatureRefusal, SignedAccess},
    people::Actor,
    registry::{ClientDraft, OAuth1Draft},
};

use crate::{
    browser::{Browser, sent},
    world::{Answer, App, CALLBACK, ISSUER, World, peer, read, web},
};

const KEY: &str = include_str!("../../../oauth1/tests/vectors/rsa-2048-public.pem");
const PRIVATE_KEY: &str = include_str!("../../../oauth1/tests/vectors/rsa-2048-pkcs8.pem");
const FORM: &str = "application/x-www-form-urlencoded";
const REQUEST_TOKEN: &str = "/oauth1/request_token";
const ACCESS_TOKEN: &str = "/oauth1/access_token";
const ME: &str = "/api/me";

/// A client that speaks OAuth 1, with the secret it was given.
#[derive(Clone)]
struct Consumer {
    app: App,
    secret: Secret,
    key: Option<RsaSigningKey>,
    /// What it signs with.
    method: &'static str,
}

/// A token and its secret, temporary or not.
#[derive(Clone, Debug)]
struct Pair {
    token: String,
    secret: Secret,
}

/// A request that a consumer is about to sign.
#[derive(Clone)]
struct Ask {
    by: Consumer,
    token: Option<Pair>,
    http: &'static str,
    path: String,
    place: Place,
    realm: Option<String>,
    params: Vec<(&'static str, String)>,
    body: Option<(&'static str, String)>,
    nonce: String,
    timestamp: i64,
}

static NONCES: AtomicU32 = AtomicU32::new(1);

impl Ask {
    /// Where the parameters go.
    fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    fn by(self, method: &'static str) -> Self {
        Self { by: Consumer { method, ..self.by }, ..self }
    }

    fn http(self, http: &'static str) -> Self {
        Self { http, ..self }
    }

    fn token(self, token: &Pair) -> Self {
        Self { token: Some(token.clone()), ..self }
    }

    fn realm(self, realm: &str) -> Self {
        Self { realm: Some(realm.into()), ..self }
    }

    fn param(mut self, name: &'static str, value: &str) -> Self {
        self.params.push((name, value.into()));
        self
    }

    fn body(self, content_type: &'static str, body: &str) -> Self {
        Self { body: Some((content_type, body.into())), ..self }
    }

    fn stamped(self, timestamp: i64, nonce: &str) -> Self {
        Self { timestamp, nonce: nonce.into(), ..self }
    }

    /// Signed, on the way.
    fn request(&self) -> Request<Bytes> {
        let methods = Methods::all();
        let method = methods.find(self.by.method).unwrap();
        let secrets =
            Secrets { client: &self.by.secret, token: self.token.as_ref().map(|pair| &pair.secret) };
        let key: SigningKey<'_> = match &self.by.key {
            Some(key) if self.by.method.starts_with("RSA") => key.into(),
            _ => secrets.into(),
        };
        let mut signer = Signer::new(method, self.by.app.id(), key).place(self.place);
        if let Some(pair) = &self.token {
            signer = signer.token(&pair.token);
        }
        if let Some(realm) = &self.realm {
            signer = signer.realm(realm);
        }
        for (name, value) in &self.params {
            signer = signer.parameter(name, value.as_str());
        }
        let url = format!("{ISSUER}{}", self.path);
        let outgoing = Outgoing::new(self.http, &url);
        let outgoing = match &self.body {
            Some((content_type, body)) => outgoing.body(content_type, body.as_bytes()),
            None => outgoing,
        };
        let signed = signer.sign(&outgoing, &Stamp::new(self.timestamp, &self.nonce)).unwrap();
        let mut request = Request::builder().method(self.http).uri(signed.url.strip_prefix(ISSUER).unwrap());
        let content_type = self.body.as_ref().map(|(content_type, _)| *content_type);
        if let Some(content_type) = content_type.or(signed.body.as_ref().map(|_| FORM)) {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if let Some(value) = signed.authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let body = signed.body.or(self.body.as_ref().map(|(_, body)| body.clone().into_bytes()));
        request.body(body.unwrap_or_default().into()).unwrap()
    }
}

/// Somebody at the other end of a TLS connection.
fn tls() -> Peer {
    Peer { is_secure: true, ..peer() }
}

impl World {
    async fn consumer_of(&self, draft: ClientDraft) -> Consumer {
        let made = self.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap();
        let given = draft.oauth1.secret.clone();
        let has_key = !draft.oauth1.rsa_keys.is_empty();
        Consumer {
            app: App { client: made.client, secret: made.secret },
            secret: made.oauth1_secret.or(given).unwrap_or_else(|| Secret::new("none")),
            key: has_key.then(|| RsaSigningKey::from_pem(PRIVATE_KEY).unwrap()),
            method: "HMAC-SHA1",
        }
    }

    /// A consumer that speaks nothing else.
    async fn consumer(&self, oauth1: OAuth1Draft) -> Consumer {
        self.consumer_of(consumer(oauth1)).await
    }

    /// One as libraries have it out of the box.
    async fn usual(&self) -> Consumer {
        self.consumer(OAuth1Draft::default()).await
    }

    fn ask(&self, by: &Consumer, http: &'static str, path: &str) -> Ask {
        Ask {
            by: by.clone(),
            token: None,
            http,
            path: path.into(),
            place: Place::Header,
            realm: None,
            params: Vec::new(),
            body: None,
            nonce: format!("nonce-{}", NONCES.fetch_add(1, Ordering::Relaxed)),
            timestamp: self.now().seconds(),
        }
    }

    /// A request for temporary credentials (RFC 5849 §2.1).
    fn first_leg(&self, by: &Consumer) -> Ask {
        self.ask(by, "POST", REQUEST_TOKEN).param("oauth_callback", CALLBACK)
    }

    /// A request for token credentials (§2.3).
    fn last_leg(&self, by: &Consumer, temporary: &Pair, verifier: &str) -> Ask {
        self.ask(by, "POST", ACCESS_TOKEN).token(temporary).param("oauth_verifier", verifier)
    }

    /// A request for something of the person's (§3).
    fn resource(&self, by: &Consumer, token: &Pair) -> Ask {
        self.ask(by, "GET", ME).token(token)
    }

    async fn tls(&self, request: Request<Bytes>) -> Answer {
        read(&self.provider.handle(&request, &tls()).await)
    }

    async fn sign(&self, ask: &Ask) -> Answer {
        self.tls(ask.request()).await
    }

    /// Temporary credentials for the callback.
    async fn temporary(&self, by: &Consumer) -> Pair {
        temporary(&self.sign(&self.first_leg(by)).await)
    }

    /// What a protected resource learns of a request.
    async fn verify(&self, request: &Request<Bytes>) -> Result<SignedAccess, Failure> {
        let values: Vec<&[u8]> = request
            .headers()
            .get_all(header::AUTHORIZATION)
            .iter()
            .map(header::HeaderValue::as_bytes)
            .collect();
        let target = request.uri().path_and_query().unwrap().as_str();
        let content_type = request.headers().get(header::CONTENT_TYPE).map(header::HeaderValue::as_bytes);
        let received = Received::new(request.method().as_str(), target)
            .authorization(&values)
            .body(content_type, request.body());
        self.engine().verify_signature(&received, true, &tls()).await
    }

    async fn may(&self, ask: &Ask) -> SignedAccess {
        self.verify(&ask.request()).await.unwrap()
    }

    /// The answer to a request for a resource that is refused.
    async fn may_not(&self, ask: &Ask) -> Answer {
        read(&refusal(self.verify(&ask.request()).await).answer("valetkey"))
    }

    /// All three legs, with a person who allows what is asked.
    async fn three_legs(&self, by: &Consumer, person: &Account) -> Pair {
        let temporary = self.temporary(by).await;
        let verifier = Browser::new(self, person).verifier(&temporary).await;
        token(&self.sign(&self.last_leg(by, &temporary, &verifier)).await).0
    }
}

impl Browser<'_> {
    /// Goes to the authorization page, and on until the client is sent something or a page stays.
    async fn decide(&mut self, temporary: &Pair) -> Answer {
        self.follow(&format!("/oauth1/authorize?oauth_token={}", temporary.token)).await
    }

    /// The verifier that the callback brings.
    async fn verifier(&mut self, temporary: &Pair) -> String {
        let answer = self.decide(temporary).await;
        let location = answer.header("location").unwrap_or_else(|| panic!("no callback: {answer:?}"));
        sent(location).params["oauth_verifier"].clone()
    }
}

/// A draft of one that speaks nothing else.
fn consumer(oauth1: OAuth1Draft) -> ClientDraft {
    ClientDraft { grant_types: Vec::new(), oauth1: OAuth1Draft { is_on: true, ..oauth1 }, ..web("Consumer") }
}

/// A draft of one that signs with those methods only.
fn signing(methods: &[&str]) -> OAuth1Draft {
    let is_rsa = methods.iter().any(|method| method.starts_with("RSA"));
    OAuth1Draft {
        methods: methods.iter().map(ToString::to_string).collect(),
        rsa_keys: is_rsa.then(|| KEY.to_owned()).into_iter().collect(),
        ..OAuth1Draft::default()
    }
}

#[track_caller]
fn temporary(answer: &Answer) -> Pair {
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some(FORM));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("www-authenticate").is_none());
    let names: Vec<&str> = answer.body.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    assert_eq!(names, ["oauth_token", "oauth_token_secret", "oauth_callback_confirmed"]);
    let read = answers::TemporaryCredentials::parse(answer.body.as_bytes()).unwrap();
    Pair { token: read.token, secret: read.secret }
}

/// Token credentials, and the realms that they are said to have.
#[track_caller]
fn token(answer: &Answer) -> (Pair, String) {
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some(FORM));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let read = answers::TokenCredentials::parse(answer.body.as_bytes()).unwrap();
    let [(name, realms)] = &*read.extra else { panic!("{answer:?}") };
    assert_eq!(name, "oauth_authorized_realms");
    (Pair { token: read.token, secret: read.secret }, realms.clone())
}

#[track_caller]
fn refusal(outcome: Result<SignedAccess, Failure>) -> SignatureRefusal {
    match outcome {
        Err(Failure::Signature(refusal)) => *refusal,
        other => panic!("no refusal of a signature: {other:?}"),
    }
}

/// An `Authorization: OAuth` header with these parameters.
fn header_of(params: &[(&str, &str)]) -> String {
    let encode = |text: &str| valetkey_oauth1::percent::encode(text).into_owned();
    let pairs: Vec<String> =
        params.iter().map(|(name, value)| format!("{}=\"{}\"", encode(name), encode(value))).collect();
    format!("OAuth {}", pairs.join(", "))
}

fn get(path: &str, authorization: &str) -> Request<Bytes> {
    let request = Request::builder().method(Method::GET).uri(path);
    request.header(header::AUTHORIZATION, authorization).body(Bytes::new()).unwrap()
}

impl Answer {
    /// The members of a form-encoded answer.
    #[track_caller]
    fn members(&self) -> BTreeMap<String, String> {
        assert_eq!(self.header("content-type"), Some(FORM), "{self:?}");
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    /// Looks at a refusal whole: status, problem word, and challenge, which say the same.
    #[track_caller]
    fn unsigned(&self, status: u16, problem: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self:?}");
        let members = self.members();
        let challenge = self.header("www-authenticate").unwrap_or_else(|| panic!("no challenge: {self:?}"));
        assert!(challenge.starts_with("OAuth realm=\"valetkey\""), "{challenge}");
        if problem.is_empty() {
            assert!(
                !members.contains_key("oauth_problem") && !challenge.contains("oauth_problem"),
                "{self:?}"
            );
        } else {
            assert_eq!(members.get("oauth_problem").map(String::as_str), Some(problem), "{self:?}");
            assert!(challenge.contains(&format!("oauth_problem=\"{problem}\"")), "{challenge}");
            assert!(members["oauth_problem_advice"].ends_with('.'), "{self:?}");
        }
        match status {
            400 => assert!(members["error_description"].ends_with('.'), "{self:?}"),
            _ => assert!(!members.contains_key("error"), "{self:?}"),
        }
    }

    /// The same, with the `error` word of a badly made request.
    #[track_caller]
    fn badly_made(&self, error: &str, problem: &str) {
        self.unsigned(400, problem);
        assert_eq!(self.members()["error"], error, "{self:?}");
    }
}
