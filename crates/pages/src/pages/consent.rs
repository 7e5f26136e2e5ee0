//! `/consent`: says who asks for what, and takes the answer.

use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use valetkey_oauth2::{Form, GrantType, RedirectKind, RedirectUri, Scope};
use valetkey_ports::{Asked, Client, ClientKind, Consent as Remembered, Flow};
use valetkey_provider::{
    Policy,
    answer::{Rights, see_other},
    endpoints::{Approved, flow_of},
    steps,
};

use crate::{
    contexts::{self, ConsentClient, ConsentScope},
    page::{Outcome, Page, bad_request, flow_gone, stale_form, untrusted_client},
    site::Site,
    view,
    visit::Visit,
};

pub(super) struct Consent;

#[async_trait]
impl Page for Consent {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let raw = visit.query.get("flow").ok_or_else(|| flow_gone("the consent page wants a flow"))?;
        let (handle, flow) = flow_of(site.engine(), visit.request, raw, visit.now).await?;
        let Some(live) = visit.session() else { return Ok(back_to_authorize(site, handle.expose())) };
        let client = site.engine().client(&flow.client).await?;
        let client = client.filter(|client| client.is_active()).ok_or_else(|| {
            untrusted_client("the client has gone while somebody looked at its consent page")
        })?;
        let before = site.engine().ports().consents.find(&live.account().id, &client.id).await?;
        let lasts = Lasts::of(site.engine().policy(), &client, &flow);
        let page = contexts::Consent {
            page: visit.page(site, ""),
            flow: handle.expose().to_owned(),
            client: about(&client, &flow),
            redirect_host: flow.redirect_uri().map(view::redirect_host).unwrap_or_default(),
            is_by_hand: flow.redirect_uri().is_none(),
            account: live.account().username.as_str().to_owned(),
            switch_url: site.skin.at(&format!("/login?flow={}", handle.expose())),
            scopes: lines(site, visit.language, &flow, &client, before.as_ref()),
            resources: named_resources(site, &flow),
            access_seconds: lasts.access.map(view::seconds),
            offline_seconds: lasts.offline.map(view::seconds),
        };
        // Browsers hold the redirect after the form against the form (decision 26).
        let form_action = flow.redirect_uri().map(RedirectUri::form_action).unwrap_or_default();
        let rights = Rights { form_action: &form_action, script_nonce: None };
        site.html_with(visit, StatusCode::OK, "consent", &page, &rights)
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let raw = form.get("flow").ok_or_else(|| bad_request("the form names no flow"))?;
        let engine = site.engine();
        let (handle, flow) = flow_of(engine, visit.request, raw, visit.now).await?;
        let Some(live) = visit.session() else { return Ok(back_to_authorize(site, handle.expose())) };
        match form.get("decision") {
            Some("allow") => {
                let ticked: Vec<&str> = form.all("scope").collect();
                let scope = Scope::parse(&ticked.join(" ")).map_err(|_| bad_request("no such scope"))?;
                // Whoever unticks all that was asked for has said no.
                if !flow.scope.is_empty() && flow.scope.narrow(&scope).is_empty() {
                    return engine.deny(&handle, live, visit.request, visit.peer).await;
                }
                engine.approve(&handle, flow, live, &Approved { scope }, visit.peer).await
            }
            Some("deny") => engine.deny(&handle, live, visit.request, visit.peer).await,
            _ => Err(bad_request("the form says neither allow nor deny")),
        }
    }

    async fn stale(&self, site: &Site, _visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        // Somebody else may be logged in by now: the authorization endpoint finds out what is to be done.
        match form.get("flow") {
            Some(flow) if is_handle(flow) => Ok(back_to_authorize(site, flow)),
            _ => Err(stale_form()),
        }
    }
}

fn back_to_authorize(site: &Site, flow: &str) -> http::Response<bytes::Bytes> {
    let engine = site.engine();
    see_other(&format!("{}{}?flow={flow}", engine.issuer().path(), engine.policy().paths.authorize))
}

fn is_handle(raw: &str) -> bool {
    valetkey_oauth2::Handle::parse(valetkey_oauth2::HandleKind::Flow, raw).is_ok()
}

fn about(client: &Client, flow: &Flow) -> ConsentClient {
    ConsentClient {
        name: view::name(&client.name),
        host: client.site.as_deref().and_then(view::host),
        site_url: view::link(client.site.as_deref()),
        is_verified: view::is_verified(client),
        is_native: is_on_device(client, flow),
        policy_url: view::link(client.policy.as_deref()),
        terms_url: view::link(client.terms.as_deref()),
    }
}

/// Whether any program on the person's device could take the answer, or could have asked with the app's key, which is no
/// secret there (RFC 8252 §8.6; RFC 5849 §4.6, security O1-14).
fn is_on_device(client: &Client, flow: &Flow) -> bool {
    let Some(uri) = flow.redirect_uri() else { return false };
    match &flow.asked {
        Asked::OAuth2(_) => uri.kind() != RedirectKind::Https,
        Asked::OAuth1(_) => uri.kind() != RedirectKind::Https || client.kind != ClientKind::Web,
    }
}

/// How long what is asked for holds.
struct Lasts {
    /// One token; nothing: until it is revoked.
    access: Option<Duration>,
    /// What renews it, in disuse; nothing: there is none.
    offline: Option<Duration>,
}

impl Lasts {
    fn of(policy: &Policy, client: &Client, flow: &Flow) -> Self {
        match &flow.asked {
            Asked::OAuth2(_) => {
                let idle = client.lifetimes.refresh_idle.unwrap_or(policy.lifetimes.refresh_idle);
                Self {
                    access: Some(client.lifetimes.access_token.unwrap_or(policy.lifetimes.access_token)),
                    offline: client.may_use(&GrantType::REFRESH_TOKEN).then_some(idle),
                }
            }
            Asked::OAuth1(_) => {
                let own = client.oauth1.as_ref().and_then(|oauth1| oauth1.token_lifetime);
                Self { access: own.or(policy.oauth1.token_lifetime), offline: None }
            }
        }
    }
}

/// What is asked for, in words; marked where it was allowed before, of an app that still looks the same.
fn lines(
    site: &Site,
    language: &str,
    flow: &Flow,
    client: &Client,
    before: Option<&Remembered>,
) -> Vec<ConsentScope> {
    let before = before.filter(|before| !before.is_withdrawn() && before.digest == steps::digest(client));
    let catalogue = &site.engine().policy().scopes;
    let line = |name: &str| ConsentScope {
        name: name.to_owned(),
        title: catalogue.find(name).map_or(name, |entry| entry.description_in(language)).to_owned(),
        text: None,
        is_required: false,
        is_granted: before.is_some_and(|before| before.scope.contains(name)),
        is_checked: true,
    };
    flow.scope.iter().map(line).collect()
}

/// The resources that the request names beside this server itself.
fn named_resources(site: &Site, flow: &Flow) -> Vec<String> {
    let engine = site.engine();
    let others = flow.resources().iter().filter(|uri| *uri != engine.own_resource());
    others
        .map(|uri| match engine.policy().resource(uri) {
            Some(known) => format!("{} ({uri})", view::name(&known.name)),
            None => uri.to_string(),
        })
        .collect()
}
