//! The sample protected resource, and how a client finds out what it asks for (RFC 9728). It is guarded like anybody's
//! API; only its verifiers ask the engine instead of the network.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{Extensions, HeaderMap, HeaderValue, Request, StatusCode, header::ACCESS_CONTROL_ALLOW_ORIGIN};
use serde_json::json;
use valetkey_guard::{
    AccessToken, Guard, InvalidToken, OAuth, OAuth1Refusal, PublicBase, Received, RefusedSignature,
    RequireOAuth, Signatures, Verifier, VerifyError, VerifyOAuth1,
};
use valetkey_oauth2::{AccountId, Resource};
use valetkey_provider::{
    Engine, Failure, Peer, answer, answer::Document, inspect::TokenKind, oauth1::SignatureRefusal,
};

/// The resource's paths and who answers there.
pub(crate) struct Api {
    router: Router,
    paths: [String; 2],
}

impl Api {
    pub(crate) fn new(engine: &Arc<Engine>) -> Self {
        let issuer = engine.issuer();
        let me = format!("{}/api/me", issuer.path());
        let metadata = format!("/.well-known/oauth-protected-resource{}", issuer.path());
        let mut guard = Guard::builder(Inside(Arc::clone(engine)))
            .realm("valetkey")
            .resource_metadata(format!("{}{metadata}", issuer.origin()));
        if let Some(signatures) = signatures(engine) {
            guard = guard.oauth1(signatures);
        }
        let guard = guard.build();
        let document = Arc::new(describe(engine));
        let router = Router::new()
            .route(&me, get(who).layer(guard.require(RequireOAuth::scopes(["profile"]))))
            .route(
                &metadata,
                get(move |headers: HeaderMap| async move {
                    let mut response = document.answer(&headers).map(axum::body::Body::from);
                    // As public as the issuer's own metadata.
                    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
                    response
                }),
            )
            .with_state(Arc::clone(engine));
        Self { router, paths: [me, metadata] }
    }

    pub(crate) fn serves(&self, path: &str) -> bool {
        self.paths.iter().any(|own| own == path)
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }
}

/// Who is calling: the person, as far as the scopes go; or the client itself.
async fn who(caller: OAuth, State(engine): State<Arc<Engine>>) -> Response {
    let found = match caller.subject().parse::<AccountId>() {
        Ok(id) => engine.ports().accounts.find(&id).await.map_err(Failure::from),
        Err(_) => Ok(None),
    };
    let account = match found {
        Ok(account) => account,
        Err(failure) => {
            tracing::error!(%failure, "the account cannot be read");
            return respond(failure.json("valetkey"));
        }
    };
    let mut facts = json!({ "sub": caller.subject(), "client_id": caller.client_id() });
    if let Some(account) = account {
        facts["username"] = account.username.as_str().into();
        if let Some(name) = &account.name {
            facts["name"] = name.as_str().into();
        }
        if let Some(email) = account.email.as_deref().filter(|_| caller.scope().contains("email")) {
            facts["email"] = email.into();
        }
    }
    respond(answer::json(StatusCode::OK, facts.to_string()))
}

fn respond(response: http::Response<Bytes>) -> Response {
    response.map(axum::body::Body::from).into_response()
}

/// RFC 9728 §2.
fn describe(engine: &Engine) -> Document {
    let issuer = engine.issuer().as_str();
    let document = json!({
        "resource": issuer,
        "authorization_servers": [issuer],
        "scopes_supported": engine.policy().scopes.all().iter().collect::<Vec<_>>(),
        "bearer_methods_supported": ["header"],
        "resource_name": "Who am I",
    });
    Document::new(document.to_string(), "application/json", "public, max-age=3600")
}

/// OAuth 1, where it is spoken.
fn signatures(engine: &Arc<Engine>) -> Option<Signatures> {
    let policy = &engine.policy().oauth1;
    let base = PublicBase::parse(engine.issuer().origin()).ok().filter(|_| policy.is_on)?;
    let signatures = Signatures::new(Signed { engine: Arc::clone(engine), base: base.clone() }, base);
    Some(if policy.requires_body_hash { signatures.require_body_hash() } else { signatures })
}

/// Verifies without leaving the process: what was revoked a moment ago is refused now.
struct Inside(Arc<Engine>);

#[async_trait]
impl Verifier for Inside {
    async fn verify(&self, token: &str) -> Result<AccessToken, VerifyError> {
        let now = self.0.now();
        let found = self.0.inspect(token, now).await;
        let found = found.map_err(|failure| VerifyError::unavailable(failure.to_string()))?;
        let found = found.ok_or(InvalidToken::Inactive)?;
        if matches!(found.kind, TokenKind::Refresh(_)) {
            return Err(InvalidToken::WrongType.into());
        }
        if now >= found.expires_at {
            return Err(InvalidToken::Expired.into());
        }
        if !found.is_active {
            return Err(InvalidToken::Inactive.into());
        }
        if !found.audience.contains(self.0.own_resource()) {
            return Err(InvalidToken::WrongAudience.into());
        }
        let token = AccessToken::new(found.subject(), found.client.as_str())
            .with_issuer(self.0.issuer().as_str())
            .with_audience(found.audience.iter().map(Resource::as_str))
            .with_scope(found.scope)
            .with_times(found.issued_at.seconds(), found.expires_at.seconds());
        Ok(token)
    }
}

/// The same for signatures.
struct Signed {
    engine: Arc<Engine>,
    base: PublicBase,
}

#[async_trait]
impl VerifyOAuth1 for Signed {
    async fn verify(
        &self,
        request: &Received<'_>,
        around: &Extensions,
    ) -> Result<AccessToken, OAuth1Refusal> {
        let engine = &self.engine;
        let peer =
            around.get::<Peer>().ok_or_else(|| OAuth1Refusal::unavailable("nobody said who is asking"))?;
        // The engine knows its own origin.
        let target = request.target.strip_prefix(self.base.as_str()).unwrap_or(request.target);
        let found = engine.verify_signature(&Received { target, ..*request }, peer.is_secure, peer).await;
        let found = found.map_err(|failure| {
            engine.note_refusal("api", &failure, &Request::default(), peer);
            refusal(engine, failure)
        })?;
        let mut token = AccessToken::new(found.subject(), found.client.id.as_str())
            .with_issuer(engine.issuer().as_str())
            .with_response_headers(found.headers.into_iter().collect())
            .with_scope(found.scope);
        if let Some(expires_at) = found.expires_at {
            token = token.with_times(found.issued_at.seconds(), expires_at.seconds());
        }
        Ok(token)
    }
}

fn refusal(engine: &Engine, failure: Failure) -> OAuth1Refusal {
    match failure {
        Failure::Signature(refusal) => refused(&refusal, &engine.policy().oauth1.realm).into(),
        Failure::Refused { .. } => RefusedSignature::new(StatusCode::BAD_REQUEST, None).into(),
        Failure::TooMany(seconds) => {
            OAuth1Refusal::unavailable(failure.to_string()).after(Some(Duration::from_secs(seconds.into())))
        }
        other => OAuth1Refusal::unavailable(other.to_string()),
    }
}

fn refused(refusal: &SignatureRefusal, realm: &str) -> RefusedSignature {
    let report = refusal.report.clone().map(|report| report.advice(refusal.description.as_ref()));
    let refused = RefusedSignature::new(refusal.status, report)
        .with_response_headers(refusal.headers.iter().cloned().collect());
    match HeaderValue::from_str(&refusal.challenge(realm)) {
        Ok(challenge) => refused.with_challenge(challenge),
        Err(_) => refused,
    }
}
