//! `valetkey oauth1 sign` and `explain`: the dance by hand, and why a signature does not fit.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::harness::{Browser, Server, binary, text};

const CALLBACK: &str = "https://photos.example/ready";
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../oauth1/tests/vectors");
/// RFC 5849 §1.2.
const PHOTOS: &str = "GET /photos?file=vacation.jpg&size=original HTTP/1.1\r\nHost: photos.example.net\r\n\
    Authorization: OAuth realm=\"Photos\",\r\n\
    X-Rest: \r\n\r\n";

/// A consumer, its key and its secret.
struct Consumer(String, String);

impl Consumer {
    fn new(server: &Server) -> Self {
        let words = ["client", "create", "--name", "Photos", "--oauth1", "--oob", "--sign-alone"];
        let made = server.cli(&[&words[..], &["--redirect-uri", CALLBACK]].concat(), "");
        Self(text(&made, "client_id").to_owned(), text(&made, "oauth1_secret").to_owned())
    }

    /// Signs with its own secret.
    fn sign(&self, words: &[&str]) -> Value {
        self.sign_with(&self.1, words)
    }

    fn sign_with(&self, secret: &str, words: &[&str]) -> Value {
        let own = ["oauth1", "sign", "--json", "--secret-stdin", "--key", &self.0];
        let out = run(&[&own[..], words].concat(), secret);
        serde_json::from_slice(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:?}"))
    }
}

fn run(words: &[&str], given: &str) -> Output {
    let mut command = Command::new(binary());
    command.args(words).current_dir(std::env::temp_dir());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    child.stdin.take().expect("piped").write_all(given.as_bytes()).ok();
    child.wait_with_output().expect("ends")
}

/// What `explain` says, and its exit code.
fn explain(words: &[&str], given: &str) -> (Value, Option<i32>) {
    let out = run(&[&["oauth1", "explain", "--json"], words].concat(), given);
    let said = serde_json::from_slice(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:?}"));
    (said, out.status.code())
}

/// Pastes a signed request's line into a shell.
async fn paste(signed: &Value) -> String {
    let line = text(signed, "curl").to_owned();
    let pasted = tokio::task::spawn_blocking(move || Command::new("sh").args(["-c", &line]).output());
    let out = pasted.await.expect("ends").expect("a shell with curl");
    String::from_utf8(out.stdout).expect("a text")
}

fn members(form: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn the_whole_dance_is_done_by_pasting_in_every_carriage() {
    let server = Server::start().await;
    let consumer = Consumer::new(&server);
    let account = server.account();
    for carriage in ["header", "query", "body"] {
        let way = ["--carriage", carriage, "--request", "POST"];
        let first = server.at("/oauth1/request_token?note=it%27s%20%7B1%7D");
        let temporary =
            members(&paste(&consumer.sign(&[&way[..], &["--callback", CALLBACK, &first]].concat())).await);
        let mut browser = Browser::new(&server);
        let page = format!("/oauth1/authorize?oauth_token={}", temporary["oauth_token"]);
        let answer = browser.allow(&page, &account).await;
        let verifier = members(answer.location().split_once('?').expect("a query").1);
        let (last, secret) = (server.at("/oauth1/access_token"), &temporary["oauth_token_secret"]);
        let words = ["--token", &temporary["oauth_token"], "--token-secret", secret, "--verifier"];
        let words = [&way[..], &words, &[&verifier["oauth_verifier"], &last]].concat();
        let token = members(&paste(&consumer.sign(&words)).await);
        let me = server.at("/api/me");
        let words = ["--token", &token["oauth_token"], "--token-secret", &token["oauth_token_secret"], &me];
        let facts: Value = serde_json::from_str(&paste(&consumer.sign(&words)).await).expect("JSON");
        assert_eq!(facts["username"], account.username.as_str(), "{carriage}: {facts}");
    }
}

#[tokio::test]
async fn dev_prints_a_signed_curl_that_works_when_pasted() {
    let server = Server::start().await;
    let said = server.said();
    let line = said.lines().find(|line| line.contains("oauth1 sign --key")).expect("it is printed").trim();
    // As it stands: it names the program as it was called.
    let out = Command::new("sh").args(["-c", line]).output().expect("a shell with curl");
    assert!(members(&String::from_utf8_lossy(&out.stdout)).contains_key("oauth_token_secret"), "{out:?}");
}

#[tokio::test]
async fn a_request_is_explained_with_the_secrets_of_the_database_and_no_nonce_is_used_up() {
    let server = Server::start().await;
    let consumer = Consumer::new(&server);
    let url = server.at("/oauth1/request_token?a=b%20c");
    let words = ["--request", "POST", "--callback", "oob", &url];
    let data = server.data();
    let place = ["--data", data.to_str().expect("text")];
    let explained = |signed: &Value, url: &str, more: &[&str]| {
        let header = format!("Authorization: {}", text(signed, "authorization"));
        let words = ["--method", "POST", "--url", url, "--header", &header];
        explain(&[&words[..], &place, more].concat(), "")
    };
    let right = consumer.sign(&words);
    for _ in 0..2 {
        let (said, code) = explained(&right, &url, &[]);
        assert_eq!(
            (code, &said["signature_is_right"], &said["reason"]),
            (Some(0), &true.into(), &Value::Null)
        );
        assert_eq!((&said["nonce_was_used"], &said["base_string"]), (&false.into(), &right["base_string"]));
    }
    assert!(paste(&right).await.contains("oauth_token"), "its nonce was still new");
    let (said, code) = explained(&right, &url, &[]);
    assert_eq!((code, &said["nonce_was_used"]), (Some(0), &true.into()), "the signature is right: {said}");
    assert!(text(&said, "reason").contains("nonce"));

    let encoded = consumer.sign_with("another", &words);
    let (said, code) = explained(&encoded, &url, &[]);
    assert_eq!((code, &said["signature_is_right"]), (Some(1), &false.into()));
    assert!(text(&said, "advice").starts_with("Compare your base string"), "{said}");
    let equal = ["--base-string", text(&encoded, "base_string")];
    let (said, _) = explained(&encoded, &url, &equal);
    assert!(text(&said, "advice").starts_with("The base strings are equal"), "{said}");

    let theirs = text(&right, "base_string").replace("b%2520c", "b%2Bc");
    let (said, _) = explained(&encoded, &url, &["--base-string", &theirs]);
    assert!(text(&said, "advice").contains("%20"), "{said}");
    assert_eq!(
        said["difference"],
        serde_json::json!({ "part": "the parameter a", "ours": "a=b%20c", "theirs": "a=b+c", "at": 3 })
    );

    let elsewhere = url.replace("127.0.0.1", "localhost");
    let words = ["--request", "POST", "--callback", "oob", &elsewhere];
    let (said, code) = explained(&consumer.sign(&words), &elsewhere, &[]);
    assert_eq!(code, Some(1));
    assert!(text(&said, "advice").contains("public URL of this server"), "{said}");
    let base = server.at("").replace("127.0.0.1", "localhost");
    assert_eq!(explained(&consumer.sign(&words), &elsewhere, &["--base", &base]).1, Some(0));
}

#[tokio::test]
async fn sec_o1_11_a_refused_request_is_explained_by_its_id_without_secrets_and_values() {
    let server = Server::start().await;
    let consumer = Consumer::new(&server);
    let url = server.at("/oauth1/request_token?diary=my%20secret");
    let wrong = consumer.sign_with("another", &["--request", "POST", "--callback", "oob", &url]);
    let request = server.http.post(&url).header("authorization", text(&wrong, "authorization"));
    let answer = crate::harness::Answer::of(request).await;
    assert_eq!(answer.status, 401);
    server.settled().await;
    let data = server.data();
    let words = [answer.header("x-request-id"), "--data", data.to_str().expect("text")];
    let (said, code) = explain(&words, "");
    assert_eq!((code, text(&said["refused"], "client_id")), (Some(1), consumer.0.as_str()));
    assert_eq!(text(&said, "base_string"), text(&wrong, "base_string").replace("my%2520secret", "..."));
    for hidden in ["my%20secret", &consumer.1, text(&wrong, "authorization")] {
        assert!(!said.to_string().contains(hidden), "{hidden} in {said}");
    }
    let (same, _) = explain(&[&words[..], &["--base-string", text(&wrong, "base_string")]].concat(), "");
    assert!(text(&same, "advice").starts_with("The base strings are equal"), "{same}");
    let shown = run(&[&["oauth1", "explain"], &words[..]].concat(), "");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.starts_with("Refused: ") && shown.contains("    diary=...\n"), "{shown}");
    let out = run(&["oauth1", "explain", "0123456789abcdef", words[1], words[2]], "");
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("there is no refused request"), "{out:?}");
}

#[test]
fn a_foreign_request_is_explained_with_the_secrets_given_and_without_a_database() {
    let header = "OAuth realm=\"Photos\", oauth_consumer_key=\"dpf43f3p2l4k3l03\", \
        oauth_token=\"nnch734d00sl2jdk\", oauth_signature_method=\"HMAC-SHA1\", oauth_timestamp=\"137131202\", \
        oauth_nonce=\"chapoH\", oauth_signature=\"MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D\"";
    let raw = PHOTOS.replace("OAuth realm=\"Photos\",", header);
    let secrets = ["--secret", "kd94hf93k423kf44", "--token-secret", "pfkkdhi9sl3r4s00"];
    let at = ["--base", "http://photos.example.net", "--at", "137131210"];
    let (said, code) = explain(&[&secrets[..], &at].concat(), &raw);
    assert_eq!(
        (code, &said["reason"], &said["nonce_was_used"]),
        (Some(0), &Value::Null, &Value::Null),
        "{said}"
    );
    assert_eq!(said["clock_skew_seconds"], -8);
    let (said, code) = explain(&secrets, &raw);
    assert_eq!(code, Some(1));
    assert!(text(&said, "advice").contains("http and https"), "{said}");
    let (said, code) = explain(&[&at[..], &["--secret", "kd94hf93k423kf44"]].concat(), &raw);
    assert_eq!((code, said["signature_is_right"].as_bool()), (Some(1), Some(false)));
    let out = run(
        &[&["oauth1", "explain"], &at[..], &["--secret", "x", "--rsa-key", "no-such-file"]].concat(),
        &raw,
    );
    assert!(String::from_utf8_lossy(&out.stderr).contains("no-such-file cannot be read"), "{out:?}");
}

#[test]
fn every_method_signs_what_explain_finds_right() {
    let private = format!("{VECTORS}/rsa-2048-pkcs8.pem");
    let public = format!("{VECTORS}/rsa-2048-public.pem");
    let url = "https://api.example/photos?b=2&a=1%2F2";
    for method in
        ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "RSA-SHA1", "RSA-SHA256", "RSA-SHA512", "PLAINTEXT"]
    {
        let key: &[&str] =
            if method.starts_with("RSA") { &["--rsa-key", &private] } else { &["--secret", "s e&"] };
        let words = ["oauth1", "sign", "--key", "k", "--method", method, "--data", "c=d+e", url];
        let out = run(&[&words[..], key].concat(), "");
        let header = String::from_utf8(out.stdout).expect("a text");
        assert!(header.starts_with("Authorization: OAuth "), "{method}: {header}");
        let key: &[&str] = if method.starts_with("RSA") { &["--rsa-key", &public] } else { key };
        let words = ["--url", url, "--body", "c=d+e", "--header", header.trim()];
        let (said, code) = explain(&[&words[..], key].concat(), "");
        assert_eq!((code, &said["reason"]), (Some(0), &Value::Null), "{method}: {said}");
        let (said, code) = explain(&[&["--method", "PUT"], &words[..], key].concat(), "");
        assert_eq!(code == Some(0), method == "PLAINTEXT", "{said}");
    }
    let fixed = ["oauth1", "sign", "--key", "k", "--secret", "s", "--timestamp", "1", "--nonce", "n"];
    let out = run(&[&fixed[..], &["--show-base-string", "http://a.example/?z=1"]].concat(), "");
    assert_eq!(
        String::from_utf8(out.stderr).expect("a text"),
        "GET&http%3A%2F%2Fa.example%2F&oauth_consumer_key%3Dk%26oauth_nonce%3Dn%26oauth_signature_method%3DHMAC-SHA256%26\
         oauth_timestamp%3D1%26z%3D1\n"
    );
}

#[test]
fn what_cannot_be_signed_is_said_with_what_to_do() {
    let key = ["oauth1", "sign", "--key", "k"];
    let cases: &[(&[&str], &str)] = &[
        (&["https://a.example/"], "--secret-file"),
        (&["--method", "RSA-SHA256", "https://a.example/"], "--rsa-key FILE"),
        (&["--method", "HMAC-MD5", "--secret", "s", "https://a.example/"], "is none of HMAC-SHA1"),
        (&["--secret", "s", "/photos"], "not absolute"),
        (&["--secret", "s", "https://a.example/?oauth_nonce=x"], "oauth_nonce"),
        (
            &[
                "--secret",
                "s",
                "--carriage",
                "body",
                "--content-type",
                "text/plain",
                "-d",
                "x",
                "https://a.example/",
            ],
            "not form-encoded",
        ),
    ];
    for (words, said) in cases {
        let mut command = Command::new(binary());
        command.args(key).args(*words).env_remove("VALETKEY_CLIENT_SECRET");
        let out = command.output().expect("ends");
        assert_eq!(out.status.code(), Some(1), "{words:?}");
        assert!(String::from_utf8_lossy(&out.stderr).contains(said), "{words:?}: {out:?}");
    }
    assert_eq!(run(&["oauth1", "explain", "id", "--url", "https://a.example/"], "").status.code(), Some(2));
}
