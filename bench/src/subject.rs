//! The two sides of a measurement: how each is started, and what a client of it needs to know.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use valetkey_crypto::Secret;

use crate::{
    browser::{Browser, field},
    load::Connection,
    process::Server,
    workloads::oauth1,
};

/// What the requests of one side look like.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) discovery: String,
    pub(crate) jwks: String,
    pub(crate) jwt: String,
    pub(crate) opaque: String,
    pub(crate) introspect: String,
    pub(crate) refresh: String,
    pub(crate) authorize: String,
    pub(crate) code: String,
    /// `client_id=…&client_secret=…` of a client whose tokens are JWTs, and of one whose tokens are opaque.
    pub(crate) jwt_client: String,
    pub(crate) opaque_client: String,
    pub(crate) client_id: String,
    pub(crate) cookie: String,
    pub(crate) consumer: Consumer,
}

/// A client of OAuth 1, and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    /// What it writes before each path.
    pub(crate) origin: String,
    pub(crate) key: String,
    pub(crate) secret: Secret,
    pub(crate) resource: String,
}

/// A side that runs.
pub(crate) struct Subject {
    pub(crate) server: Server,
    pub(crate) side: Side,
    folder: PathBuf,
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub(crate) const CALLBACK: &str = "http://127.0.0.1:9/callback";

/// Starts the floor.
pub(crate) fn floor() -> anyhow::Result<Subject> {
    let folder = folder("floor")?;
    let port = free_port()?;
    let program = std::env::current_exe()?.display().to_string();
    let command: Vec<String> = vec![
        program,
        "floor".into(),
        "--port".into(),
        port.to_string(),
        "--data".into(),
        folder.display().to_string(),
    ];
    let server = Server::start(&command, port, "/ready", &folder.join("log"))?;
    let client = "client_id=floor&client_secret=secret".to_owned();
    let side = Side {
        discovery: "/metadata".into(),
        jwks: "/metadata".into(),
        jwt: "/jwt".into(),
        opaque: "/opaque".into(),
        introspect: "/introspect".into(),
        refresh: "/refresh".into(),
        authorize: "/authorize".into(),
        code: "/code".into(),
        jwt_client: client.clone(),
        opaque_client: client,
        client_id: "floor".into(),
        cookie: "session=session".into(),
        consumer: Consumer {
            origin: format!("http://127.0.0.1:{port}"),
            key: "floor".into(),
            secret: Secret::new("secret"),
            resource: "/me".into(),
        },
    };
    Ok(Subject { server, side, folder })
}

/// Sets up a database by the command line, starts `serve` on it, logs an account in and lets it consent.
pub(crate) fn ours(binary: &Path) -> anyhow::Result<Subject> {
    let folder = folder("ours")?;
    let port = free_port()?;
    let config = folder.join("valetkey.toml");
    fs::write(&config, config_text(&folder, port))?;
    let key = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, folder.as_os_str().as_encoded_bytes());
    let key: String = key.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(folder.join("master.key"), key)?;
    restrict(&folder.join("master.key"))?;
    let run = |args: &[&str], input: Option<&str>| command(binary, &config, args, input);
    let client = |name: &str, format: &str| {
        run(
            &[
                "client",
                "create",
                "--name",
                name,
                "--redirect-uri",
                CALLBACK,
                "--grant",
                "authorization_code",
                "--grant",
                "refresh_token",
                "--grant",
                "client_credentials",
                "--scope",
                "profile",
                "--token-format",
                format,
            ],
            None,
        )
    };
    let jwt = client("Bench JWT", "jwt")?;
    let opaque = client("Bench opaque", "opaque")?;
    let consumer = run(
        &[
            "client",
            "create",
            "--name",
            "Bench OAuth 1",
            "--oauth1",
            "--redirect-uri",
            CALLBACK,
            "--scope",
            "profile",
        ],
        None,
    )?;
    run(
        &["user", "create", "--username", "bench", "--password-stdin"],
        Some("a long enough bench password 42"),
    )?;
    let server = Server::start(
        &[binary.display().to_string(), "serve".into(), "--config".into(), config.display().to_string()],
        port,
        "/readyz",
        &folder.join("log"),
    )?;
    let form = |client: &serde_json::Value| -> anyhow::Result<String> {
        Ok(format!(
            "client_id={}&client_secret={}",
            text(client, "client_id")?,
            text(client, "client_secret")?
        ))
    };
    let client_id = text(&jwt, "client_id")?.to_owned();
    let consumer = Consumer {
        origin: format!("http://127.0.0.1:{port}"),
        key: text(&consumer, "client_id")?.to_owned(),
        secret: Secret::new(text(&consumer, "oauth1_secret")?),
        resource: "/api/me".into(),
    };
    let cookie = log_in(port, &client_id, &consumer)?;
    let side = Side {
        discovery: "/.well-known/oauth-authorization-server".into(),
        jwks: "/.well-known/jwks.json".into(),
        jwt: "/oauth2/token".into(),
        opaque: "/oauth2/token".into(),
        introspect: "/oauth2/introspect".into(),
        refresh: "/oauth2/token".into(),
        authorize: "/oauth2/authorize".into(),
        code: "/oauth2/token".into(),
        jwt_client: form(&jwt)?,
        opaque_client: form(&opaque)?,
        client_id,
        cookie,
        consumer,
    };
    Ok(Subject { server, side, folder })
}

fn config_text(folder: &Path, port: u16) -> String {
    format!(
        "issuer = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\n\
         database = \"sqlite://{0}/valetkey.sqlite\"\nmaster_key_file = \"{0}/master.key\"\n\n\
         [oauth1]\nper_client_per_minute = 100000000\nbegun_per_client_per_minute = 100000000\ntokens_per_person = 0\n",
        folder.display()
    )
}

fn text<'r>(record: &'r serde_json::Value, name: &str) -> anyhow::Result<&'r str> {
    record.get(name).and_then(|value| value.as_str()).with_context(|| format!("no {name}"))
}

fn command(
    binary: &Path,
    config: &Path,
    args: &[&str],
    input: Option<&str>,
) -> anyhow::Result<serde_json::Value> {
    let mut child = Command::new(binary)
        .args(args)
        .arg("--config")
        .arg(config)
        .arg("--json")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
        pipe.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{args:?} failed: {}", output.status);
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Goes through login and both consents as a browser would, and answers with its cookies.
fn log_in(port: u16, client_id: &str, consumer: &Consumer) -> anyhow::Result<String> {
    let mut browser = Browser::open(port)?;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let start = format!(
        "/oauth2/authorize?response_type=code&client_id={client_id}&redirect_uri={}&scope=profile&state=s\
         &code_challenge={challenge}&code_challenge_method=S256",
        encode(CALLBACK)
    );
    let login = browser.follow(&start)?;
    let fields = format!(
        "csrf={}&flow={}&username=bench&password=a+long+enough+bench+password+42",
        encode(&field(&login, "csrf")?),
        encode(&field(&login, "flow")?)
    );
    let consent = browser.submit("/login", &fields)?;
    allow(&mut browser, &consent)?;
    let temporary = oauth1::temporary(consumer, &mut Connection::open(port)?)?;
    let consent = browser.follow(&format!("{}?oauth_token={}", oauth1::AUTHORIZE, temporary.token))?;
    allow(&mut browser, &consent)?;
    Ok(browser.cookie_header())
}

fn allow(browser: &mut Browser, consent: &str) -> anyhow::Result<()> {
    let fields = format!(
        "csrf={}&flow={}&scope=profile&decision=allow",
        encode(&field(consent, "csrf")?),
        encode(&field(consent, "flow")?)
    );
    browser.submit("/consent", &fields).map(drop)
}

pub(crate) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn folder(name: &str) -> anyhow::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("valetkey-bench-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn restrict(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o600))?)
}
