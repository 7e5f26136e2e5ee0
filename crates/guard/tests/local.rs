//! JWTs with the issuer's keys (RFC 9068 §4).

#![cfg(feature = "axum")]
#![expect(clippy::panic, reason = "a test's way to fail")]

mod support;

use serde_json::{Value, json};
use support::{API, ISSUER, NOW, World};
use valetkey_guard::{Algorithm, InvalidToken, LocalVerifier, Verifier, VerifyError};

const METADATA: &str = "/.well-known/oauth-authorization-server";

async fn refusal(verifier: &LocalVerifier, token: &str) -> InvalidToken {
    match verifier.verify(token).await {
        Err(VerifyError::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

async fn is_unavailable(verifier: &LocalVerifier, token: &str) -> bool {
    matches!(verifier.verify(token).await, Err(VerifyError::Unavailable { .. }))
}

#[tokio::test]
async fn a_good_token_tells_all_about_itself() {
    let world = World::new();
    let token = world.jwt_with(json!({ "aud": ["https://x.example", API], "roles": ["a"] }));
    let read = world.local().verify(&token).await.unwrap();
    assert_eq!((read.subject(), read.client_id(), read.issuer()), ("alice", "app", Some(ISSUER)));
    assert_eq!((read.issued_at(), read.expires_at(), read.id()), (Some(NOW), Some(NOW + 600), Some("t1")));
    assert_eq!((read.scope().as_str(), &read.claims()["roles"]), ("read write", &json!(["a"])));
    assert_eq!(read.audience(), ["https://x.example", API]);
}

#[tokio::test]
async fn sec_tk_11_a_token_for_another_service_or_for_nobody_is_refused() {
    let world = World::new();
    let verifier = world.local();
    for audience in
        [json!("https://other.example"), json!([]), json!(["https://a.example", "https://b.example"])]
    {
        let token = world.jwt_with(json!({ "aud": audience }));
        let reason = refusal(&verifier, &token).await;
        assert!(
            matches!(reason, InvalidToken::WrongAudience | InvalidToken::Claim("aud")),
            "{audience}: {reason}"
        );
    }
    let token = world.jwt_with(json!({ "aud": null }));
    assert_eq!(refusal(&verifier, &token).await, InvalidToken::Claim("aud"));
}

#[tokio::test]
async fn sec_rs_05_the_audience_is_compared_octet_by_octet() {
    let world = World::new();
    let verifier = world.local();
    for near in [
        "https://api.example/",
        "https://api.example/v1",
        "https://api.example.evil.example",
        "https://API.example",
        "https://api.exampl",
        "http://api.example",
        "https://api.example:443",
        " https://api.example",
        "*",
    ] {
        let token = world.jwt_with(json!({ "aud": near }));
        assert_eq!(refusal(&verifier, &token).await, InvalidToken::WrongAudience, "{near}");
    }
    let two = LocalVerifier::builder(ISSUER, "https://old.example").or_audience(API);
    let two = two.transport(world.clone()).clock(world.clock()).build();
    assert!(two.verify(&world.jwt()).await.is_ok());
}

#[tokio::test]
async fn sec_tk_12_an_id_token_or_any_other_jwt_is_no_access_token() {
    let world = World::new();
    let verifier = world.local();
    for typ in ["JWT", "id_token+jwt", "at+jwt2", "logout+jwt", "dpop+jwt"] {
        assert_eq!(
            refusal(&verifier, &world.sign(typ, &world.claims())).await,
            InvalidToken::WrongType,
            "{typ}"
        );
    }
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        assert!(verifier.verify(&world.sign(typ, &world.claims())).await.is_ok(), "{typ}");
    }
}

#[tokio::test]
async fn what_the_claims_must_say() {
    let world = World::new();
    let verifier = world.local();
    let cases: &[(Value, InvalidToken)] = &[
        (json!({ "iss": "https://id.example/" }), InvalidToken::WrongIssuer),
        (json!({ "iss": null }), InvalidToken::Claim("iss")),
        (json!({ "exp": NOW - 10 }), InvalidToken::Expired),
        (json!({ "exp": null }), InvalidToken::Claim("exp")),
        (json!({ "exp": "2100" }), InvalidToken::Claim("exp")),
        (json!({ "nbf": NOW + 11 }), InvalidToken::NotYetValid),
        (json!({ "iat": NOW + 11 }), InvalidToken::NotYetValid),
        (json!({ "sub": null }), InvalidToken::Claim("sub")),
        (json!({ "sub": "" }), InvalidToken::Claim("sub")),
        (json!({ "client_id": null }), InvalidToken::Claim("client_id")),
        (json!({ "jti": null }), InvalidToken::Claim("jti")),
        (json!({ "scope": ["read"] }), InvalidToken::Claim("scope")),
        (json!({ "scope": "a\"b" }), InvalidToken::Claim("scope")),
    ];
    for (changes, expected) in cases {
        assert_eq!(refusal(&verifier, &world.jwt_with(changes.clone())).await, *expected, "{changes}");
    }
}

#[tokio::test]
async fn sec_op_20_ten_seconds_between_two_clocks_are_borne_and_more_are_not() {
    let world = World::new();
    let verifier = world.local();
    for (apart, borne) in [(0, true), (1, true), (10, true), (11, false), (60, false), (3600, false)] {
        let early = world.jwt_with(json!({ "iat": NOW + apart, "nbf": NOW + apart }));
        assert_eq!(verifier.verify(&early).await.is_ok(), borne, "issued {apart} s ahead of our clock");
    }
    for (apart, borne) in [(1, true), (9, true), (10, false), (3600, false)] {
        let late = world.jwt_with(json!({ "exp": NOW - apart }));
        assert_eq!(verifier.verify(&late).await.is_ok(), borne, "expired {apart} s ago by our clock");
    }
}

#[tokio::test]
async fn sec_rs_06_unsigned_foreign_and_altered_tokens_are_refused() {
    let world = World::new();
    let verifier = world.local();
    let token = world.jwt();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (_, payload) = signed.split_once('.').unwrap();
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{payload}.");
    assert_eq!(refusal(&verifier, &none).await, InvalidToken::WrongAlgorithm);
    let mac = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.{payload}.{signature}");
    assert_eq!(refusal(&verifier, &mac).await, InvalidToken::WrongAlgorithm);
    let other = world.jwt_with(json!({ "sub": "mallory" }));
    let (other, _) = other.rsplit_once('.').unwrap();
    assert_eq!(refusal(&verifier, &format!("{other}.{signature}")).await, InvalidToken::BadSignature);
    for junk in ["", ".", "..", "a.b.c", "junk", &signed[1..], &format!("{token}.x"), &format!("{token}=")] {
        assert_eq!(refusal(&verifier, junk).await, InvalidToken::Malformed, "{junk}");
    }
    let narrow = LocalVerifier::builder(ISSUER, API).algorithms([Algorithm::Rs256, Algorithm::Hs256]);
    let narrow = narrow.transport(world.clone()).clock(world.clock()).build();
    assert_eq!(refusal(&narrow, &token).await, InvalidToken::WrongAlgorithm);
}

#[tokio::test]
async fn sec_rs_06_without_keys_nobody_gets_in_and_the_issuer_is_not_hammered() {
    let world = World::new();
    let verifier = world.local();
    let token = world.jwt();
    world.set_down(true);
    for _ in 0..10 {
        assert!(is_unavailable(&verifier, &token).await);
    }
    assert_eq!(world.asked().len(), 2, "one try: both addresses of the metadata");
    // Each further failure doubles the pause; as soon as it is over, a success ends it.
    world.pass(1);
    assert!(is_unavailable(&verifier, &token).await);
    world.pass(1);
    world.set_down(false);
    assert!(is_unavailable(&verifier, &token).await);
    world.pass(1);
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn sec_rs_06_a_broken_answer_is_as_good_as_none() {
    let broken = ["", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", "<html>"];
    for body in broken {
        let world = World::new();
        world.answer("/jwks.json", 200, body);
        assert!(is_unavailable(&world.local(), &world.jwt()).await, "{body}");
    }
    for status in [204, 302, 304, 404, 500] {
        let world = World::new();
        world.answer("/jwks.json", status, "{\"keys\":[]}");
        assert!(is_unavailable(&world.local(), &world.jwt()).await, "{status}");
    }
}

#[tokio::test]
async fn keys_are_looked_after_every_minute_by_etag() {
    let world = World::new();
    let verifier = world.local();
    for (passes, expected) in [
        (0, vec!["GET /.well-known/oauth-authorization-server 200", "GET /jwks.json 200"]),
        (59, vec![]),
        (1, vec!["GET /jwks.json 304"]),
        (59, vec![]),
        (1, vec!["GET /jwks.json 304"]),
    ] {
        world.pass(passes);
        assert!(verifier.verify(&world.jwt()).await.is_ok());
        assert_eq!(world.asked(), expected);
    }
}

#[tokio::test]
async fn a_withdrawn_key_is_out_within_a_minute() {
    let world = World::new();
    let verifier = world.local();
    let token = world.jwt();
    assert!(verifier.verify(&token).await.is_ok());
    world.withdraw_all_keys();
    world.pass(60);
    assert_eq!(refusal(&verifier, &token).await, InvalidToken::UnknownKey);
}

#[tokio::test]
async fn keys_serve_for_five_minutes_more_while_the_issuer_is_away() {
    let world = World::new();
    let verifier = world.local();
    assert!(verifier.verify(&world.jwt()).await.is_ok());
    world.set_down(true);
    world.pass(60);
    world.asked();
    for _ in 0..10 {
        assert!(verifier.verify(&world.jwt()).await.is_ok());
    }
    assert_eq!(world.asked(), ["GET /jwks.json down"], "it is left alone for a while");
    world.pass(299);
    assert!(verifier.verify(&world.jwt()).await.is_ok());
    world.pass(1);
    assert!(is_unavailable(&verifier, &world.jwt()).await);
    world.pass(5);
    world.set_down(false);
    assert!(verifier.verify(&world.jwt()).await.is_ok());
}

#[tokio::test]
async fn sec_jw_19_an_unknown_kid_asks_at_most_once_a_minute() {
    let world = World::new();
    let verifier = world.local();
    assert!(verifier.verify(&world.jwt()).await.is_ok());
    world.asked();

    // Rotated and published: found at once.
    world.rotate();
    world.publish();
    assert!(verifier.verify(&world.jwt()).await.is_ok());
    assert_eq!(world.asked(), ["GET /jwks.json 200"]);

    // Rotated again in the same minute: not asked, whoever comes, however often.
    world.rotate();
    for _ in 0..20 {
        assert_eq!(refusal(&verifier, &world.jwt()).await, InvalidToken::UnknownKey);
    }
    assert!(world.asked().is_empty());
    world.publish();
    world.pass(60);
    assert!(verifier.verify(&world.jwt()).await.is_ok());
}

#[tokio::test]
async fn sec_jw_19_concurrent_tokens_with_unknown_keys_ask_once() {
    let world = World::new();
    let verifier = world.local();
    assert!(verifier.verify(&world.jwt()).await.is_ok());
    world.asked();
    world.rotate();
    world.publish();
    let token = world.jwt();
    let (a, b, c, d) = tokio::join!(
        verifier.verify(&token),
        verifier.verify(&token),
        verifier.verify(&token),
        verifier.verify(&token),
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok() && d.is_ok());
    assert_eq!(world.asked(), ["GET /jwks.json 200"]);
}

#[tokio::test]
async fn sec_jw_19_keys_come_from_the_pinned_issuers_own_metadata_only() {
    for (member, value) in [
        ("issuer", "https://id.example/"),
        ("issuer", "https://evil.example"),
        ("jwks_uri", "http://id.example/jwks.json"),
        ("jwks_uri", "file:///etc/keys"),
    ] {
        let world = World::new();
        let mut document = json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks.json") });
        document[member] = json!(value);
        world.answer(METADATA, 200, document.to_string());
        assert!(is_unavailable(&world.local(), &world.jwt()).await, "{member}: {value}");
        assert!(!world.asked().iter().any(|line| line.contains("/jwks.json")));
    }
}

#[tokio::test]
async fn a_given_address_of_the_keys_spares_the_metadata() {
    let world = World::new();
    let verifier = LocalVerifier::builder(ISSUER, API).jwks_uri(format!("{ISSUER}/jwks.json"));
    let verifier = verifier.transport(world.clone()).clock(world.clock()).build();
    assert!(verifier.verify(&world.jwt()).await.is_ok());
    assert_eq!(world.asked(), ["GET /jwks.json 200"]);
}

#[tokio::test]
async fn an_issuer_that_speaks_only_openid_connect_is_found_too() {
    let world = World::new();
    world.answer(METADATA, 404, "");
    let document = json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks.json") });
    world.answer("/.well-known/openid-configuration", 200, document.to_string());
    assert!(world.local().verify(&world.jwt()).await.is_ok());
}
