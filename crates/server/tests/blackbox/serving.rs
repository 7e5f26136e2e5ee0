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

    /// OAuth 1's temporary credentials, out of band.
    async fn temporary(&self, key: &str, secret: &str) -> u16 {
        crate::consumers::temporary(&self.at(""), key, secret, "oob").await.status
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
    let consumer = fs::read_to_string(dev.data().join("demo-oauth1.secret")).expect("a secret");
    assert_eq!(serve.temporary("demo-oauth1", &consumer).await, 401);
    let said = place.said();
    assert!(
        said.contains("demo client demo-client is refused")
            && said.contains("demo client demo-oauth1 is refused")
            && said.contains("demo account"),
        "{said}"
    );
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

const CONSUMER: &str = "[[clients]]\nclient_id = \"moved here\"\nname = \"Moved\"\n[clients.oauth1]\n\
    secret = \"a b+c/d=&%'\u{e4}\u{1f980}\"\noob = true\n";
const CONSUMER_SECRET: &str = "a b+c/d=&%'\u{e4}\u{1f980}";

#[tokio::test]
async fn declared_consumers_keep_their_secrets_and_a_start_changes_nothing() {
    let place = Place::new("consumer", CONSUMER);
    let shown = || {
        let out = place.run(&["client", "show", "moved here", "--json"]);
        serde_json::from_slice::<serde_json::Value>(&out.stdout).expect("JSON")
    };
    let mut before = None;
    for _ in 0..2 {
        let serve = place.serve().await;
        assert_eq!(serve.temporary("moved here", CONSUMER_SECRET).await, 200, "{}", place.said());
        assert_eq!(serve.temporary("moved here", "another").await, 401);
        let now = shown();
        assert!(!now.to_string().contains("a b+c"), "{now}");
        assert_eq!((&now["oauth1"]["secrets"], &now["secrets"]), (&1.into(), &0.into()), "{now}");
        assert_eq!(*before.get_or_insert_with(|| now.clone()), now, "nothing was written again");
        tokio::time::sleep(Duration::from_millis(1100)).await;
    }
    let change =
        place.refused(&["client", "update", "moved here", "--no-oauth1", "--grant", "client_credentials"]);
    assert!(change.contains("configuration"), "{change}");
    // Another secret takes its place; more is added; OAuth 1 is taken away.
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../oauth1/tests/vectors/rsa-2048-public.pem");
    fs::copy(key, place.folder.join("key.pem")).expect("copied");
    let more = "rsa_key_files = [\"key.pem\"]\nmethods = [\"HMAC-SHA256\", \"RSA-SHA1\"]\nsunset = 2027-06-30\n\
        token_lifetime = \"30d\"\nsign_alone = true\n";
    place.configure(&format!("{}{more}", CONSUMER.replace("a b+c", "other")));
    let serve = place.serve().await;
    assert_eq!(serve.temporary("moved here", CONSUMER_SECRET).await, 401);
    assert_eq!(serve.temporary("moved here", &CONSUMER_SECRET.replace("a b+c", "other")).await, 200);
    let own = shown()["oauth1"].clone();
    assert_eq!((&own["sunset"], &own["token_lifetime"]), (&1_814_313_600.into(), &2_592_000.into()), "{own}");
    assert_eq!(
        (own["rsa_keys"].as_array().map(Vec::len), &own["sign_alone"]),
        (Some(1), &true.into()),
        "{own}"
    );
    drop(serve);
    let both = CONSUMER.split("[clients.oauth1]").next().expect("the rest").to_owned();
    place.configure(&format!("{both}grant_types = [\"client_credentials\"]\nclient_secret = {SECRET:?}\n"));
    let serve = place.serve().await;
    assert_eq!(serve.credentials("moved here", SECRET).await, 200);
    assert_eq!(serve.temporary("moved here", CONSUMER_SECRET).await, 401);
}

#[tokio::test]
async fn declared_consumers_that_cannot_be_are_said() {
    let declared =
        |own: &str| format!("[[clients]]\nclient_id = \"x\"\n[clients.oauth1]\noob = true\n{own}\n");
    for (own, said) in [
        ("", "oauth1 needs a secret"),
        ("secret = \"x\"\nmethods = [\"RSA-MD5\"]", "oauth1_methods"),
        ("methods = [\"RSA-SHA256\"]", "oauth1_rsa_keys"),
        ("methods = [\"RSA-SHA256\"]\nrsa_key_files = [\"none.pem\"]", "none.pem cannot be read"),
        ("secret = \"x\"\nsunset = \"soon\"", "oauth1_sunset"),
        ("secret = \"x\"\nmetods = []", "\"methods\""),
        ("sekret = \"x\"", "\"secret\""),
    ] {
        let place = Place::new("wrong-consumer", &declared(own));
        let refused = place.refused(&["serve"]);
        assert!(refused.contains(said), "{own}: {refused}");
    }
}

#[test]
fn what_is_set_of_oauth_1_is_checked_and_its_weak_choices_are_said() {
    let told = |more: &str| {
        let place = Place::new("oauth1", more);
        let out = place.run(&["config", "check", "--json"]);
        String::from_utf8(out.stdout).expect("text")
    };
    let usual = told(
        "[oauth1]\nmethods = [\"HMAC-SHA256\"]\nwindow_seconds = 600\ntemporary_lifetime = \"10m\"\n\
        token_lifetime = \"1d\"\nrealm = \"Photos\"\nrequire_body_hash = true\nverifier_tries = 3\n\
        key_length = [10, 100]\nkey_alphabet = \"visible-ascii\"\n\
        sunset = 2027-06-30\nsunset_link = \"https://id.example/moving\"\nper_client_per_minute = 100\n\
        begun_per_client_per_minute = 10\n\
        [paths]\noauth1_request_token = \"/oauth/request_token\"\n",
    );
    assert!(usual.contains("\"ok\":true") && !usual.contains("OAuth 1"), "{usual}");
    for (more, said) in [
        (
            "[oauth1]\nmethods = [\"HMAC-SHA256\", \"PLAINTEXT\"]",
            "every OAuth 1 client may sign with PLAINTEXT",
        ),
        ("[oauth1]\nenforce_ssl = false", "oauth1.enforce_ssl is off"),
        ("[oauth1]\nwindow_seconds = 601", "more than ten minutes"),
        ("profile = \"legacy\"", "every OAuth 1 client may sign with RSA-SHA1"),
        (
            "[[clients]]\nclient_id = \"x\"\n[clients.oauth1]\nsecret = \"x\"\nmethods = [\"PLAINTEXT\"]",
            "the client \\\"x\\\" may sign with PLAINTEXT",
        ),
    ] {
        let warned = told(more);
        assert!(warned.contains("\"ok\":true") && warned.contains(said), "{more}: {warned}");
    }
    for (more, said) in [
        ("[oauth1]\nmethod = [\"HMAC-SHA1\"]", "\"methods\\\"?"),
        ("[oauth1]\nmethods = [\"HMAC-MD5\"]", "HMAC-MD5"),
        ("[oauth1]\nwindow_seconds = 0", "window"),
        ("[oauth1]\nsunset = \"soon\"", "oauth1.sunset"),
        ("[oauth1]\nkey_length = [100, 10]", "oauth1.key_length"),
        ("[oauth1]\nkey_length = [20, 30]", "length"),
        ("[paths]\noauth1_requst_token = \"/x\"", "oauth1_request_token"),
        ("[paths]\noauth1_request_token = \"/oauth1/authorize\"", "one path"),
    ] {
        let refused = told(more);
        assert!(refused.contains("\"error\"") && refused.contains(said), "{more}: {refused}");
    }
}

#[tokio::test]
async fn oauth_1_lies_where_the_configuration_says_and_can_be_switched_off() {
    let place = Place::new("paths", &format!("[paths]\noauth1_request_token = \"/oauth/first\"\n{CONSUMER}"));
    let serve = place.serve().await;
    assert_eq!(serve.temporary("moved here", CONSUMER_SECRET).await, 404, "not there any more");
    assert_eq!(Answer::of(http().post(serve.at("/oauth/first"))).await.status / 100, 4);
    assert_ne!(Answer::of(http().post(serve.at("/oauth/first"))).await.status, 404);
    drop(serve);
    place.configure(&format!("[oauth1]\nenabled = false\n{CONSUMER}"));
    assert_ne!(place.serve().await.temporary("moved here", CONSUMER_SECRET).await, 200);
}
