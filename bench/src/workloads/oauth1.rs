//! OAuth 1 (RFC 5849): a client that signs each request anew, in the header. What it signs with stands on the load's core.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use valetkey_crypto::Secret;
use valetkey_oauth1::{
    Secrets, SignatureMethod, methods,
    sign::{Outgoing, Signer, Stamp},
};

use super::expect;
use crate::{
    load::{Answer, Client, Connection, get},
    subject::{CALLBACK, Consumer, Side},
};

pub(crate) const AUTHORIZE: &str = "/oauth1/authorize";
const REQUEST_TOKEN: &str = "/oauth1/request_token";
const ACCESS_TOKEN: &str = "/oauth1/access_token";

/// A signed GET with a token, again and again.
pub(super) fn resource(
    side: &Side,
    connection: &mut Connection,
    method: &'static dyn SignatureMethod,
) -> anyhow::Result<Box<dyn Client>> {
    let token = Dance::new(side).once(connection)?;
    Ok(Box::new(Resource { consumer: side.consumer.clone(), token, method }))
}

/// Temporary credentials, again and again, of which nothing comes.
pub(super) fn request_token(side: &Side, _: &mut Connection) -> anyhow::Result<Box<dyn Client>> {
    Ok(Box::new(RequestToken(side.consumer.clone())))
}

/// Temporary credentials, the authorization with a live session and a remembered consent, token credentials.
pub(super) fn dance(side: &Side, _: &mut Connection) -> anyhow::Result<Box<dyn Client>> {
    Ok(Box::new(Dance::new(side)))
}

/// What a token is signed with.
pub(crate) struct Credentials {
    pub(crate) token: String,
    secret: Secret,
}

/// Asks for temporary credentials (§2.1).
pub(crate) fn temporary(consumer: &Consumer, connection: &mut Connection) -> anyhow::Result<Credentials> {
    let asked =
        Ask { verb: "POST", path: REQUEST_TOKEN, token: None, extra: Some(("oauth_callback", CALLBACK)) };
    credentials(&connection.ask(&asked.signed(consumer, &methods::HMAC_SHA1)?)?)
}

struct Resource {
    consumer: Consumer,
    token: Credentials,
    method: &'static dyn SignatureMethod,
}

impl Client for Resource {
    fn operate(&mut self, connection: &mut Connection) -> anyhow::Result<usize> {
        let asked = Ask { verb: "GET", path: &self.consumer.resource, token: Some(&self.token), extra: None };
        expect(&connection.ask(&asked.signed(&self.consumer, self.method)?)?, 200)?;
        Ok(1)
    }
}

struct RequestToken(Consumer);

impl Client for RequestToken {
    fn operate(&mut self, connection: &mut Connection) -> anyhow::Result<usize> {
        temporary(&self.0, connection)?;
        Ok(1)
    }
}

struct Dance {
    consumer: Consumer,
    cookie: String,
}

impl Dance {
    fn new(side: &Side) -> Self {
        Self { consumer: side.consumer.clone(), cookie: side.cookie.clone() }
    }

    fn once(&self, connection: &mut Connection) -> anyhow::Result<Credentials> {
        let temporary = temporary(&self.consumer, connection)?;
        let authorize = format!("{AUTHORIZE}?oauth_token={}", temporary.token);
        let answer = connection.ask(&get(&authorize, Some(&self.cookie)))?;
        expect(&answer, 303)?;
        let location = answer.header("location").context("no location")?;
        let query = location.split_once('?').context("no query")?.1;
        let verifier = part(query, "oauth_verifier")?;
        let asked = Ask {
            verb: "POST",
            path: ACCESS_TOKEN,
            token: Some(&temporary),
            extra: Some(("oauth_verifier", verifier)),
        };
        credentials(&connection.ask(&asked.signed(&self.consumer, &methods::HMAC_SHA1)?)?)
    }
}

impl Client for Dance {
    fn operate(&mut self, connection: &mut Connection) -> anyhow::Result<usize> {
        self.once(connection)?;
        Ok(3)
    }
}

/// A request that is to be signed.
struct Ask<'a> {
    verb: &'a str,
    path: &'a str,
    token: Option<&'a Credentials>,
    extra: Option<(&'a str, &'a str)>,
}

impl Ask<'_> {
    /// Signed now, with a new nonce, and ready to be sent.
    fn signed(&self, consumer: &Consumer, method: &dyn SignatureMethod) -> anyhow::Result<String> {
        let secrets = Secrets { client: &consumer.secret, token: self.token.map(|token| &token.secret) };
        let mut signer = Signer::new(method, &consumer.key, secrets.into()).version();
        if let Some(token) = self.token {
            signer = signer.token(&token.token);
        }
        if let Some((name, value)) = self.extra {
            signer = signer.parameter(name, value);
        }
        let url = format!("{}{}", consumer.origin, self.path);
        let nonce = nonce();
        let signed = signer.sign(&Outgoing::new(self.verb, &url), &Stamp::new(now()?, &nonce))?;
        let authorization = signed.authorization.context("the signature is not in the header")?;
        let length = if self.verb == "POST" { "content-length: 0\r\n" } else { "" };
        Ok(format!(
            "{} {} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: {authorization}\r\n{length}\r\n",
            self.verb, self.path
        ))
    }
}

#[expect(clippy::disallowed_methods, reason = "a client looks at its clock")]
fn now() -> anyhow::Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}

/// As long as usual, and never the same again.
fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Scattered, as random ones are.
    let count = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{:016x}{count:016x}", count.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn credentials(answer: &Answer) -> anyhow::Result<Credentials> {
    expect(answer, 200)?;
    let secret = Secret::new(part(&answer.body, "oauth_token_secret")?);
    Ok(Credentials { token: part(&answer.body, "oauth_token")?.to_owned(), secret })
}

/// One field of a form whose values need no decoding.
fn part<'f>(form: &'f str, name: &str) -> anyhow::Result<&'f str> {
    let fields = form.split('&').filter_map(|field| field.split_once('='));
    Ok(fields.into_iter().find(|(own, _)| *own == name).with_context(|| format!("no {name} in {form}"))?.1)
}
