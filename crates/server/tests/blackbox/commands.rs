//! The command line: what it prints, how it fails.

use std::process::{Command, Output};

use crate::harness::{Server, binary, text};

fn run(words: &[&str]) -> Output {
    Command::new(binary()).args(words).current_dir(std::env::temp_dir()).output().expect("ends")
}

#[test]
fn every_command_helps_itself_with_examples() {
    let all: &[&[&str]] = &[
        &["dev"],
        &["serve"],
        &["client", "create"],
        &["client", "list"],
        &["client", "show"],
        &["client", "update"],
        &["client", "rotate-secret"],
        &["client", "disable"],
        &["client", "enable"],
        &["client", "delete"],
        &["user", "create"],
        &["user", "list"],
        &["user", "show"],
        &["user", "set-password"],
        &["user", "disable"],
        &["user", "enable"],
        &["user", "delete"],
        &["token", "client-credentials"],
        &["token", "code"],
        &["token", "refresh"],
        &["token", "password"],
        &["key", "list"],
        &["key", "rotate"],
        &["grant", "list"],
        &["grant", "revoke"],
        &["config", "check"],
        &["config", "show"],
        &["profile", "explain"],
        &["oauth1", "explain"],
        &["oauth1", "sign"],
        &["setup-link"],
        &["completions"],
    ];
    for words in all {
        let out = run(&[*words, &["--help"]].concat());
        let help = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success() && help.contains("Examples:"), "{words:?}: {help}");
    }
}

#[test]
fn misuse_is_2_and_failure_is_1_with_what_to_do() {
    assert_eq!(run(&["client", "create"]).status.code(), Some(2));
    assert_eq!(run(&["nonsense"]).status.code(), Some(2));
    let out = run(&["client", "list", "--data", "no-such-folder"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("valetkey dev --data no-such-folder"), "{out:?}");
    let out = run(&["client", "list", "--data", "no-such-folder", "--json"]);
    assert!(serde_json::from_slice::<serde_json::Value>(&out.stdout).expect("JSON")["error"].is_string());
}

#[test]
fn completions_are_made_for_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let out = run(&["completions", shell]);
        assert!(out.status.success() && out.stdout.len() > 1000, "{shell}");
    }
}

#[tokio::test]
async fn clients_live_from_create_to_delete() {
    let server = Server::start().await;
    let words =
        ["client", "create", "--name", "Worker", "--grant", "client_credentials", "--scope", "profile"];
    let own = ["--client-id", "moved here", "--client-secret", "its old secret, 128 bits and more"];
    let made = server.cli(&[&words[..], &own].concat(), "");
    assert_eq!((text(&made, "client_id"), text(&made, "client_secret")), (own[1], own[3]));
    let changed =
        server.cli(&["client", "update", own[1], "--name", "Other", "--token-format", "opaque"], "");
    assert_eq!((text(&changed, "client_name"), text(&changed, "token_format")), ("Other", "opaque"));
    let wrong =
        server.try_cli(&["client", "update", own[1], "--scope", "moon"], "").expect_err("no such scope");
    assert!(wrong.contains("--scope"), "{wrong}");
    let kept = server.try_cli(&["client", "delete", own[1]], "").expect_err("asks first");
    assert!(kept.contains("--yes"), "{kept}");
    server.cli(&["client", "delete", own[1], "--yes"], "");
    assert!(server.try_cli(&["client", "show", own[1]], "").is_err());
    let again = server.try_cli(&[&words[..], &own].concat(), "");
    assert!(again.is_err(), "an id never comes back");
}

#[tokio::test]
async fn users_live_from_create_to_delete() {
    let server = Server::start().await;
    let made = server.cli(&["user", "create", "--username", "alice", "--email", "a@example.com"], "");
    assert!(text(&made, "password").len() > 20, "one was made, and shown once");
    assert!(server.try_cli(&["user", "create", "--username", "ALICE"], "").is_err());
    assert!(server.cli(&["user", "show", "alice"], "").get("password").is_none());
    assert!(server.cli(&["user", "disable", "alice"], "")["disabled_at"].is_number());
    assert!(server.cli(&["user", "enable", "alice"], "")["disabled_at"].is_null());
    server.cli(&["user", "delete", "alice", "--yes"], "");
    let gone = server.try_cli(&["user", "show", "alice"], "").expect_err("gone");
    assert!(gone.contains("there is no account"), "{gone}");
}

#[tokio::test]
async fn token_gets_one_by_its_own_credentials_and_by_refresh() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let secret = client.secret.clone().expect("a secret");
    let run = |words: &[&str], given: &str| {
        let who =
            ["--issuer", server.issuer(), "--client-id", &client.id, "--client-secret", &secret, "--json"];
        let mut command = Command::new(binary());
        command.arg("token").args(words).args(who).stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().expect("starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("piped"), given.as_bytes())
            .expect("written");
        child.wait_with_output().expect("ends")
    };
    let out = run(&["client-credentials", "--scope", "profile"], "");
    let token: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    server.me(text(&token, "access_token")).await.ok();
    let out = run(&["refresh"], text(&tokens, "refresh_token"));
    let token: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    server.me(text(&token, "access_token")).await.ok();
    let out = run(&["client-credentials", "--scope", "moon"], "");
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("invalid_scope"), "{out:?}");
}

#[tokio::test]
async fn grants_are_listed_and_revoked() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let listed = server.cli(&["grant", "list", "--user", &account.username], "");
    let id = text(&listed["grants"][0], "id").to_owned();
    server.cli(&["grant", "revoke", &id], "");
    server.refresh(&client, text(&tokens, "refresh_token")).await.is_refusal(400, "invalid_grant");
    let other = server.tokens(&client, &account).await;
    server.cli(&["grant", "revoke", "--user", &account.username, "--client", &client.id], "");
    server.refresh(&client, text(&other, "refresh_token")).await.is_refusal(400, "invalid_grant");
}

#[tokio::test]
async fn sec_tk_24_everything_ends_by_one_command() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    server.me(text(&tokens, "access_token")).await.ok();
    let done = server.cli(&["grant", "revoke", "--everything", "--yes"], "");
    assert!(done["revoked"]["accounts"].as_u64() >= Some(1), "{done}");
    assert!(done["revoked"]["clients"].as_u64() >= Some(1), "{done}");
    server.settled().await;
    server.refresh(&client, text(&tokens, "refresh_token")).await.is_refusal(400, "invalid_grant");
    assert_eq!(server.me(text(&tokens, "access_token")).await.status, 401);
    let misuse: &[&[&str]] = &[&[], &["--everything", "--user", "x"], &["--yes"], &["--client", "x"]];
    for words in misuse {
        assert_eq!(run(&[&["grant", "revoke"], *words].concat()).status.code(), Some(2), "{words:?}");
    }
}

#[tokio::test]
async fn a_leaked_key_goes_at_once() {
    let server = Server::start().await;
    let client = server.web();
    let token = server.token(&client, &[("grant_type", "client_credentials")]).await.ok();
    let before = server.cli(&["key", "list"], "");
    let after = server.cli(&["key", "rotate", "--now"], "");
    assert!(!after.to_string().contains(text(&before["keys"][0], "kid")), "{after}");
    server.settled().await;
    assert_eq!(server.me(text(&token, "access_token")).await.status, 401);
    let token = server.token(&client, &[("grant_type", "client_credentials")]).await.ok();
    server.me(text(&token, "access_token")).await.ok();
}
