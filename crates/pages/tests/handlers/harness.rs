//! A whole provider in one process, and browsers that keep cookies, read forms and follow redirects.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use valetkey_crypto::MasterKey;
use valetkey_oauth2::{
    AccountId, AuthMethod, ClientId, GrantType, Issuer, RedirectUri, Scope, Secret, Timestamp,
};
use valetkey_pages::{Pages, PagesFace, templates::Templates};
use valetkey_ports::{
    Account, Client, ClientKind, ClientOrigin, ClientSecret, Lifetimes, PkcePolicy, Ports, SecretHash,
    Username, memory,
    testing::{ManualClock, SeededRandom},
};
use valetkey_provider::{Peer, Policy, Provider, RequestId};

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const CALLBACK: &str = "https://client.example/callback";
pub(crate) const SECRET: &str = "a client secret that is long enough to be strong 0123456789";

/// A provider with its pages.
pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) pages: Pages,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ports: Ports,
    requests: AtomicU32,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose policy was changed first.
    pub(crate) async fn with(change: impl FnOnce(&mut Policy)) -> Self {
        Self::at("http://127.0.0.1:8080", change).await
    }

    pub(crate) async fn at(issuer: &str, change: impl FnOnce(&mut Policy)) -> Self {
        let clock = Arc::new(ManualClock::default());
        let ports = memory::open(clock.clone(), Arc::new(SeededRandom::new(7)));
        let mut policy = Policy::new(Issuer::parse(issuer).unwrap());
        change(&mut policy);
        let templates = Arc::new(Templates::new(None).unwrap());
        let face = Arc::new(PagesFace::new(templates.clone(), &policy));
        let (provider, _) = Provider::builder()
            .policy(policy)
            .ports(ports.clone())
            .master_key(&MasterKey::new([3; 32]))
            .face(face)
            .build()
            .await
            .unwrap();
        let pages = Pages::new(provider.engine().clone(), templates);
        Self { provider, pages, clock, ports, requests: AtomicU32::new(0) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.provider.engine().now()
    }

    /// An account with the password that all have here.
    pub(crate) async fn account(&self, username: &str) -> Account {
        self.account_with(username, |_| {}).await
    }

    pub(crate) async fn account_with(&self, username: &str, change: impl FnOnce(&mut Account)) -> Account {
        let engine = self.provider.engine();
        let hash = engine.passwords().hash(&Secret::new(PASSWORD), [1; 16]).await.unwrap();
        let mut account = Account {
            id: AccountId::mint(self.now(), &self.ports.random.bytes()),
            username: Username::new(username),
            name: None,
            email: None,
            password: Some(hash),
            is_admin: false,
            is_demo: false,
            disabled_at: None,
            not_before: Timestamp::default(),
            created_at: self.now(),
        };
        change(&mut account);
        self.ports.accounts.put(&account).await.unwrap();
        account
    }

    pub(crate) async fn administrator(&self, username: &str) -> Account {
        self.account_with(username, |account| account.is_admin = true).await
    }

    /// A web client with a secret.
    pub(crate) async fn client(&self, name: &str) -> Client {
        self.client_with(name, |_| {}).await
    }

    pub(crate) async fn client_with(&self, name: &str, change: impl FnOnce(&mut Client)) -> Client {
        let mut client = Client {
            oauth1: None,
            id: ClientId::mint(&self.ports.random.bytes()),
            name: name.to_owned(),
            kind: ClientKind::Web,
            owner: None,
            origin: ClientOrigin::Pages,
            site: Some("https://client.example/".into()),
            logo: None,
            policy: Some("https://client.example/privacy".into()),
            terms: None,
            redirect_uris: vec![RedirectUri::parse(CALLBACK).unwrap()],
            grant_types: vec![GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN],
            scope: Scope::parse("profile email").unwrap(),
            default_scope: None,
            resources: Vec::new(),
            auth_methods: vec![AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost],
            secrets: vec![ClientSecret {
                hash: SecretHash::of(&Secret::new(SECRET)),
                created_at: self.now(),
                expires_at: None,
            }],
            pkce: PkcePolicy::Optional,
            token_format: None,
            lifetimes: Lifetimes::default(),
            origins: Vec::new(),
            is_trusted: false,
            may_introspect: true,
            disabled_at: None,
            not_before: Timestamp::default(),
            created_at: self.now(),
            updated_at: self.now(),
        };
        change(&mut client);
        self.ports.clients.put(&client).await.unwrap();
        client
    }

    /// The authorization request of a client.
    pub(crate) fn authorize(client: &Client, more: &str) -> String {
        let redirect = encode(client.redirect_uris[0].as_str());
        format!(
            "/oauth2/authorize?response_type=code&client_id={}&redirect_uri={redirect}&state=s1{more}",
            client.id
        )
    }

    /// Redeems a code, and gives the answer.
    pub(crate) async fn redeem(&self, client: &Client, code: &str) -> serde_json::Value {
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&client_id={}&client_secret={}",
            encode(client.redirect_uris[0].as_str()),
            client.id,
            encode(SECRET)
        );
        let answer = self.send(post("/oauth2/token", &body), IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        serde_json::from_slice(answer.body()).unwrap()
    }

    /// Whether a token is alive, as introspection says.
    pub(crate) async fn is_active(&self, client: &Client, token: &str) -> bool {
        let body = format!("token={token}&client_id={}&client_secret={}", client.id, encode(SECRET));
        let answer = self.send(post("/oauth2/introspect", &body), IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap()["active"] == true
    }

    pub(crate) async fn send(&self, request: Request<Bytes>, address: IpAddr) -> Response<Bytes> {
        let request_id = RequestId::new(1, self.requests.fetch_add(1, Ordering::Relaxed));
        let peer = Peer { address, request_id, is_secure: false };
        if self.provider.serves(request.uri().path()) {
            self.provider.handle(&request, &peer).await
        } else {
            self.pages.handle(&request, &peer).await
        }
    }
}

pub(crate) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn post(path: &str, body: &str) -> Request<Bytes> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

/// Somebody's browser. It follows no redirect by itself.
#[derive(Clone)]
pub(crate) struct Browser<'w> {
    world: &'w World,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) address: IpAddr,
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self {
            world,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::builder().uri(path).body(Bytes::new()).unwrap();
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.send(post(path, &pairs.join("&"))).await
    }

    pub(crate) async fn submit(&mut self, form: &Form) -> Answer {
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&form.action, &fields).await
    }

    /// Follows redirects within the server.
    pub(crate) async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            if answer.status != StatusCode::SEE_OTHER || !answer.location().starts_with('/') {
                return answer;
            }
            let next = answer.location().to_owned();
            answer = self.get(&next).await;
        }
        panic!("no end of redirects: {answer:?}")
    }

    pub(crate) async fn log_in(&mut self, username: &str) -> Answer {
        let page = self.get("/login").await;
        self.fill_login(&page, username, PASSWORD).await
    }

    pub(crate) async fn fill_login(&mut self, page: &Answer, username: &str, password: &str) -> Answer {
        let mut form = page.form("password");
        form.set("username", username);
        form.set("password", password);
        self.submit(&form).await
    }

    /// Presses a button of the consent page, and follows it.
    pub(crate) async fn decide(&mut self, page: &Answer, decision: &str) -> Answer {
        let mut form = page.form("decision");
        form.set("decision", decision);
        let answer = self.submit(&form).await;
        self.follow(answer).await
    }

    /// The whole dance, from the request to what the client is told.
    pub(crate) async fn allow(&mut self, client: &Client, username: &str) -> BTreeMap<String, String> {
        let mut answer = self.get(&World::authorize(client, "")).await;
        answer = self.follow(answer).await;
        if answer.has("password") {
            answer = self.fill_login(&answer, username, PASSWORD).await;
            answer = self.follow(answer).await;
        }
        if answer.has("decision") {
            answer = self.decide(&answer, "allow").await;
        }
        answer.told()
    }

    async fn send(&mut self, mut request: Request<Bytes>) -> Answer {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            request.headers_mut().insert(header::COOKIE, pairs.join("; ").parse().unwrap());
        }
        for (name, value) in &self.headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let response = self.world.send(request, self.address).await;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            text: String::from_utf8(response.body().to_vec()).unwrap(),
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// Whether a form on the page has a field or button of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.forms().iter().any(|form| form.names.iter().any(|own| own == name))
    }

    #[track_caller]
    pub(crate) fn form(&self, name: &str) -> Form {
        let found = self.forms().into_iter().find(|form| form.names.iter().any(|own| own == name));
        found.unwrap_or_else(|| panic!("no form with {name}: {self:?}"))
    }

    /// The form that goes to a place.
    #[track_caller]
    pub(crate) fn form_to(&self, action: &str) -> Form {
        let found = self.forms().into_iter().find(|form| form.action == action);
        found.unwrap_or_else(|| panic!("no form to {action}: {self:?}"))
    }

    pub(crate) fn forms(&self) -> Vec<Form> {
        self.text
            .split("<form ")
            .skip(1)
            .map(|rest| Form::read(rest.split("</form>").next().unwrap()))
            .collect()
    }

    /// What the client is told in the query of the redirect that leaves the server.
    #[track_caller]
    pub(crate) fn told(&self) -> BTreeMap<String, String> {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{self:?}");
        let url = url::Url::parse(self.location()).unwrap_or_else(|_| panic!("not away: {self:?}"));
        url.query_pairs().into_owned().collect()
    }
}

/// A form, with what a browser would send.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    names: Vec<String>,
}

impl Form {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.fields.retain(|(own, _)| own != name);
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
    }

    fn read(text: &str) -> Self {
        let mut form = Self {
            action: attribute(text.split('>').next().unwrap(), "action").unwrap_or_default(),
            ..Self::default()
        };
        for piece in text.split('<').skip(1) {
            let (tag, inside) = piece.split_once('>').unwrap_or((piece, ""));
            let Some(name) = attribute(tag, "name") else { continue };
            let kind = attribute(tag, "type").unwrap_or_default();
            let is_unticked = (kind == "checkbox" || kind == "radio") && !tag.contains(" checked");
            if tag.starts_with("textarea") {
                form.fields.push((name.clone(), unescape(inside.trim_start_matches('\n'))));
            } else if tag.starts_with("input") && !is_unticked {
                form.fields.push((name.clone(), attribute(tag, "value").unwrap_or_default()));
            }
            form.names.push(name);
        }
        form
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) =
        tag.split_once(&format!(" {name}=\"")).or_else(|| tag.split_once(&format!("{name}=\"")))?;
    Some(unescape(rest.split('"').next()?))
}

pub(crate) fn unescape(text: &str) -> String {
    text.replace("&#x2f;", "/")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
