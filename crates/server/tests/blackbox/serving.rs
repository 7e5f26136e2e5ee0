//! `valetkey serve`: what it asks of its configuration, and what it refuses.

use std::{
    fs,
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use crate::harness::{Answer, Server, basic, binary, free_port, http, text};

struct Place {
    folder: PathBuf,
    port: u16,
}

/// A running `serve`.
struct Serve(Child, u16);

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Place {
    /// A folder with a configuration and a master key.
    fn new(name: &str, more: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("valetkey-serving-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let place = Self { folder, port: free_port() };
        fs::write(place.folder.join("master.key"), (0..32).collect::<Vec<u8>>()).expect("written");
        place.configure(more);
        place
    }

    fn configure(&self, more: &str) {
        let text = format!(
            "issuer = \"http://127.0.0.1:{0}\"\nlisten = \"127.0.0.1:{0}\"\ndatabase = \"sqlite://valetkey.sqlite\"\n\
             master_key_file = \"master.key\"\n{more}\n",
            self.port
        );
        fs::write(self.folder.join("valetkey.toml"), text).expect("written");
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(words).arg("--config").arg(self.folder.join("valetkey.toml"));
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("ends")
    }

    /// What a command complained of.
    #[track_caller]
    fn refused(&self, words: &[&str]) -> String {
        let out = self.run(words);
        assert_eq!(out.status.code(), Some(1), "{out:?}");
        String::from_utf8_lossy(&out.stderr).into_owned()
    }

    async fn serve(&self) -> Serve {
        let log = fs::File::create(self.folder.join("log")).expect("a file");
        let mut command = self.command(&["serve"]);
        command.stdout(Stdio::null()).stderr(log);
        let mut serve = Serve(command.spawn().expect("starts"), self.port);
        for _ in 0..400 {
            assert!(serve.0.try_wait().expect("a child").is_none(), "{}", self.said());
            if http().get(serve.at("/readyz")).send().await.is_ok_and(|answer| answer.status() == 200) {
                return serve;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("not ready: {}", self.said())
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Serve {
    fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.1)
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::of(http().get(self.at(path))).await
    }

    async fn credentials(&self, id: &str, secret: &str) -> u16 {
        let form = [("grant_type", "client_credentials")];
        let request = http().post(self.at("/oauth2/token")).header("authorization", basic(id, secret));
        Answer::of(request.form(&form)).await.status
    }
}

const CLIENT: &str = "[[clients]]\nclient_id = \"declared\"\nclient_secret = \"a declared secret of 128 bits 9f8e7d6c\"\n\
    name = \"Declared\"\ngrant_types = [\"client_credentials\"]\n";
const SECRET: &str = "a declared secret of 128 bits 9f8e7d6c";

#[tokio::test]
async fn declared_clients_and_accounts_come_stay_and_go() {
    let account = "[[accounts]]\nusername = \"root\"\nadmin = true\n";
    let place = Place::new("declared", &format!("{CLIENT}{account}"));
    for _ in 0..2 {
        let serve = place.serve().await;
        assert_eq!(serve.credentials("declared", SECRET).await, 200, "{}", place.said());
    }
    let list = String::from_utf8(place.run(&["client", "list", "--json"]).stdout).expect("text");
    assert_eq!(list.matches("\"client_id\"").count(), 1, "nothing is made twice: {list}");
    let change = place.refused(&["client", "delete", "declared", "--yes"]);
    assert!(change.contains("configuration"), "{change}");
    place.configure(account);
    let serve = place.serve().await;
    assert_eq!(serve.credentials("declared", SECRET).await, 401, "removed there, disabled here");
    drop(serve);
    place.configure(&format!("{CLIENT}{account}"));
    assert_eq!(place.serve().await.credentials("declared", SECRET).await, 200);
}

#[test]
fn an_unknown_key_refuses_to_start_and_names_its_nearest_neighbour() {
    let place = Place::new("unknown", "sing_up = false");
    for words in [&["serve"][..], &["config", "check"]] {
        let said = place.refused(words);
        assert!(said.contains("\"sing_up\"") && said.contains("\"sign_up\"?"), "{said}");
    }
}

#[tokio::test]
async fn a_wrong_master_key_refuses_to_start() {
    let place = Place::new("key", "");
    drop(place.serve().await);
    fs::write(place.folder.join("master.key"), (1..33).collect::<Vec<u8>>()).expect("written");
    let said = place.refused(&["serve"]);
    assert!(said.contains("master key is not the one"), "{said}");
    fs::remove_file(place.folder.join("master.key")).expect("removed");
    let said = place.refused(&["serve"]);
    assert!(said.contains("master.key"), "{said}");
}

#[test]
fn plain_http_beyond_this_machine_is_refused_unless_insisted_on() {
    let place = Place::new("plain", "");
    let text = fs::read_to_string(place.folder.join("valetkey.toml")).expect("text");
    let text = text.replacen(&format!("http://127.0.0.1:{}", place.port), "http://id.example.com", 1);
    fs::write(place.folder.join("valetkey.toml"), &text).expect("written");
    let said = place.refused(&["config", "check"]);
    assert!(said.contains("plain http") && said.contains("--insecure-transport"), "{said}");
    fs::write(place.folder.join("valetkey.toml"), format!("insecure_transport = true\n{text}"))
        .expect("written");
    assert!(place.run(&["config", "check"]).status.success());
}

#[tokio::test]
async fn another_issuer_over_live_tokens_asks_first() {
    let place = Place::new("issuer", CLIENT);
    let serve = place.serve().await;
    assert_eq!(serve.credentials("declared", SECRET).await, 200);
    drop(serve);
    let text = fs::read_to_string(place.folder.join("valetkey.toml")).expect("text");
    let old = format!("http://127.0.0.1:{}", place.port);
    fs::write(place.folder.join("valetkey.toml"), text.replacen(&old, "http://localhost:9", 1))
        .expect("written");
    let said = place.refused(&["serve"]);
    assert!(said.contains(&old) && said.contains("--accept-issuer-change"), "{said}");
}

#[tokio::test]
async fn demo_clients_and_accounts_are_refused_in_earnest() {
    let place = Place::new("demo", "");
    let dev = Server::start().await;
    let key = fs::read(dev.data().join("master.key")).expect("a key");
    let secret = fs::read_to_string(dev.data().join("demo-client.secret")).expect("a secret");
    let mut config = format!("issuer = \"{}\"\n", dev.issuer());
    config.push_str(&format!(
        "listen = \"127.0.0.1:{}\"\ndatabase = \"sqlite://{}/valetkey.sqlite\"\nmaster_key_file = \"master.key\"\n",
        place.port,
        dev.data().display()
    ));
    fs::write(place.folder.join("master.key"), key).expect("written");
    fs::write(place.folder.join("valetkey.toml"), config).expect("written");
    let serve = place.serve().await;
    assert_eq!(serve.credentials("demo-client", &secret).await, 401);
    let said = place.said();
    assert!(said.contains("demo client demo-client is refused") && said.contains("demo account"), "{said}");
    assert!(!serve.get("/login").await.text.contains("name=\"demo\""), "no demo login");
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let port = free_port();
    let place = Place::new("metrics", &format!("[metrics]\nlisten = \"127.0.0.1:{port}\""));
    let serve = place.serve().await;
    assert_eq!(serve.get("/metrics").await.status, 404);
    let answer = Answer::of(http().get(format!("http://127.0.0.1:{port}/metrics"))).await;
    assert!(answer.text.contains("valetkey_answers_total{class=\"2xx\"}"), "{answer:?}");
    assert!(answer.text.contains("valetkey_panics_total 0"), "{answer:?}");
}

#[tokio::test]
async fn a_signal_lets_it_finish_and_the_port_is_free_again() {
    let place = Place::new("signal", "");
    let mut serve = place.serve().await;
    let pid = serve.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().is_ok_and(|status| status.success()));
    let status = serve.0.wait().expect("ends");
    assert!(status.success(), "{status}: {}", place.said());
    assert!(TcpStream::connect(("127.0.0.1", place.port)).is_err());
    assert!(place.said().contains("stopped"), "{}", place.said());
}

#[tokio::test]
async fn sec_ui_09_sec_op_06_only_a_trusted_proxy_names_the_client() {
    for (trusted, slowed) in [("trusted_proxies = [\"127.0.0.1\"]", false), ("", true)] {
        let place = Place::new(
            if slowed { "nobody" } else { "proxy" },
            &format!("{trusted}\n[limits]\nwrong_secrets_per_source = 3\n{CLIENT}"),
        );
        let serve = place.serve().await;
        let mut statuses = Vec::new();
        for number in 0..8 {
            let form = [("grant_type", "client_credentials")];
            let request = http()
                .post(serve.at("/oauth2/token"))
                .header("authorization", basic("declared", "wrong"))
                .header("x-forwarded-for", format!("198.51.100.{number}"));
            statuses.push(Answer::of(request.form(&form)).await.status);
        }
        assert_eq!(statuses.contains(&429), slowed, "{trusted}: {statuses:?}");
    }
}

#[tokio::test]
async fn sec_op_06_the_issuer_comes_from_the_configuration() {
    let place = Place::new("host", "");
    let serve = place.serve().await;
    let request = http()
        .get(serve.at("/.well-known/oauth-authorization-server"))
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example;proto=https");
    let answer = Answer::of(request).await;
    assert_eq!(text(&answer.ok(), "issuer"), format!("http://127.0.0.1:{}", place.port));
    assert!(!answer.text.contains("evil.example"));
}
