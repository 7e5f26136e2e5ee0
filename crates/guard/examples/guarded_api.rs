//! A small API that asks for access tokens, and takes OAuth 1 signatures beside them.
//!
//! Start a provider (`valetkey dev`), then this, with the provider's address and the name of this API:
//!
//! ```text
//! ISSUER=http://localhost:8080 AUDIENCE=http://localhost:8080 cargo run -p valetkey-guard --example guarded_api
//! curl -H "Authorization: Bearer $TOKEN" http://localhost:4000/whoami
//! ```
//!
//! With `CLIENT_ID` and `CLIENT_SECRET` it asks the provider about every token (the online mode, which also knows opaque
//! tokens and hears of revocations); without, it reads JWTs with the provider's published keys.
//!
//! With these and `OAUTH1=on` it takes requests signed by OAuth 1.0a too, of which the provider keeps the secrets: each is
//! sent to its verification endpoint, and handlers see no difference. Clients sign for `PUBLIC_URL`, whatever stands
//! before this server; `LISTEN` says where else than at port 4000 it is.

use std::env::var;

use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use valetkey_guard::{
    Challenge, Guard, LocalVerifier, OAuth, PublicBase, RemoteOAuth1, RemoteVerifier, RequireOAuth,
    RequireScopes, RequiredScopes, Signatures,
};

/// Whoever has a good token, or a signature.
async fn whoami(caller: OAuth) -> Json<Value> {
    Json(json!({
        "subject": caller.subject(),
        "client": caller.client_id(),
        "scope": caller.scope().as_str(),
        "expires_at": caller.expires_at(),
        "protocol": format!("{:?}", caller.protocol()),
    }))
}

/// Everybody; those with a token are greeted by name.
async fn hello(caller: Option<OAuth>) -> String {
    caller.map_or("hello, stranger".to_owned(), |caller| format!("hello, {}", caller.subject()))
}

struct Write;

impl RequiredScopes for Write {
    fn required() -> RequireOAuth {
        RequireOAuth::scopes(["notes:write"])
    }
}

/// The scope is part of the handler's type.
async fn add_note(caller: RequireScopes<Write>) -> String {
    format!("noted for {}", caller.subject())
}

/// The scope is asked for where it is known that it is needed.
async fn clear_notes(caller: OAuth, all: String) -> Result<&'static str, Challenge> {
    if all == "all" {
        caller.require(&RequireOAuth::token().any(["notes:admin", "admin"]))?;
    }
    Ok("cleared")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let issuer = var("ISSUER").unwrap_or_else(|_| "http://localhost:8080".to_owned());
    let audience = var("AUDIENCE").unwrap_or_else(|_| issuer.clone());
    let public = var("PUBLIC_URL").unwrap_or_else(|_| "http://localhost:4000".to_owned());
    let guard = match (var("CLIENT_ID"), var("CLIENT_SECRET")) {
        (Ok(id), Ok(secret)) => {
            let tokens = RemoteVerifier::builder(&issuer, audience, &id, &secret).build();
            let signatures = RemoteOAuth1::builder(issuer, id, secret).build();
            let signatures = Signatures::new(signatures, PublicBase::parse(&public)?);
            let guard = Guard::builder(tokens);
            if var("OAUTH1").is_ok_and(|switch| switch == "on") { guard.oauth1(signatures) } else { guard }
        }
        _ => Guard::builder(LocalVerifier::builder(issuer, audience).build()),
    };
    let guard = guard.realm("notes").build();

    let app = Router::new()
        .route("/whoami", get(whoami))
        .route("/notes", post(add_note).delete(clear_notes))
        .route_layer(guard.require(RequireOAuth::token()))
        .route("/", get(hello).layer(guard.require(RequireOAuth::token().optional())));
    let listen = var("LISTEN").unwrap_or_else(|_| "127.0.0.1:4000".to_owned());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
