//! `/admin/clients`: every app, and how to stop one.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, Form};
use valetkey_ports::{Client, Page as Listing};
use valetkey_provider::{Failure, people::Actor, registry::Changed};

use super::{LOOKED_AT, ROWS, accounts::username, asked, cut};
use crate::{
    contexts::{self, Paging},
    page::{Outcome, Page, not_found},
    pages::apps::done,
    site::Site,
    view,
    visit::{Visit, notice},
};

pub(in crate::pages) struct Clients;

#[async_trait]
impl Page for Clients {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let engine = site.engine();
        let query = visit.query.get("q").map(str::trim).unwrap_or_default();
        let (clients, paging) = if query.is_empty() {
            let mut clients = engine.ports().clients.list(None, &asked(visit)).await?;
            let paging = cut(site, visit, &mut clients, |client| client.id.to_string());
            (clients, paging)
        } else {
            (search(site, query).await?, Paging::default())
        };
        let mut rows = Vec::with_capacity(clients.len());
        for client in &clients {
            let grants = engine.ports().grants.list(Some(&client.id), &Listing::first(1)).await?;
            let mut row = view::app(client, grants.first().map(|grant| grant.last_used_at));
            if let Some(owner) = &client.owner {
                row.owner = Some(username(engine, owner).await?);
            }
            rows.push(row);
        }
        let page = contexts::AdminClients {
            page: visit.page(site, "clients"),
            query: query.to_owned(),
            clients: rows,
            paging,
        };
        site.ok(visit, "admin_clients", &page)
    }
}

/// Looks for a part of the name, or the id.
async fn search(site: &Site, query: &str) -> Result<Vec<Client>, Failure> {
    let wanted = query.to_lowercase();
    let all = site.engine().ports().clients.list(None, &Listing::first(LOOKED_AT as u32)).await?;
    let is_wanted =
        |client: &Client| client.id.as_str() == query || client.name.to_lowercase().contains(&wanted);
    Ok(all.into_iter().filter(is_wanted).take(ROWS as usize).collect())
}

pub(in crate::pages) struct DisableClient;

#[async_trait]
impl Page for DisableClient {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let (id, actor) = named(visit)?;
        let changed = site.engine().disable_client(&id, &actor).await?;
        say(site, &id, changed, "client_disabled").await
    }
}

pub(in crate::pages) struct EnableClient;

#[async_trait]
impl Page for EnableClient {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let (id, actor) = named(visit)?;
        let changed = site.engine().enable_client(&id, &actor).await?;
        say(site, &id, changed, "client_enabled").await
    }
}

pub(in crate::pages) struct RevokeTokens;

#[async_trait]
impl Page for RevokeTokens {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let (id, actor) = named(visit)?;
        let changed = site.engine().revoke_client_tokens(&id, &actor).await?;
        say(site, &id, changed, "client_revoked").await
    }
}

fn named(visit: &Visit<'_>) -> Result<(ClientId, Actor), Failure> {
    let id = ClientId::parse(visit.param("id")).map_err(|_| not_found("that is no client id"))?;
    Ok((id, Actor::Administrator(visit.live()?.account().id)))
}

async fn say(site: &Site, id: &ClientId, changed: Changed, said: &'static str) -> Outcome {
    done(changed)?;
    let name = view::client_name(site.engine(), id).await?;
    let mut response = site.to("/admin/clients");
    notice::set(site.engine(), &mut response, said, Some(&name));
    Ok(response)
}
