//! `/apps/{id}`: an app with all its facts; and its end.

use std::collections::BTreeSet;

use async_trait::async_trait;
use valetkey_oauth2::{Form, TokenFormat};
use valetkey_ports::Page as Listing;
use valetkey_provider::people::Actor;

use super::{done, oauth1, own_app};
use crate::{
    contexts::{self, SecretRow},
    page::{Outcome, Page, bad_request},
    site::Site,
    view,
    visit::{Visit, notice},
};

pub(in crate::pages) struct Detail;

/// How many grants are looked at for the figures.
const LOOKED_AT: u32 = 1000;

#[async_trait]
impl Page for Detail {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        let engine = site.engine();
        let grants = engine.ports().grants.list(Some(&client.id), &Listing::first(LOOKED_AT)).await?;
        let accounts: BTreeSet<_> = grants
            .iter()
            .filter(|grant| grant.revoked_at.is_none())
            .filter_map(|grant| grant.account)
            .collect();
        let last_used = grants.iter().map(|grant| grant.last_used_at).max();
        let format = client.token_format.unwrap_or(engine.policy().token_format);
        let mut secrets: Vec<_> = client.secrets.iter().filter(|secret| secret.is_live(visit.now)).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.created_at));
        let texts = |values: &mut dyn Iterator<Item = &str>| values.map(str::to_owned).collect();
        let page = contexts::App {
            page: visit.page(site, "apps"),
            app: view::app(&client, last_used),
            site_url: view::link(client.site.as_deref()),
            redirect_uris: texts(&mut client.redirect_uris.iter().map(valetkey_oauth2::RedirectUri::as_str)),
            grants: texts(&mut client.grant_types.iter().map(valetkey_oauth2::GrantType::as_str)),
            scopes: texts(&mut client.scope.iter()),
            token_format: token_format(format),
            secrets: secrets
                .iter()
                .map(|secret| SecretRow {
                    created_at: secret.created_at.seconds(),
                    expires_at: secret.expires_at.map(valetkey_oauth2::Timestamp::seconds),
                })
                .collect(),
            oauth1: client.oauth1.as_ref().map(|own| oauth1::facts(engine, &client, own, visit.now)),
            accounts: accounts.len() as u64,
            policy_url: view::link(client.policy.as_deref()),
            terms_url: view::link(client.terms.as_deref()),
        };
        site.ok(visit, "app", &page)
    }
}

pub(super) fn token_format(format: TokenFormat) -> &'static str {
    format.as_str()
}

pub(in crate::pages) struct Delete;

#[async_trait]
impl Page for Delete {
    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        if form.get("confirm") != Some("yes") {
            return Err(bad_request("deleting an app wants a tick"));
        }
        let actor = Actor::of(visit.live()?.account());
        done(site.engine().delete_client(&client.id, &actor).await?)?;
        let mut response = site.to("/apps");
        notice::set(site.engine(), &mut response, "app_deleted", Some(&view::name(&client.name)));
        Ok(response)
    }
}
