//! Any access token, by asking its issuer (RFC 7662).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use quick_cache::sync::Cache;
use serde_json::Value;
use tokio::sync::Semaphore;
use valetkey_crypto::{Zeroizing, digest};
use valetkey_fetch::{Clock, Plain, SingleFlight, Transport};
use valetkey_jose::Claims;

use crate::metadata::Issuer;
use crate::{AccessToken, InvalidToken, Verifier, VerifyError};

/// Verifies tokens of any form by introspection: the online mode, which hears of revocations.
///
/// Answers are kept for five seconds at most, never past the token's end; [`RemoteVerifierBuilder::cache_limit`] with
/// zero asks every time. The cache is bounded, and an answer is found again only for the same token, caller and audience
/// (TK-17). Concurrent requests with one token ask once.
pub struct RemoteVerifier {
    issuer: Issuer,
    endpoint: Option<String>,
    caller: String,
    authorization: HeaderValue,
    audience: Vec<String>,
    requires_audience: bool,
    requires_type: bool,
    transport: Arc<dyn Transport>,
    clock: Clock,
    limit: i64,
    negative_limit: i64,
    cache: Cache<Key, Kept>,
    flights: SingleFlight<Key, Result<Known, VerifyError>>,
    seats: Semaphore,
}

type Key = [u8; 32];

/// What the issuer said: the token, or that it is not active.
type Known = Option<Arc<AccessToken>>;

#[derive(Clone)]
struct Kept {
    known: Known,
    since: i64,
    until: i64,
}

impl RemoteVerifier {
    /// For tokens of `issuer` that are meant for `audience`, both compared octet by octet. `client_id` and
    /// `client_secret` are this resource server's own at the issuer.
    pub fn builder(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> RemoteVerifierBuilder {
        RemoteVerifierBuilder {
            issuer: issuer.into(),
            audience: vec![audience.into()],
            client_id: client_id.into(),
            client_secret: Zeroizing::new(client_secret.into()),
            endpoint: None,
            requires_audience: true,
            requires_type: true,
            transport: None,
            clock: Clock::system(),
            limit: Duration::from_secs(5),
            negative_limit: Duration::from_secs(2),
            capacity: 10_000,
        }
    }

    /// The whole token, who asks, and where it must be for: another of any of these never finds this answer.
    fn key(&self, token: &str) -> Key {
        let mut text = Vec::with_capacity(256 + token.len());
        let named = [self.issuer.name(), &self.caller, token];
        for part in named.into_iter().chain(self.audience.iter().map(String::as_str)) {
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        }
        digest::sha256(&text)
    }

    async fn look_up(&self, token: &str) -> Result<Known, VerifyError> {
        if self.limit == 0 {
            return self.ask(token).await;
        }
        let key = self.key(token);
        let now = self.clock.now();
        // A clock that went back must not stretch an answer's life.
        if let Some(kept) = self.cache.get(&key).filter(|kept| (kept.since..kept.until).contains(&now)) {
            return Ok(kept.known);
        }
        self.flights
            .run(&key, || async {
                let known = self.ask(token).await?;
                self.keep(key, &known);
                Ok(known)
            })
            .await
    }

    fn keep(&self, key: Key, known: &Known) {
        let since = self.clock.now();
        let until = match known {
            Some(token) => {
                let limit = since.saturating_add(self.limit);
                token.expires_at().map_or(limit, |end| end.min(limit))
            }
            None => since.saturating_add(self.negative_limit),
        };
        if until > since {
            self.cache.insert(key, Kept { known: known.clone(), since, until });
        }
    }

    async fn ask(&self, token: &str) -> Result<Known, VerifyError> {
        // Beyond this many questions at a time the issuer is not keeping up: refuse rather than pile up.
        let _seat = self.seats.try_acquire().map_err(|_| {
            let reason = "too many introspection requests are under way".to_owned();
            VerifyError::Unavailable { reason, retry_after: Duration::from_secs(1) }
        })?;
        let address = match &self.endpoint {
            Some(given) => given.clone(),
            None => {
                let metadata = self.issuer.metadata().await.map_err(VerifyError::unavailable)?;
                let named = metadata.introspection_endpoint.clone();
                named.ok_or_else(|| {
                    VerifyError::unavailable("its metadata names no `introspection_endpoint`")
                })?
            }
        };
        let answer = self.exchange(&address, token).await;
        answer.map_err(|reason| {
            self.issuer.forget();
            VerifyError::unavailable(format!("introspection at {address}: {reason}"))
        })
    }

    async fn exchange(&self, address: &str, token: &str) -> Result<Known, String> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", "access_token")
            .finish();
        let request = Request::post(address)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form));
        let request = request.map_err(|error| error.to_string())?;
        let response = self.transport.send(request).await.map_err(|error| error.to_string())?;
        match response.status() {
            StatusCode::OK => read(response.body()),
            StatusCode::UNAUTHORIZED => Err("it refuses this resource server's own credentials".to_owned()),
            status => Err(format!("it answered {}", status.as_u16())),
        }
    }

    /// Holds for a fresh answer and for a kept one alike.
    fn accept(&self, known: Known) -> Result<AccessToken, InvalidToken> {
        let token = known.ok_or(InvalidToken::Inactive)?;
        if token.expires_at().is_some_and(|end| self.clock.now() >= end) {
            return Err(InvalidToken::Expired);
        }
        if token.issuer().is_some_and(|issuer| issuer != self.issuer.name()) {
            return Err(InvalidToken::WrongIssuer);
        }
        let is_unaddressed = token.audience().is_empty() && !self.requires_audience;
        if !is_unaddressed && !token.is_for(&self.audience) {
            return Err(InvalidToken::WrongAudience);
        }
        // Introspection knows refresh tokens too, and says "active" of them; what tells them apart is the type of use.
        if says_refresh(&token) {
            return Err(InvalidToken::WrongType);
        }
        match token.claims().get("token_type") {
            None if self.requires_type => return Err(InvalidToken::WrongType),
            None => {}
            Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
            // `DPoP`, `mac`, whatever comes: it is not for the bearer of it.
            Some(_) => return Err(InvalidToken::Bound),
        }
        Ok(Arc::unwrap_or_clone(token))
    }
}

#[async_trait]
impl Verifier for RemoteVerifier {
    async fn verify(&self, token: &str) -> Result<AccessToken, VerifyError> {
        let known = self.look_up(token).await?;
        Ok(self.accept(known)?)
    }
}

/// Whether an issuer says by a member of its own (`token_use`, `typ`) or by the type that this is a refresh token.
fn says_refresh(token: &AccessToken) -> bool {
    let names_refresh = |name: &str| {
        let kind = token.claims().get(name).and_then(Value::as_str).map(str::to_ascii_lowercase);
        kind.is_some_and(|kind| kind.starts_with("refresh") || kind == "offline")
    };
    ["token_use", "token_type", "typ"].into_iter().any(names_refresh)
}

/// Reads an introspection answer (RFC 7662 §2.2). What is neither a clear yes nor a clear no is an error.
fn read(body: &[u8]) -> Result<Known, String> {
    let claims = Claims::parse(body).map_err(|error| format!("its answer: {error}"))?;
    match claims.rest.get("active") {
        Some(Value::Bool(true)) => {
            let token = AccessToken::from_claims(claims).map_err(|error| format!("its answer: {error}"))?;
            Ok(Some(Arc::new(token)))
        }
        Some(Value::Bool(false)) => Ok(None),
        _ => Err("its answer has no boolean `active`".to_owned()),
    }
}

/// Makes a [`RemoteVerifier`].
#[must_use]
pub struct RemoteVerifierBuilder {
    issuer: String,
    audience: Vec<String>,
    client_id: String,
    client_secret: Zeroizing<String>,
    endpoint: Option<String>,
    requires_audience: bool,
    requires_type: bool,
    transport: Option<Arc<dyn Transport>>,
    clock: Clock,
    limit: Duration,
    negative_limit: Duration,
    capacity: usize,
}

impl RemoteVerifierBuilder {
    /// Another name of this resource.
    pub fn or_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience.push(audience.into());
        self
    }

    /// Where to ask, instead of asking the issuer's metadata.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Takes answers without `aud` (it is optional in RFC 7662 §2.2): only for an issuer that serves this resource alone.
    pub fn allow_missing_audience(mut self) -> Self {
        self.requires_audience = false;
        self
    }

    /// Takes answers without `token_type` (it is optional in RFC 7662 §2.2). Only for an issuer that calls no refresh token
    /// active, or says so by another member: a refresh token has no type, so without this one would pass for an access
    /// token.
    pub fn allow_missing_token_type(mut self) -> Self {
        self.requires_type = false;
        self
    }

    /// Asks by other means than a [`Plain`].
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Reads another clock than the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How long a revoked token may still be taken for good: the longest life of a kept answer (default: 5 s). Zero keeps
    /// nothing, so every request asks.
    pub fn cache_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// How long a no is kept (default: 2 s, and never longer than a yes).
    pub fn negative_limit(mut self, limit: Duration) -> Self {
        self.negative_limit = limit;
        self
    }

    /// How many answers are kept (default: 10,000).
    pub fn cache_capacity(mut self, answers: usize) -> Self {
        self.capacity = answers;
        self
    }

    /// The verifier. Nothing is asked before the first token comes.
    #[must_use]
    pub fn build(self) -> RemoteVerifier {
        let transport = self.transport.unwrap_or_else(|| Arc::new(Plain::new()));
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let limit = seconds(self.limit);
        RemoteVerifier {
            issuer: Issuer::new(self.issuer, Arc::clone(&transport)),
            endpoint: self.endpoint,
            authorization: basic(&self.client_id, &self.client_secret),
            caller: self.client_id,
            audience: self.audience,
            requires_audience: self.requires_audience,
            requires_type: self.requires_type,
            transport,
            clock: self.clock,
            limit,
            negative_limit: seconds(self.negative_limit).min(limit),
            cache: Cache::new(self.capacity),
            flights: SingleFlight::new(),
            seats: Semaphore::new(MOST_QUESTIONS),
        }
    }
}

/// The questions that may be under way at a time.
pub(crate) const MOST_QUESTIONS: usize = 256;

/// Id and secret, form-encoded each, then joined (RFC 6749 §2.3.1).
pub(crate) fn basic(client_id: &str, client_secret: &str) -> HeaderValue {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encode(client_id), encode(client_secret)));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    // Base64 is always a legal header value.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}
