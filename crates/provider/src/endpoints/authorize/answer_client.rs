//! The answer to an authorization request, in every mode, success and error alike, with `iss` (RFC 9207).

use bytes::Bytes;
use http::{Request, Response};
use valetkey_oauth2::{
    ErrorCode, GrantType, HandleKind, RedirectUri, ResponseMode, ResponseType, Timestamp,
    grants::authorization_code::IssuedCode,
    messages::{Delivery, response_mode},
};
use valetkey_ports::{Asked, AuthorizationFlow, Code, Flow};

use super::{Pending, Ready};
use crate::{
    Engine, Failure, Peer, answer,
    grant::{Authorization, Hangs},
    issue::{Outcome, issue},
    people::LiveSession,
};

/// Where an answer goes, and how.
pub(super) struct Answerable<'a> {
    pub(super) redirect_uri: &'a RedirectUri,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<&'a str>,
}

impl<'a> Answerable<'a> {
    fn of(flow: &'a AuthorizationFlow) -> Self {
        Self {
            redirect_uri: &flow.redirect_uri,
            mode: flow.parameters.delivery_mode(),
            state: flow.parameters.state.as_deref(),
        }
    }
}

/// Nothing is due: the client gets its code, or under the implicit grant its token.
pub(super) async fn grant(
    engine: &Engine,
    request: &Request<Bytes>,
    peer: &Peer,
    pending: &Pending,
    asked: &AuthorizationFlow,
    ready: &Ready<'_>,
) -> Result<Response<Bytes>, Failure> {
    let Ready { live, consent, now } = *ready;
    pending.consume(engine, now).await?;
    let flow = &pending.flow;
    let scope = flow.approval.as_ref().map_or(&flow.scope, |approval| &approval.scope).clone();
    let authorized_at = engine.authorized_at(live.account(), &pending.client, consent, now);
    let authorization = Authorization {
        grant: engine.mint_grant(now),
        account: Some(live.account().id),
        session: Some(live.session().id),
        authorized_at,
        granted_scope: scope.clone(),
        scope,
        resources: asked.parameters.resources.clone(),
        granted_resources: asked.parameters.resources.clone(),
        hangs: Hangs::New { refreshable: false },
        extra: Vec::new(),
    };
    match asked.parameters.response_type {
        ResponseType::Code => {
            if let Some(challenge) = &asked.parameters.challenge
                && engine.challenges.is_repeated(&flow.client, challenge)
            {
                let advice = "the code_challenge was used before: the client must make a new verifier for every request";
                engine.note("authorize", "warning", advice, Some(flow.client.to_string()), peer);
            }
            code(engine, request, pending, asked, live, authorization, now).await
        }
        ResponseType::Token => token(engine, request, peer, pending, asked, &authorization, now).await,
    }
}

async fn code(
    engine: &Engine,
    request: &Request<Bytes>,
    pending: &Pending,
    asked: &AuthorizationFlow,
    live: &LiveSession,
    authorization: Authorization,
    now: Timestamp,
) -> Result<Response<Bytes>, Failure> {
    let handle = engine.mint(HandleKind::Code);
    let lifetimes = &engine.policy().lifetimes;
    let refreshable = pending.client.may_use(&GrantType::REFRESH_TOKEN);
    let longest = if refreshable {
        pending.client.lifetimes.refresh_absolute.unwrap_or(lifetimes.refresh_absolute)
    } else {
        pending.client.lifetimes.access_token.unwrap_or(lifetimes.access_token)
    };
    let code = Code {
        facts: IssuedCode {
            client_id: pending.client.id.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            redirect_uri_was_sent: asked.redirect_uri_was_sent,
            challenge: asked.parameters.challenge,
            expires_at: now.plus(lifetimes.code),
            scope: authorization.scope,
            resources: authorization.resources,
        },
        grant: authorization.grant,
        account: live.account().id,
        session: authorization.session,
        authorized_at: authorization.authorized_at,
        authenticated_at: live.session().authenticated_at,
        remembered_until: now.plus(lifetimes.code).plus(longest),
    };
    engine.ports().codes.put(&handle.hash(), &code).await?;
    let to = Answerable::of(asked);
    let mut params = vec![("code", handle.expose())];
    params.extend(to.state.map(|state| ("state", state)));
    params.push(("iss", engine.issuer().as_str()));
    Ok(deliver(engine, request, &to, &params))
}

async fn token(
    engine: &Engine,
    request: &Request<Bytes>,
    peer: &Peer,
    pending: &Pending,
    asked: &AuthorizationFlow,
    authorization: &Authorization,
    now: Timestamp,
) -> Result<Response<Bytes>, Failure> {
    let issued = match issue(engine, &pending.client, authorization, &GrantType::IMPLICIT, now).await? {
        Outcome::Issued(issued) => issued,
        Outcome::Raced | Outcome::Revoked => {
            let description = "The authorization has ended.";
            return refuse(engine, request, peer, &pending.flow, ErrorCode::AccessDenied, description);
        }
    };
    let to = Answerable::of(asked);
    let expires_in = issued.expires_at.since(now).as_secs().to_string();
    let mut params = vec![
        ("access_token", issued.access_token.expose()),
        ("token_type", "Bearer"),
        ("expires_in", expires_in.as_str()),
    ];
    if !issued.scope.is_empty() {
        params.push(("scope", issued.scope.as_str()));
    }
    params.extend(to.state.map(|state| ("state", state)));
    params.push(("iss", engine.issuer().as_str()));
    Ok(deliver(engine, request, &to, &params))
}

/// Tells the client no, and writes down why.
pub(super) fn refuse(
    engine: &Engine,
    request: &Request<Bytes>,
    peer: &Peer,
    flow: &Flow,
    code: ErrorCode,
    description: &str,
) -> Result<Response<Bytes>, Failure> {
    engine.note("authorize", code.as_str(), description, Some(flow.client.to_string()), peer);
    match &flow.asked {
        Asked::OAuth2(asked) => Ok(error(engine, request, &Answerable::of(asked), code, description)),
        Asked::OAuth1(_) => Err(Failure::Internal("a flow of another protocol".into())),
    }
}

pub(super) fn error(
    engine: &Engine,
    request: &Request<Bytes>,
    to: &Answerable<'_>,
    code: ErrorCode,
    description: &str,
) -> Response<Bytes> {
    let mut params = vec![("error", code.as_str()), ("error_description", description)];
    params.extend(to.state.map(|state| ("state", state)));
    params.push(("iss", engine.issuer().as_str()));
    deliver(engine, request, to, &params)
}

fn deliver(
    engine: &Engine,
    request: &Request<Bytes>,
    to: &Answerable<'_>,
    params: &[(&str, &str)],
) -> Response<Bytes> {
    match response_mode::write(to.mode, to.redirect_uri, params) {
        Delivery::Redirect(location) => answer::see_other(&location),
        Delivery::FormPost { action, fields } => {
            engine.form_post_page(&action, &to.redirect_uri.form_action(), &fields, request)
        }
    }
}
