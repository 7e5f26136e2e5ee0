//! Signed requests (RFC 5849 §3) beside tokens: what gets through, and what its handler sees.
#![cfg(feature = "axum")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::OriginalUri;
use axum::routing::{any, get as on_get};
use axum::{Extension, Router};
use bytes::Bytes;
use http::{Extensions, Request, StatusCode};
use support::oauth1::{HEADER, How, Notary, again, signed};
use support::{World, answer, app, bearer, get, status, tell};
use valetkey_guard::{
    AccessToken, Guard, OAuth, OAuth1Refusal, Problem, Protocol, PublicBase, Received, RefusedSignature,
    RequireOAuth, RequireScopes, RequiredScopes, Scope, Signatures, VerifyOAuth1,
};
use valetkey_oauth1::Body as SignedBody;
use valetkey_oauth1::params::Place;

const FORM: &str = "application/x-www-form-urlencoded";
const QUERY: How = How { place: Place::Query, ..HEADER };
const BODY: How = How { place: Place::Body, ..HEADER };
const UNHASHED: How = How { hashes_body: false, ..HEADER };

#[tokio::test]
async fn handlers_see_the_same_caller_by_either_protocol() {
    async fn who(caller: OAuth) -> String {
        let (subject, client, scope) = (caller.subject(), caller.client_id(), caller.scope().as_str());
        format!("{subject} {client} {scope} {:?} {:?}", caller.issuer(), caller.protocol())
    }
    let (world, notary) = (World::new(), Notary::default());
    let layer = notary.guard(&world).require(RequireOAuth::scopes(["read"]).any(["write", "admin"]));
    let app = Router::new().route("/notes", any(who).layer(layer));
    let told = |protocol: &str| {
        format!(
            "200\ncontent-type: text/plain; charset=utf-8\n\
             alice app read write Some(\"https://id.example\") {protocol}"
        )
    };
    assert_eq!(answer(&app, bearer(&world.jwt())).await, told("OAuth2"));
    assert_eq!(answer(&app, signed("GET", "/notes", None, HEADER)).await, told("OAuth1"));
    // Signed without a token, the client acts for itself, as with client credentials.
    let alone = How { has_token: false, ..HEADER };
    assert!(answer(&app, signed("GET", "/notes", None, alone)).await.contains("\napp app read write"));
}

#[tokio::test]
async fn the_issuer_is_asked_with_the_public_address_whatever_the_host_header_says() {
    let (world, notary) = (World::new(), Notary::default());
    let app = app(&notary.guard(&world), RequireOAuth::token());
    let mut request = signed("GET", "/notes?b=%20&a", None, HEADER);
    request.headers_mut().insert("host", "evil.example".parse().unwrap());
    let header = request.headers()["authorization"].to_str().unwrap().to_owned();
    assert_eq!(status(&app, request).await, 200);
    let asked = notary.asked().remove(0);
    let expected =
        [("method", "GET"), ("uri", "https://api.example/notes?b=%20&a"), ("authorization", &header)];
    assert_eq!(asked, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn sec_rs_01_the_application_gets_neither_signature_nor_secrets() {
    let (world, notary) = (World::new(), Notary::default());
    let guard = notary.guard(&world);
    let app = app(&guard, RequireOAuth::token());
    let whole = "200\ncontent-type: text/plain; charset=utf-8\nalice through app\n";
    let private = "200\ncache-control: private\ncontent-type: text/plain; charset=utf-8\nalice through app\n";
    for method in ["HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT"] {
        let how = |how: How| How { method, ..how };
        let request = signed("GET", "/notes?a=1+2", None, how(HEADER));
        assert_eq!(answer(&app, request).await, format!("{whole}GET /notes?a=1+2\n"));
        let request = signed("GET", "/notes?a=1+2&&b", None, how(QUERY));
        assert_eq!(answer(&app, request).await, format!("{private}GET /notes?a=1+2&&b\n"));
        let request = signed("POST", "/notes?x=y", Some((FORM, "a=1+2&&b=%7E")), how(BODY));
        assert_eq!(
            answer(&app, request).await,
            format!("{private}POST /notes?x=y\ncontent-length: 12\ncontent-type: {FORM}\na=1+2&&b=%7E")
        );
    }
    let keeping = support::app(&notary.builder(&world).keep_token().build(), RequireOAuth::token());
    let told = answer(&keeping, signed("POST", "/notes", Some((FORM, "a=b")), BODY)).await;
    assert!(told.contains("\na=b&oauth_") && told.contains("oauth_signature="), "{told}");
}

#[tokio::test]
async fn a_signed_form_reaches_the_handler_as_it_was_sent() {
    let (world, notary) = (World::new(), Notary::default());
    let app = app(&notary.guard(&world), RequireOAuth::token());
    let form = "b=2&a=1+%7e&a=&c";
    let request = signed("POST", "/notes", Some((FORM, form)), HEADER);
    assert!(answer(&app, request).await.ends_with(&format!("content-type: {FORM}\n{form}")));
    assert_eq!(notary.asked().remove(0)["form"], form);
    // Another form under the same signature is none.
    let mut request = signed("POST", "/notes", Some((FORM, form)), HEADER);
    *request.body_mut() = Body::from("b=2&a=2");
    assert!(answer(&app, request).await.contains("oauth_problem=signature_invalid"));
}

#[tokio::test]
async fn forms_without_a_signature_stay_what_they_were() {
    let (world, notary) = (World::new(), Notary::default());
    let app = app(&notary.guard(&world), RequireOAuth::token().optional());
    let form = |headers: &[(&str, &str)]| {
        let mut request = get("/notes", &[headers, &[("content-type", FORM)]].concat());
        *request.method_mut() = http::Method::POST;
        *request.body_mut() = Body::from("a=%7E&oauth_token=x");
        request
    };
    assert!(answer(&app, form(&[])).await.ends_with(
        "anonymous\nPOST /notes\ncontent-type: application/x-www-form-urlencoded\na=%7E&oauth_token=x"
    ));
    let token = format!("Bearer {}", world.jwt());
    let told = answer(&app, form(&[("authorization", &token)])).await;
    assert!(told.contains("alice through app") && told.ends_with("a=%7E&oauth_token=x"), "{told}");
    assert!(notary.asked().is_empty());
}

#[tokio::test]
async fn sec_o1_10_a_body_hash_is_checked_and_can_be_required() {
    let (world, notary) = (World::new(), Notary::default());
    let json = Some(("application/json", "{\"a\": 1}"));
    let lax = app(&notary.guard(&world), RequireOAuth::token());
    let told = answer(&lax, signed("PUT", "/notes", json, HEADER)).await;
    assert!(told.starts_with("200") && told.ends_with("{\"a\": 1}"), "{told}");
    let asked = notary.asked().remove(0);
    let mut names: Vec<&str> = asked.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["authorization", "body_sha1", "body_sha256", "body_sha512", "method", "uri"]);
    assert_eq!(asked["body_sha1"], "5K1NqtU6LuwDEzhq2oghHlDWk70=");

    let mut other = signed("PUT", "/notes", json, HEADER);
    *other.body_mut() = Body::from("{\"a\": 2}");
    assert_eq!(status(&lax, other).await, 401);
    notary.asked();

    // Without a hash the body is not even looked at, however large it is.
    let large = "x".repeat(3 << 20);
    let text = Some(("text/plain", large.as_str()));
    assert_eq!(status(&lax, signed("PUT", "/notes", json, UNHASHED)).await, 200);
    let layer = notary.guard(&world).require(RequireOAuth::token());
    let unread = Router::new().route("/notes", any(async || "not read").layer(layer));
    assert!(answer(&unread, signed("PUT", "/notes", text, UNHASHED)).await.ends_with("not read"));
    assert!(notary.asked().iter().all(|asked| asked.keys().all(|name| !name.starts_with("body"))));

    // Where it is required, its absence is refused here, as the issuer hears nothing of such a body.
    let guard = Guard::builder(world.local()).oauth1(notary.signatures().require_body_hash()).build();
    let strict = app(&guard, RequireOAuth::token());
    let refused = "400\ncache-control: no-store\ncontent-type: application/x-www-form-urlencoded\n\
        www-authenticate: OAuth realm=\"api\", oauth_problem=\"parameter_absent\", \
        oauth_parameters_absent=\"oauth_body_hash\"\n\
        oauth_problem=parameter_absent&oauth_parameters_absent=oauth_body_hash";
    assert_eq!(answer(&strict, signed("PUT", "/notes", json, UNHASHED)).await, refused);
    // What is not signed, such as a realm, is no hash.
    let mut request = signed("PUT", "/notes", json, UNHASHED);
    let header = request.headers()["authorization"].to_str().unwrap().to_owned();
    let header = header.replacen("OAuth ", "OAuth realm=\"oauth_body_hash=1\", ", 1);
    request.headers_mut().insert("authorization", header.parse().unwrap());
    assert_eq!(answer(&strict, request).await, refused);
    assert!(notary.asked().is_empty());
    for fine in [
        signed("PUT", "/notes", json, HEADER),
        signed("PUT", "/notes", json, How { place: Place::Query, ..HEADER }),
        signed("GET", "/notes", None, UNHASHED),
        signed("POST", "/notes", Some((FORM, "a=b")), HEADER),
    ] {
        assert_eq!(status(&strict, fine).await, 200);
    }
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_unread() {
    let (world, notary) = (World::new(), Notary::default());
    let guard = Guard::builder(world.local()).oauth1(notary.signatures().body_limit(64)).build();
    let app = app(&guard, RequireOAuth::token().optional());
    let (fits, large) = (format!("a={}", "x".repeat(62)), format!("a={}", "x".repeat(63)));
    let refused = "413\ncache-control: no-store\n";
    for kind in [FORM, "text/plain"] {
        let request = |text: &str| signed("POST", "/notes", Some((kind, text)), HEADER);
        assert_eq!(status(&app, request(&fits)).await, 200);
        assert_eq!(answer(&app, request(&large)).await, refused);
        // Nor does it help to keep silent about the length.
        let mut chunked = request(&large);
        chunked.headers_mut().remove("content-length");
        *chunked.body_mut() = Body::new(Silent(Some(large.clone().into())));
        assert_eq!(answer(&app, chunked).await, refused);
    }
    // What the issuer finds too large is too large.
    notary.answer(413, "");
    assert_eq!(answer(&app, signed("POST", "/notes", Some((FORM, &fits)), HEADER)).await, refused);
}

/// A body that does not say how long it is.
struct Silent(Option<Bytes>);

impl http_body::Body for Silent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|octets| Ok(http_body::Frame::data(octets))))
    }
}

#[tokio::test]
async fn without_credentials_both_challenges_are_offered() {
    let (world, notary) = (World::new(), Notary::default());
    let both = app(&notary.guard(&world), RequireOAuth::token());
    let offered = "401\ncache-control: no-store\nwww-authenticate: Bearer realm=\"notes\"\n\
        www-authenticate: OAuth realm=\"notes\"\n";
    assert_eq!(answer(&both, get("/notes", &[])).await, offered);
    assert_eq!(answer(&both, get("/notes", &[("authorization", "Basic YTpi")])).await, offered);
    assert_eq!(answer(&both, get("/notes?oauth_token=x", &[])).await, offered);

    let guard = Guard::oauth1_builder(notary.signatures()).realm("my \"notes\"\r\né").build();
    let alone = app(&guard, RequireOAuth::token());
    let offered = "401\ncache-control: no-store\nwww-authenticate: OAuth realm=\"my \\\"notes\\\"???\"\n";
    assert_eq!(answer(&alone, get("/notes", &[])).await, offered);
    assert_eq!(answer(&alone, bearer(&world.jwt())).await, offered);
    assert_eq!(status(&alone, signed("GET", "/notes", None, HEADER)).await, 200);
}

#[tokio::test]
async fn a_refused_signature_gets_the_issuers_status_and_challenge() {
    let (world, notary) = (World::new(), Notary::default());
    for required in [RequireOAuth::token(), RequireOAuth::token().optional()] {
        let app = app(&notary.guard(&world), required);
        let mut request = signed("GET", "/notes", None, HEADER);
        *request.uri_mut() = "/notes?x=1".parse().unwrap();
        assert_eq!(
            answer(&app, request).await,
            "401\ncache-control: no-store\ncontent-type: application/x-www-form-urlencoded\n\
             www-authenticate: OAuth realm=\"id\", oauth_problem=\"signature_invalid\"\n\
             oauth_problem=signature_invalid"
        );
        let request =
            get("/notes", &[("authorization", "OAuth oauth_consumer_key=\"app\", oauth_version=\"2.0\"")]);
        assert_eq!(
            answer(&app, request).await,
            "400\ncache-control: no-store\ncontent-type: application/x-www-form-urlencoded\n\
             www-authenticate: OAuth realm=\"id\", oauth_problem=\"version_rejected\", \
             oauth_acceptable_versions=\"1.0-1.0\"\n\
             oauth_problem=version_rejected&oauth_acceptable_versions=1.0-1.0"
        );
    }
    // Where the issuer gives no challenge that can be read, the guard has one.
    let app = app(&notary.guard(&world), RequireOAuth::token());
    for given in ["", ",\"www_authenticate\":\"Basic x\"", ",\"www_authenticate\":\"OAuth a=\\\"\\n\\\"\""] {
        notary.answer(200, format!("{{\"active\":false,\"oauth_problem\":\"token_revoked\"{given}}}"));
        assert_eq!(
            answer(&app, signed("GET", "/notes", None, HEADER)).await,
            "401\ncache-control: no-store\ncontent-type: application/x-www-form-urlencoded\n\
             www-authenticate: OAuth realm=\"notes\", oauth_problem=\"token_revoked\"\n\
             oauth_problem=token_revoked"
        );
    }
    notary.answer(200, "{\"active\":false}");
    assert_eq!(
        answer(&app, signed("GET", "/notes", None, HEADER)).await,
        "401\ncache-control: no-store\nwww-authenticate: OAuth realm=\"notes\"\n"
    );
}

struct Admin;

impl RequiredScopes for Admin {
    fn required() -> RequireOAuth {
        RequireOAuth::scopes(["admin"])
    }
}

#[tokio::test]
async fn a_signature_without_the_scope_is_answered_in_its_own_protocol() {
    async fn admin(_: RequireScopes<Admin>) {}
    async fn both(caller: Option<OAuth>) -> String {
        caller.map_or("anonymous".to_owned(), |caller| caller.subject().to_owned())
    }
    let (world, notary) = (World::new(), Notary::default());
    let guard = notary.guard(&world);
    let app = Router::new()
        .route("/layer", any(async || ()).layer(guard.require(RequireOAuth::scopes(["read", "admin"]))))
        .route("/handler", any(admin).layer(guard.require(RequireOAuth::token())))
        .route("/both", any(both).layer(guard.require(RequireOAuth::token().optional())));
    let refused = |scope: &str| {
        let advice = format!("The%20request%20needs%20this%20scope%3A%20{scope}");
        format!(
            "403\ncache-control: no-store\ncontent-type: application/x-www-form-urlencoded\n\
             www-authenticate: OAuth realm=\"notes\", oauth_problem=\"additional_authorization_required\", \
             oauth_problem_advice=\"{advice}\"\n\
             oauth_problem=additional_authorization_required&oauth_problem_advice={advice}"
        )
    };
    assert_eq!(answer(&app, signed("GET", "/layer", None, HEADER)).await, refused("read%20admin"));
    assert_eq!(answer(&app, signed("GET", "/handler", None, HEADER)).await, refused("admin"));
    let token = format!("Bearer {}", world.jwt());
    let told = answer(&app, get("/handler", &[("authorization", &token)])).await;
    assert!(
        told.contains("www-authenticate: Bearer realm=\"notes\", error=\"insufficient_scope\""),
        "{told}"
    );
    assert!(answer(&app, signed("GET", "/both", None, HEADER)).await.ends_with("alice"));
    assert!(answer(&app, get("/both", &[])).await.ends_with("anonymous"));
}

#[tokio::test]
async fn sec_o1_07_credentials_in_two_places_are_refused() {
    let (world, notary) = (World::new(), Notary::default());
    let app = app(&notary.guard(&world), RequireOAuth::token().optional());
    // Twice of OAuth 1: that is the issuer's to say, and it sees all of the request.
    let by_header = signed("GET", "/notes", None, HEADER).headers()["authorization"].clone();
    let mut twice = signed("GET", "/notes", None, QUERY);
    twice.headers_mut().insert("authorization", by_header.clone());
    let told = answer(&app, twice).await;
    assert!(told.starts_with("400") && told.contains("parameter_rejected"), "{told}");
    let mut twice = signed("POST", "/notes", Some((FORM, "a=b")), BODY);
    twice.headers_mut().insert("authorization", by_header.clone());
    assert!(answer(&app, twice).await.starts_with("400"));
    assert_eq!(notary.asked().len(), 2);

    // Of both protocols: nobody is asked.
    let token = format!("Bearer {}", world.jwt());
    let mut mixed = signed("GET", "/notes", None, QUERY);
    mixed.headers_mut().insert("authorization", token.parse().unwrap());
    let mut query = signed("GET", "/notes", None, HEADER);
    *query.uri_mut() = format!("/notes?access_token={}", world.jwt()).parse().unwrap();
    for request in [mixed, query] {
        let told = answer(&app, request).await;
        assert!(told.starts_with("400") && told.contains("not both"), "{told}");
    }
    let mut headers = signed("GET", "/notes", None, HEADER);
    headers.headers_mut().append("authorization", token.parse().unwrap());
    assert!(answer(&app, headers).await.contains("Send one Authorization header"));
    let forms = notary.guard(&world).require(RequireOAuth::token()).with_form_token(8192);
    let forms = Router::new().route("/notes", any(tell)).layer(forms);
    let text = format!("access_token={}", world.jwt());
    assert!(answer(&forms, signed("POST", "/notes", Some((FORM, &text)), BODY)).await.contains("not both"));
    assert!(notary.asked().is_empty());
    // One of each kind is fine there.
    let mut request = get("/notes", &[("content-type", FORM)]);
    *request.method_mut() = http::Method::POST;
    *request.body_mut() = Body::from(text);
    assert!(answer(&forms, request).await.contains("alice through app"));
    assert_eq!(status(&forms, signed("POST", "/notes", Some((FORM, "a=b")), BODY)).await, 200);
}

#[tokio::test]
async fn sec_o1_13_what_is_good_in_one_protocol_is_nothing_in_the_other() {
    let (world, notary) = (World::new(), Notary::default());
    let bare = "401\ncache-control: no-store\nwww-authenticate: Bearer realm=\"api\"\n";
    // A guard without OAuth 1 takes no signature, and does not take its sender for a stranger.
    for required in [RequireOAuth::token(), RequireOAuth::token().optional()] {
        let app = app(&Guard::new(world.local()), required);
        assert_eq!(answer(&app, signed("GET", "/notes", None, HEADER)).await, bare);
        assert_eq!(answer(&app, signed("GET", "/notes", None, QUERY)).await, bare);
    }
    // What introspection calls a token of OAuth 1 is no bearer token.
    let guard = Guard::builder(world.remote()).oauth1(notary.signatures()).build();
    let both = app(&guard, RequireOAuth::token());
    let token = world.opaque("nnch734d00sl2jdk", serde_json::json!({ "token_type": "OAuth1" }));
    assert!(answer(&both, bearer(&token)).await.contains("error=\"invalid_token\""));
    // And what the verification endpoint says of another kind of token, or for another issuer, is no answer.
    for odd in [
        serde_json::json!({ "token_type": "Bearer" }),
        serde_json::json!({ "token_type": null }),
        serde_json::json!({ "iss": "https://evil.example" }),
    ] {
        notary.add(odd);
        assert_eq!(status(&both, signed("GET", "/notes", None, HEADER)).await, 503);
    }
}

#[tokio::test]
async fn sec_tk_17_a_signature_is_asked_about_each_time_and_never_twice_for_one_request() {
    let (world, notary) = (World::new(), Notary::default());
    let guard = notary.guard(&world);
    let route = any(tell).layer(guard.require(RequireOAuth::scopes(["read"])));
    let app = Router::new().route("/notes", route).layer(guard.require(RequireOAuth::token().optional()));
    let request = signed("POST", "/notes", Some((FORM, "a=b")), BODY);
    assert_eq!(status(&app, request).await, 200);
    assert_eq!(notary.asked().len(), 1, "a guard inside itself asks once");
    let first = signed("GET", "/notes", None, HEADER);
    let replay = again(&first);
    assert_eq!(status(&app, first).await, 200);
    assert!(
        answer(&app, replay)
            .await
            .contains("www-authenticate: OAuth realm=\"id\", oauth_problem=\"nonce_used\"")
    );
    assert_eq!(notary.asked().len(), 2, "no answer is kept");
    // An answer that is lost may have consumed the nonce: nothing is sent again.
    notary.keep_silent();
    assert_eq!(
        answer(&app, signed("GET", "/notes", None, HEADER)).await,
        "503\ncache-control: no-store\nretry-after: 5\n"
    );
    assert_eq!(notary.asked().len(), 1);
}

#[tokio::test]
async fn sec_rs_06_whatever_is_no_clear_answer_denies() {
    let (world, notary) = (World::new(), Notary::default());
    let app = app(&notary.guard(&world), RequireOAuth::token().optional());
    for (status, body) in [
        (200, ""),
        (200, "[]"),
        (200, "{}"),
        (200, "{\"active\":\"true\"}"),
        (200, "{\"active\":true}"),
        (200, "{\"active\":true,\"token_type\":\"OAuth1\"}"),
        (200, "{\"active\":true,\"token_type\":\"OAuth1\",\"client_id\":\"\"}"),
        (200, "{\"active\":true,\"client_id\":\"app\"}"),
        (200, "{\"active\":true,\"token_type\":\"OAuth1\",\"client_id\":\"app\",\"scope\":\"\\u0001\"}"),
        (200, "{\"active\":false,\"active\":true,\"token_type\":\"OAuth1\",\"client_id\":\"app\"}"),
        (200, "{\"active\":false,\"status\":200}"),
        (200, "{\"active\":false,\"status\":\"401\"}"),
        (201, "{\"active\":false}"),
        (302, ""),
        (401, "{\"error\":\"invalid_client\"}"),
        (404, ""),
        (500, ""),
    ] {
        notary.answer(status, body);
        assert_eq!(
            answer(&app, signed("GET", "/notes", None, HEADER)).await,
            "503\ncache-control: no-store\nretry-after: 5\n",
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn what_is_no_text_is_refused_here() {
    let (world, notary) = (World::new(), Notary::default());
    let app = app(&notary.guard(&world), RequireOAuth::token());
    let mut form = signed("POST", "/notes", Some((FORM, "a=b")), HEADER);
    *form.body_mut() = Body::from(&b"a=\xff"[..]);
    let mut header = signed("GET", "/notes", None, HEADER);
    header
        .headers_mut()
        .insert("authorization", http::HeaderValue::from_bytes(b"OAuth realm=\"\xff\"").unwrap());
    for request in [form, header] {
        assert!(answer(&app, request).await.starts_with("400"));
    }
    assert!(notary.asked().is_empty());
}

#[tokio::test]
async fn the_issuers_notices_are_in_every_answer_and_nothing_else_of_its_choosing() {
    let (world, notary) = (World::new(), Notary::default());
    notary.add(serde_json::json!({ "headers": {
        "Deprecation": "@1800000000", "Sunset": "Fri, 15 Jan 2027 08:00:00 GMT", "Link": "<https://id.example/x>; rel=\"sunset\"",
        "Set-Cookie": "a=b", "Access-Control-Allow-Origin": "*",
    }}));
    let guard = notary.guard(&world);
    let inside = any(async || [("link", "</>; rel=\"up\"")]).layer(guard.require(RequireOAuth::token()));
    let app = Router::new()
        .route("/notes", inside)
        .route("/admin", any(tell).layer(guard.require(RequireOAuth::scopes(["admin"]))))
        .layer(guard.require(RequireOAuth::token()));
    let notices = "deprecation: @1800000000\nlink: <https://id.example/x>; rel=\"sunset\"\n";
    let sunset = "sunset: Fri, 15 Jan 2027 08:00:00 GMT\n";
    let first = signed("GET", "/notes", None, HEADER);
    let replay = again(&first);
    assert_eq!(
        answer(&app, first).await,
        format!(
            "200\ndeprecation: @1800000000\nlink: </>; rel=\"up\"\nlink: <https://id.example/x>; rel=\"sunset\"\n{sunset}"
        )
    );
    for (request, expected) in [(replay, "401"), (signed("GET", "/admin", None, HEADER), "403")] {
        let told = answer(&app, request).await;
        assert!(told.starts_with(expected) && told.contains(notices) && told.contains(sunset), "{told}");
        assert_eq!(told.matches("deprecation").count(), 1, "{told}");
        assert!(!told.contains("cookie") && !told.contains("allow-origin"), "{told}");
    }
    assert!(!answer(&app, bearer(&world.jwt())).await.contains("deprecation"));
}

#[tokio::test]
async fn sec_o1_06_the_signed_address_is_the_clients_whatever_proxies_and_routers_take_off() {
    async fn seen(OriginalUri(uri): OriginalUri, request: Request<Body>) -> String {
        format!("{uri} {}", request.uri())
    }
    let (world, notary) = (World::new(), Notary::default());
    let guard = notary.guard(&world);
    let inner = Router::new().route("/notes/{id}", any(seen)).layer(guard.require(RequireOAuth::token()));
    let app = Router::new().nest("/v1", inner);
    let told = answer(&app, signed("GET", "/v1/notes/a%2Fb%7e?x=1", None, QUERY)).await;
    assert!(
        told.starts_with("200") && told.ends_with("/v1/notes/a%2Fb%7e?x=1 /notes/a%2Fb%7e?x=1"),
        "{told}"
    );
    // Below a path that a proxy takes off:
    let base = PublicBase::parse("https://API.example:443/base/").unwrap();
    let remote = valetkey_guard::RemoteOAuth1::builder(support::ISSUER, "api server", "s3cret/+");
    let signatures = Signatures::new(remote.transport(notary.clone()).build(), base);
    let app = support::app(&Guard::builder(world.local()).oauth1(signatures).build(), RequireOAuth::token());
    let mut request = signed("GET", "/base/notes?a=b", None, HEADER);
    *request.uri_mut() = "/notes?a=b".parse().unwrap();
    assert_eq!(status(&app, request).await, 200);
    assert_eq!(notary.asked().pop().unwrap()["uri"], "https://api.example/base/notes?a=b");
}

#[tokio::test]
async fn a_layer_that_reads_no_bodies_lets_pass_what_needs_none_and_says_so_of_the_rest() {
    let (world, notary) = (World::new(), Notary::default());
    let layer = notary.guard(&world).require(RequireOAuth::token()).header_only();
    let app = Router::new().route("/notes", any(tell)).layer(layer);
    assert_eq!(status(&app, signed("GET", "/notes", None, QUERY)).await, 200);
    assert_eq!(status(&app, signed("PUT", "/notes", Some(("text/plain", "x")), UNHASHED)).await, 200);
    notary.asked();
    let failed = "500\ncache-control: no-store\n";
    assert_eq!(answer(&app, signed("PUT", "/notes", Some(("text/plain", "x")), HEADER)).await, failed);
    assert_eq!(answer(&app, signed("POST", "/notes", Some((FORM, "a=b")), HEADER)).await, failed);
    assert_eq!(status(&app, signed("POST", "/notes", Some((FORM, "a=b")), BODY)).await, 401);
    assert!(notary.asked().is_empty());
}

/// Believes everybody who says the word.
struct InProcess;

#[async_trait]
impl VerifyOAuth1 for InProcess {
    async fn verify(
        &self,
        request: &Received<'_>,
        around: &Extensions,
    ) -> Result<AccessToken, OAuth1Refusal> {
        assert_eq!(around.get(), Some(&"left by the server"));
        match request.target {
            "https://api.example/notes?word=yes&oauth_signature=1" => {
                Ok(AccessToken::new("bob", "cli").with_scope(Scope::parse("read").unwrap()))
            }
            "https://api.example/notes?word=later&oauth_signature=1" => {
                Err(OAuth1Refusal::unavailable("the store is away"))
            }
            _ => Err(RefusedSignature::new(StatusCode::OK, Some(Problem::UserRefused.into())).into()),
        }
    }
}

/// Tells what it is given of a body.
struct Listening;

#[async_trait]
impl VerifyOAuth1 for Listening {
    async fn verify(&self, request: &Received<'_>, _: &Extensions) -> Result<AccessToken, OAuth1Refusal> {
        let SignedBody::Octets(body) = request.body else { return Err(OAuth1Refusal::TooLarge) };
        Ok(AccessToken::new(std::str::from_utf8(body).unwrap(), "cli"))
    }
}

#[tokio::test]
async fn sec_o1_10_a_hashed_body_reaches_the_verifier_whatever_the_guard_thinks_of_the_rest() {
    async fn who(caller: OAuth) -> String {
        caller.subject().to_owned()
    }
    let signatures = Signatures::new(Listening, PublicBase::parse("https://api.example").unwrap());
    let layer = Guard::oauth1_builder(signatures).build().require(RequireOAuth::token());
    let app = Router::new().route("/notes", any(who).layer(layer));
    for nonce in ["n", &"n".repeat(2000)] {
        let mut request = signed("PUT", "/notes", Some(("text/plain", "the body")), HEADER);
        let header = request.headers()["authorization"].to_str().unwrap().to_owned();
        let header = header.replacen("oauth_nonce=\"", &format!("oauth_nonce=\"{nonce}"), 1);
        request.headers_mut().insert("authorization", header.parse().unwrap());
        assert!(answer(&app, request).await.ends_with("the body"));
    }
}

#[tokio::test]
async fn a_verifier_of_ones_own_is_enough() {
    async fn who(caller: OAuth) -> String {
        assert_eq!(caller.access_token().protocol(), Protocol::OAuth1);
        caller.subject().to_owned()
    }
    let verifier: Arc<dyn VerifyOAuth1> = Arc::new(InProcess);
    let signatures = Signatures::new(verifier, PublicBase::parse("https://api.example").unwrap());
    let guard = Guard::oauth1_builder(signatures).build();
    let layer = guard.require(RequireOAuth::scopes(["read"]));
    let app = Router::new().route("/notes", on_get(who).layer(layer)).layer(Extension("left by the server"));
    assert!(answer(&app, get("/notes?word=yes&oauth_signature=1", &[])).await.ends_with("bob"));
    assert_eq!(status(&app, get("/notes?word=later&oauth_signature=1", &[])).await, 503);
    let refused = answer(&app, get("/notes?word=no&oauth_signature=1", &[])).await;
    assert!(refused.starts_with("401") && refused.contains("oauth_problem=\"user_refused\""), "{refused}");
}
