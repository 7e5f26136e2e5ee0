//! `valetkey oauth1 sign`: signs a request as a client does, for a library under test or a curl at hand.

use std::{fs, io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use valetkey_crypto::random_bytes;
use valetkey_oauth1::{
    BaseUri, Limits, Message, Methods, Place, Received, RsaSigningKey, Secrets, SigningKey,
    method::KeyKind,
    sign::{Outgoing, Signed, Signer, Stamp},
};
use valetkey_oauth2::Secret;
use valetkey_ports::{Clock as _, SystemClock};

use super::{curl, given::GivenSecrets};
use crate::cli::output::Output;

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Signs a request: prints its header, its URL, its body or a whole curl (RFC 5849 section 3.1)
#[derive(Args)]
#[command(
    after_help = "Examples:\n  valetkey oauth1 sign --key KEY --secret-file consumer.secret --callback oob --request POST --curl \\\n    \
        http://127.0.0.1:7000/oauth1/request_token\n  \
        valetkey oauth1 sign --key KEY --secret-file consumer.secret --token TOKEN --token-secret-file token.secret \\\n    \
        --verifier VERIFIER --request POST --curl http://127.0.0.1:7000/oauth1/access_token\n  \
        VALETKEY_CLIENT_SECRET=… VALETKEY_TOKEN_SECRET=… valetkey oauth1 sign --key KEY --token TOKEN --show-base-string \\\n    \
        http://127.0.0.1:7000/api/me\n  \
        valetkey oauth1 sign --key KEY --method RSA-SHA256 --rsa-key private.pem --carriage query https://api.example/photos\n  \
        eval \"$(valetkey oauth1 sign … --curl URL)\"    (sends it at once)"
)]
pub(in crate::cli) struct Sign {
    /// The client: its oauth_consumer_key
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The token: its oauth_token
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// The signature method: HMAC-SHA1, HMAC-SHA256, HMAC-SHA512, RSA-SHA1, RSA-SHA256, RSA-SHA512, PLAINTEXT
    #[arg(long, default_value = "HMAC-SHA256")]
    method: String,
    /// Where the parameters go
    #[arg(long, value_enum, default_value_t = Carriage::Header)]
    carriage: Carriage,
    /// The HTTP method [default: GET; POST with --data or --carriage body]
    #[arg(long, short = 'X', value_name = "METHOD")]
    request: Option<String>,
    /// The body, as it is sent; several are joined by ampersands
    #[arg(long, short = 'd', value_name = "BODY")]
    data: Vec<String>,
    /// The body's type: the parameters of a form are signed, anything else is covered by a hash
    #[arg(long, value_name = "TYPE", default_value = FORM)]
    content_type: String,
    /// Leaves oauth_body_hash out, for servers that refuse it
    #[arg(long)]
    no_body_hash: bool,
    /// Where the person is sent back to, or `oob`: for temporary credentials (section 2.1)
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    /// What came back with the person: for token credentials (section 2.3)
    #[arg(long, value_name = "VERIFIER")]
    verifier: Option<String>,
    /// The realm of the header
    #[arg(long)]
    realm: Option<String>,
    /// Seconds since 1970 [default: now]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(1..))]
    timestamp: Option<i64>,
    /// What this timestamp has not seen yet [default: a random one]
    #[arg(long)]
    nonce: Option<String>,
    /// Sends oauth_version too
    #[arg(long)]
    oauth_version: bool,
    /// Prints a curl that sends the request
    #[arg(long)]
    curl: bool,
    /// Prints the base string on standard error
    #[arg(long)]
    show_base_string: bool,
    /// What to ask for, with its query
    url: String,
    #[command(flatten)]
    secrets: GivenSecrets,
    /// The client's RSA private key in PEM, for the RSA methods
    #[arg(long, value_name = "FILE")]
    rsa_key: Option<PathBuf>,
}

/// Where the protocol parameters go (RFC 5849 §3.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Carriage {
    /// The Authorization header
    Header,
    /// The query of the URL
    Query,
    /// The form-encoded body
    Body,
}

impl Sign {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<ExitCode> {
        let http = self.http();
        let data = self.data.join("&");
        let mut outgoing = Outgoing::new(&http, &self.url);
        if !self.data.is_empty() {
            outgoing = outgoing.body(&self.content_type, data.as_bytes());
        }
        let signed = self.sign(&outgoing)?;
        let body = match &signed.body {
            Some(body) => Some((FORM, String::from_utf8_lossy(body).into_owned())),
            None => (!self.data.is_empty()).then(|| (self.content_type.as_str(), data.clone())),
        };
        let base_string = base_string(&http, &signed, body.as_ref())?;
        if self.show_base_string && !output.json {
            let _ = writeln!(std::io::stderr().lock(), "{base_string}");
        }
        let curl = curl::line(&http, &signed, body.as_ref().map(|(kind, body)| (*kind, body.as_str())));
        let facts = json!({
            "request": http,
            "url": signed.url,
            "authorization": signed.authorization,
            "content_type": body.as_ref().map(|(kind, _)| kind),
            "body": body.as_ref().map(|(_, body)| body),
            "base_string": base_string,
            "curl": curl,
        });
        output.show(&facts, || match (self.curl, &signed.authorization, self.carriage) {
            (true, ..) => curl,
            (_, Some(value), _) => format!("Authorization: {value}"),
            (_, None, Carriage::Body) => body.map(|(_, body)| body).unwrap_or_default(),
            (_, None, _) => signed.url.clone(),
        });
        Ok(ExitCode::SUCCESS)
    }

    fn sign(&self, outgoing: &Outgoing<'_>) -> anyhow::Result<Signed> {
        let methods = Methods::all();
        let method = methods.find(&self.method).with_context(|| {
            let names: Vec<&str> = methods.iter().map(valetkey_oauth1::SignatureMethod::name).collect();
            format!("--method: {:?} is none of {}", self.method, names.join(", "))
        })?;
        let (client, token, rsa);
        let key: SigningKey<'_> = match method.key_kind() {
            KeyKind::Secrets => {
                client = self.client_secret()?;
                token = self.secrets.token()?;
                Secrets { client: &client, token: token.as_ref() }.into()
            }
            KeyKind::Rsa => {
                rsa = self.rsa()?;
                (&rsa).into()
            }
        };
        let nonce = self.nonce.clone().unwrap_or_else(nonce);
        let mut signer = Signer::new(method, &self.key, key).place(match self.carriage {
            Carriage::Header => Place::Header,
            Carriage::Query => Place::Query,
            Carriage::Body => Place::Body,
        });
        if let Some(token) = &self.token {
            signer = signer.token(token);
        }
        if let Some(realm) = &self.realm {
            signer = signer.realm(realm);
        }
        if let Some(callback) = &self.callback {
            signer = signer.callback(callback);
        }
        if let Some(verifier) = &self.verifier {
            signer = signer.verifier(verifier);
        }
        if self.no_body_hash {
            signer = signer.without_body_hash();
        }
        if self.oauth_version {
            signer = signer.version();
        }
        let timestamp = self.timestamp.unwrap_or_else(|| SystemClock.now().seconds());
        Ok(signer.sign(outgoing, &Stamp::new(timestamp, &nonce))?)
    }

    fn http(&self) -> String {
        let usual = if self.data.is_empty() && self.carriage != Carriage::Body { "GET" } else { "POST" };
        self.request.as_deref().unwrap_or(usual).to_ascii_uppercase()
    }

    fn client_secret(&self) -> anyhow::Result<Secret> {
        self.secrets.client()?.with_context(|| {
            format!(
                "{} signs with the client's secret: say --secret-file FILE or --secret-stdin",
                self.method
            )
        })
    }

    fn rsa(&self) -> anyhow::Result<RsaSigningKey> {
        let Some(file) = &self.rsa_key else {
            bail!("{} signs with the client's private key: say --rsa-key FILE", self.method)
        };
        let pem = fs::read_to_string(file)
            .with_context(|| format!("--rsa-key: {} cannot be read", file.display()))?;
        RsaSigningKey::from_pem(&pem).with_context(|| {
            format!("--rsa-key: {} is no RSA private key in PEM of 2048 bits or more", file.display())
        })
    }
}

/// What was signed: the request is read as its server reads it.
fn base_string(http: &str, signed: &Signed, body: Option<&(&str, String)>) -> anyhow::Result<String> {
    let authorization: Vec<&[u8]> = signed.authorization.iter().map(String::as_bytes).collect();
    let (content_type, body) =
        body.map_or((None, &b""[..]), |(kind, body)| (Some(kind.as_bytes()), body.as_bytes()));
    let received = Received::new(http, &signed.url).authorization(&authorization).body(content_type, body);
    let message = Message::parse(&received, &Limits::default())
        .map_err(|malformed| anyhow::anyhow!("no server takes this request: {malformed}"))?;
    Ok(message.base_string(&BaseUri::parse(&signed.url)?))
}

fn nonce() -> String {
    let mut octets = [0; 16];
    random_bytes(&mut octets);
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
