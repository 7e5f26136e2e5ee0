//! What the client hears of the resource owner's decision: a verifier (RFC 5849 §2.2), or that the answer was no.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use valetkey_oauth1::{Problem, answers};
use valetkey_oauth2::{ErrorCode, Timestamp};
use valetkey_ports::{Allowance, Callback, Flow, TemporaryFlow};

use crate::{
    Engine, Failure, Peer, answer,
    endpoints::authorize::{Pending, Ready},
    failure::{PageError, PageKind},
};

/// Nothing is due: the client gets its verifier, by the browser or by the person's hand.
pub(in crate::endpoints) async fn allow(
    engine: &Engine,
    request: &Request<Bytes>,
    pending: &Pending,
    asked: &TemporaryFlow,
    ready: &Ready<'_>,
) -> Result<Response<Bytes>, Failure> {
    let Ready { live, consent, now } = *ready;
    pending.consume(engine, now).await?;
    let flow = pending.flow();
    let verifier = match asked.callback {
        Callback::Uri(_) => engine.mint_verifier(),
        Callback::OutOfBand => engine.mint_typed_verifier(),
    };
    let allowance = Allowance {
        verifier: engine.oauth1.verifier_hash(&asked.token, verifier.expose()),
        account: live.account().id,
        session: Some(live.session().id),
        scope: flow.approval.as_ref().map_or(&flow.scope, |approval| &approval.scope).clone(),
        grant: engine.mint_grant(now),
        authorized_at: engine.authorized_at(live.account(), pending.client(), consent, now),
    };
    if !engine.ports().temporary.allow(&asked.token, &allowance, now).await? {
        let sentence = "This request was answered already, or took too long. Go back to the app.";
        let reason = "the temporary credentials were decided upon by another request, or have expired";
        return Err(Failure::page(ErrorCode::InvalidRequest, sentence, reason).shown_as(PageKind::FlowGone));
    }
    match &asked.callback {
        Callback::Uri(uri) => {
            Ok(answer::see_other(&answers::callback(uri.as_str(), &asked.oauth_token, verifier.expose())))
        }
        Callback::OutOfBand => Ok(engine.verifier_page(&pending.client().name, verifier.expose(), request)),
    }
}

/// The person said no: the client hears it at its callback; where there is none, the person reads that nothing was
/// allowed.
pub(in crate::endpoints) async fn deny(
    engine: &Engine,
    flow: &Flow,
    asked: &TemporaryFlow,
    peer: &Peer,
    now: Timestamp,
) -> Result<Response<Bytes>, Failure> {
    engine.ports().temporary.deny(&asked.token, now).await?;
    let reason = "the person did not allow it";
    engine.note("oauth1 authorize", "access_denied", reason, Some(flow.client.to_string()), peer);
    match &asked.callback {
        Callback::Uri(uri) => {
            let report = Problem::PermissionDenied.into();
            Ok(answer::see_other(&answers::refused_callback(uri.as_str(), &asked.oauth_token, &report)))
        }
        Callback::OutOfBand => Err(Failure::Page(Box::new(PageError {
            kind: PageKind::Denied,
            status: StatusCode::OK,
            code: Some(ErrorCode::AccessDenied),
            title: "Nothing was allowed".into(),
            sentence: "You can close this page. The app has got no access.".into(),
            reason: reason.into(),
        }))),
    }
}
