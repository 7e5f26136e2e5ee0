//! Authorization codes and PKCE (CO).

use crate::harness::{Pkce, Query, Server, text};

const CALLERS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn sec_co_01_of_a_hundred_redemptions_of_one_code_exactly_one_succeeds() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let code = server.code(&client, &account).await;
    let answers = futures_util::future::join_all((0..CALLERS).map(|_| server.redeem(&client, &code))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        answer.is_refusal(400, "invalid_grant");
    }
}

#[tokio::test]
async fn sec_co_02_a_replay_kills_what_came_from_the_code() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let code = server.code(&client, &account).await;
    let first = server.redeem(&client, &code).await.ok();
    let second = server.refresh(&client, text(&first, "refresh_token")).await.ok();
    server.redeem(&client, &code).await.is_refusal(400, "invalid_grant");
    for token in [text(&first, "access_token"), text(&second, "access_token"), text(&second, "refresh_token")]
    {
        assert!(!server.is_active(&client, token).await, "{token}");
    }
    server.refresh(&client, text(&second, "refresh_token")).await.is_refusal(400, "invalid_grant");
}

#[tokio::test]
async fn sec_co_02_a_replay_by_somebody_else_kills_nothing() {
    let server = Server::start().await;
    let (client, other, account) = (server.web(), server.web(), server.account());
    let code = server.code(&client, &account).await;
    let tokens = server.redeem(&client, &code).await.ok();
    server.redeem(&other, &code).await.is_refusal(400, "invalid_grant");
    assert!(server.is_active(&client, text(&tokens, "access_token")).await);

    let public = server.public();
    let code = server.code(&public, &account).await;
    let tokens = server.redeem(&public, &code).await.ok();
    let mut thief = code.clone();
    thief.verifier = Pkce::new().verifier;
    server.redeem(&public, &thief).await.is_refusal(400, "invalid_grant");
    assert_eq!(server.me(text(&tokens, "access_token")).await.status, 200);
}

#[tokio::test]
async fn sec_co_03_a_code_is_worth_nothing_to_another_client_and_stays_good_for_its_own() {
    let server = Server::start().await;
    let (client, other, public, account) = (server.web(), server.web(), server.public(), server.account());
    let code = server.code(&client, &account).await;
    server.redeem(&other, &code).await.is_refusal(400, "invalid_grant");
    server.redeem(&public, &code).await.is_refusal(400, "invalid_grant");
    server.redeem(&client, &code).await.ok();
}

#[tokio::test]
async fn sec_co_04_the_redirect_uri_is_repeated_exactly() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let code = server.code(&client, &account).await;
    let mut other = code.clone();
    other.redirect_uri = format!("{}/", code.redirect_uri);
    server.redeem(&client, &other).await.is_refusal(400, "invalid_grant");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.code.as_str()),
        ("code_verifier", &code.verifier),
    ];
    let answer = server.token(&client, &form).await;
    assert!(answer.status == 400, "{answer:?}");
    server.redeem(&client, &code).await.ok();
}

#[tokio::test]
async fn sec_co_05_codes_are_long_and_never_alike() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let code = server.code(&client, &account).await.code;
        assert!(code.len() >= 43, "{code}");
        assert!(seen.insert(code));
    }
}

#[tokio::test]
async fn sec_co_07_no_code_without_pkce() {
    let server = Server::start().await;
    for client in [server.web(), server.public()] {
        let query =
            Query::new(&client, &Pkce::new()).without("code_challenge").without("code_challenge_method");
        let told = server.get(&query.path()).await.redirected();
        assert_eq!(told["error"], "invalid_request");
    }
}

#[tokio::test]
async fn sec_co_08_pkce_is_neither_taken_out_nor_put_in() {
    let server = Server::start().await;
    let account = server.account();
    let relaxed = server.client(&crate::harness::ClientOptions {
        more: &["--pkce", "optional"],
        ..crate::harness::ClientOptions::default()
    });
    let without = |query: Query| query.without("code_challenge").without("code_challenge_method");
    let code = server.code_for(&relaxed, &account, without).await;
    server.redeem(&relaxed, &code).await.is_refusal(400, "invalid_grant");
    let mut code = server.code(&relaxed, &account).await;
    code.verifier = String::new();
    assert_eq!(server.redeem(&relaxed, &code).await.status, 400);
}

#[tokio::test]
async fn sec_co_09_a_missing_or_empty_verifier_fails() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let code = server.code(&client, &account).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.code.as_str()),
        ("redirect_uri", &code.redirect_uri),
    ];
    for extra in [None, Some(("code_verifier", ""))] {
        let form: Vec<_> = form.iter().copied().chain(extra).collect();
        let answer = server.token(&client, &form).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(["invalid_grant", "invalid_request"].contains(&answer.error().as_str()), "{answer:?}");
    }
}

#[tokio::test]
async fn sec_co_10_only_s256() {
    let server = Server::start().await;
    let client = server.web();
    assert_eq!(server.metadata["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    let good = || Query::new(&client, &Pkce::new());
    let method = "code_challenge_method";
    for query in [
        good().with(method, "plain"),
        good().with(method, "s256"),
        good().with(method, "S512"),
        good().without(method),
    ] {
        let told = server.get(&query.path()).await.redirected();
        assert_eq!(told["error"], "invalid_request", "{query:?}");
    }
}

#[tokio::test]
async fn sec_co_11_challenge_and_verifier_have_the_right_form() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    for challenge in
        ["", "short", &"a".repeat(42), &"a".repeat(129), &format!("{}=", "a".repeat(43)), &"ä".repeat(43)]
    {
        let told =
            server.get(&Query::new(&client, &Pkce::new()).with("code_challenge", challenge).path()).await;
        assert_eq!(told.redirected()["error"], "invalid_request", "{challenge}");
    }
    for verifier in ["short".to_owned(), "a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(43))] {
        let mut code = server.code(&client, &account).await;
        code.verifier = verifier;
        let answer = server.redeem(&client, &code).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
}

#[tokio::test]
async fn sec_co_12_a_challenge_is_not_used_twice_unnoticed() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let pkce = Pkce::new();
    let query = Query::new(&client, &pkce);
    let first = crate::harness::Browser::new(&server).allow(&query.path(), &account).await;
    assert!(first.redirected().contains_key("code"));
    let second = crate::harness::Browser::new(&server).allow(&query.path(), &account).await;
    let is_refused = second.redirected().contains_key("error");
    assert!(is_refused || server.said().contains("challenge"), "neither refused nor logged");
}

#[tokio::test]
async fn sec_co_15_a_redemption_repeated_after_a_lost_answer_says_what_it_is() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let code = server.code(&client, &account).await;
    server.redeem(&client, &code).await.ok();
    let again = server.redeem(&client, &code).await;
    again.is_refusal(400, "invalid_grant");
    let description = again.json()["error_description"].as_str().unwrap_or_default().to_owned();
    assert!(description.is_ascii() && !description.is_empty(), "{description}");
}
