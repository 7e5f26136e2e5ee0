//! A signature of OAuth 1 as a client's authentication: where the token that signs is the one that is asked about.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use valetkey_oauth1::{Message, Place, Problem, is_signed};
use valetkey_oauth2::{CredentialsError, Form};

use super::{AuthenticatedClient, Shown, authenticate, unreadable};
use crate::{
    Engine, Failure, Peer,
    oauth1::{
        SignatureRefusal,
        check::{Holder, Signed, Wanted, Way},
        desk,
    },
};

/// Finds out who is asking: by the signature of a request that has one, in its header or its form (RFC 5849 §3.5), else as
/// [`authenticate`] does.
pub(crate) async fn authenticate_signed(
    engine: &Engine,
    request: &Request<Bytes>,
    form: &Form<'_>,
    peer: &Peer,
) -> Result<AuthenticatedClient, Failure> {
    let authorization = desk::authorization(request);
    let received = desk::received(request, &authorization);
    if !is_signed(&received) {
        return authenticate(engine, request, form, peer).await;
    }
    let shows_more = ["client_secret", "client_assertion", "client_assertion_type"];
    if shows_more.iter().any(|name| form.get(name).is_some()) {
        return Err(unreadable(CredentialsError::TwoMethods));
    }
    let message = Message::parse(&received, &engine.policy().oauth1.limits)?;
    // Beside a signature in the form, a header of another scheme says who is asking a second time.
    if message.place() != Place::Header && !authorization.is_empty() {
        return Err(unreadable(CredentialsError::TwoMethods));
    }
    if form.get("client_id").is_some_and(|named| named != message.consumer_key()) {
        return Err(unreadable(CredentialsError::ClientIdMismatch));
    }
    let uri = engine.oauth1.uri(desk::target(request))?;
    let way = Way { is_secure: peer.is_secure, peer: Some(peer) };
    let signed = engine.check_signature(&message, &uri, Wanted::Exchange, way, engine.now()).await;
    let Signed { client: entry, holder, .. } = signed.map_err(about_token)?;
    match holder {
        Holder::Token(found) => Ok(AuthenticatedClient { entry, shown: Shown::Signature(Arc::new(*found)) }),
        Holder::Nobody | Holder::Temporary(_) => {
            Err(Failure::Internal("an exchange was verified without token credentials".into()))
        }
    }
}

/// A refusal for the token's sake is no failed authentication: the client has signed, or could have, and its token is
/// invalid (RFC 8693 §2.2.2).
fn about_token(failure: Failure) -> Failure {
    match failure {
        Failure::Signature(refusal)
            if refusal.report.as_ref().is_some_and(|told| is_of_token(told.problem)) =>
        {
            Failure::Signature(Box::new(SignatureRefusal { status: StatusCode::BAD_REQUEST, ..*refusal }))
        }
        other => other,
    }
}

const fn is_of_token(problem: Problem) -> bool {
    matches!(
        problem,
        Problem::TokenExpired | Problem::TokenRevoked | Problem::TokenRejected | Problem::TokenUsed
    )
}
