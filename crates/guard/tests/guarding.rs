//! What gets past the guard, and what of it.
#![cfg(feature = "axum")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::routing::{any, get as on_get};
use http::Request;
use serde_json::json;
use support::{World, answer, app, bearer, get, status, tell};
use valetkey_guard::{
    AccessToken, Challenge, Guard, InvalidToken, JwtOrOpaque, OAuth, RequireOAuth, RequireScopes,
    RequiredScopes, Scope, Verifier, VerifyError,
};

#[tokio::test]
async fn sec_tk_10_a_bound_token_is_no_bearer_token_and_dpop_is_not_taken_for_bearer() {
    let world = World::new();
    let bound = json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } });
    let tls = json!({ "cnf": { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } });
    let by_keys = app(&Guard::new(world.local()), RequireOAuth::token());
    let sentence = "The access token is bound to a key and cannot be used as a bearer token";
    let refused = format!(
        "401\ncache-control: no-store\ncontent-type: application/json\n\
         www-authenticate: Bearer realm=\"api\", error=\"invalid_token\", error_description=\"{sentence}\"\n\
         {{\"error\":\"invalid_token\",\"error_description\":\"{sentence}\"}}"
    );
    assert_eq!(answer(&by_keys, bearer(&world.jwt_with(bound.clone()))).await, refused);
    assert_eq!(answer(&by_keys, bearer(&world.jwt_with(tls))).await, refused);

    let online = app(&Guard::new(world.remote()), RequireOAuth::token());
    assert_eq!(answer(&online, bearer(&world.opaque("bound", bound))).await, refused);
    assert_eq!(
        answer(&online, bearer(&world.opaque("typed", json!({ "token_type": "DPoP" })))).await,
        refused
    );
    assert_eq!(answer(&online, bearer(&world.opaque("odd", json!({ "token_type": 7 })))).await, refused);

    // The other way: an unbound token under the DPoP scheme, also where a token is optional.
    let proof = || get("/notes", &[("authorization", &format!("DPoP {}", world.jwt()))]);
    let bare = "401\ncache-control: no-store\nwww-authenticate: Bearer realm=\"api\"\n";
    assert_eq!(answer(&by_keys, proof()).await, bare);
    let optional = app(&Guard::new(world.local()), RequireOAuth::token().optional());
    assert_eq!(answer(&optional, proof()).await, bare);
}

#[tokio::test]
async fn sec_rs_01_the_application_gets_an_identity_and_never_the_token() {
    let world = World::new();
    let token = world.jwt();
    let told = answer(&app(&Guard::new(world.local()), RequireOAuth::token()), bearer(&token)).await;
    assert!(told.contains("alice through app") && !told.contains(&token) && !told.contains("authorization"));

    let keeping = Guard::builder(world.local()).keep_token().build();
    let told = answer(&app(&keeping, RequireOAuth::token()), bearer(&token)).await;
    assert!(told.contains(&format!("authorization: Bearer {token}")), "{told}");
}

#[tokio::test]
async fn sec_rs_07_no_spelling_of_a_path_gets_around_the_guard() {
    let world = World::new();
    let app = app(&Guard::new(world.local()), RequireOAuth::token());
    let spellings = [
        "/notes",
        "/notes/",
        "//notes",
        "/Notes",
        "/notes;x=1",
        "/notes%2f",
        "/%6eotes",
        "/x/../notes",
        "/./notes",
        "/notes?x=/public",
        "/notes%3Fx",
        "/notes%00",
        "/public/..%2fnotes",
        "/notes%20",
    ];
    for path in spellings {
        for method in ["GET", "HEAD", "OPTIONS", "POST", "TRACE", "get"] {
            let request = Request::builder().method(method).uri(path);
            let request =
                request.header("user-agent", "kube-probe/1.31").body(axum::body::Body::empty()).unwrap();
            let status = status(&app, request).await;
            assert!(matches!(status, 401 | 404), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn sec_rs_08_identity_headers_of_a_caller_are_removed() {
    let world = World::new();
    let guard = Guard::builder(world.local())
        .identity_headers()
        .strip_headers(["X-Remote-User", "x_forwarded_user"])
        .build();
    let app = app(&guard, RequireOAuth::token().optional());
    let forged = [
        ("x-oauth-subject", "root"),
        ("X_OAuth_Subject", "root"),
        ("x-oauth_client-id", "root"),
        ("X-OAuth-Scope", "admin"),
        ("x_remote_user", "root"),
        ("x-forwarded-user", "root"),
        ("x-other", "kept"),
    ];
    let told = answer(&app, get("/notes", &forged)).await;
    assert!(told.ends_with("anonymous\nGET /notes\nx-other: kept\n"), "{told}");

    let token = format!("Bearer {}", world.jwt());
    let told = answer(&app, get("/notes", &[&forged[..], &[("authorization", &token)]].concat())).await;
    assert!(
        told.ends_with(
            "alice through app\nGET /notes\nx-oauth-client-id: app\nx-oauth-scope: read write\n\
             x-oauth-subject: alice\nx-other: kept\n"
        ),
        "{told}"
    );
    // Also where the guard itself sets none.
    let plain = support::app(&Guard::new(world.local()), RequireOAuth::token().optional());
    let told = answer(&plain, get("/notes", &forged[..4])).await;
    assert!(told.ends_with("anonymous\nGET /notes\n"), "{told}");
}

#[tokio::test]
async fn sec_rs_06_a_handler_without_a_guard_refuses_everybody() {
    async fn strict(_: OAuth) {}
    async fn lenient(_: Option<OAuth>) {}
    let app = Router::new().route("/strict", any(strict)).route("/lenient", any(lenient));
    for path in ["/strict", "/lenient"] {
        let request = get(path, &[("authorization", "Bearer x")]);
        assert_eq!(answer(&app, request).await, "500\ncache-control: no-store\n");
    }
}

struct Write;

impl RequiredScopes for Write {
    fn required() -> RequireOAuth {
        RequireOAuth::scopes(["write"])
    }
}

#[tokio::test]
async fn handlers_behind_one_layer_ask_for_scopes_of_their_own() {
    async fn write(caller: RequireScopes<Write>) -> String {
        caller.subject().to_owned()
    }
    async fn admin(caller: OAuth) -> Result<&'static str, Challenge> {
        caller.require(&RequireOAuth::token().any(["admin", "owner"]))?;
        Ok("in")
    }
    let world = World::new();
    let guard = Guard::builder(world.local()).realm("notes").build();
    let app = Router::new()
        .route("/write", on_get(write))
        .route("/admin", on_get(admin))
        .layer(guard.require(RequireOAuth::token().optional()));
    let with = |path, scope: &str| {
        let token = world.jwt_with(json!({ "scope": scope }));
        get(path, &[("authorization", &format!("Bearer {token}"))])
    };
    assert_eq!(status(&app, with("/write", "write")).await, 200);
    assert_eq!(status(&app, with("/write", "read")).await, 403);
    assert_eq!(status(&app, with("/admin", "owner")).await, 200);
    let refused = answer(&app, with("/admin", "read")).await;
    assert!(refused.starts_with("403") && refused.contains("realm=\"notes\""), "{refused}");
    assert!(refused.contains("scope=\"admin owner\""), "{refused}");
    // The token was optional for the layer; for these handlers it is not.
    assert_eq!(
        answer(&app, get("/write", &[])).await,
        "401\ncache-control: no-store\nwww-authenticate: Bearer realm=\"notes\"\n"
    );
}

/// Knows one token, and counts the questions.
struct InProcess(Arc<AtomicUsize>);

#[async_trait]
impl Verifier for InProcess {
    async fn verify(&self, token: &str) -> Result<AccessToken, VerifyError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        match token {
            "good" => Ok(AccessToken::new("bob", "cli").with_scope(Scope::parse("read").unwrap())),
            "later" => Err(VerifyError::unavailable("the store is away")),
            _ => Err(InvalidToken::Inactive.into()),
        }
    }
}

#[tokio::test]
async fn a_verifier_of_ones_own_is_enough_and_a_guard_inside_itself_asks_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let guard = Guard::new(InProcess(Arc::clone(&asked)));
    let route = any(tell).layer(guard.require(RequireOAuth::scopes(["read"])));
    let app = Router::new().route("/notes", route).layer(guard.require(RequireOAuth::token().optional()));
    assert!(answer(&app, bearer("good")).await.contains("bob through cli"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(status(&app, get("/notes", &[])).await, 401);
    assert_eq!(status(&app, bearer("bad")).await, 401);
    assert_eq!(answer(&app, bearer("later")).await, "503\ncache-control: no-store\nretry-after: 5\n");
}

#[tokio::test]
async fn jwts_go_to_the_keys_and_everything_else_to_the_issuer() {
    let world = World::new();
    let guard = Guard::new(JwtOrOpaque::new(world.local(), world.remote()));
    let app = app(&guard, RequireOAuth::token());
    assert_eq!(status(&app, bearer(&world.jwt())).await, 200);
    assert_eq!(world.asked(), ["GET /.well-known/oauth-authorization-server 200", "GET /jwks.json 200"]);
    assert_eq!(status(&app, bearer(&world.opaque("vk_at_1", json!({})))).await, 200);
    assert_eq!(world.asked(), ["GET /.well-known/oauth-authorization-server 200", "POST /introspect 200"]);
    // A bad JWT gets no second chance, even where the issuer would call it active.
    let bad = world.opaque(&world.jwt_with(json!({ "aud": "https://other.example" })), json!({}));
    assert_eq!(status(&app, bearer(&bad)).await, 401);
    assert!(world.asked().is_empty());
}
