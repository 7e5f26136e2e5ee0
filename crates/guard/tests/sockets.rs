//! The whole way over real sockets, with nothing made up but the provider.
#![cfg(feature = "axum")]

mod support;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get as on_get};
use serde_json::json;
use support::{API, NOW, bearer, status, tell};
use tokio::net::TcpListener;
use valetkey_guard::{Algorithm, Clock, Guard, LocalVerifier, RequireOAuth};
use valetkey_jose::{Jwks, SigningKey};

#[tokio::test]
async fn keys_are_found_and_fetched_from_a_provider_on_this_machine() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap().0);

    let metadata = json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/keys") }).to_string();
    let keys = serde_json::to_string(&Jwks { keys: vec![key.public_jwk().clone()] }).unwrap();
    let provider = Router::new()
        .route("/.well-known/oauth-authorization-server", on_get(async move || metadata))
        .route("/keys", on_get(async move || keys));
    let provider = tokio::spawn(async move { axum::serve(listener, provider).await });

    let claims = json!({
        "iss": issuer, "aud": API, "sub": "alice", "client_id": "app", "iat": NOW, "exp": NOW + 60, "jti": "1",
    });
    let token = key.sign_jwt("at+jwt", &claims).unwrap();
    let verifier = LocalVerifier::builder(issuer, API).clock(Clock::new(|| NOW)).build();
    let guard = Guard::new(verifier);
    let app = Router::new().route("/notes", any(tell)).layer(guard.require(RequireOAuth::token()));
    assert_eq!(status(&app, bearer(&token)).await, 200);
    assert_eq!(status(&app, bearer(&format!("{token}x"))).await, 401);

    // What was fetched serves on when the provider has gone.
    provider.abort();
    assert_eq!(status(&app, bearer(&token)).await, 200);
}
