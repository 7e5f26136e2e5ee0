//! The guard before `/api/me` (TK-12 to TK-14, RS).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::harness::{Answer, ClientOptions, Server, text};

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

#[tokio::test]
async fn sec_jw_01_sec_jw_02_sec_jw_03_forged_tokens_open_nothing() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let token = text(&tokens, "access_token");
    let [header, claims, signature]: [&str; 3] =
        token.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let kid = serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(header).expect("base64url"))
        .expect("JSON")["kid"]
        .clone();
    let none = part(&json!({"alg": "none", "typ": "at+jwt"}));
    let hmac = part(&json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}));
    let own =
        part(&json!({"alg": "ES256", "typ": "at+jwt", "jwk": {"kty": "EC"}, "jku": "https://evil.example/"}));
    let id_token = part(&json!({"alg": "ES256", "typ": "JWT", "kid": kid}));
    let forged = [
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{hmac}.{claims}.{signature}"),
        format!("{own}.{claims}.{signature}"),
        format!("{id_token}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([0_u8; 64])),
        format!("{header}.{claims}.{signature}.x"),
        format!("{header}.{}.{signature}", part(&json!({"sub": "somebody"}))),
        ".".repeat(1000),
        "a.".repeat(5000),
    ];
    server.me(token).await.ok();
    for forged in forged {
        let answer = server.me(&forged).await;
        assert_eq!(answer.status, 401, "{forged}: {answer:?}");
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{answer:?}");
        assert!(!server.is_active(&client, &forged).await, "{forged}");
    }
}

#[tokio::test]
async fn sec_tk_12_a_refresh_token_or_a_code_is_no_access_token() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let code = server.code(&client, &account).await;
    assert_eq!(server.me(&code.code).await.status, 401);
    let tokens = server.redeem(&client, &code).await.ok();
    assert_eq!(server.me(text(&tokens, "refresh_token")).await.status, 401);
    server.refresh(&client, text(&tokens, "access_token")).await.is_refusal(400, "invalid_grant");
}

#[tokio::test]
async fn sec_tk_13_no_token_in_a_uri() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let answer = server.get(&format!("/api/me?access_token={}", text(&tokens, "access_token"))).await;
    assert!([400, 401].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn sec_tk_14_a_token_in_two_places_is_refused() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let token = text(&tokens, "access_token");
    let path = server.at(&format!("/api/me?access_token={token}"));
    let answer = Answer::of(server.http.get(path).bearer_auth(token)).await;
    assert_eq!(answer.status, 400, "{answer:?}");
    let twice = server
        .http
        .get(server.at("/api/me"))
        .bearer_auth(token)
        .header("authorization", format!("Bearer {token}"));
    assert_eq!(Answer::of(twice).await.status, 400);
}

#[tokio::test]
async fn sec_rs_03_the_challenge_says_what_is_missing() {
    let server = Server::start().await;
    let bare = server.get("/api/me").await;
    assert_eq!(bare.status, 401);
    let challenge = bare.header("www-authenticate");
    assert!(challenge.starts_with("Bearer") && !challenge.contains("error="), "{challenge}");
    let client = server.client(&ClientOptions { scope: "email", ..ClientOptions::default() });
    let token = server.token(&client, &[("grant_type", "client_credentials"), ("scope", "email")]).await.ok();
    let answer = server.me(text(&token, "access_token")).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("insufficient_scope") && challenge.contains("scope=\"profile\""),
        "{challenge}"
    );
}

#[tokio::test]
async fn sec_rs_06_whatever_is_odd_is_denied() {
    let server = Server::start().await;
    for header in
        ["Bearer", "Bearer ", "Bearer a b", "Bearer \u{7f}", "Basic eDp5", "Nonsense x", "DPoP x", "bearer"]
    {
        let Ok(value) = reqwest::header::HeaderValue::from_str(header) else { continue };
        let answer = Answer::of(server.http.get(server.at("/api/me")).header("authorization", value)).await;
        assert!([400, 401].contains(&answer.status), "{header}: {answer:?}");
    }
}

#[tokio::test]
async fn sec_rs_07_other_spellings_of_the_path_open_nothing() {
    let server = Server::start().await;
    for path in [
        "/api/me/",
        "/api//me",
        "/API/me",
        "/api/me;x=1",
        "/api%2fme",
        "/api/./me",
        "/x/../api/me",
        "/api/me%00",
    ] {
        let answer = server.get(path).await;
        assert_ne!(answer.status, 200, "{path}");
    }
}
