//! The authorization endpoint (RFC 6749 §3.1): the request is parsed once and kept on the server; steps come back here
//! until none is due; then the answer goes to the client.

mod admit;
mod answer_client;
mod flow;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use valetkey_oauth2::{ErrorCode, Form, Handle, HandleHash, HandleKind, Timestamp};
use valetkey_ports::{Asked, Consent, Flow};

pub use flow::{Approved, flow_of};

use super::oauth1;
use crate::{
    Engine, Failure, Peer, answer,
    cache::CachedClient,
    endpoint::{Cors, Endpoint, Look},
    failure::PageKind,
    people::LiveSession,
    step::View,
    steps,
};

pub(super) struct Authorize;

#[async_trait]
impl Endpoint for Authorize {
    fn name(&self) -> &'static str {
        "authorize"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        vec![format!("{}{}", engine.issuer().path(), engine.policy().paths.authorize)]
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
        let form = Form::parse(text, super::token::REPEATABLE).map_err(|error| {
            let (code, description) = error.wire();
            Failure::page(code, description, error.to_string())
        })?;
        let mut pending = match form.get("flow") {
            // A request of its own may carry a parameter of that name, which is then nothing to us (RFC 6749 §3.1).
            Some(raw) if !is_post && form.get("client_id").is_none() => {
                flow::resume(engine, request, raw, now).await?
            }
            _ => match admit::admit(engine, &form, request, peer, now).await? {
                Ok(pending) => pending,
                Err(refused) => return Ok(refused),
            },
        };
        if is_post {
            // A cross-site POST brings no cookies: the browser comes back with them (decision 24).
            let handle = pending.save(engine).await?;
            return Ok(answer::see_other(&here(engine, &handle)));
        }
        dispatch(engine, request, peer, &mut pending, now).await
    }
}

/// A request on its way, and where it is kept once it is.
pub(in crate::endpoints) struct Pending {
    flow: Flow,
    handle: Option<Handle>,
    client: std::sync::Arc<CachedClient>,
}

impl Pending {
    /// A request that is not kept yet.
    pub(in crate::endpoints) fn new(flow: Flow, client: std::sync::Arc<CachedClient>) -> Self {
        Self { flow, handle: None, client }
    }

    pub(in crate::endpoints) fn flow(&self) -> &Flow {
        &self.flow
    }

    pub(in crate::endpoints) fn client(&self) -> &CachedClient {
        &self.client
    }

    /// A kept flow is answered once (security UI-23): a second click finds it gone.
    pub(in crate::endpoints) async fn consume(&self, engine: &Engine, now: Timestamp) -> Result<(), Failure> {
        let Some(handle) = &self.handle else { return Ok(()) };
        match engine.ports().flows.consume(&handle.hash(), now).await? {
            Some(_) => Ok(()),
            None => Err(Failure::page(
                ErrorCode::InvalidRequest,
                "This login was completed already. Go back to the app.",
                "the flow was consumed by another request",
            )
            .shown_as(PageKind::FlowGone)),
        }
    }

    /// Keeps the flow, if it is not kept yet.
    pub(in crate::endpoints) async fn save(&mut self, engine: &Engine) -> Result<Handle, Failure> {
        if let Some(handle) = &self.handle {
            return Ok(handle.clone());
        }
        let handle = engine.mint(HandleKind::Flow);
        engine.ports().flows.put(&handle.hash(), &self.flow, self.flow.expires_at).await?;
        self.handle = Some(handle.clone());
        Ok(handle)
    }
}

/// What the answer needs beside the flow once no step is due.
pub(in crate::endpoints) struct Ready<'a> {
    /// Who is logged in.
    pub(in crate::endpoints) live: &'a LiveSession,
    /// What they have allowed this client before.
    pub(in crate::endpoints) consent: Option<&'a Consent>,
    pub(in crate::endpoints) now: Timestamp,
}

/// Sends the browser to the first step that is due, or the answer to the client.
pub(in crate::endpoints) async fn dispatch(
    engine: &Engine,
    request: &Request<Bytes>,
    peer: &Peer,
    pending: &mut Pending,
    now: Timestamp,
) -> Result<Response<Bytes>, Failure> {
    let live = engine.session(request.headers(), now).await?;
    let consent = match &live {
        Some(live) => engine.ports().consents.find(&live.account().id, &pending.client.id).await?,
        None => None,
    };
    let view = View {
        flow: &pending.flow,
        client: &pending.client,
        session: live.as_ref().map(LiveSession::parts),
        consent: consent.as_ref(),
    };
    let due = steps::ALL.iter().find(|step| step.is_due(&view, now));
    match (due, live) {
        (None, Some(live)) => {
            let ready = Ready { live: &live, consent: consent.as_ref(), now };
            match &pending.flow.asked {
                Asked::OAuth2(asked) => {
                    answer_client::grant(engine, request, peer, pending, asked, &ready).await
                }
                Asked::OAuth1(asked) => {
                    oauth1::answer_client::allow(engine, request, pending, asked, &ready).await
                }
            }
        }
        (due, _) if pending.flow.prompt().none => {
            let (code, description) = due.map_or_else(|| steps::ALL[0].refusal(), |step| step.refusal());
            if let Some(handle) = &pending.handle {
                engine.ports().flows.consume(&handle.hash(), now).await?;
            }
            answer_client::refuse(engine, request, peer, &pending.flow, code, description)
        }
        (due, _) => {
            let page =
                due.map_or(engine.policy().paths.login.as_str(), |step| step.page(&engine.policy().paths));
            send_to(engine, request, pending, page).await
        }
    }
}

async fn send_to(
    engine: &Engine,
    request: &Request<Bytes>,
    pending: &mut Pending,
    page: &str,
) -> Result<Response<Bytes>, Failure> {
    let known = engine.cookies().browser(request.headers());
    let fresh = known.is_none().then(|| engine.mint(HandleKind::Browser));
    let browser: Option<HandleHash> = known.or_else(|| fresh.clone()).map(|handle| handle.hash());
    let is_bound = pending.flow.browser.is_some();
    pending.flow.browser = pending.flow.browser.or(browser);
    let handle = match &pending.handle {
        Some(handle) if !is_bound => {
            engine.ports().flows.update(&handle.hash(), &pending.flow).await?;
            handle.clone()
        }
        _ => pending.save(engine).await?,
    };
    let mut response =
        answer::see_other(&format!("{}{page}?flow={}", engine.issuer().path(), handle.expose()));
    if let Some(fresh) = fresh {
        answer::set_cookie(&mut response, &engine.cookies().set_browser(&fresh));
    }
    Ok(response)
}

/// This endpoint, with a flow on its way.
pub(in crate::endpoints) fn here(engine: &Engine, handle: &Handle) -> String {
    format!("{}{}?flow={}", engine.issuer().path(), engine.policy().paths.authorize, handle.expose())
}
