//! The server as a client sees it: its metadata, and its token endpoint.

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use clap::Args;
use http::{
    Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::Value;
use valetkey_fetch::{Plain, Transport as _};

/// Who asks, and whom.
#[derive(Args)]
pub(in crate::cli) struct Asker {
    /// The server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7000")]
    issuer: String,
    /// The client
    #[arg(long, value_name = "ID")]
    pub(super) client_id: String,
    /// Its secret, where it has one
    #[arg(long, value_name = "SECRET", env = "VALETKEY_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<String>,
    /// Lets the server be plain http beyond this machine
    #[arg(long)]
    insecure_transport: bool,
}

/// A server, found by its metadata (RFC 8414).
pub(super) struct Server {
    transport: Plain,
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
}

impl Server {
    pub(super) async fn discover(asker: &Asker) -> anyhow::Result<Self> {
        let mut transport = Plain::builder();
        if asker.insecure_transport {
            transport = transport.allow_http();
        }
        let transport = transport.build();
        let issuer = url::Url::parse(&asker.issuer)
            .with_context(|| format!("--issuer: {:?} is no URL", asker.issuer))?;
        let path = issuer.path().trim_end_matches('/');
        let place =
            format!("{}/.well-known/oauth-authorization-server{path}", issuer.origin().ascii_serialization());
        let request = Request::get(&place).body(Bytes::new())?;
        let response = transport.send(request).await;
        let response = response.with_context(|| {
            format!("{} does not answer: is it running? Name it with --issuer URL", asker.issuer)
        })?;
        ensure!(
            response.status() == StatusCode::OK,
            "{place} answered {}: is that an OAuth server?",
            response.status()
        );
        let metadata: Value =
            serde_json::from_slice(response.body()).with_context(|| format!("{place} is no JSON"))?;
        let text = |name: &str| {
            let value = metadata.get(name).and_then(Value::as_str);
            value.map(str::to_owned).with_context(|| format!("the server's metadata has no {name}"))
        };
        // RFC 8414 §3.3: metadata that names another issuer is not this server's.
        let own = text("issuer")?;
        ensure!(own == asker.issuer, "the server at {} calls itself {own}: say --issuer {own}", asker.issuer);
        Ok(Self {
            authorization_endpoint: text("authorization_endpoint")?,
            token_endpoint: text("token_endpoint")?,
            issuer: own,
            transport,
        })
    }

    /// Asks for a token; the server's own words where it says no.
    pub(super) async fn token(
        &self,
        asker: &Asker,
        mut fields: Vec<(&'static str, String)>,
    ) -> anyhow::Result<Value> {
        let mut request =
            Request::post(&self.token_endpoint).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match &asker.client_secret {
            Some(secret) => request = request.header(AUTHORIZATION, basic(&asker.client_id, secret)),
            None => fields.push(("client_id", asker.client_id.clone())),
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let response = self.transport.send(request.body(Bytes::from(body))?).await?;
        let answer: Value = serde_json::from_slice(response.body())
            .with_context(|| format!("the token endpoint answered {} without JSON", response.status()))?;
        if response.status() == StatusCode::OK {
            return Ok(answer);
        }
        let member = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("none");
        bail!("{}: {} (request {id})", member("error"), member("error_description"));
    }
}

/// RFC 6749 §2.3.1: both halves form-encoded, then base64.
fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
}
