//! `valetkey dev` as somebody new meets it: what it prints works when it is pasted, again and again.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::harness::{Answer, Browser, Server, binary, free_port, http, text};

/// A `dev` of one's own, with what it printed.
struct Dev(Child, Value);

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("valetkey-minutes-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// Starts `dev --json` and waits for its line: by then it answers.
fn start(data: &Path, port: u16) -> Dev {
    let mut command = Command::new(binary());
    command.args(["dev", "--json", "--log", "warn", "--port", &port.to_string(), "--data"]).arg(data);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
    let mut line = String::new();
    let out = child.stdout.take().expect("piped");
    BufReader::new(out).read_line(&mut line).expect("a line");
    Dev(child, serde_json::from_str(&line).expect("one line of JSON"))
}

/// Pastes a command into a shell; what it printed, as JSON.
async fn paste(command: &str) -> Value {
    let command = command.to_owned();
    let pasted = tokio::task::spawn_blocking(move || Command::new("sh").args(["-c", &command]).output());
    let out = pasted.await.expect("ends").expect("a shell with curl and sed");
    serde_json::from_slice(&out.stdout).unwrap_or_else(|error| panic!("{error}: {out:?}"))
}

#[tokio::test]
async fn what_dev_prints_works_when_pasted_on_the_second_start_too() {
    let (data, port) = (folder("twice"), free_port());
    let first = start(&data, port);
    let facts = first.1.clone();
    assert!(text(&paste(text(&facts, "token_command")).await, "access_token").len() > 20);
    assert_eq!(paste(text(&facts, "api_command")).await["sub"], facts["client_id"]);
    drop(first);
    let second = start(&data, port);
    assert_eq!(second.1["client_id"], facts["client_id"]);
    paste(text(&second.1, "token_command")).await;
    paste(text(&facts, "token_command")).await;
    let list = |what: &str| {
        let out = Command::new(binary()).args([what, "list", "--json", "--data"]).arg(&data).output();
        serde_json::from_slice::<Value>(&out.expect("ends").stdout).expect("JSON")
    };
    assert_eq!(list("client")["clients"].as_array().map(Vec::len), Some(3), "nothing was made twice");
    assert_eq!(list("user")["users"].as_array().map(Vec::len), Some(1));
    drop(second);
    std::fs::remove_dir_all(data).expect("removed");
}

#[tokio::test]
async fn the_demo_login_leads_to_the_printed_code_command() {
    let server = Server::start().await;
    let data = folder("login");
    let dev = start(&data, free_port());
    let issuer = text(&dev.1, "issuer").to_owned();
    let mut browser = Browser::new(&server);
    let asked = browser.get(text(&dev.1, "login_url")).await;
    let mut page = asked;
    for _ in 0..8 {
        if page.is_redirect() && page.location().starts_with("http://127.0.0.1:8000") {
            break;
        }
        page = if page.is_redirect() {
            let next = absolute(&issuer, page.location());
            browser.get(&next).await
        } else if page.text.contains("name=\"decision\"") {
            submit(&mut browser, &issuer, &page, "decision", "allow").await
        } else {
            submit(&mut browser, &issuer, &page, "demo", text(&dev.1, "username")).await
        };
    }
    let code = page.redirected()["code"].clone();
    let tokens = paste(&text(&dev.1, "code_command").replace("CODE", &code)).await;
    let me = http().get(format!("{issuer}/api/me")).bearer_auth(text(&tokens, "access_token"));
    assert_eq!(Answer::of(me).await.ok()["username"], "demo");
    drop(dev);
    std::fs::remove_dir_all(data).expect("removed");
}

async fn submit(browser: &mut Browser<'_>, issuer: &str, page: &Answer, name: &str, value: &str) -> Answer {
    let mut form = Browser::form_with(page, name);
    form.set(name, &[value]);
    let (action, fields) = (absolute(issuer, &form.action), form.fields.clone());
    browser.post_from(&action, &fields, &[("origin", issuer)]).await
}

fn absolute(issuer: &str, place: &str) -> String {
    if place.starts_with('/') { format!("{issuer}{place}") } else { place.to_owned() }
}

#[tokio::test]
async fn files_with_secrets_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start().await;
    for name in ["master.key", "demo-client.secret", "demo-oauth1.secret", "valetkey.sqlite"] {
        let mode = std::fs::metadata(server.data().join(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_taken_port_is_said_with_what_to_do() {
    let server = Server::start().await;
    let data = folder("taken");
    let mut command = Command::new(binary());
    command.args(["dev", "--port", &server.port().to_string(), "--data"]).arg(&data);
    let out = command.output().expect("ends");
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("is taken") && said.contains("--port"), "{said}");
    std::fs::remove_dir_all(data).expect("removed");
}

#[tokio::test]
async fn dev_says_loudly_what_it_relaxes() {
    let server = Server::start().await;
    let said = server.said();
    for words in ["DEVELOPMENT ONLY", "without a password", "plain http", "/setup/vk_su_", "curl -s -u"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
