//! Introspection (RFC 7662), and the keeping of its answers.

#![cfg(feature = "axum")]
#![expect(clippy::panic, reason = "a test's way to fail")]

mod support;

use std::time::Duration;

use serde_json::json;
use support::{API, ISSUER, NOW, World};
use valetkey_guard::{InvalidToken, RemoteVerifier, RemoteVerifierBuilder, Verifier, VerifyError};

const ASKED: &str = "POST /introspect 200";

fn builder(world: &World) -> RemoteVerifierBuilder {
    RemoteVerifier::builder(ISSUER, API, "api server", "s3cret/+")
        .endpoint("https://id.example/introspect")
        .transport(world.clone())
        .clock(world.clock())
}

async fn refusal(verifier: &RemoteVerifier, token: &str) -> InvalidToken {
    match verifier.verify(token).await {
        Err(VerifyError::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

async fn is_unavailable(verifier: &RemoteVerifier, token: &str) -> bool {
    matches!(verifier.verify(token).await, Err(VerifyError::Unavailable { .. }))
}

#[tokio::test]
async fn an_active_token_tells_all_about_itself() {
    let world = World::new();
    let token = world.opaque("t", json!({ "username": "al" }));
    let read = world.remote().verify(&token).await.unwrap();
    assert_eq!((read.subject(), read.client_id(), read.scope().as_str()), ("alice", "app", "read write"));
    assert_eq!((read.expires_at(), &read.claims()["username"]), (Some(NOW + 600), &json!("al")));
    assert_eq!(world.asked(), ["GET /.well-known/oauth-authorization-server 200", ASKED]);
}

#[tokio::test]
async fn what_the_answer_must_say() {
    let world = World::new();
    let verifier = builder(&world).build();
    for (name, changes, expected) in [
        ("off", json!({ "active": false }), InvalidToken::Inactive),
        ("old", json!({ "exp": NOW }), InvalidToken::Expired),
        ("elsewhere", json!({ "iss": "https://evil.example" }), InvalidToken::WrongIssuer),
    ] {
        assert_eq!(refusal(&verifier, &world.opaque(name, changes)).await, expected, "{name}");
    }
    assert_eq!(refusal(&verifier, "unknown").await, InvalidToken::Inactive);
    let sparse = json!({ "iss": null, "exp": null, "iat": null, "jti": null, "scope": null });
    let read = verifier.verify(&world.opaque("sparse", sparse)).await.unwrap();
    assert!(read.scope().is_empty() && read.expires_at().is_none());
}

#[tokio::test]
async fn sec_tk_15_a_refresh_token_never_passes_for_an_access_token() {
    let world = World::new();
    let strict = builder(&world).build();
    let lenient = builder(&world).allow_missing_token_type().build();
    let untyped = world.opaque("untyped", json!({ "token_type": null }));
    assert_eq!(refusal(&strict, &untyped).await, InvalidToken::WrongType);
    assert_eq!(refusal(&strict, &untyped).await, InvalidToken::WrongType, "from the cache too");
    assert!(lenient.verify(&untyped).await.is_ok());
    for (name, says) in [
        ("a", json!({ "token_type": null, "token_use": "refresh_token" })),
        ("b", json!({ "token_type": "refresh_token" })),
        ("c", json!({ "token_type": null, "typ": "Refresh" })),
        ("d", json!({ "typ": "Offline" })),
    ] {
        let token = world.opaque(name, says);
        for verifier in [&strict, &lenient] {
            assert_eq!(refusal(verifier, &token).await, InvalidToken::WrongType, "{name}");
        }
    }
}

#[tokio::test]
async fn sec_tk_11_an_answer_for_another_service_or_for_nobody_is_refused() {
    let world = World::new();
    let verifier = builder(&world).build();
    for (name, audience) in
        [("a", json!("https://other.example")), ("b", json!(["https://api.example/"])), ("c", json!(null))]
    {
        let token = world.opaque(name, json!({ "aud": audience }));
        assert_eq!(refusal(&verifier, &token).await, InvalidToken::WrongAudience, "{audience}");
    }
    let alone = builder(&world).allow_missing_audience().build();
    assert!(alone.verify("c").await.is_ok());
    assert_eq!(refusal(&alone, "a").await, InvalidToken::WrongAudience);
}

#[tokio::test]
async fn sec_rs_06_whatever_is_no_clear_answer_denies_and_is_not_kept() {
    let world = World::new();
    let verifier = builder(&world).build();
    let token = world.opaque("t", json!({}));
    let unclear = [
        (200, ""),
        (200, "true"),
        (200, "{}"),
        (200, "{\"active\":\"true\"}"),
        (200, "{\"active\":1}"),
        (200, "{\"active\":true}"),
        (200, "{\"active\":false,\"active\":true,\"sub\":\"a\",\"client_id\":\"b\"}"),
        (
            200,
            "{\"active\":true,\"sub\":\"a\",\"client_id\":\"b\",\"aud\":\"https://api.example\",\"exp\":\"never\"}",
        ),
        (201, "{\"active\":true}"),
        (302, ""),
        (401, "{\"error\":\"invalid_client\"}"),
        (404, ""),
        (500, ""),
    ];
    for (status, body) in unclear {
        world.answer("/introspect", status, body);
        assert!(is_unavailable(&verifier, &token).await, "{status} {body}");
    }
    world.set_down(true);
    assert!(is_unavailable(&verifier, &token).await);
    // Back at once when the issuer is back.
    world.set_down(false);
    world.answer_truly("/introspect");
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn sec_tk_17_a_revoked_token_is_out_within_the_limit() {
    let world = World::new();
    let verifier = builder(&world).build();
    let token = world.opaque("t", json!({}));
    assert!(verifier.verify(&token).await.is_ok());
    world.revoke("t");
    world.pass(4);
    assert!(verifier.verify(&token).await.is_ok());
    assert_eq!(world.asked(), [ASKED]);
    world.pass(1);
    assert_eq!(refusal(&verifier, &token).await, InvalidToken::Inactive);
}

#[tokio::test]
async fn sec_tk_17_with_a_limit_of_zero_every_request_asks() {
    let world = World::new();
    let verifier = builder(&world).cache_limit(Duration::ZERO).build();
    let token = world.opaque("t", json!({}));
    assert!(verifier.verify(&token).await.is_ok());
    assert!(verifier.verify(&token).await.is_ok());
    world.revoke("t");
    assert_eq!(refusal(&verifier, &token).await, InvalidToken::Inactive);
    assert_eq!(refusal(&verifier, &token).await, InvalidToken::Inactive);
    assert_eq!(world.asked(), [ASKED; 4]);
}

#[tokio::test]
async fn sec_tk_17_an_answer_never_outlives_its_token_nor_a_clock_that_goes_back() {
    let world = World::new();
    let verifier = builder(&world).cache_limit(Duration::from_secs(3600)).build();
    let token = world.opaque("t", json!({ "exp": NOW + 30 }));
    assert!(verifier.verify(&token).await.is_ok());
    world.pass(29);
    assert!(verifier.verify(&token).await.is_ok());
    assert_eq!(world.asked(), [ASKED]);
    world.pass(1);
    assert_eq!(refusal(&verifier, &token).await, InvalidToken::Expired);
    assert_eq!(world.asked(), [ASKED]);
    world.pass(-3600);
    assert!(verifier.verify(&token).await.is_ok());
    assert_eq!(world.asked(), [ASKED]);
}

#[tokio::test]
async fn sec_tk_17_the_whole_token_finds_its_answer_and_the_audience_is_checked_again() {
    let world = World::new();
    let verifier = builder(&world).cache_limit(Duration::from_secs(60)).build();
    let token = world.opaque(&"x".repeat(400), json!({}));
    assert!(verifier.verify(&token).await.is_ok());
    for near in [format!("{token}x"), token[1..].to_owned(), token.to_uppercase(), format!("{token}=")] {
        assert_eq!(refusal(&verifier, &near).await, InvalidToken::Inactive);
    }
    world.asked();
    // Refused for its audience, from the network and from the cache alike.
    let other = world.opaque("other", json!({ "aud": "https://other.example" }));
    assert_eq!(refusal(&verifier, &other).await, InvalidToken::WrongAudience);
    assert_eq!(refusal(&verifier, &other).await, InvalidToken::WrongAudience);
    assert_eq!(world.asked(), [ASKED]);
}

#[tokio::test]
async fn sec_tk_17_a_no_is_kept_briefly_so_that_a_new_token_is_soon_good() {
    let world = World::new();
    let verifier = builder(&world).build();
    for _ in 0..50 {
        assert_eq!(refusal(&verifier, "soon").await, InvalidToken::Inactive);
    }
    assert_eq!(world.asked(), [ASKED]);
    world.opaque("soon", json!({}));
    world.pass(2);
    assert!(verifier.verify("soon").await.is_ok());
}

#[tokio::test]
async fn sec_tk_17_the_cache_is_bounded() {
    let world = World::new();
    let verifier = builder(&world).cache_capacity(16).cache_limit(Duration::from_secs(600)).build();
    for number in 0..200 {
        refusal(&verifier, &format!("junk{number}")).await;
    }
    world.asked();
    let mut kept = 0;
    for number in 0..200 {
        refusal(&verifier, &format!("junk{number}")).await;
        kept += usize::from(world.asked().is_empty());
    }
    assert!(kept <= 16, "{kept}");
}

#[tokio::test]
async fn concurrent_requests_with_one_token_ask_once() {
    let world = World::new();
    let verifier = builder(&world).build();
    let token = world.opaque("t", json!({}));
    let (a, b, c) = tokio::join!(verifier.verify(&token), verifier.verify(&token), verifier.verify(&token));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(world.asked(), [ASKED]);
}
