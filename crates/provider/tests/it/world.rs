//! A provider on the memory store, its clients and people, and a clock that jumps.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use serde_json::Value;
use url::form_urlencoded::Serializer;
use valetkey_crypto::{MasterKey, digest::sha256};
use valetkey_jose::base64url;
use valetkey_oauth2::{ClientId, Issuer, Resource, Scope, Secret, Timestamp};
use valetkey_ports::{Account, Client, Ports, memory, testing::ManualClock, testing::SeededRandom};
use valetkey_provider::{
    Engine, Peer, Policy, Provider, RequestId,
    config::{Catalogue, ResourceServer, ScopeEntry},
    people::{Actor, NewAccount},
    registry::ClientDraft,
};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const CALLBACK: &str = "https://app.example/cb";
pub(crate) const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-rules-0123456789";

pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) ports: Ports,
    pub(crate) clock: Arc<ManualClock>,
}

/// A client with the secret it was given.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) client: Client,
    pub(crate) secret: Option<Secret>,
}

impl App {
    pub(crate) fn id(&self) -> &str {
        self.client.id.as_str()
    }

    pub(crate) fn basic(&self) -> String {
        basic(self.id(), self.secret.as_ref().expect("the app has a secret").expose())
    }
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let text = format!("{}:{}", encode(id), encode(secret));
    // The standard alphabet, from the URL one.
    let mut coded = base64url::encode(text.as_bytes()).replace('-', "+").replace('_', "/");
    while !coded.len().is_multiple_of(4) {
        coded.push('=');
    }
    format!("Basic {coded}")
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_else(|| panic!("no {member}: {self:?}")).to_owned()
    }

    pub(crate) fn error(&self) -> String {
        assert!(!self.status.is_success(), "{self:?}");
        self.text("error")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!((self.status.as_u16(), self.error().as_str()), (status, error), "{self:?}");
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self
    }
}

pub(crate) fn policy() -> Policy {
    let entry = |name: &str, default: bool, privileged: bool| ScopeEntry {
        name: name.into(),
        description: format!("Do {name}"),
        descriptions: std::collections::BTreeMap::new(),
        default,
        privileged,
    };
    let mut policy = Policy::new(Issuer::parse(ISSUER).unwrap());
    policy.scopes = Catalogue::new(vec![
        entry("profile", true, false),
        entry("read", false, false),
        entry("write", false, false),
        entry("admin", false, true),
    ])
    .unwrap();
    policy.resources = ["https://api.example/photos", "https://api.example/mail"]
        .into_iter()
        .map(|uri| ResourceServer {
            uri: Resource::parse(uri).unwrap(),
            name: uri.into(),
            scope: None,
            token_format: None,
            access_token_seconds: None,
            introspectors: Vec::new(),
        })
        .collect();
    policy
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(policy()).await
    }

    pub(crate) async fn with(policy: Policy) -> Self {
        let clock = Arc::new(ManualClock::default());
        let ports = memory::open(clock.clone(), Arc::new(SeededRandom::new(7)));
        let provider = build(policy, ports.clone()).await;
        Self { provider, ports, clock }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        self.provider.engine()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.engine().now()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn register(&self, draft: ClientDraft) -> App {
        let registered = self.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap();
        App { client: registered.client, secret: registered.secret }
    }

    /// A web app with every grant that is not a legacy.
    pub(crate) async fn web(&self) -> App {
        self.register(web("Web app")).await
    }

    /// A public app in the browser.
    pub(crate) async fn spa(&self) -> App {
        self.register(ClientDraft { kind: "browser".into(), grant_types: Vec::new(), ..web("Browser app") })
            .await
    }

    /// A public app on a person's machine.
    pub(crate) async fn native(&self) -> App {
        let redirect_uris = vec!["http://127.0.0.1/cb".into(), "com.example.app:/cb".into()];
        let draft = web("Native app");
        self.register(ClientDraft { kind: "native".into(), grant_types: Vec::new(), redirect_uris, ..draft })
            .await
    }

    /// Changes a client's record behind the registry's back.
    pub(crate) async fn tweak(&self, app: &App, change: impl FnOnce(&mut Client)) -> App {
        let mut client = self.ports.clients.find(&app.client.id).await.unwrap().unwrap();
        change(&mut client);
        assert!(self.ports.clients.update(&client).await.unwrap());
        self.engine().refresh_now().await.unwrap();
        App { client, secret: app.secret.clone() }
    }

    pub(crate) async fn person(&self, username: &str) -> Account {
        let new = NewAccount { username: username.into(), ..NewAccount::default() };
        self.engine().create_account(&new, &Actor::COMMAND_LINE).await.unwrap().unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Answer {
        read(&self.provider.handle(&request, &peer()).await)
    }

    /// Posts a form, without any authentication.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(post(path, form)).await
    }

    /// Posts a form as a client shows itself: by Basic, or by its id alone.
    pub(crate) async fn post_as(&self, app: &App, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(signed(app, path, form)).await
    }

    pub(crate) async fn token(&self, app: &App, form: &[(&str, &str)]) -> Answer {
        self.post_as(app, "/oauth2/token", form).await
    }

    pub(crate) async fn redeem(&self, app: &App, code: &str) -> Answer {
        let uri = app.client.redirect_uris[0].as_str();
        self.redeem_at(app, code, uri).await
    }

    pub(crate) async fn redeem_at(&self, app: &App, code: &str, redirect_uri: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.token(app, &form).await
    }

    pub(crate) async fn refresh(&self, app: &App, token: &str) -> Answer {
        self.token(app, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub(crate) async fn introspect(&self, app: &App, token: &str) -> Value {
        self.post_as(app, "/oauth2/introspect", &[("token", token)]).await.ok().json()
    }

    pub(crate) async fn is_active(&self, app: &App, token: &str) -> bool {
        self.introspect(app, token).await["active"].as_bool().unwrap()
    }

    pub(crate) async fn events(&self) -> Vec<String> {
        let page = valetkey_ports::Page::first(1000);
        let events = self.ports.events.list(None, &page).await.unwrap();
        events.into_iter().map(|event| event.kind.as_str().to_owned()).collect()
    }
}

pub(crate) async fn build(policy: Policy, ports: Ports) -> Provider {
    let key = MasterKey::new([5; 32]);
    let (provider, _) =
        Provider::builder().policy(policy).ports(ports).master_key(&key).build().await.unwrap();
    provider
}

pub(crate) fn web(name: &str) -> ClientDraft {
    ClientDraft {
        name: name.into(),
        kind: "web".into(),
        redirect_uris: vec![CALLBACK.into()],
        grant_types: ["authorization_code", "refresh_token", "client_credentials"].map(String::from).to_vec(),
        scope: "profile read write".into(),
        ..ClientDraft::default()
    }
}

pub(crate) fn peer() -> Peer {
    Peer::local(RequestId::new(1, 2))
}

pub(crate) fn peer_at(address: &str) -> Peer {
    Peer { address: address.parse().unwrap(), request_id: RequestId::new(1, 3), is_secure: false }
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(crate) fn post(path: &str, fields: &[(&str, &str)]) -> Request<Bytes> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form(fields).into())
        .unwrap()
}

pub(crate) fn signed(app: &App, path: &str, fields: &[(&str, &str)]) -> Request<Bytes> {
    let mut fields = fields.to_vec();
    if app.secret.is_none() {
        fields.push(("client_id", app.id()));
    }
    let mut request = post(path, &fields);
    if app.secret.is_some() {
        request.headers_mut().insert(header::AUTHORIZATION, app.basic().parse().unwrap());
    }
    request
}

pub(crate) fn read(response: &Response<Bytes>) -> Answer {
    Answer {
        status: response.status(),
        headers: response.headers().clone(),
        body: String::from_utf8(response.body().to_vec()).unwrap(),
    }
}

pub(crate) fn challenge() -> String {
    base64url::encode(&sha256(VERIFIER.as_bytes()))
}

/// The claims of a JWT, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).expect("a JWT");
    serde_json::from_slice(&base64url::decode(body).unwrap()).unwrap()
}

pub(crate) fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

pub(crate) fn client_id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}
