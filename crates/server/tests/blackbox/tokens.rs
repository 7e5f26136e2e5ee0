//! Access tokens, introspection, revocation (TK-11 to TK-26).

use crate::harness::{Answer, Browser, ClientOptions, Server, text};

const DEAD: &str = "{\"active\":false}";

#[tokio::test]
async fn sec_tk_11_a_token_names_its_audience_and_unknown_resources_are_refused() {
    let server = Server::start().await;
    let client = server.web();
    let token = server.token(&client, &[("grant_type", "client_credentials")]).await.ok();
    let told = server.introspect(&client, text(&token, "access_token")).await;
    assert_eq!(told["aud"], server.issuer(), "{told}");
    let form = [("grant_type", "client_credentials"), ("resource", "https://elsewhere.example/")];
    server.token(&client, &form).await.is_refusal(400, "invalid_target");
}

#[tokio::test]
async fn sec_tk_15_only_those_concerned_may_introspect() {
    let server = Server::start().await;
    let (client, other, account) = (server.web(), server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let token = text(&tokens, "access_token");
    let nobody = server.post("/oauth2/introspect", &[("token", token)]).await;
    assert_eq!(nobody.status, 401, "{nobody:?}");
    let foreign = server.post_as(&other, "/oauth2/introspect", &[("token", token)]).await;
    assert_eq!((foreign.status, foreign.text.as_str()), (200, DEAD));
    assert!(server.is_active(&client, token).await);
}

#[tokio::test]
async fn sec_tk_16_sec_tk_21_unknown_dead_malformed_and_foreign_tokens_introspect_alike() {
    let server = Server::start().await;
    let (client, other, account) = (server.web(), server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let foreign = server.tokens(&other, &account).await;
    let (access, refresh) =
        (text(&tokens, "access_token").to_owned(), text(&tokens, "refresh_token").to_owned());
    let mut altered = refresh.clone();
    altered.pop();
    let flipped = access.replace("ey", "fy");
    let dead = server.tokens(&client, &account).await;
    server.post_as(&client, "/oauth2/revoke", &[("token", text(&dead, "refresh_token"))]).await.ok();
    let odd = [
        "x",
        "a.b.c",
        &altered,
        &format!("{refresh}a"),
        &format!(" {refresh}"),
        &flipped,
        text(&foreign, "access_token"),
        text(&dead, "access_token"),
        text(&dead, "refresh_token"),
        "vk_rt_",
        "\u{e4}",
    ];
    for token in odd {
        let answer = server.post_as(&client, "/oauth2/introspect", &[("token", token)]).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, DEAD), "{token}");
    }
    assert!(server.is_active(&client, &access).await && server.is_active(&client, &refresh).await);
}

#[tokio::test]
async fn sec_tk_18_revocation_happens_and_only_for_the_owner() {
    let server = Server::start().await;
    let (client, other, account) = (server.web(), server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let foreign = server.post_as(&other, "/oauth2/revoke", &[("token", refresh)]).await;
    assert!([200, 400].contains(&foreign.status), "{foreign:?}");
    assert!(server.is_active(&client, refresh).await, "another client's revocation does nothing");
    assert_eq!(server.post("/oauth2/revoke", &[("token", refresh)]).await.status, 401);
    let done = server.post_as(&client, "/oauth2/revoke", &[("token", refresh)]).await;
    assert_eq!(
        (done.status, done.text.as_str(), done.header("content-type")),
        (200, "{}", "application/json")
    );
    assert!(!server.is_active(&client, access).await && !server.is_active(&client, refresh).await);
    assert_eq!(server.post_as(&client, "/oauth2/revoke", &[("token", refresh)]).await.status, 200);
    assert_eq!(server.post_as(&client, "/oauth2/revoke", &[("token", "never was")]).await.status, 200);
}

#[tokio::test]
async fn sec_tk_18_a_jwt_alone_can_be_revoked_too() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    server.post_as(&client, "/oauth2/revoke", &[("token", text(&tokens, "access_token"))]).await.ok();
    assert!(!server.is_active(&client, text(&tokens, "access_token")).await);
}

#[tokio::test]
async fn sec_tk_19_revocations_survive_a_power_cut() {
    let mut server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let (dead, alive) = (server.tokens(&client, &account).await, server.tokens(&client, &account).await);
    server.post_as(&client, "/oauth2/revoke", &[("token", text(&dead, "refresh_token"))]).await.ok();
    server.kill_and_restart().await;
    assert!(!server.is_active(&client, text(&dead, "access_token")).await);
    server.refresh(&client, text(&dead, "refresh_token")).await.is_refusal(400, "invalid_grant");
    server.refresh(&client, text(&alive, "refresh_token")).await.ok();
}

#[tokio::test]
async fn sec_tk_20_whichever_mark_is_the_latest_holds() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let before = server.tokens(&client, &account).await;
    let words = ["user", "set-password", &account.username, "--password-stdin"];
    server.cli(&words, "another password that is long enough\n");
    server.settled().await;
    assert!(!server.is_active(&client, text(&before, "access_token")).await);
    server.refresh(&client, text(&before, "refresh_token")).await.is_refusal(400, "invalid_grant");
}

#[tokio::test]
async fn sec_tk_23_a_person_sees_what_has_access_and_ends_it_at_once() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let mut browser = Browser::new(&server);
    browser.log_in(&account).await;
    let page = browser.get("/account/apps").await;
    assert!(page.text.contains("Test app"), "{page:?}");
    let form = Browser::form_with(&page, "client_id");
    assert_eq!(form.value("client_id"), Some(client.id.as_str()));
    browser.submit(&form).await;
    assert!(!server.is_active(&client, text(&tokens, "access_token")).await);
    server.refresh(&client, text(&tokens, "refresh_token")).await.is_refusal(400, "invalid_grant");
    assert_eq!(server.me(text(&tokens, "access_token")).await.status, 401);
}

#[tokio::test]
async fn sec_tk_24_deleting_a_client_or_an_account_ends_everything_below() {
    let server = Server::start().await;
    let (client, watcher) = (server.web(), server.web());
    let (account, other) = (server.account(), server.account());
    let tokens = [server.tokens(&client, &account).await, server.tokens(&client, &other).await];
    server.cli(&["user", "delete", &account.username, "--yes"], "");
    server.settled().await;
    assert!(!server.is_active(&client, text(&tokens[0], "access_token")).await);
    assert!(server.is_active(&client, text(&tokens[1], "access_token")).await);
    server.cli(&["client", "delete", &client.id, "--yes"], "");
    server.settled().await;
    assert_eq!(server.me(text(&tokens[1], "access_token")).await.status, 401);
    server.refresh(&client, text(&tokens[1], "refresh_token")).await.is_refusal(401, "invalid_client");
    server.token(&watcher, &[("grant_type", "client_credentials")]).await.ok();
}

#[tokio::test]
async fn sec_tk_25_opaque_tokens_are_long_and_never_alike() {
    let server = Server::start().await;
    let client =
        server.client(&ClientOptions { more: &["--token-format", "opaque"], ..ClientOptions::default() });
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let token = server.token(&client, &[("grant_type", "client_credentials")]).await.ok();
        let token = text(&token, "access_token").to_owned();
        assert!(token.starts_with("vk_") && token.len() > 43, "{token}");
        assert!(seen.insert(token));
    }
}

#[tokio::test]
async fn sec_tk_26_sec_op_12_nothing_secret_is_logged_and_no_personal_data_in_a_token() {
    let server = Server::start_with(&["--log", "trace"]).await;
    let (client, account) = (server.web(), server.account());
    let code = server.code(&client, &account).await;
    let tokens = server.redeem(&client, &code).await.ok();
    server.me(text(&tokens, "access_token")).await.ok();
    let wrong = Answer::of(server.http.get(server.at("/api/me")).bearer_auth("vk_at_wrong")).await;
    assert_eq!(wrong.status, 401);
    let (said, secret) = (server.said(), client.secret.as_deref().expect("a secret"));
    for word in [
        secret,
        &code.code,
        &code.verifier,
        &account.password,
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
        "vk_at_wrong",
    ] {
        assert!(!said.contains(word), "the log holds {word}");
    }
    let payload = text(&tokens, "access_token").split('.').nth(1).expect("a payload").to_owned();
    use base64::Engine as _;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    assert!(!String::from_utf8_lossy(&claims).contains(&account.username));
}
