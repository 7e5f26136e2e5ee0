//! `/login`: shows who somebody is, within an authorization request or by itself.

use async_trait::async_trait;
use http::StatusCode;
use valetkey_oauth2::{Form, Handle, Secret};
use valetkey_ports::{Account, Flow, Page as Listing};
use valetkey_provider::{
    Failure,
    endpoints::flow_of,
    people::{Actor, LoginOutcome, NewAccount},
};

use crate::{
    contexts::{self, ClientBadge, Demo, Message},
    page::{Outcome, Page, encode, forbidden},
    router::leads_to_a_page,
    site::{Site, retry_after},
    view,
    visit::Visit,
};

pub(super) struct Login;

#[async_trait]
impl Page for Login {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let onward = Onward::of(site, visit, &visit.query).await?;
        // `prompt=login` asks somebody who is logged in already, and so does "not you?".
        if visit.session().is_some() && onward.flow.is_none() && visit.query.get("switch").is_none() {
            return Ok(site.to(onward.next.as_deref().unwrap_or("/")));
        }
        let hint = onward.flow.as_ref().and_then(|(_, flow)| flow.login_hint());
        let hint = hint.map(view::name).unwrap_or_default();
        page(site, visit, &onward, &hint, StatusCode::OK, None).await
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let onward = Onward::of(site, visit, form).await?;
        if let Some(name) = form.get("demo") {
            let account = demo_account(site, visit, name).await?;
            return begin(site, visit, onward, &account).await;
        }
        let username = form.get("username").unwrap_or_default();
        let password = Secret::new(form.get("password").unwrap_or_default());
        let engine = site.engine();
        let device = engine.cookies().device(visit.headers());
        match engine.check_password(username, &password, device.as_ref(), visit.peer).await? {
            LoginOutcome::Welcome(account) => begin(site, visit, onward, &account).await,
            LoginOutcome::Wrong => {
                let said = Message::new("problem.login");
                page(site, visit, &onward, username, StatusCode::UNAUTHORIZED, Some(said)).await
            }
            LoginOutcome::TooMany(seconds) => {
                let said = Message::new("problem.slow_down").with("seconds", seconds.to_string());
                let status = StatusCode::TOO_MANY_REQUESTS;
                let mut response = page(site, visit, &onward, username, status, Some(said)).await?;
                retry_after(&mut response, seconds);
                Ok(response)
            }
        }
    }

    async fn stale(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let onward = Onward::of(site, visit, form).await?;
        let username = form.get("username").unwrap_or_default();
        let said = Message::new("problem.stale");
        page(site, visit, &onward, username, StatusCode::FORBIDDEN, Some(said)).await
    }
}

/// Where somebody goes on to after a login or sign-up: an authorization request, a page of ours, or the start page.
#[derive(Default)]
pub(super) struct Onward {
    pub(super) flow: Option<(Handle, Flow)>,
    pub(super) next: Option<String>,
    pub(super) client: Option<ClientBadge>,
}

impl Onward {
    /// Reads `flow` and `next`; a `next` that is no page of ours is left out (security AZ-18).
    pub(super) async fn of(site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Result<Self, Failure> {
        let Some(raw) = form.get("flow") else {
            let next = form.get("next").filter(|next| is_own_path(next)).map(str::to_owned);
            return Ok(Self { next, ..Self::default() });
        };
        let (handle, flow) = flow_of(site.engine(), visit.request, raw, visit.now).await?;
        let client = site.engine().client(&flow.client).await?;
        let client = client.map(|client| view::badge(&client));
        Ok(Self { flow: Some((handle, flow)), next: None, client })
    }

    /// The flow as it stands in a form.
    pub(super) fn flow_field(&self) -> Option<String> {
        self.flow.as_ref().map(|(handle, _)| handle.expose().to_owned())
    }

    /// The same way on, in another page's query.
    pub(super) fn query(&self) -> String {
        match (&self.flow, &self.next) {
            (Some((handle, _)), _) => format!("?flow={}", handle.expose()),
            (None, Some(next)) => format!("?next={}", encode(next)),
            (None, None) => String::new(),
        }
    }
}

/// Begins the session and sends the browser on. The session before it, if any, is dead (security UI-04).
pub(super) async fn begin(site: &Site, visit: &Visit<'_>, onward: Onward, account: &Account) -> Outcome {
    let engine = site.engine();
    let new = engine.begin_session(account, &visit.as_browser(engine), visit.peer).await?;
    let mut response = match onward.flow {
        Some((handle, flow)) => engine.logged_in(&handle, flow).await?,
        None => site.to(onward.next.as_deref().unwrap_or("/")),
    };
    for cookie in [engine.cookies().set_session(&new.session), engine.cookies().set_device(&new.device)] {
        valetkey_provider::answer::set_cookie(&mut response, &cookie);
    }
    Ok(response)
}

async fn page(
    site: &Site,
    visit: &Visit<'_>,
    onward: &Onward,
    username: &str,
    status: StatusCode,
    error: Option<Message>,
) -> Outcome {
    let signup = site.engine().policy().sign_up.then(|| format!("/signup{}", onward.query()));
    let login = contexts::Login {
        page: visit.page(site, ""),
        flow: onward.flow_field(),
        next: onward.next.clone(),
        username: username.to_owned(),
        error,
        client: onward.client.clone(),
        signup_url: signup.map(|path| site.skin.at(&path)),
        demo: demo(site, visit).await?,
    };
    site.html(visit, status, "login", &login)
}

/// The demo login, where it is: under `dev`, for somebody at this very machine.
pub(super) async fn demo(site: &Site, visit: &Visit<'_>) -> Result<Option<Demo>, Failure> {
    if !is_demo(site, visit) {
        return Ok(None);
    }
    let accounts = site.engine().ports().accounts.list(&Listing::first(200)).await?;
    let accounts: Vec<String> = accounts
        .iter()
        .filter(|account| account.is_demo && account.is_active())
        .map(|account| account.username.as_str().to_owned())
        .collect();
    Ok((!accounts.is_empty()).then_some(Demo { accounts, takes_any_name: true }))
}

fn is_demo(site: &Site, visit: &Visit<'_>) -> bool {
    site.engine().policy().demo && visit.peer.address.to_canonical().is_loopback()
}

async fn demo_account(site: &Site, visit: &Visit<'_>, name: &str) -> Result<Account, Failure> {
    if !is_demo(site, visit) {
        return Err(forbidden());
    }
    let engine = site.engine();
    let key = valetkey_ports::username_key(name);
    if let Some(account) = engine.ports().accounts.find_by_username(&key).await? {
        return Some(account).filter(|account| account.is_demo && account.is_active()).ok_or_else(forbidden);
    }
    // Whoever follows a guide types any name, and is somebody.
    let new = NewAccount { username: name.to_owned(), is_demo: true, ..NewAccount::default() };
    engine.create_account(&new, &Actor::DEMO).await?.map_err(|_| forbidden())
}

fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 2048
        && path.bytes().all(|byte| matches!(byte, 0x21..=0x7e) && byte != b'\\')
        && leads_to_a_page(path)
}
