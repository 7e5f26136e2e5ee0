//! `/admin/accounts`: every account, and how to stop one.

use async_trait::async_trait;
use valetkey_oauth2::{AccountId, Form};
use valetkey_ports::{Account, EventKind, Page as Listing, username_key};
use valetkey_provider::{Engine, Failure, people::Actor};

use super::{LOOKED_AT, ROWS, asked, cut};
use crate::{
    contexts::{self, AccountRow, Paging},
    page::{Outcome, Page, bad_request, not_found},
    site::Site,
    view,
    visit::{Visit, notice},
};

pub(in crate::pages) struct Accounts;

/// How far back the last login is looked for.
const HISTORY: u32 = 50;

#[async_trait]
impl Page for Accounts {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let ports = site.engine().ports();
        let query = visit.query.get("q").map(str::trim).unwrap_or_default();
        let (accounts, paging) = if query.is_empty() {
            let mut accounts = ports.accounts.list(&asked(visit)).await?;
            let paging = cut(site, visit, &mut accounts, |account| account.username.key().to_owned());
            (accounts, paging)
        } else {
            (search(site, query).await?, Paging::default())
        };
        let me = visit.live()?.account().id;
        let mut rows = Vec::with_capacity(accounts.len());
        for account in &accounts {
            let history = ports.events.list(Some(&account.id), &Listing::first(HISTORY)).await?;
            let login = history.iter().find(|event| event.kind == EventKind::Login);
            rows.push(AccountRow {
                id: account.id.to_string(),
                username: view::name(account.username.as_str()),
                is_admin: account.is_admin,
                is_disabled: !account.is_active(),
                is_demo: account.is_demo,
                is_me: account.id == me,
                created_at: account.created_at.seconds(),
                last_login_at: login.map(|event| event.at.seconds()),
                sessions: ports.sessions.list(&account.id, visit.now).await?.len() as u64,
            });
        }
        let page = contexts::AdminAccounts {
            page: visit.page(site, "accounts"),
            query: query.to_owned(),
            accounts: rows,
            paging,
        };
        site.ok(visit, "admin_accounts", &page)
    }
}

/// Looks for a part of the user name.
async fn search(site: &Site, query: &str) -> Result<Vec<Account>, Failure> {
    let wanted = username_key(query);
    let ports = site.engine().ports();
    let exact = ports.accounts.find_by_username(&wanted).await?;
    let all = ports.accounts.list(&Listing::first(LOOKED_AT as u32)).await?;
    let others = all.into_iter().filter(|account| {
        let key = account.username.key();
        key != wanted && key.contains(&wanted)
    });
    Ok(exact.into_iter().chain(others).take(ROWS as usize).collect())
}

/// The name of an account; its id where it is gone.
pub(super) async fn username(engine: &Engine, id: &AccountId) -> Result<String, Failure> {
    let account = engine.ports().accounts.find(id).await?;
    Ok(account.map_or_else(|| id.to_string(), |account| view::name(account.username.as_str())))
}

pub(in crate::pages) struct DisableAccount;

#[async_trait]
impl Page for DisableAccount {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let (id, actor) = named(visit)?;
        if id == visit.live()?.account().id {
            return Err(bad_request("an administrator cannot switch themselves off"));
        }
        let is_done = site.engine().disable_account(&id, &actor).await?;
        say(site, &id, is_done, "account_disabled").await
    }
}

pub(in crate::pages) struct EnableAccount;

#[async_trait]
impl Page for EnableAccount {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let (id, actor) = named(visit)?;
        let is_done = site.engine().enable_account(&id, &actor).await?;
        say(site, &id, is_done, "account_enabled").await
    }
}

pub(in crate::pages) struct EndSessions;

#[async_trait]
impl Page for EndSessions {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let (id, actor) = named(visit)?;
        let engine = site.engine();
        let is_there = engine.ports().accounts.find(&id).await?.is_some();
        // One by one: `end_account` would end what connected apps hold as well.
        for session in engine.ports().sessions.list(&id, visit.now).await? {
            engine.end_session(&id, &session.id, &actor).await?;
        }
        say(site, &id, is_there, "account_sessions_ended").await
    }
}

fn named(visit: &Visit<'_>) -> Result<(AccountId, Actor), Failure> {
    let id = visit.param("id").parse().map_err(|_| not_found("that is no account id"))?;
    Ok((id, Actor::Administrator(visit.live()?.account().id)))
}

async fn say(site: &Site, id: &AccountId, is_done: bool, said: &'static str) -> Outcome {
    if !is_done {
        return Err(not_found("there is no such account"));
    }
    let name = username(site.engine(), id).await?;
    let mut response = site.to("/admin/accounts");
    notice::set(site.engine(), &mut response, said, Some(&name));
    Ok(response)
}
