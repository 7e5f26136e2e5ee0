//! The workloads: what one client repeats, on either side.

pub(crate) mod oauth1;

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use valetkey_oauth1::methods;

use crate::{
    load::{Answer, Client, Connection, get, post},
    subject::{CALLBACK, Side, encode},
};

/// One workload.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// The most that `k` may be.
    pub(crate) target: f64,
    pub(crate) client: fn(&Side, &mut Connection) -> anyhow::Result<Box<dyn Client>>,
}

/// Every workload.
pub(crate) const ALL: &[Workload] = &[
    Workload {
        name: "discovery",
        target: 1.15,
        client: |side, _| Ok(Box::new(Same(get(&side.discovery, None)))),
    },
    Workload { name: "JWKS", target: 1.15, client: |side, _| Ok(Box::new(Same(get(&side.jwks, None)))) },
    Workload {
        name: "client credentials, JWT",
        target: 1.3,
        client: |side, _| Ok(Box::new(Same(post(&side.jwt, &credentials(&side.jwt_client), None)))),
    },
    Workload {
        name: "client credentials, opaque, durable",
        target: 1.35,
        client: |side, _| Ok(Box::new(Same(post(&side.opaque, &credentials(&side.opaque_client), None)))),
    },
    Workload { name: "introspection, opaque", target: 1.4, client: introspection },
    Workload { name: "refresh, JWT, durable", target: 1.4, client: refresh },
    Workload { name: "code dance (2 requests)", target: 1.5, client: dance },
    Workload {
        name: "OAuth 1 signed GET, HMAC-SHA1, nonce durable",
        target: 1.6,
        client: |side, connection| oauth1::resource(side, connection, &methods::HMAC_SHA1),
    },
    Workload {
        name: "OAuth 1 signed GET, HMAC-SHA256, nonce durable",
        target: 1.6,
        client: |side, connection| oauth1::resource(side, connection, &methods::HMAC_SHA256),
    },
    Workload { name: "OAuth 1 request token, durable", target: 1.5, client: oauth1::request_token },
    Workload { name: "OAuth 1 dance (3 requests)", target: 1.5, client: oauth1::dance },
];

fn credentials(client: &str) -> String {
    format!("grant_type=client_credentials&{client}")
}

/// The same request again and again.
struct Same(String);

impl Client for Same {
    fn operate(&mut self, connection: &mut Connection) -> anyhow::Result<usize> {
        expect(&connection.ask(&self.0)?, 200)?;
        Ok(1)
    }
}

fn introspection(side: &Side, connection: &mut Connection) -> anyhow::Result<Box<dyn Client>> {
    let token = connection.ask(&post(&side.opaque, &credentials(&side.opaque_client), None))?;
    let token = member(&token, "access_token")?;
    let form = format!("token={}&{}", encode(&token), side.opaque_client);
    let request = post(&side.introspect, &form, None);
    if !connection.ask(&request)?.body.contains("\"active\":true") {
        bail!("the token is not active");
    }
    Ok(Box::new(Same(request)))
}

/// One refresh token family that rotates.
struct Refresh {
    path: String,
    client: String,
    token: String,
}

fn refresh(side: &Side, connection: &mut Connection) -> anyhow::Result<Box<dyn Client>> {
    let mut dance = Dance::new(side);
    dance.operate(connection)?;
    let token = dance.refresh_token.context("the code gave no refresh token")?;
    Ok(Box::new(Refresh { path: side.refresh.clone(), client: side.jwt_client.clone(), token }))
}

impl Client for Refresh {
    fn operate(&mut self, connection: &mut Connection) -> anyhow::Result<usize> {
        let form = format!("grant_type=refresh_token&refresh_token={}&{}", encode(&self.token), self.client);
        let answer = connection.ask(&post(&self.path, &form, None))?;
        expect(&answer, 200)?;
        self.token = member(&answer, "refresh_token")?;
        Ok(1)
    }
}

/// A code with a live session and a remembered consent, and its redemption.
struct Dance {
    authorize: String,
    code: String,
    client: String,
    cookie: String,
    refresh_token: Option<String>,
}

/// A new verifier for every dance, as RFC 7636 wants it: 43 digits will do for a measurement.
fn verifier() -> String {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    format!("{:043}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

impl Dance {
    fn new(side: &Side) -> Self {
        let authorize = format!(
            "{}?response_type=code&client_id={}&redirect_uri={}&scope=profile&state=af0ifjsldkj\
             &code_challenge_method=S256&code_challenge=",
            side.authorize,
            encode(&side.client_id),
            encode(CALLBACK)
        );
        Self {
            authorize,
            code: side.code.clone(),
            client: side.jwt_client.clone(),
            cookie: side.cookie.clone(),
            refresh_token: None,
        }
    }
}

fn dance(side: &Side, _: &mut Connection) -> anyhow::Result<Box<dyn Client>> {
    Ok(Box::new(Dance::new(side)))
}

impl Client for Dance {
    fn operate(&mut self, connection: &mut Connection) -> anyhow::Result<usize> {
        let verifier = verifier();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        let request = format!("{}{}", self.authorize, URL_SAFE_NO_PAD.encode(digest.as_ref()));
        let answer = connection.ask(&get(&request, Some(&self.cookie)))?;
        expect(&answer, 303)?;
        let location = answer.header("location").context("no location")?;
        let query = location.split_once('?').context("no query")?.1;
        let code = query.split('&').find_map(|pair| pair.strip_prefix("code="));
        let code = code.with_context(|| format!("no code in {location}"))?;
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={}&{}",
            encode(CALLBACK),
            verifier,
            self.client
        );
        let answer = connection.ask(&post(&self.code, &form, None))?;
        expect(&answer, 200)?;
        self.refresh_token = Some(member(&answer, "refresh_token")?);
        Ok(2)
    }
}

fn expect(answer: &Answer, status: u16) -> anyhow::Result<()> {
    if answer.status == status {
        return Ok(());
    }
    bail!("answered {} instead of {status}: {}", answer.status, answer.body)
}

fn member(answer: &Answer, name: &str) -> anyhow::Result<String> {
    let body: serde_json::Value = serde_json::from_str(&answer.body)?;
    Ok(body.get(name).and_then(|value| value.as_str()).with_context(|| format!("no {name}"))?.to_owned())
}
