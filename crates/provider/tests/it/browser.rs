//! A small browser: it keeps cookies, follows redirects within the provider, and does on the pages what its person would.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, header};
use url::Url;
use valetkey_oauth2::Scope;
use valetkey_ports::Account;
use valetkey_provider::{
    endpoints::{Approved, flow_of},
    people,
};

use crate::world::{Answer, App, ISSUER, World, challenge, form, peer, read};

/// What the person does on the consent page.
#[derive(Clone)]
pub(crate) enum Decision {
    Allow,
    Narrow(&'static str),
    Deny,
}

pub(crate) struct Browser<'w> {
    pub(crate) world: &'w World,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) person: Option<Account>,
    pub(crate) decision: Decision,
    /// The pages that were shown.
    pub(crate) pages: Vec<&'static str>,
}

/// What a client is sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) to: String,
    pub(crate) params: BTreeMap<String, String>,
}

impl Sent {
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.params.get("code").unwrap_or_else(|| panic!("no code: {self:?}")).clone()
    }

    #[track_caller]
    pub(crate) fn error(&self) -> &str {
        self.params.get("error").unwrap_or_else(|| panic!("no error: {self:?}"))
    }
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World, person: &Account) -> Self {
        Self {
            world,
            cookies: BTreeMap::new(),
            person: Some(person.clone()),
            decision: Decision::Allow,
            pages: Vec::new(),
        }
    }

    pub(crate) fn request(&self, method: &Method, uri: &str, body: String) -> Request<Bytes> {
        let mut request = Request::builder().method(method).uri(uri);
        if *method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request.body(body.into()).unwrap()
    }

    pub(crate) async fn get(&mut self, uri: &str) -> Answer {
        let answer = self.world.send(self.request(&Method::GET, uri, String::new())).await;
        self.keep(&answer);
        answer
    }

    pub(crate) async fn post(&mut self, uri: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.world.send(self.request(&Method::POST, uri, form(fields))).await;
        self.keep(&answer);
        answer
    }

    /// Logs in, without a password: what the login page does once somebody has shown who they are.
    pub(crate) async fn log_in(&mut self, person: &Account) {
        let engine = self.world.engine();
        let headers = self.request(&Method::GET, "/", String::new()).headers().clone();
        let account = engine.ports().accounts.find(&person.id).await.unwrap().unwrap();
        let browser = people::Browser {
            device: engine.cookies().device(&headers),
            session: engine.cookies().session(&headers).map(|handle| handle.hash()),
            user_agent: "a test".into(),
        };
        let new = engine.begin_session(&account, &browser, &peer()).await.unwrap();
        self.set(&engine.cookies().set_session(&new.session));
        self.set(&engine.cookies().set_device(&new.device));
    }

    pub(crate) async fn live(&self) -> Option<people::LiveSession> {
        let request = self.request(&Method::GET, "/", String::new());
        let engine = self.world.engine();
        engine.session(request.headers(), engine.now()).await.unwrap()
    }

    /// Begins an authorization request, and goes on until the client is sent something.
    pub(crate) async fn authorize(&mut self, app: &App, more: &[(&str, &str)]) -> Sent {
        let uri = authorize_uri(app, more);
        self.go(&uri).await
    }

    /// Goes on until the browser leaves the provider, or a page stays.
    pub(crate) async fn follow(&mut self, uri: &str) -> Answer {
        let mut answer = self.step(uri).await;
        for _ in 0..12 {
            match answer.header("location").map(str::to_owned) {
                Some(location) if location.starts_with('/') => answer = self.step(&location).await,
                _ => return answer,
            }
        }
        panic!("the pages go round in circles: {:?}", self.pages);
    }

    pub(crate) async fn go(&mut self, uri: &str) -> Sent {
        let mut answer = self.step(uri).await;
        for _ in 0..12 {
            let location =
                answer.header("location").unwrap_or_else(|| panic!("no redirect: {answer:?}")).to_owned();
            assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
            if !location.starts_with('/') {
                return sent(&location);
            }
            answer = self.step(&location).await;
        }
        panic!("the pages go round in circles: {:?}", self.pages);
    }

    /// Does one step: a page's work, or the redirect.
    pub(crate) async fn step(&mut self, location: &str) -> Answer {
        let path = location.split('?').next().unwrap();
        match path {
            "/login" => {
                self.pages.push("login");
                let person = self.person.clone().expect("nobody is there to log in");
                self.log_in(&person).await;
                let request = self.request(&Method::GET, location, String::new());
                let engine = self.world.engine();
                let raw = flow_param(location);
                let (handle, flow) = flow_of(engine, &request, &raw, engine.now()).await.unwrap();
                let answer = read(&engine.logged_in(&handle, flow).await.unwrap());
                self.keep(&answer);
                answer
            }
            "/consent" => {
                self.pages.push("consent");
                let request = self.request(&Method::GET, location, String::new());
                let engine = self.world.engine();
                let live = self.live().await.expect("the consent page needs a session");
                let raw = flow_param(location);
                let (handle, flow) = flow_of(engine, &request, &raw, engine.now()).await.unwrap();
                let scope = match &self.decision {
                    Decision::Deny => {
                        return match engine.deny(&handle, &live, &request, &peer()).await {
                            Ok(response) => read(&response),
                            Err(failure) => read(&engine.error_page(&failure, &request, &peer())),
                        };
                    }
                    Decision::Allow => flow.scope.clone(),
                    Decision::Narrow(scope) => Scope::parse(scope).unwrap(),
                };
                read(&engine.approve(&handle, flow, &live, &Approved { scope }, &peer()).await.unwrap())
            }
            _ => self.get(location).await,
        }
    }

    /// The whole dance: the token answer of a fresh authorization.
    pub(crate) async fn dance(&mut self, app: &App, more: &[(&str, &str)]) -> Answer {
        let code = self.authorize(app, more).await.code();
        let uri = more.iter().find(|(name, _)| *name == "redirect_uri").map(|(_, uri)| *uri);
        let uri = uri.unwrap_or(app.client.redirect_uris[0].as_str());
        self.world.redeem_at(app, &code, uri).await.ok()
    }

    fn keep(&mut self, answer: &Answer) {
        let set: Vec<String> =
            answer.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap().into()).collect();
        for cookie in set {
            self.set(&cookie);
        }
    }

    fn set(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.into(), value.into());
        }
    }
}

fn flow_param(location: &str) -> String {
    let url = Url::parse(ISSUER).unwrap().join(location).unwrap();
    url.query_pairs().find(|(name, _)| name == "flow").expect("a flow").1.into_owned()
}

/// The URL of an authorization request: the usual parameters, replaced or completed by the given. An empty value takes one
/// away.
pub(crate) fn authorize_uri(app: &App, more: &[(&str, &str)]) -> String {
    format!("/oauth2/authorize?{}", form(&authorize_fields(app, &challenge(), more)))
}

pub(crate) fn authorize_fields<'a>(
    app: &'a App,
    challenge: &'a str,
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("response_type", "code"),
        ("client_id", app.id()),
        ("redirect_uri", app.client.redirect_uris[0].as_str()),
        ("state", "s-1"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ];
    let mut fields: Vec<(&str, &str)> =
        usual.into_iter().filter(|(name, _)| more.iter().all(|(own, _)| own != name)).collect();
    fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    fields
}

/// What a redirect brings to the client: in its query or its fragment.
pub(crate) fn sent(location: &str) -> Sent {
    let (to, params) = match location.split_once('#') {
        Some((to, fragment)) => (to, fragment),
        None => location.split_once('?').unwrap_or((location, "")),
    };
    let params = url::form_urlencoded::parse(params.as_bytes()).into_owned().collect();
    Sent { to: to.into(), params }
}
