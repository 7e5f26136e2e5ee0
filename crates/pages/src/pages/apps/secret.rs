//! `/apps/{id}/secret`: a secret is made, and shown once; `/apps/{id}/oauth1-secret` makes one for OAuth 1.
//!
//! Between the form and the page that shows it, the secret lies sealed in a cookie of the browser that asked for it,
//! bound to its session and the app, for two minutes. The server remembers that it was shown: a reload shows nothing,
//! and makes no further secret.

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use valetkey_crypto::digest::sha256;
use valetkey_oauth2::{Form, Secret as ClientSecret, Timestamp};
use valetkey_ports::Client;
use valetkey_provider::{
    Failure, answer,
    people::Actor,
    registry::{Changed, Registered},
};

use super::{done, own_app, unknown};
use crate::{
    contexts,
    page::{Outcome, Page, encode},
    site::Site,
    view,
    visit::{Visit, notice},
};

pub(in crate::pages) struct Secret;

/// How long the old secret works beside the new one, unless it is retired before.
const OVERLAP: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long a secret waits to be shown.
const WAITS: Duration = Duration::from_secs(120);
const COOKIE: &str = "secret";
const PURPOSE: &str = "secret to be shown once";

#[async_trait]
impl Page for Secret {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        let Some(Shown { is_new, secret, oauth1_secret }) = take(site, visit, &client).await? else {
            return Ok(site.to(&format!("/apps/{}", encode(client.id.as_str()))));
        };
        let page = contexts::AppSecret {
            page: visit.page(site, "apps"),
            is_new,
            client_id: client.id.to_string(),
            name: view::name(&client.name),
            curl: secret.as_deref().and_then(|secret| curl(site, &client, secret)),
            secret,
            has_oauth1: client.oauth1.is_some(),
            oauth1_secret,
        };
        let mut response = site.ok(visit, "app_secret", &page)?;
        answer::set_cookie(&mut response, &site.engine().cookies().own(COOKIE, "", Some(0)));
        Ok(response)
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        let actor = Actor::of(visit.live()?.account());
        let secret = site.engine().rotate_secret(&client.id, OVERLAP, &actor).await?.ok_or_else(unknown)?;
        let rotated = Registered { client, secret: Some(secret), oauth1_secret: None, warnings: Vec::new() };
        show_once(site, visit, &rotated, false)
    }
}

pub(in crate::pages) struct OAuth1Secret;

#[async_trait]
impl Page for OAuth1Secret {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        let actor = Actor::of(visit.live()?.account());
        let secret = site.engine().rotate_oauth1_secret(&client.id, OVERLAP, &actor).await?;
        let oauth1_secret = Some(secret.ok_or_else(unknown)?);
        let rotated = Registered { client, secret: None, oauth1_secret, warnings: Vec::new() };
        show_once(site, visit, &rotated, false)
    }
}

pub(in crate::pages) struct Retire;

#[async_trait]
impl Page for Retire {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        let actor = Actor::of(visit.live()?.account());
        retired(site, &client, site.engine().retire_secret(&client.id, &actor).await?)
    }
}

pub(in crate::pages) struct RetireOAuth1;

#[async_trait]
impl Page for RetireOAuth1 {
    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let client = own_app(site, visit).await?;
        let actor = Actor::of(visit.live()?.account());
        retired(site, &client, site.engine().retire_oauth1_secret(&client.id, &actor).await?)
    }
}

fn retired(site: &Site, client: &Client, changed: Changed) -> Outcome {
    done(changed)?;
    let mut response = site.to(&format!("/apps/{}", encode(client.id.as_str())));
    notice::set(site.engine(), &mut response, "secret_retired", None);
    Ok(response)
}

/// Sends the browser to the page that shows secrets once.
pub(super) fn show_once(site: &Site, visit: &Visit<'_>, made: &Registered, is_new: bool) -> Outcome {
    let (engine, client) = (site.engine(), &made.client);
    let until = visit.now.plus(WAITS).seconds();
    let marks = if is_new { "n" } else { "r" };
    // What the server makes has no dots.
    let text = |secret: &Option<ClientSecret>| {
        secret.as_ref().map_or_else(String::new, |secret| secret.expose().to_owned())
    };
    let text = format!("{until}.{marks}.{}.{}", text(&made.secret), text(&made.oauth1_secret));
    let sealed = engine
        .sealer()
        .seal(PURPOSE, &context(visit, client)?, text.as_bytes())
        .map_err(|_| Failure::Internal("a secret cannot be sealed".into()))?;
    let seconds = u32::try_from(WAITS.as_secs()).unwrap_or(120);
    let mut response = site.to(&format!("/apps/{}/secret", encode(client.id.as_str())));
    let cookie = engine.cookies().own(COOKIE, &BASE64.encode(sealed), Some(seconds));
    answer::set_cookie(&mut response, &cookie);
    Ok(response)
}

/// What is shown this once.
struct Shown {
    /// Whether the app is new.
    is_new: bool,
    secret: Option<String>,
    oauth1_secret: Option<String>,
}

/// The secrets that wait to be shown.
async fn take(site: &Site, visit: &Visit<'_>, client: &Client) -> Result<Option<Shown>, Failure> {
    let engine = site.engine();
    let Some(kept) = engine.cookies().find_own(visit.headers(), COOKIE) else { return Ok(None) };
    let Ok(sealed) = BASE64.decode(kept) else { return Ok(None) };
    let Ok(opened) = engine.sealer().open(PURPOSE, &context(visit, client)?, &sealed) else {
        return Ok(None);
    };
    let Ok(text) = std::str::from_utf8(&opened) else { return Ok(None) };
    let mut parts = text.split('.');
    let until = parts.next().and_then(|until| until.parse().ok()).map(Timestamp::from_seconds);
    let [Some(marks), Some(secret), Some(oauth1_secret)] = [parts.next(), parts.next(), parts.next()] else {
        return Ok(None);
    };
    let Some(until) = until else { return Ok(None) };
    let is_first = engine.ports().replay.insert("shown secret", &sha256(&sealed), until, visit.now).await?;
    let is_due = is_first && visit.now < until;
    let some = |secret: &str| (!secret.is_empty()).then(|| secret.to_owned());
    Ok(is_due.then(|| Shown {
        is_new: marks == "n",
        secret: some(secret),
        oauth1_secret: some(oauth1_secret),
    }))
}

/// What a waiting secret is bound to: the session, and the app.
fn context(visit: &Visit<'_>, client: &Client) -> Result<Vec<u8>, Failure> {
    let mut context = visit.live()?.hash().as_bytes().to_vec();
    context.extend_from_slice(client.id.as_str().as_bytes());
    Ok(context)
}

/// A command that works when pasted, where there is one.
fn curl(site: &Site, client: &Client, secret: &str) -> Option<String> {
    let engine = site.engine();
    let token = engine.issuer().join(&engine.policy().paths.token);
    client.may_use(&valetkey_oauth2::GrantType::CLIENT_CREDENTIALS).then(|| {
        format!("curl -u '{}:{secret}' \\\n  -d grant_type=client_credentials \\\n  {token}", client.id)
    })
}
