//! OAuth 1 signatures, by asking the issuer at its verification endpoint. The secrets that signed stay there.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use serde_json::Value;
use tokio::sync::Semaphore;
use valetkey_crypto::{Zeroizing, digest};
use valetkey_fetch::{Plain, Transport};
use valetkey_jose::Claims;
use valetkey_oauth1::{Body, Problem, Received, challenge::Challenge};

use crate::remote::{MOST_QUESTIONS, basic};
use crate::{AccessToken, OAuth1Refusal, RefusedSignature, VerifyOAuth1};

/// Verifies signed requests by asking their issuer about each: `POST {issuer}/oauth1/verify`.
///
/// The endpoint is asked as introspection is (RFC 7662 §2.1) and answers in its form (§2.2). Every question consumes the
/// request's nonce. So nothing is kept, and nothing is sent twice: where no answer comes, the request is refused with 503,
/// and the client signs anew.
pub struct RemoteOAuth1 {
    issuer: String,
    endpoint: String,
    authorization: HeaderValue,
    transport: Arc<dyn Transport>,
    seats: Semaphore,
}

impl RemoteOAuth1 {
    /// Asks `issuer`, compared octet by octet. `client_id` and `client_secret` are this resource server's own there.
    pub fn builder(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> RemoteOAuth1Builder {
        RemoteOAuth1Builder {
            issuer: issuer.into(),
            client_id: client_id.into(),
            client_secret: Zeroizing::new(client_secret.into()),
            endpoint: None,
            transport: None,
        }
    }

    async fn ask(&self, question: String) -> Result<AccessToken, OAuth1Refusal> {
        let request = Request::post(&self.endpoint)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(question));
        let request = request.map_err(|error| self.unclear(error))?;
        let response = self.transport.send(request).await.map_err(|error| self.unclear(error))?;
        match response.status() {
            StatusCode::OK => self.read(response.body()),
            StatusCode::PAYLOAD_TOO_LARGE => Err(OAuth1Refusal::TooLarge),
            StatusCode::UNAUTHORIZED => {
                Err(self.unclear("it refuses this resource server's own credentials"))
            }
            status => {
                let refusal = self.unclear(format!("it answered {}", status.as_u16()));
                Err(refusal.after(pause(response.headers())))
            }
        }
    }

    /// What is neither a clear yes nor a clear no is our fault.
    fn read(&self, body: &[u8]) -> Result<AccessToken, OAuth1Refusal> {
        let mut claims = Claims::parse(body).map_err(|error| self.unclear(format!("its answer: {error}")))?;
        let headers = notices(claims.rest.remove("headers").as_ref());
        match claims.rest.get("active") {
            Some(Value::Bool(true)) => Ok(self.accept(claims)?.with_response_headers(headers)),
            Some(Value::Bool(false)) => {
                let refused =
                    refusal(&claims).ok_or_else(|| self.unclear("its answer has an odd `status`"))?;
                Err(refused.with_response_headers(headers).into())
            }
            _ => Err(self.unclear("its answer has no boolean `active`")),
        }
    }

    fn accept(&self, mut claims: Claims) -> Result<AccessToken, OAuth1Refusal> {
        let kind = claims.rest.get("token_type").and_then(Value::as_str);
        if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("OAuth1")) {
            return Err(self.unclear("its answer is not about an OAuth 1 signature"));
        }
        if claims.iss.as_ref().is_some_and(|issuer| *issuer != self.issuer) {
            return Err(self.unclear("its answer is another issuer's"));
        }
        // Signed without a token: the client acts for itself, as with client credentials (RFC 9068 §2.2).
        if claims.sub.is_none() {
            claims.sub.clone_from(&claims.client_id);
        }
        AccessToken::from_claims(claims).map_err(|error| self.unclear(format!("its answer: {error}")))
    }

    fn unclear(&self, reason: impl std::fmt::Display) -> OAuth1Refusal {
        OAuth1Refusal::unavailable(format!("verification at {}: {reason}", self.endpoint))
    }
}

#[async_trait]
impl VerifyOAuth1 for RemoteOAuth1 {
    async fn verify(&self, request: &Received<'_>, _: &Extensions) -> Result<AccessToken, OAuth1Refusal> {
        // Beyond this many questions at a time the issuer is not keeping up: refuse rather than pile up.
        let _seat = self.seats.try_acquire().map_err(|_| self.unclear("too many questions are under way"))?;
        let question = question(request).ok_or_else(|| {
            // What is no text was not encoded as RFC 5849 §3.5 asks.
            RefusedSignature::new(StatusCode::BAD_REQUEST, Some(Problem::ParameterRejected.into()))
        })?;
        self.ask(question).await
    }
}

/// The question as a form; `None` where header or form are no text.
fn question(request: &Received<'_>) -> Option<String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("method", request.method).append_pair("uri", request.target);
    if let Some(value) = request.authorization.first() {
        form.append_pair("authorization", std::str::from_utf8(value).ok()?);
    }
    if let Some(text) = request.form() {
        form.append_pair("form", std::str::from_utf8(text).ok()?);
    } else if let Body::Octets(body) = request.body
        && !body.is_empty()
    {
        form.append_pair("body_sha1", &STANDARD.encode(digest::sha1(body)))
            .append_pair("body_sha256", &STANDARD.encode(digest::sha256(body)))
            .append_pair("body_sha512", &STANDARD.encode(digest::sha512(body)));
    }
    Some(form.finish())
}

/// How long it wants to be left alone (RFC 9110 §10.2.3), if it says so in seconds.
fn pause(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What a no says; `None` where its status is none of a refused signature.
fn refusal(claims: &Claims) -> Option<RefusedSignature> {
    let status = match claims.rest.get("status") {
        None => StatusCode::UNAUTHORIZED,
        Some(value) => StatusCode::from_u16(u16::try_from(value.as_u64()?).ok()?).ok()?,
    };
    if !matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
        return None;
    }
    let text = |name: &str| claims.rest.get(name).and_then(Value::as_str);
    let challenge = text("www_authenticate").and_then(Challenge::parse);
    let word = text("oauth_problem").and_then(Problem::parse);
    let report = challenge.as_ref().and_then(|read| read.report.clone()).or(word.map(Into::into));
    let refused = RefusedSignature::new(status, report);
    // Only a challenge that we can read is handed on.
    let value = text("www_authenticate").and_then(|text| HeaderValue::from_str(text).ok());
    Some(match value.filter(|_| challenge.is_some()) {
        Some(value) => refused.with_challenge(value),
        None => refused,
    })
}

/// What an issuer may have told to clients through our answers: that a protocol or a client's days are counted.
const NOTICES: [&str; 3] = ["deprecation", "sunset", "link"];

fn notices(named: Option<&Value>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in named.and_then(Value::as_object).into_iter().flatten() {
        let known = NOTICES.iter().find(|known| known.eq_ignore_ascii_case(name));
        let value = value.as_str().and_then(|text| HeaderValue::from_str(text).ok());
        if let (Some(name), Some(value)) = (known, value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

/// Makes a [`RemoteOAuth1`].
#[must_use]
pub struct RemoteOAuth1Builder {
    issuer: String,
    client_id: String,
    client_secret: Zeroizing<String>,
    endpoint: Option<String>,
    transport: Option<Arc<dyn Transport>>,
}

impl RemoteOAuth1Builder {
    /// Where to ask (default: `/oauth1/verify` under the issuer).
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Asks by other means than a [`Plain`]. It must not send a request again that may have arrived.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The verifier. Nothing is asked before the first request comes.
    #[must_use]
    pub fn build(self) -> RemoteOAuth1 {
        let below = || format!("{}/oauth1/verify", self.issuer.trim_end_matches('/'));
        RemoteOAuth1 {
            endpoint: self.endpoint.unwrap_or_else(below),
            authorization: basic(&self.client_id, &self.client_secret),
            transport: self.transport.unwrap_or_else(|| Arc::new(Plain::new())),
            issuer: self.issuer,
            seats: Semaphore::new(MOST_QUESTIONS),
        }
    }
}
