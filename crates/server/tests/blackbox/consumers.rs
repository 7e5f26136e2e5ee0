//! Clients that speak OAuth 1, as commands and configuration make them: what is shown, and that it signs.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;

use crate::harness::{Answer, Server, Signer, binary, http, text};

const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../oauth1/tests/vectors/rsa-2048-public.pem");

/// Asks for temporary credentials (RFC 5849 §2.1), signed with that key and secret.
pub(crate) async fn temporary(issuer: &str, key: &str, secret: &str, callback: &str) -> Answer {
    let url = format!("{issuer}/oauth1/request_token");
    let header = Signer::new(key, secret).sign("POST", &url, None, &[("oauth_callback", callback)]);
    Answer::of(http().post(&url).header("authorization", header)).await
}

fn file(server: &Server, name: &str, text: &str) -> PathBuf {
    let file = server.data().join(name);
    fs::write(&file, text).expect("written");
    file
}

#[tokio::test]
async fn a_consumer_is_made_and_what_is_shown_once_signs() {
    let server = Server::start().await;
    let callback = "https://photos.example/ready";
    let words = ["client", "create", "--name", "Photos", "--oauth1", "--redirect-uri", callback];
    let made = server.cli(&words, "");
    let (key, secret) = (text(&made, "client_id"), text(&made, "oauth1_secret"));
    assert!(made.get("client_secret").is_none(), "{made}");
    assert_eq!(made["grant_types"].as_array().map(Vec::len), Some(0), "OAuth 1 and nothing else");
    assert_eq!(temporary(server.issuer(), key, secret, callback).await.status, 200);
    assert_eq!(temporary(server.issuer(), key, "another", callback).await.status, 401);
    // Shown this once: neither show nor list has it.
    for words in [&["client", "show", key][..], &["client", "list"]] {
        let shown = server.cli(words, "").to_string();
        assert!(shown.contains(key) && !shown.contains(secret), "{shown}");
    }
    // In OAuth 2 it is nobody.
    let client = crate::harness::Client { secret: Some(secret.to_owned()), ..server.web() };
    let client = crate::harness::Client { id: key.to_owned(), ..client };
    server.token(&client, &[("grant_type", "client_credentials")]).await.is_refusal(401, "invalid_client");
}

#[tokio::test]
async fn sec_o1_11_no_file_of_the_server_has_a_consumers_secret_in_clear() {
    let server = Server::start().await;
    let secret = "a given secret of 128 bits 9f8e7d6c";
    server.cli(
        &["client", "create", "--name", "Old", "--oauth1", "--oob", "--oauth1-secret-stdin"],
        &format!("{secret}\n"),
    );
    for name in ["valetkey.sqlite", "valetkey.sqlite-wal"] {
        let octets = fs::read(server.data().join(name)).unwrap_or_default();
        let is_there = octets.windows(secret.len()).any(|octets| octets == secret.as_bytes());
        assert!(!is_there, "{name}");
    }
}

#[tokio::test]
async fn one_that_moves_here_keeps_its_key_and_secret_whatever_characters_they_have() {
    let server = Server::start().await;
    let secret = "a b+c/d=&%\u{e4}\u{1f980}'\"";
    let words = ["client", "create", "--name", "Old", "--client-id", "old key", "--oauth1", "--oob"];
    let given = file(&server, "given", &format!("{secret}\n"));
    let made =
        server.cli(&[&words[..], &["--oauth1-secret-file", given.to_str().expect("text")]].concat(), "");
    assert_eq!((text(&made, "client_id"), text(&made, "oauth1_secret")), ("old key", secret));
    assert_eq!(temporary(server.issuer(), "old key", secret, "oob").await.status, 200);
    // Another one takes its place at once.
    server
        .cli(&["client", "update", "old key", "--oauth1-secret-stdin"], "newer secret, of 128 bits and more");
    server.settled().await;
    assert_eq!(temporary(server.issuer(), "old key", secret, "oob").await.status, 401);
    let newer = "newer secret, of 128 bits and more";
    assert_eq!(temporary(server.issuer(), "old key", newer, "oob").await.status, 200);
    let two = server.try_cli(
        &[&words[..], &["--oauth1-secret-stdin", "--grant", "client_credentials", "--client-secret-stdin"]]
            .concat(),
        "x",
    );
    assert!(two.expect_err("one standard input").contains("--oauth1-secret-file"));
}

#[tokio::test]
async fn every_flag_is_kept_and_shown_and_can_be_taken_back() {
    let server = Server::start().await;
    let made = server.cli(
        &[
            "client",
            "create",
            "--name",
            "All",
            "--oauth1",
            "--oob",
            "--sign-alone",
            "--oauth1-method",
            "RSA-SHA256",
            "--oauth1-method",
            "HMAC-SHA256",
            "--oauth1-rsa-key",
            KEY,
            "--oauth1-token-lifetime",
            "30d",
            "--oauth1-sunset",
            "2027-06-30",
            "--grant",
            "client_credentials",
        ],
        "",
    );
    assert!(made["client_secret"].is_string() && made["oauth1_secret"].is_string(), "both protocols: {made}");
    let id = text(&made, "client_id");
    let own = &made["oauth1"];
    assert_eq!(own["methods"], serde_json::json!(["RSA-SHA256", "HMAC-SHA256"]));
    let pem = own["rsa_keys"][0].as_str().expect("a key");
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----"), "{own}");
    assert_eq!((&own["oob"], &own["sign_alone"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_eq!(
        (own["token_lifetime"].as_u64(), own["sunset"].as_u64()),
        (Some(2_592_000), Some(1_814_313_600))
    );
    assert_eq!(server.cli(&["client", "show", id], "")["oauth1"], *own);
    let less = server.cli(
        &[
            "client",
            "update",
            id,
            "--oob",
            "false",
            "--sign-alone",
            "false",
            "--oauth1-sunset",
            "",
            "--redirect-uri",
            "https://all.example/cb",
        ],
        "",
    );
    let own = &less["oauth1"];
    assert_eq!(
        (&own["oob"], &own["sign_alone"], &own["sunset"]),
        (&false.into(), &false.into(), &Value::Null)
    );
    let off = server.cli(&["client", "update", id, "--no-oauth1"], "");
    assert!(off["oauth1"].is_null(), "{off}");
    assert_eq!(off["secrets"], 1, "OAuth 2 is as it was");
}

#[tokio::test]
async fn an_oauth_1_secret_is_replaced_with_an_overlap() {
    let server = Server::start().await;
    let made = server.cli(&["client", "create", "--name", "Photos", "--oauth1", "--oob"], "");
    let (id, first) = (text(&made, "client_id"), text(&made, "oauth1_secret"));
    let signs = async |secret: &str| {
        server.settled().await;
        temporary(server.issuer(), id, secret, "oob").await.status == 200
    };
    let rotated = server.cli(&["client", "rotate-secret", id, "--oauth1"], "");
    let second = text(&rotated, "oauth1_secret");
    assert_eq!(rotated["old_secret_ends_in_seconds"], 86400);
    assert!(signs(first).await && signs(second).await);
    let rotated = server.cli(&["client", "rotate-secret", id, "--oauth1", "--overlap", "0s"], "");
    assert!(!signs(first).await && !signs(second).await);
    assert!(signs(text(&rotated, "oauth1_secret")).await);
    let said = server.try_cli(&["client", "rotate-secret", id], "").expect_err("it has none for OAuth 2");
    assert!(said.contains("--oauth1"), "{said}");
    let said =
        server.try_cli(&["client", "rotate-secret", "demo-client", "--oauth1"], "").expect_err("no OAuth 1");
    assert!(said.contains("update demo-client --oauth1"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_is_said_by_the_flag_that_said_it() {
    let server = Server::start().await;
    let weak = KEY.replace("2048", "1024");
    let cases: &[(&[&str], &str)] = &[
        (&["--oauth1"], "--redirect-uri: Register at least one callback, or allow oob."),
        (&["--oauth1", "--oob", "--oauth1-method", "HMAC-MD5"], "--oauth1-method: "),
        (&["--oauth1", "--oob", "--oauth1-method", "RSA-SHA256"], "--oauth1-rsa-key: "),
        (&["--oauth1", "--oob", "--oauth1-rsa-key", &weak], "2048 bits"),
        (&["--oauth1", "--oob", "--oauth1-rsa-key", "no-such-file"], "no-such-file cannot be read"),
        (&["--oauth1", "--oob", "--oauth1-sunset", "soon"], "--oauth1-sunset: "),
        (&["--oauth1", "--oob", "--oauth1-secret-file", "no-such-file"], "no-such-file cannot be read"),
        (&["--oauth1", "--oob", "--browser"], "--oauth1: "),
        (&["--oauth1", "--native", "--sign-alone"], "--sign-alone: "),
        (&["--oauth1", "--oob", "--client-secret", "x"], "--client-secret: "),
        (&["--oob", "--redirect-uri", "https://app.example/cb"], "say --oauth1"),
        (&["--no-oauth1", "--oob", "--redirect-uri", "https://app.example/cb"], "--no-oauth1"),
    ];
    for (words, said) in cases {
        let refused = server.try_cli(&[&["client", "create", "--name", "Wrong"], *words].concat(), "");
        let refused = refused.expect_err("refused");
        assert!(refused.contains(said), "{words:?}: {refused}");
    }
    assert!(!server.cli(&["client", "list"], "").to_string().contains("Wrong"), "nothing was made");
}

#[tokio::test]
async fn sec_o1_09_a_weak_method_is_made_with_a_warning() {
    let server = Server::start().await;
    for (name, more) in [("PLAINTEXT", &[][..]), ("RSA-SHA1", &["--oauth1-rsa-key", KEY])] {
        let words = ["client", "create", "--name", name, "--oauth1", "--oob", "--oauth1-method", name];
        let made = server.cli(&[&words[..], more].concat(), "");
        assert!(made["warnings"].to_string().contains(name), "{made}");
    }
    let words = ["client", "create", "--name", "Usual", "--oauth1", "--oob", "--oauth1-method", "HMAC-SHA1"];
    assert!(server.cli(&words, "").get("warnings").is_none());
}

#[tokio::test]
async fn dev_prints_a_consumer_that_signs() {
    let server = Server::start().await;
    let said = server.said();
    let secret = fs::read_to_string(server.data().join("demo-oauth1.secret")).expect("a secret");
    for words in
        ["demo-oauth1", &secret, "/oauth1/request_token", "/oauth1/authorize", "/oauth1/access_token"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    for callback in ["http://127.0.0.1:8000/callback", "oob"] {
        assert_eq!(
            temporary(server.issuer(), "demo-oauth1", &secret, callback).await.status,
            200,
            "{callback}"
        );
    }
}

#[test]
fn the_profile_legacy_says_what_it_takes_and_where_it_is_written() {
    let out = Command::new(binary()).args(["profile", "explain", "legacy", "--json"]).output().expect("ends");
    let told: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    for (what, paragraph) in [("PLAINTEXT", "RFC 5849 section 3.4.4"), ("RSA-SHA1", "RFC 5849 section 3.4.3")]
    {
        let rows = told["turns_on"].as_array().expect("rows");
        let row = rows.iter().find(|row| text(row, "what").contains(what)).expect("a row");
        assert!(text(row, "paragraph").contains(paragraph), "{row}");
    }
}
