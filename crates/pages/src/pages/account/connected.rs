//! `/account/apps`: who has a key, and how to take it back.

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, Form};
use valetkey_provider::people::Actor;

use crate::{
    contexts,
    page::{Outcome, Page, not_found},
    site::Site,
    view,
    visit::{Visit, notice},
};

pub(in crate::pages) struct Connected;

#[async_trait]
impl Page for Connected {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let engine = site.engine();
        let mut apps = Vec::new();
        for app in engine.connected_apps(&visit.live()?.account().id).await? {
            let client = engine.client(&app.client).await?;
            apps.push(contexts::ConnectedApp {
                client_id: app.client.to_string(),
                name: view::name(&app.name),
                host: app.site.as_deref().and_then(view::host),
                is_verified: client.is_some_and(|client| view::is_verified(&client)),
                scopes: view::scopes(engine, &app.scope, visit.language),
                granted_at: app.first_used.seconds(),
                last_used_at: Some(app.last_used.seconds()),
                uses_oauth1: app.uses_oauth1,
                uses_oauth2: app.uses_oauth2,
            });
        }
        let page = contexts::AccountApps { page: visit.page(site, "connected"), apps };
        site.ok(visit, "account_apps", &page)
    }
}

pub(in crate::pages) struct Revoke;

#[async_trait]
impl Page for Revoke {
    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let engine = site.engine();
        let unknown = || not_found("no such app is connected");
        let id = form.get("client_id").and_then(|id| ClientId::parse(id).ok()).ok_or_else(unknown)?;
        let name = view::client_name(engine, &id).await?;
        let account = visit.live()?.account().id;
        if !engine.withdraw(&account, &id, &Actor::Account(account)).await? {
            return Err(unknown());
        }
        let mut response = site.to("/account/apps");
        notice::set(engine, &mut response, "app_revoked", Some(&name));
        Ok(response)
    }
}
