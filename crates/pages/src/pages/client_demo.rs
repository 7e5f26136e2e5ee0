//! `/client`: the route of the well-known guides, for trying out. It makes a client for whoever is logged in, which speaks
//! OAuth 1 and OAuth 2 with one secret, and answers in JSON. A new client is a change, so it is `POST`; `GET` does it too,
//! as the guide says, and both are there in demo mode only.

use async_trait::async_trait;
use http::StatusCode;
use valetkey_oauth2::{Form, GrantType};
use valetkey_provider::{
    Failure, Policy, answer,
    people::Actor,
    registry::{ClientDraft, OAuth1Draft, Registered},
};

use crate::{
    page::{Outcome, Page, bad_request, stale_form},
    site::Site,
    visit::Visit,
};

/// Where the apps of the guides listen, and ours of `examples/`.
const CALLBACKS: [&str; 4] = [
    "http://localhost:8000/authorized",
    "http://127.0.0.1:8000/authorized",
    "http://localhost:8000/callback",
    "http://127.0.0.1:8000/callback",
];

pub(super) struct ClientDemo;

#[async_trait]
impl Page for ClientDemo {
    fn is_served(&self, policy: &Policy) -> bool {
        policy.demo
    }

    fn stranger(&self, _visit: &Visit<'_>) -> String {
        "/".to_owned()
    }

    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        make(site, visit).await
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        make(site, visit).await
    }

    async fn stale(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        // The guide posts without a form of ours; who comes from another site is still sent away.
        make(site, visit).await
    }
}

async fn make(site: &Site, visit: &Visit<'_>) -> Outcome {
    let engine = site.engine();
    let peer = visit.peer.address.to_canonical();
    if engine.cookies().is_cross_site(visit.headers()) || !peer.is_loopback() {
        return Err(stale_form());
    }
    let account = visit.live()?.account();
    let draft = ClientDraft {
        name: format!("Demo client of {}", account.username.as_str()),
        kind: "web".to_owned(),
        redirect_uris: CALLBACKS.map(str::to_owned).to_vec(),
        grant_types: [GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN, GrantType::CLIENT_CREDENTIALS]
            .map(|grant| grant.to_string())
            .to_vec(),
        pkce: "optional".to_owned(),
        oauth1: OAuth1Draft {
            is_on: engine.policy().oauth1.is_on,
            may_use_oob: true,
            ..OAuth1Draft::default()
        },
        ..ClientDraft::default()
    };
    let registered = engine
        .register(&draft, &Actor::of(account))
        .await?
        .map_err(|_| bad_request("the demo client was refused"))?;
    let Registered { mut client, secret: Some(secret), .. } = registered else {
        return Err(Failure::Internal("the demo client has no secret".into()));
    };
    // The guides know one `client_secret`: whichever protocol is tried, it fits.
    if let Some(shared) = client.oauth1.as_mut().and_then(|own| own.secrets.first_mut()) {
        shared.sealed = engine.seal_client_secret(&client.id, &secret)?;
        engine.ports().clients.update(&client).await?;
    }
    let (id, secret) = (client.id.as_str(), secret.expose());
    let body = serde_json::json!({ "client_id": id, "client_key": id, "client_secret": secret });
    Ok(answer::json(StatusCode::OK, body.to_string()))
}
