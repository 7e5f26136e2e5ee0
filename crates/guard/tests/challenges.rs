//! Every answer of RFC 6750 §3, whole.
#![cfg(feature = "axum")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use axum::body::Body;
use http::Request;
use support::{World, answer, app, bearer, get, status};
use valetkey_guard::{Guard, RequireOAuth};

const METADATA: &str = "https://api.example/.well-known/oauth-protected-resource";

fn guarded(world: &World) -> Guard {
    Guard::builder(world.local()).realm("notes").build()
}

#[tokio::test]
async fn a_good_token_gets_through_and_the_handler_knows_the_caller() {
    let world = World::new();
    let app = app(&guarded(&world), RequireOAuth::scopes(["read"]));
    assert_eq!(
        answer(&app, bearer(&world.jwt())).await,
        "200\ncontent-type: text/plain; charset=utf-8\nalice through app\nGET /notes\n"
    );
}

#[tokio::test]
async fn without_a_token_the_challenge_has_no_error() {
    let app = app(&guarded(&World::new()), RequireOAuth::token());
    let bare = "401\ncache-control: no-store\nwww-authenticate: Bearer realm=\"notes\"\n";
    assert_eq!(answer(&app, get("/notes", &[])).await, bare);
    assert_eq!(answer(&app, get("/notes", &[("authorization", "Basic YTpi")])).await, bare);
}

#[tokio::test]
async fn a_malformed_header_is_an_invalid_request() {
    let app = app(&guarded(&World::new()), RequireOAuth::token());
    for value in ["Bearer", "Bearer a b", "Bearer a,b", "Bearer \"a\"", "bearer ="] {
        assert_eq!(
            answer(&app, get("/notes", &[("authorization", value)])).await,
            "400\ncache-control: no-store\ncontent-type: application/json\n\
             www-authenticate: Bearer realm=\"notes\", error=\"invalid_request\", \
             error_description=\"The access token is malformed\"\n\
             {\"error\":\"invalid_request\",\"error_description\":\"The access token is malformed\"}"
        );
    }
}

#[tokio::test]
async fn two_authorization_headers_are_an_invalid_request() {
    let world = World::new();
    let app = app(&guarded(&world), RequireOAuth::token());
    let token = format!("Bearer {}", world.jwt());
    let request = get("/notes", &[("authorization", &token), ("authorization", &token)]);
    assert_eq!(
        answer(&app, request).await,
        "400\ncache-control: no-store\ncontent-type: application/json\n\
         www-authenticate: Bearer realm=\"notes\", error=\"invalid_request\", \
         error_description=\"Send one Authorization header\"\n\
         {\"error\":\"invalid_request\",\"error_description\":\"Send one Authorization header\"}"
    );
}

#[tokio::test]
async fn an_expired_token_is_an_invalid_token() {
    let world = World::new();
    let token = world.jwt();
    world.pass(600 + 10);
    let app = app(&guarded(&world), RequireOAuth::token());
    assert_eq!(
        answer(&app, bearer(&token)).await,
        "401\ncache-control: no-store\ncontent-type: application/json\n\
         www-authenticate: Bearer realm=\"notes\", error=\"invalid_token\", \
         error_description=\"The access token expired\"\n\
         {\"error\":\"invalid_token\",\"error_description\":\"The access token expired\"}"
    );
}

#[tokio::test]
async fn sec_rs_03_challenges_name_the_error_and_the_resources_metadata() {
    let world = World::new();
    let guard = Guard::builder(world.local()).realm("notes").resource_metadata(METADATA).build();
    let app = app(&guard, RequireOAuth::scopes(["read", "admin"]));
    assert_eq!(
        answer(&app, get("/notes", &[])).await,
        format!(
            "401\ncache-control: no-store\n\
             www-authenticate: Bearer realm=\"notes\", resource_metadata=\"{METADATA}\"\n"
        )
    );
    assert_eq!(
        answer(&app, bearer("junk")).await,
        format!(
            "401\ncache-control: no-store\ncontent-type: application/json\n\
             www-authenticate: Bearer realm=\"notes\", error=\"invalid_token\", \
             error_description=\"The access token is not valid here\", resource_metadata=\"{METADATA}\"\n\
             {{\"error\":\"invalid_token\",\"error_description\":\"The access token is not valid here\"}}"
        )
    );
    assert_eq!(
        answer(&app, bearer(&world.jwt())).await,
        format!(
            "403\ncache-control: no-store\ncontent-type: application/json\n\
             www-authenticate: Bearer realm=\"notes\", error=\"insufficient_scope\", \
             error_description=\"The request needs a scope that the access token does not have\", \
             scope=\"read admin\", resource_metadata=\"{METADATA}\"\n\
             {{\"error\":\"insufficient_scope\",\
             \"error_description\":\"The request needs a scope that the access token does not have\"}}"
        )
    );
}

#[tokio::test]
async fn our_own_fault_is_503_with_a_time_to_try_again() {
    let world = World::new();
    world.set_down(true);
    let app = app(&guarded(&world), RequireOAuth::token());
    assert_eq!(answer(&app, bearer(&world.jwt())).await, "503\ncache-control: no-store\nretry-after: 1\n");
}

#[tokio::test]
async fn a_realm_cannot_break_out_of_its_quotes() {
    let guard = Guard::builder(World::new().local()).realm("my \"notes\"\r\nx: y \\ é").build();
    assert_eq!(
        answer(&app(&guard, RequireOAuth::token()), get("/notes", &[])).await,
        "401\ncache-control: no-store\nwww-authenticate: Bearer realm=\"my ?notes???x: y ? ?\"\n"
    );
}

#[tokio::test]
async fn all_named_scopes_are_needed_and_one_of_each_any() {
    let world = World::new();
    let guard = guarded(&world);
    let token = world.jwt(); // read write
    for (required, expected) in [
        (RequireOAuth::token(), 200),
        (RequireOAuth::scopes(["read", "write"]), 200),
        (RequireOAuth::scopes(["read write"]), 200),
        (RequireOAuth::scopes(["read", "admin"]), 403),
        (RequireOAuth::scopes(["rea"]), 403),
        (RequireOAuth::scopes(["READ"]), 403),
        (RequireOAuth::token().any(["admin", "write"]), 200),
        (RequireOAuth::token().any(["admin", "owner"]), 403),
        (RequireOAuth::scopes(["read"]).any(["admin", "write"]), 200),
        (RequireOAuth::scopes(["admin"]).any(["read", "write"]), 403),
        (RequireOAuth::token().any(["read"]).any(["admin"]), 403),
        (RequireOAuth::token().any([] as [&str; 0]), 403),
    ] {
        let shown = format!("{required:?}");
        assert_eq!(status(&app(&guard, required), bearer(&token)).await, expected, "{shown}");
    }
}

#[tokio::test]
async fn an_optional_token_may_be_absent_but_not_bad() {
    let world = World::new();
    let app = app(&guarded(&world), RequireOAuth::scopes(["read"]).optional());
    assert!(answer(&app, get("/notes", &[])).await.ends_with("anonymous\nGET /notes\n"));
    assert!(answer(&app, bearer(&world.jwt())).await.contains("alice through app"));
    assert_eq!(status(&app, bearer("junk")).await, 401);
    assert_eq!(status(&app, bearer(&world.jwt_with(serde_json::json!({ "scope": "write" })))).await, 403);
    assert_eq!(status(&app, get("/notes", &[("authorization", "Bearer")])).await, 400);
    assert_eq!(status(&app, get("/notes?access_token=x", &[])).await, 400);
    world.pass(3600);
    world.set_down(true);
    assert_eq!(status(&app, bearer(&world.jwt())).await, 503);
}

#[tokio::test]
async fn sec_tk_13_a_token_in_the_address_is_refused() {
    let world = World::new();
    let app = app(&guarded(&world), RequireOAuth::token());
    let sentence = "Send the access token in the Authorization header, not in the address";
    for uri in
        [format!("/notes?access_token={}", world.jwt()), format!("/notes?p=1&access%5Ftoken={}", world.jwt())]
    {
        assert_eq!(
            answer(&app, get(&uri, &[])).await,
            format!(
                "400\ncache-control: no-store\ncontent-type: application/json\n\
                 www-authenticate: Bearer realm=\"notes\", error=\"invalid_request\", \
                 error_description=\"{sentence}\"\n\
                 {{\"error\":\"invalid_request\",\"error_description\":\"{sentence}\"}}"
            )
        );
    }
    assert!(world.asked().is_empty(), "nothing was verified");
}

#[tokio::test]
async fn a_token_in_the_address_where_that_is_allowed_never_reaches_the_application() {
    let world = World::new();
    let guard = Guard::builder(world.local()).allow_query_token().build();
    let app = app(&guard, RequireOAuth::token());
    let token = world.jwt();
    assert_eq!(
        answer(&app, get(&format!("/notes?a=%20&access_token={token}&b"), &[])).await,
        "200\ncache-control: private\ncontent-type: text/plain; charset=utf-8\n\
         alice through app\nGET /notes?a=%20&b\n"
    );
    assert_eq!(
        status(&app, get(&format!("/notes?access_token={token}&access_token={token}"), &[])).await,
        400
    );
}

fn form(body: String, header: Option<&str>) -> Request<Body> {
    let mut request =
        Request::post("/notes").header("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
    if let Some(header) = header {
        request = request.header("authorization", format!("Bearer {header}"));
    }
    request.body(Body::from(body)).unwrap()
}

fn app_with_forms(guard: &Guard) -> axum::Router {
    let layer = guard.require(RequireOAuth::token()).with_form_token(8192);
    axum::Router::new().route("/notes", axum::routing::any(support::tell)).layer(layer)
}

#[tokio::test]
async fn sec_tk_14_two_tokens_at_once_are_an_invalid_request() {
    let world = World::new();
    let token = world.jwt();
    let sentence = "Send the access token in one place only";
    let refused = format!(
        "400\ncache-control: no-store\ncontent-type: application/json\n\
         www-authenticate: Bearer realm=\"notes\", error=\"invalid_request\", \
         error_description=\"{sentence}\"\n{{\"error\":\"invalid_request\",\"error_description\":\"{sentence}\"}}"
    );
    let query = format!("/notes?access_token={token}");
    let both = |uri: &str| get(uri, &[("authorization", &format!("Bearer {token}"))]);

    let strict = app(&guarded(&world), RequireOAuth::token());
    assert_eq!(answer(&strict, both(&query)).await, refused);
    let proof = get(&query, &[("authorization", &format!("DPoP {token}"))]);
    assert_eq!(answer(&strict, proof).await, refused);

    let lenient = Guard::builder(world.local()).realm("notes").allow_query_token().build();
    assert_eq!(answer(&app(&lenient, RequireOAuth::token()), both(&query)).await, refused);

    let forms = app_with_forms(&guarded(&world));
    assert_eq!(answer(&forms, form(format!("access_token={token}"), Some(&token))).await, refused);
    let mut three = form(format!("a=b&access%5ftoken={token}"), Some(&token));
    *three.uri_mut() = query.parse().unwrap();
    assert_eq!(answer(&forms, three).await, refused);
}

#[tokio::test]
async fn a_token_in_a_form_is_taken_only_where_that_is_switched_on() {
    let world = World::new();
    let token = world.jwt();
    let body = format!("a=1+2&access_token={token}&b=%7E");
    let plain = app(&guarded(&world), RequireOAuth::token());
    assert_eq!(status(&plain, form(body.clone(), None)).await, 401);

    let forms = app_with_forms(&guarded(&world));
    let told = answer(&forms, form(body.clone(), None)).await;
    assert!(told.contains("alice through app") && told.ends_with("a=1+2&b=%7E"), "{told}");
    // Not in a GET, not of another type, not twice, not too large, not beside other than ASCII.
    let mut request = form(body.clone(), None);
    *request.method_mut() = http::Method::GET;
    assert_eq!(status(&forms, request).await, 401);
    let mut request = form(body.clone(), None);
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(status(&forms, request).await, 401);
    assert_eq!(status(&forms, form(format!("{body}&access_token={token}"), None)).await, 400);
    assert_eq!(status(&forms, form(format!("{body}&c={}", "x".repeat(9000)), None)).await, 400);
    assert_eq!(status(&forms, form(format!("{body}&c=é"), None)).await, 400);
    // Without a token in it, a form passes as it is.
    let told = answer(&forms, form("a=1+2".to_owned(), Some(&token))).await;
    assert!(told.ends_with("a=1+2"), "{told}");
}
