//! A server of one's own: a process on a free port, with its data in a scratch folder.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::wire::{Answer, http};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A running `valetkey dev`; it ends, and its data goes, when this is dropped.
pub(crate) struct Server {
    child: Mutex<Child>,
    folder: PathBuf,
    port: u16,
    pub(crate) http: reqwest::Client,
    pub(crate) metadata: Value,
}

/// A registered client, as its developer knows it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) redirect_uri: String,
}

/// What to register.
#[derive(Clone, Debug)]
pub(crate) struct ClientOptions<'a> {
    pub(crate) grants: &'a [&'a str],
    pub(crate) redirect_uris: &'a [&'a str],
    pub(crate) scope: &'a str,
    pub(crate) is_public: bool,
    pub(crate) more: &'a [&'a str],
}

impl Default for ClientOptions<'_> {
    fn default() -> Self {
        Self {
            grants: &["authorization_code", "refresh_token", "client_credentials"],
            redirect_uris: &[super::REDIRECT_URI],
            scope: "profile email",
            is_public: false,
            more: &[],
        }
    }
}

/// Somebody with a password.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with more words on the command line.
    pub(crate) async fn start_with(words: &[&str]) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("valetkey-test-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("a scratch folder");
        let port = free_port();
        let child = Mutex::new(spawn(&folder, port, words));
        let mut server = Self { child, folder, port, http: http(), metadata: Value::Null };
        server.wait_until_ready().await;
        server.metadata = server.get("/.well-known/oauth-authorization-server").await.ok();
        server
    }

    /// Kills the process as a power cut would, and starts it again on the same data.
    pub(crate) async fn kill_and_restart(&mut self) {
        self.cut();
        let child = self.child.get_mut().expect("nobody has failed");
        child.wait().expect("ended");
        *child = spawn(&self.folder, self.port, &[]);
        self.wait_until_ready().await;
    }

    /// Cuts the power: the process is gone with whatever it was doing.
    pub(crate) fn cut(&self) {
        self.child.lock().expect("nobody has failed").kill().expect("killed");
    }

    /// Waits until a running server must have seen what the command line wrote (it looks each second).
    pub(crate) async fn settled(&self) {
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }

    async fn wait_until_ready(&mut self) {
        for _ in 0..600 {
            let child = self.child.get_mut().expect("nobody has failed");
            if let Some(status) = child.try_wait().expect("a child") {
                panic!("the server ended at its start with {status}:\n{}", self.said());
            }
            if self.http.get(self.at("/readyz")).send().await.is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the server is not ready:\n{}", self.said());
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn issuer(&self) -> &str {
        self.metadata["issuer"].as_str().expect("an issuer")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Everything that it has printed and logged.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(self.at(path))).await
    }

    /// A form, as nobody in particular.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.http.post(self.at(path)).form(form)).await
    }

    /// A form, as that client: with its secret in the header, or its id in the form.
    pub(crate) async fn post_as(&self, client: &Client, path: &str, form: &[(&str, &str)]) -> Answer {
        self.try_post_as(client, path, form).await.expect("an answer")
    }

    /// The same, where the server may be gone.
    pub(crate) async fn try_post_as(
        &self,
        client: &Client,
        path: &str,
        form: &[(&str, &str)],
    ) -> reqwest::Result<Answer> {
        let request = self.http.post(self.at(path));
        let request = match &client.secret {
            Some(secret) => request.header("authorization", basic(&client.id, secret)).form(form),
            None => {
                let own = [("client_id", client.id.as_str())];
                request.form(&form.iter().copied().chain(own).collect::<Vec<_>>())
            }
        };
        Answer::try_of(request).await
    }

    pub(crate) async fn token(&self, client: &Client, form: &[(&str, &str)]) -> Answer {
        self.post_as(client, "/oauth2/token", form).await
    }

    pub(crate) async fn introspect(&self, client: &Client, token: &str) -> Value {
        self.post_as(client, "/oauth2/introspect", &[("token", token)]).await.ok()
    }

    pub(crate) async fn is_active(&self, client: &Client, token: &str) -> bool {
        self.introspect(client, token).await["active"] == true
    }

    pub(crate) async fn me(&self, token: &str) -> Answer {
        Answer::of(self.http.get(self.at("/api/me")).bearer_auth(token)).await
    }

    /// One command of the command line; its JSON.
    #[track_caller]
    pub(crate) fn cli(&self, words: &[&str], given: &str) -> Value {
        match self.try_cli(words, given) {
            Ok(json) => json,
            Err(said) => panic!("valetkey {} failed:\n{said}", words.join(" ")),
        }
    }

    /// The same, where it may fail: what it said then.
    pub(crate) fn try_cli(&self, words: &[&str], given: &str) -> Result<Value, String> {
        let mut command = Command::new(binary());
        command.args(words).arg("--data").arg(self.data()).arg("--json");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("piped").write_all(given.as_bytes()).ok();
        let out = child.wait_with_output().expect("the program ends");
        let (said, complained) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        if !out.status.success() {
            return Err(format!("{}\n{said}{complained}", out.status));
        }
        Ok(serde_json::from_str(&said).unwrap_or(Value::Null))
    }

    /// A confidential client with the usual grants.
    pub(crate) fn web(&self) -> Client {
        self.client(&ClientOptions::default())
    }

    /// A client that can keep no secret.
    pub(crate) fn public(&self) -> Client {
        let grants = &["authorization_code", "refresh_token"];
        self.client(&ClientOptions { grants, is_public: true, ..ClientOptions::default() })
    }

    pub(crate) fn client(&self, options: &ClientOptions<'_>) -> Client {
        let mut words = vec!["client", "create", "--name", "Test app", "--scope", options.scope];
        for uri in options.redirect_uris {
            words.extend(["--redirect-uri", uri]);
        }
        for grant in options.grants {
            words.extend(["--grant", grant]);
        }
        if options.is_public {
            words.push("--public");
        }
        words.extend(options.more);
        let made = self.cli(&words, "");
        Client {
            id: made["client_id"].as_str().expect("an id").to_owned(),
            secret: made["client_secret"].as_str().map(str::to_owned),
            redirect_uri: options.redirect_uris.first().copied().unwrap_or_default().to_owned(),
        }
    }

    pub(crate) fn account(&self) -> Account {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let account = Account {
            username: format!("user-{number}"),
            password: format!("a long enough password, number {number}"),
        };
        let words = ["user", "create", "--username", &account.username, "--password-stdin"];
        self.cli(&words, &format!("{}\n", account.password));
        account
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.said());
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn spawn(folder: &Path, port: u16, words: &[&str]) -> Child {
    let log = File::options().create(true).append(true).open(folder.join("log")).expect("a log file");
    let mut command = Command::new(binary());
    command.args(["dev", "--port", &port.to_string(), "--data"]).arg(folder.join("data")).args(words);
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("the same file")).stderr(log);
    command.spawn().expect("the server starts")
}

/// The release binary where `cargo xtask test` names it, else the one built with these tests.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("VALETKEY_BIN").map_or_else(|| env!("CARGO_BIN_EXE_valetkey").into(), PathBuf::from)
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// RFC 6749 §2.3.1: both halves form-encoded, then base64.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}
