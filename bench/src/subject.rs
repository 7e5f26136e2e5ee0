//! The two sides of a measurement: how each is started, and what a client of it needs to know.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use crate::{
    load::{Connection, get, post},
    process::Server,
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

const CALLBACK: &str = "http://127.0.0.1:9/callback";

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
        let text =
            |name: &str| client.get(name).and_then(|value| value.as_str()).context("no client id or secret");
        Ok(format!("client_id={}&client_secret={}", text("client_id")?, text("client_secret")?))
    };
    let client_id = jwt.get("client_id").and_then(|id| id.as_str()).context("no client id")?.to_owned();
    let cookie = log_in(port, &client_id)?;
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
    };
    Ok(Subject { server, side, folder })
}

fn config_text(folder: &Path, port: u16) -> String {
    format!(
        "issuer = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\n\
         database = \"sqlite://{0}/valetkey.sqlite\"\nmaster_key_file = \"{0}/master.key\"\n",
        folder.display()
    )
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

/// Goes through login and consent as a browser would, and answers with its cookies.
fn log_in(port: u16, client_id: &str) -> anyhow::Result<String> {
    let mut browser = Browser { connection: Connection::open(port)?, cookies: Vec::new() };
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
    let fields = format!(
        "csrf={}&flow={}&scope=profile&decision=allow",
        encode(&field(&consent, "csrf")?),
        encode(&field(&consent, "flow")?)
    );
    browser.submit("/consent", &fields)?;
    Ok(browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "))
}

struct Browser {
    connection: Connection,
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn follow(&mut self, path: &str) -> anyhow::Result<String> {
        let mut next = path.to_owned();
        for _ in 0..8 {
            let request = get(&next, Some(&self.cookie_header()));
            let answer = self.connection.ask(&request)?;
            self.remember(&answer);
            match answer.header("location") {
                Some(away) if away.starts_with(CALLBACK) => return Ok(String::new()),
                Some(location) => next = local(location),
                None if answer.status == 200 => return Ok(answer.body),
                None => bail!("{next} answered {}", answer.status),
            }
        }
        bail!("too many redirects from {path}")
    }

    fn submit(&mut self, path: &str, fields: &str) -> anyhow::Result<String> {
        let request = post(path, fields, Some(&self.cookie_header()));
        let answer = self.connection.ask(&request)?;
        self.remember(&answer);
        match answer.header("location") {
            Some(away) if away.starts_with(CALLBACK) => Ok(String::new()),
            Some(location) => self.follow(&local(location)),
            None => bail!("the form at {path} was answered with {}", answer.status),
        }
    }

    fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn remember(&mut self, answer: &crate::load::Answer) {
        for cookie in answer.all("set-cookie") {
            let Some((name, rest)) = cookie.split_once('=') else { continue };
            let value = rest.split(';').next().unwrap_or_default().to_owned();
            self.cookies.retain(|(own, _)| own != name);
            self.cookies.push((name.to_owned(), value));
        }
    }
}

fn local(location: &str) -> String {
    match location.strip_prefix("http://").and_then(|rest| rest.split_once('/')) {
        Some((_, path)) => format!("/{path}"),
        None => location.to_owned(),
    }
}

/// The value of a hidden field.
fn field(page: &str, name: &str) -> anyhow::Result<String> {
    let at = page.find(&format!("name=\"{name}\"")).with_context(|| format!("no field {name}"))?;
    let begin = page.get(..at).and_then(|before| before.rfind('<')).unwrap_or(0);
    let tag = page.get(begin..).and_then(|rest| rest.split('>').next()).unwrap_or_default();
    let value = tag.split_once("value=\"").and_then(|(_, rest)| rest.split('"').next());
    Ok(value.with_context(|| format!("the field {name} has no value"))?.to_owned())
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
