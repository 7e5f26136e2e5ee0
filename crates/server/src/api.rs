//! The sample protected resource, and how a client finds out what it asks for (RFC 9728). It is guarded like anybody's
//! API; only its verifier asks the engine instead of the network.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header::ACCESS_CONTROL_ALLOW_ORIGIN};
use serde_json::json;
use valetkey_guard::{AccessToken, Guard, InvalidToken, OAuth, RequireOAuth, Verifier, VerifyError};
use valetkey_oauth2::{AccountId, Resource};
use valetkey_provider::{Engine, Failure, answer, answer::Document, inspect::TokenKind};

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
        let guard = Guard::builder(Inside(Arc::clone(engine)))
            .realm("valetkey")
            .resource_metadata(format!("{}{metadata}", issuer.origin()))
            .build();
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
