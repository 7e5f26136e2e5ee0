//! Flows between the steps: found by their handle, bound to their browser.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use valetkey_oauth2::{ErrorCode, Handle, HandleKind, Scope, Timestamp};
use valetkey_ports::{Approval, Asked, Client, Consent, EventKind, Flow};

use super::{super::oauth1, Pending, answer_client, here};
use crate::{
    Engine, Failure, Peer, answer,
    failure::{PageError, PageKind},
    people::LiveSession,
    steps,
};

/// Picks up a kept flow on its way back from a step.
pub(super) async fn resume(
    engine: &Engine,
    request: &Request<Bytes>,
    raw: &str,
    now: Timestamp,
) -> Result<Pending, Failure> {
    let (handle, flow) = flow_of(engine, request, raw, now).await?;
    let client = engine.client(&flow.client).await?;
    let client = client.filter(|client| may_go_on(client, &flow)).ok_or_else(gone)?;
    Ok(Pending { flow, handle: Some(handle), client })
}

/// What was registered when the request came in may have been taken back since (security AZ-01, AZ-03).
fn may_go_on(client: &Client, flow: &Flow) -> bool {
    client.is_active()
        && match &flow.asked {
            Asked::OAuth2(asked) => client.redirect_uri(&asked.redirect_uri).is_some(),
            Asked::OAuth1(asked) => oauth1::may_hear(client, &asked.callback),
        }
}

/// Finds the flow that a page's `flow` parameter names, if it is this browser's.
///
/// # Errors
/// A page that says that the login has run out, or belongs to another browser.
pub async fn flow_of(
    engine: &Engine,
    request: &Request<Bytes>,
    raw: &str,
    now: Timestamp,
) -> Result<(Handle, Flow), Failure> {
    let handle = Handle::parse(HandleKind::Flow, raw).map_err(|_| gone())?;
    let Some(flow) = engine.ports().flows.find(&handle.hash(), now).await? else {
        return Err(gone());
    };
    let browser = engine.cookies().browser(request.headers()).map(|handle| handle.hash());
    if flow.browser.is_some() && flow.browser != browser {
        return Err(Failure::Page(Box::new(PageError {
            reason: "the flow was begun in another browser, or this one sent no cookie".into(),
            ..gone_page()
        })));
    }
    Ok((handle, flow))
}

fn gone() -> Failure {
    Failure::Page(Box::new(gone_page()))
}

fn gone_page() -> PageError {
    PageError {
        kind: PageKind::FlowGone,
        status: StatusCode::BAD_REQUEST,
        code: Some(ErrorCode::InvalidRequest),
        title: "This login has run out".into(),
        sentence: "It was completed already, took too long, or was begun in another browser. Go back to the app and \
                   start again; cookies must be on."
            .into(),
        reason: "the flow is unknown, expired or ended".into(),
    }
}

/// What a person decided on the consent page.
#[derive(Clone, Debug)]
pub struct Approved {
    /// What is allowed: of what was asked.
    pub scope: Scope,
}

impl Engine {
    /// Keeps what the person allowed, and sends the browser back to the authorization endpoint. Scopes beyond what the
    /// flow asks are left out.
    ///
    /// # Errors
    /// The store's faults; a page when the flow has ended.
    pub async fn approve(
        &self,
        handle: &Handle,
        flow: Flow,
        live: &LiveSession,
        approved: &Approved,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        let now = self.now();
        let client = self.client(&flow.client).await?;
        let client = client.filter(|client| client.is_active()).ok_or_else(gone)?;
        let scope = flow.scope.narrow(&approved.scope);
        let before = self.ports().consents.find(&live.account().id, &client.id).await?;
        // After the mark of a withdrawal in this same second, which would swallow it.
        let updated_at = self.authorized_at(live.account(), &client, before.as_ref(), now);
        let remembered = before.filter(|consent| !consent.is_withdrawn());
        let (old_scope, mut resources) =
            remembered.map_or((Scope::empty(), Vec::new()), |consent| (consent.scope, consent.resources));
        for resource in flow.resources() {
            if !resources.contains(resource) {
                resources.push(resource.clone());
            }
        }
        let consent = Consent {
            account: live.account().id,
            client: client.id.clone(),
            // What was unticked now is no longer remembered either.
            scope: old_scope.without(&flow.scope).union(&scope),
            resources,
            digest: steps::digest(&client),
            given_at: now,
            updated_at,
            not_before: Timestamp::default(),
        };
        let mut event = self.event(EventKind::ConsentGiven, peer);
        event.account = Some(live.account().id);
        event.client = Some(client.id.clone());
        event.detail = scope.to_string();
        // First what may find that there is nothing left to allow: a flow that was denied leaves no consent behind.
        let approval = Approval { account: live.account().id, session: live.session().id, scope };
        let flow = Flow { approval: Some(approval), ..flow };
        if !self.ports().flows.update(&handle.hash(), &flow).await? {
            return Err(gone());
        }
        self.ports().consents.save(&consent).await?;
        self.record(&[event]).await?;
        Ok(answer::see_other(&here(self, handle)))
    }

    /// Ends the flow: the client hears `access_denied` (RFC 6749 §4.1.2.1).
    ///
    /// # Errors
    /// The store's faults; a page when the flow has ended.
    pub async fn deny(
        &self,
        handle: &Handle,
        live: &LiveSession,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        let Some(flow) = self.ports().flows.consume(&handle.hash(), self.now()).await? else {
            return Err(gone());
        };
        let mut event = self.event(EventKind::ConsentDenied, peer);
        event.account = Some(live.account().id);
        event.client = Some(flow.client.clone());
        self.record(&[event]).await?;
        let description = "The person did not allow it.";
        let heard = match &flow.asked {
            Asked::OAuth1(asked) => oauth1::answer_client::deny(self, &flow, asked, peer, self.now()).await,
            Asked::OAuth2(_) => {
                answer_client::refuse(self, request, peer, &flow, ErrorCode::AccessDenied, description)
            }
        };
        // The answer stands; an address that was taken back does not hear it.
        let client = self.client(&flow.client).await?;
        if client.is_some_and(|client| may_go_on(&client, &flow)) { heard } else { Err(gone()) }
    }

    /// Notes that somebody logged in within this flow, and sends the browser back to the authorization endpoint.
    ///
    /// # Errors
    /// The store's faults; a page when the flow has ended.
    pub async fn logged_in(&self, handle: &Handle, flow: Flow) -> Result<Response<Bytes>, Failure> {
        let flow = Flow { has_logged_in: true, ..flow };
        if !self.ports().flows.update(&handle.hash(), &flow).await? {
            return Err(gone());
        }
        Ok(answer::see_other(&here(self, handle)))
    }
}
