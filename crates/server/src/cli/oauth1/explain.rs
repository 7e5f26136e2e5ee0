//! `valetkey oauth1 explain`: why a signature does not fit. It looks at a refused request of the store, or at a request as
//! it was received, and never uses a nonce up.

use std::{
    fs,
    io::{IsTerminal as _, Read as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use valetkey_oauth1::{
    BaseUri, Limits, Message, Methods, PublicBase, RsaPublicKey, RsaSigningKey, Secrets, VerifyingKey,
    explain, method::KeyKind, verify,
};
use valetkey_oauth2::{Secret, Timestamp};
use valetkey_ports::{Clock as _, Page, SystemClock};
use valetkey_provider::{Engine, oauth1::masked};

use super::{findings::Findings, given::GivenSecrets, request::Request};
use crate::cli::{output::Output, place::Place, run};

/// Says why a signature does not fit: base strings side by side, the clock, the nonce, and what to mend
#[derive(Args)]
#[command(after_help = "Examples:\n  valetkey oauth1 explain 0123456789abcdef\n  \
        valetkey oauth1 explain 0123456789abcdef --base-string 'POST&https%3A%2F%2F…'\n  \
        valetkey oauth1 explain --method POST --url https://api.example/photos --header 'Authorization: OAuth …' --body 'a=b'\n  \
        valetkey oauth1 explain --raw request.txt --base https://api.example\n  \
        pbpaste | valetkey oauth1 explain --secret-file consumer.secret --token-secret-file token.secret    (any server's request)\n\n\
    With secrets or an RSA key given, no database is asked, and the request may be any server's. Without, client and token are \
    looked up; nothing is used up or counted.\n\
    Exit code: 0 when the signature is right, 1 when it is not, or nothing can be said; 2 for misuse. A request with a right \
    signature may be refused all the same: the reason is told.")]
pub(in crate::cli) struct Explain {
    /// A refused request: the X-Request-Id of its answer. Its values are kept masked
    #[arg(value_name = "REQUEST_ID", conflicts_with_all = ["url", "raw", "method", "headers", "body", "at", "base"])]
    id: Option<String>,
    /// The HTTP method [default: GET; POST with --body]
    #[arg(long, visible_alias = "request", requires = "url")]
    method: Option<String>,
    /// The URL as it was asked for, with its query
    #[arg(long)]
    url: Option<String>,
    /// A header as it was received: `Authorization`, `Host`, `Content-Type`; may repeat
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", requires = "url")]
    headers: Vec<String>,
    /// The body; a form, unless its type is said
    #[arg(long, requires = "url")]
    body: Option<String>,
    /// The body's type
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// A file with a raw HTTP request, as it went over the wire or as `curl -v` shows it; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    raw: Option<PathBuf>,
    /// The base string that the client made, to be compared with ours
    #[arg(long, value_name = "TEXT")]
    base_string: Option<String>,
    /// When the request came, in seconds since 1970 [default: now]
    #[arg(long, value_name = "SECONDS")]
    at: Option<i64>,
    /// The public base URL of the server that was asked [default: the issuer's origin; without a database the request's own]
    #[arg(long, value_name = "URL")]
    base: Option<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    secrets: GivenSecrets,
    /// The client's RSA key in PEM, public or private
    #[arg(long, value_name = "FILE")]
    rsa_key: Option<PathBuf>,
}

/// What foreign requests are verified with.
struct Keys {
    client: Option<Secret>,
    token: Option<Secret>,
    rsa: Option<RsaPublicKey>,
}

impl Explain {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<ExitCode> {
        let findings = match (&self.id, self.keys()?) {
            (Some(id), _) => self.kept(id)?,
            (None, Some(keys)) => self.foreign(&self.request()?, &keys)?,
            (None, None) => self.own(&self.request()?)?,
        };
        output.show(&findings.json(), || findings.text());
        Ok(if findings.is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// A refused request of the store.
    fn kept(&self, id: &str) -> anyhow::Result<Findings> {
        let mut found = Vec::new();
        run::command(&self.place, async |engine| {
            found = engine.ports().refusals.list(Some(id), &Page::first(1)).await?;
            Ok(())
        })?;
        let refusal = found.into_iter().next().with_context(|| {
            format!(
                "there is no refused request {id}: it was not refused, is not written down yet (that takes a second), or is \
                 not among the last 10,000"
            )
        })?;
        let mut findings = Findings::of(refusal);
        if let Some(theirs) = &self.base_string {
            let theirs = masked(theirs.trim());
            findings.compare(&theirs, |ours, theirs| explain::compare(ours, theirs, &[]));
        }
        Ok(findings)
    }

    /// A request to this server.
    fn own(&self, request: &Request) -> anyhow::Result<Findings> {
        let mut findings = Findings::default();
        run::command(&self.place, async |engine| {
            findings = self.look(engine, request).await?;
            Ok(())
        })?;
        Ok(findings)
    }

    async fn look(&self, engine: &Engine, request: &Request) -> anyhow::Result<Findings> {
        let authorization = request.authorization();
        let received = request.received(&authorization);
        let message = match Message::parse(&received, &engine.policy().oauth1.limits) {
            Ok(message) => message,
            Err(malformed) => return Ok(Findings::malformed(&malformed)),
        };
        let uri = match &self.base {
            Some(base) => uri(base, request)?,
            None => engine.signed_uri(request.path_and_query()).map_err(|_| anyhow::anyhow!(UNSIGNABLE))?,
        };
        let at = self.at.map_or_else(|| engine.now(), Timestamp::from_seconds);
        let looked = engine.look_at_signature(&message, &uri, at).await?;
        let mut findings = Findings {
            is_right: looked.is_right,
            base_string: Some(looked.base_string),
            clock_skew: looked.clock_skew,
            nonce_was_used: Some(looked.nonce_was_used),
            reason: looked.reason,
            advice: looked.advice,
            ..Findings::about(&message)
        };
        self.finish(&mut findings, &message, engine.policy().oauth1.window);
        Ok(findings)
    }

    /// A request to any server, with the keys that were given.
    fn foreign(&self, request: &Request, keys: &Keys) -> anyhow::Result<Findings> {
        let authorization = request.authorization();
        let received = request.received(&authorization);
        let message = match Message::parse(&received, &Limits::default()) {
            Ok(message) => message,
            Err(malformed) => return Ok(Findings::malformed(&malformed)),
        };
        let uri = match &self.base {
            Some(base) => uri(base, request)?,
            None => BaseUri::parse(&request.url()?).context(UNSIGNABLE)?,
        };
        let methods = Methods::all();
        let method = methods.find(message.signature_method());
        let method = method.with_context(|| {
            format!("the signature method {:?} is not known here", message.signature_method())
        })?;
        let key: VerifyingKey<'_> = match (method.key_kind(), &keys.client, &keys.rsa) {
            (KeyKind::Secrets, Some(client), _) => Secrets { client, token: keys.token.as_ref() }.into(),
            (KeyKind::Rsa, _, Some(key)) => key.into(),
            (KeyKind::Secrets, None, _) => {
                bail!("{} needs the client's secret: say --secret-file FILE", method.name())
            }
            (KeyKind::Rsa, _, None) => {
                bail!("{} needs the client's RSA key: say --rsa-key FILE", method.name())
            }
        };
        let now = self.at.unwrap_or_else(|| SystemClock.now().seconds());
        let mut findings = Findings {
            base_string: Some(message.base_string(&uri)),
            clock_skew: message.timestamp().map(|theirs| theirs.saturating_sub(now)),
            ..Findings::about(&message)
        };
        let rules = verify::Rules::default();
        let outcome = verify::signature(&message, &uri, method, Some(key)).map(|_| ());
        findings.is_right = outcome.is_ok();
        let outcome = outcome
            .and_then(|()| verify::body_hash(&message, method, rules.body_hash))
            .and_then(|()| verify::timestamp(&message, now, rules.window));
        if let Err(refusal) = outcome {
            findings.reason = Some(refusal.to_string());
            findings.advice = Some(match refusal {
                verify::Refusal::Signature => explain::guess(&message, &uri, method, &methods, key)
                    .map_or(Findings::NO_USUAL_MISTAKE, explain::Mistake::advice)
                    .to_owned(),
                verify::Refusal::Timestamp { .. } => "Set the client's clock.".to_owned(),
                _ => "Make oauth_body_hash anew of the body that is sent; a form has none.".to_owned(),
            });
        }
        self.finish(&mut findings, &message, rules.window);
        Ok(findings)
    }

    /// What both kinds of request end with.
    fn finish(&self, findings: &mut Findings, message: &Message<'_>, window: Duration) {
        if let Some(theirs) = &self.base_string {
            findings.compare(theirs.trim(), |ours, theirs| explain::compare(ours, theirs, message.params()));
        }
        let is_late = findings.clock_skew.is_some_and(|skew| skew.unsigned_abs() > window.as_secs());
        if let (true, true, None, Some(advice)) = (findings.is_right, is_late, self.at, &mut findings.advice)
        {
            advice.push_str(" If the request came earlier than now, say when with --at.");
        }
    }

    fn request(&self) -> anyhow::Result<Request> {
        let request = match (&self.url, &self.raw) {
            (Some(url), _) => {
                let usual = if self.body.is_some() { "POST" } else { "GET" };
                let method = self.method.as_deref().unwrap_or(usual);
                Request::new(method, url, &self.headers, self.body.as_deref())?
            }
            (None, Some(file)) if file.as_os_str() != "-" => {
                let raw =
                    fs::read(file).with_context(|| format!("--raw: {} cannot be read", file.display()))?;
                Request::raw(&raw)?
            }
            (None, raw) => {
                let stdin = std::io::stdin();
                ensure!(
                    raw.is_some() || !stdin.is_terminal(),
                    "which request? Name a refused one by its id, give --url, or pipe a raw one in"
                );
                ensure!(
                    !self.secrets.secret_stdin,
                    "standard input cannot be both the secret and the request"
                );
                let mut raw = Vec::new();
                stdin.lock().take(16 << 20).read_to_end(&mut raw).context("standard input cannot be read")?;
                Request::raw(&raw)?
            }
        };
        Ok(request.content_type(self.content_type.as_deref()))
    }

    /// The keys of a foreign request; nothing where a database is to be asked. The environment alone makes a request
    /// foreign only where no database is named.
    fn keys(&self) -> anyhow::Result<Option<Keys>> {
        let Place { config, data, database } = &self.place;
        let names_place = config.is_some() || data.is_some() || database.is_some();
        if !self.secrets.is_any() && self.rsa_key.is_none() && names_place {
            return Ok(None);
        }
        let keys = Keys {
            client: self.secrets.client()?,
            token: self.secrets.token()?,
            rsa: self.rsa_key.as_ref().map(rsa_key).transpose()?,
        };
        Ok((keys.client.is_some() || keys.rsa.is_some()).then_some(keys))
    }
}

const UNSIGNABLE: &str = "the URL cannot be signed: it must be absolute, http or https, and percent-encoded";

/// The base string URI of a request to the server of that base URL.
fn uri(base: &str, request: &Request) -> anyhow::Result<BaseUri> {
    let base = PublicBase::parse(base).with_context(|| format!("--base: {base:?} is no base URL"))?;
    base.uri(request.path_and_query()).context(UNSIGNABLE)
}

fn rsa_key(file: &PathBuf) -> anyhow::Result<RsaPublicKey> {
    let pem =
        fs::read_to_string(file).with_context(|| format!("--rsa-key: {} cannot be read", file.display()))?;
    RsaPublicKey::from_pem(&pem)
        .or_else(|_| RsaPublicKey::new(RsaSigningKey::from_pem(&pem)?.public_key().clone()))
        .with_context(|| format!("--rsa-key: {} is no RSA key in PEM of 2048 bits or more", file.display()))
}
