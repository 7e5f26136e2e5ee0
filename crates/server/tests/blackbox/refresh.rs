//! Refresh tokens (TK-01 to TK-07).

use std::collections::BTreeSet;

use crate::harness::{ClientOptions, Server, text};

const CALLERS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn sec_tk_01_of_a_hundred_refreshes_with_one_token_all_get_the_same_successor_or_nothing() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let handle = text(&tokens, "refresh_token");
    let answers = futures_util::future::join_all((0..CALLERS).map(|_| server.refresh(&client, handle))).await;
    let mut successors = BTreeSet::new();
    for answer in &answers {
        if answer.status == 200 {
            successors.insert(text(&answer.json(), "refresh_token").to_owned());
        } else {
            answer.is_refusal(400, "invalid_grant");
        }
    }
    assert_eq!(successors.len(), 1, "one successor, whoever raced");
    let successor = successors.first().expect("a successor");
    assert_ne!(successor, handle);
    server.refresh(&client, successor).await.ok();
}

#[tokio::test]
async fn sec_tk_01_a_retry_gets_the_same_successor_until_it_is_used() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let first = server.tokens(&client, &account).await;
    let second = server.refresh(&client, text(&first, "refresh_token")).await.ok();
    let retried = server.refresh(&client, text(&first, "refresh_token")).await.ok();
    assert_eq!(text(&second, "refresh_token"), text(&retried, "refresh_token"));
    assert_ne!(text(&second, "access_token"), text(&retried, "access_token"));
    let third = server.refresh(&client, text(&second, "refresh_token")).await.ok();
    server.refresh(&client, text(&first, "refresh_token")).await.is_refusal(400, "invalid_grant");
    server.refresh(&client, text(&third, "refresh_token")).await.ok();
}

#[tokio::test]
async fn sec_tk_02_an_older_generation_is_reuse_and_kills_the_family() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut handles = vec![text(&server.tokens(&client, &account).await, "refresh_token").to_owned()];
    for _ in 0..3 {
        let next = server.refresh(&client, handles.last().expect("one")).await.ok();
        handles.push(text(&next, "refresh_token").to_owned());
    }
    server.refresh(&client, &handles[0]).await.is_refusal(400, "invalid_grant");
    // Inside its window a predecessor kills nothing; an older generation proves a theft.
    let newest = handles.last().expect("one");
    server.refresh(&client, newest).await.is_refusal(400, "invalid_grant");
}

#[tokio::test]
async fn sec_tk_03_the_window_revives_nothing_that_was_revoked() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let first = server.tokens(&client, &account).await;
    let second = server.refresh(&client, text(&first, "refresh_token")).await.ok();
    server.post_as(&client, "/oauth2/revoke", &[("token", text(&second, "refresh_token"))]).await.ok();
    for handle in [text(&first, "refresh_token"), text(&second, "refresh_token")] {
        server.refresh(&client, handle).await.is_refusal(400, "invalid_grant");
    }
}

#[tokio::test]
async fn sec_tk_04_refresh_never_widens() {
    let server = Server::start().await;
    let (client, other, account) = (server.web(), server.web(), server.account());
    let code = server.code_for(&client, &account, |query| query.with("scope", "profile email")).await;
    let tokens = server.redeem(&client, &code).await.ok();
    let handle = text(&tokens, "refresh_token");
    server.refresh(&other, handle).await.is_refusal(400, "invalid_grant");
    let ask = |handle: String, scope: &'static str| {
        let (server, client) = (&server, &client);
        async move {
            let form =
                [("grant_type", "refresh_token"), ("refresh_token", handle.as_str()), ("scope", scope)];
            server.token(client, &form).await
        }
    };
    ask(handle.to_owned(), "profile email moon").await.is_refusal(400, "invalid_scope");
    let narrow = ask(handle.to_owned(), "profile").await.ok();
    assert_eq!(narrow["scope"], "profile");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&narrow, "refresh_token")),
        ("resource", "https://elsewhere.example/"),
    ];
    server.token(&client, &form).await.is_refusal(400, "invalid_target");
}

#[tokio::test]
async fn sec_tk_05_refresh_asks_again_whether_account_and_client_hold() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    server.cli(&["user", "disable", &account.username], "");
    server.settled().await;
    server.refresh(&client, text(&tokens, "refresh_token")).await.is_refusal(400, "invalid_grant");
    assert!(!server.is_active(&client, text(&tokens, "access_token")).await);
}

#[tokio::test]
async fn sec_tk_06_a_refresh_token_says_when_it_ends() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let told = server.introspect(&client, text(&tokens, "refresh_token")).await;
    assert!(told["exp"].as_i64().expect("an end") > told["iat"].as_i64().unwrap_or_default(), "{told}");
}

#[tokio::test]
async fn sec_tk_07_sec_op_19_no_token_lies_in_the_data() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let opaque =
        server.client(&ClientOptions { more: &["--token-format", "opaque"], ..ClientOptions::default() });
    let more = server.tokens(&opaque, &account).await;
    let secrets = [
        text(&tokens, "refresh_token"),
        text(&more, "access_token"),
        text(&more, "refresh_token"),
        &account.password,
    ];
    for file in std::fs::read_dir(server.data()).expect("the data") {
        let path = file.expect("a file").path();
        let Ok(content) = std::fs::read(&path) else { continue };
        for secret in secrets {
            let found = content.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
    }
}
