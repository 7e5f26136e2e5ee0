//! The resource owner's authorization (RFC 5849 §2.2): the same steps as for OAuth 2. Temporary credentials that are not
//! to be decided upon are a page, never a redirect.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use valetkey_oauth2::{ErrorCode, Form, HandleHash, Timestamp};
use valetkey_ports::{Asked, Flow, Stage, TemporaryFlow};

use super::may_hear;
use crate::{
    Engine, Failure, Peer, answer,
    endpoint::{Cors, Endpoint, Look},
    endpoints::authorize::{Pending, dispatch, here},
    failure::PageKind,
};

pub(in crate::endpoints) struct Authorize;

#[async_trait]
impl Endpoint for Authorize {
    fn name(&self) -> &'static str {
        "oauth1 authorize"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        super::paths(engine, |policy| &policy.paths.oauth1_authorize)
    }

    fn methods(&self) -> &'static str {
        "GET, POST"
    }

    fn cors(&self) -> Cors {
        Cors::None
    }

    fn look(&self) -> Look {
        Look::Page
    }

    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        let now = engine.now();
        let is_post = request.method() == Method::POST;
        let text =
            if is_post { request.body() } else { request.uri().query().unwrap_or_default().as_bytes() };
        let form = Form::parse(text, &[]).map_err(|error| {
            let (code, description) = error.wire();
            Failure::page(code, description, error.to_string())
        })?;
        let token = form.get("oauth_token").filter(|token| !token.is_empty()).ok_or_else(|| {
            let sentence = "The app that sent you here left out the oauth_token. Tell its developer.";
            Failure::page(ErrorCode::InvalidRequest, sentence, "the request names no temporary credentials")
        })?;
        let mut pending = begin(engine, token, now).await?;
        if is_post {
            // A cross-site POST brings no cookies: the browser comes back with them (decision 24).
            let handle = pending.save(engine).await?;
            return Ok(answer::see_other(&here(engine, &handle)));
        }
        dispatch(engine, request, peer, &mut pending, now).await
    }
}

/// Finds what is to be decided upon.
async fn begin(engine: &Engine, token: &str, now: Timestamp) -> Result<Pending, Failure> {
    let gone = |reason: &'static str| {
        let sentence = "This request of an app is not known here, was answered already, or took too long. Go back to \
                        the app and start again.";
        Failure::page(ErrorCode::InvalidRequest, sentence, reason).shown_as(PageKind::FlowGone)
    };
    let hash = HandleHash::of(token);
    let found = engine.ports().temporary.find(&hash).await?;
    let found = found.ok_or_else(|| gone("there are no such temporary credentials"))?;
    if found.expires_at <= now {
        return Err(gone("the temporary credentials have expired"));
    }
    if found.stage != Stage::Asked {
        return Err(gone("the temporary credentials were decided upon already"));
    }
    let client = engine.client(&found.client).await?;
    let client = client.filter(|client| client.is_active() && may_hear(client, &found.callback));
    let client = client.ok_or_else(|| {
        let sentence = "The app that sent you here is no longer active. Tell its developer.";
        let reason =
            "the client is gone, disabled, without OAuth 1, or no longer registered for its callback";
        Failure::page(ErrorCode::InvalidRequest, sentence, reason).shown_as(PageKind::UntrustedClient)
    })?;
    let flow = Flow {
        client: client.id.clone(),
        scope: found.scope,
        browser: None,
        started_at: now,
        has_logged_in: false,
        expires_at: found.expires_at,
        approval: None,
        asked: Asked::OAuth1(TemporaryFlow {
            token: hash,
            oauth_token: token.to_owned(),
            callback: found.callback,
            resources: vec![engine.own_resource().clone()],
        }),
    };
    Ok(Pending::new(flow, client))
}
