//! What a guard does with OAuth 1 requests: notices them, reads their bodies where it must, and has them verified.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use valetkey_oauth1::{
    Limits, Message, Problem, PublicBase, Received, Report, has_parameter, is_signed, params,
};

use crate::{AccessToken, OAuth1Refusal, Protocol, Refusal, RefusedSignature, VerifyOAuth1, address};

/// How a guard takes OAuth 1 signatures; given to [`GuardBuilder::oauth1`](crate::GuardBuilder::oauth1).
///
/// ```
/// use valetkey_guard::{Guard, PublicBase, RemoteOAuth1, RemoteVerifier, Signatures};
///
/// let (issuer, api) = ("https://id.example", "https://notes.example");
/// let tokens = RemoteVerifier::builder(issuer, api, "notes-api", "its secret").build();
/// let signatures = RemoteOAuth1::builder(issuer, "notes-api", "its secret").build();
/// let guard = Guard::builder(tokens)
///     .oauth1(Signatures::new(signatures, PublicBase::parse(api)?).body_limit(64 * 1024))
///     .build();
/// # let _ = guard;
/// # Ok::<(), valetkey_guard::InvalidUri>(())
/// ```
#[must_use]
pub struct Signatures {
    verifier: Box<dyn VerifyOAuth1>,
    base: PublicBase,
    body_limit: usize,
    requires_body_hash: bool,
}

impl Signatures {
    /// Asks `verifier`. `base` is what clients write before the path that this server sees: scheme, host, port and, where a
    /// proxy takes one off, the beginning of the path (RFC 5849 §3.4.1.2). What `Host` says is not believed.
    pub fn new(verifier: impl VerifyOAuth1 + 'static, base: PublicBase) -> Self {
        Self { verifier: Box::new(verifier), base, body_limit: 1 << 20, requires_body_hash: false }
    }

    /// The most bytes that a body may have that must be read before the guard can decide (default: 1 MiB): a signed form, a
    /// body with an `oauth_body_hash`, and, as it may be signed, a form that comes without an `Authorization` header. Larger
    /// ones are refused with 413; bodies of all other requests are not touched.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Refuses a signed request with a body that its signature does not cover: one that is no form and comes without
    /// `oauth_body_hash`, whatever the signature method. The body of every signed request is read then. Only a guard can ask
    /// for this: the verifier does not hear of bodies that are not read.
    pub fn require_body_hash(mut self) -> Self {
        self.requires_body_hash = true;
        self
    }

    pub(crate) fn limit(&self) -> usize {
        self.body_limit
    }

    /// Whether the decision about this request takes its body: to find a signature there, or to check one.
    pub(crate) fn reads_body(&self, parts: &Parts) -> bool {
        if is_form(parts) {
            return !parts.headers.contains_key(AUTHORIZATION) || shows_signature(parts, None);
        }
        shows_signature(parts, None) && (self.requires_body_hash || has_body_hash(parts))
    }

    /// Has it verified, once. `body` is none where it was not read.
    pub(crate) async fn verify(&self, parts: &Parts, body: Option<&Bytes>) -> Result<AccessToken, Refusal> {
        let target = address::target(parts);
        if self.base.uri(target).is_err() {
            return Err(RefusedSignature::new(StatusCode::BAD_REQUEST, None).into());
        }
        let body: &[u8] = match body {
            None if self.reads_body(parts) => {
                tracing::error!("a signed request's body was not read by what stands before the guard");
                return Err(Refusal::BodyUnread);
            }
            None => b"",
            Some(body) if is_form(parts) || has_body_hash(parts) => body,
            Some(body) => self.uncovered(parts, body)?,
        };
        let uri = format!("{}{target}", self.base.as_str());
        let shown: Vec<&[u8]> = values(&parts.headers).filter(|value| is_header_ours(value)).collect();
        let request = Received {
            target: &uri,
            ..Received::new(parts.method.as_str(), "").authorization(&shown).body(content_type(parts), body)
        };
        match self.verifier.verify(&request, &parts.extensions).await {
            Ok(token) => Ok(token.came_by(Protocol::OAuth1)),
            Err(OAuth1Refusal::Refused(refused)) => Err(Refusal::Signature(refused)),
            Err(OAuth1Refusal::TooLarge) => Err(Refusal::TooLarge),
            Err(OAuth1Refusal::Unavailable { reason, retry_after }) => {
                tracing::warn!(%reason, "signatures cannot be checked: requests are refused");
                Err(Refusal::Unavailable(retry_after))
            }
        }
    }

    /// The verifier hears nothing of a body that no signature covers; here alone it can be refused.
    fn uncovered(&self, parts: &Parts, body: &[u8]) -> Result<&'static [u8], Refusal> {
        if !self.requires_body_hash || body.is_empty() {
            return Ok(b"");
        }
        let shown: Vec<&[u8]> = values(&parts.headers).collect();
        let report = match Message::parse(&received(parts, &shown, None), &Limits::default()) {
            Err(malformed) => return Err(RefusedSignature::from(&malformed).into()),
            Ok(_) => Report { absent: vec!["oauth_body_hash".to_owned()], ..Problem::ParameterAbsent.into() },
        };
        Err(RefusedSignature::new(StatusCode::BAD_REQUEST, Some(report)).into())
    }
}

impl From<RefusedSignature> for Refusal {
    fn from(refused: RefusedSignature) -> Self {
        Self::Signature(Box::new(refused))
    }
}

/// Whether a request carries OAuth 1, rightly or wrongly: in header or query, or, where there is no `Authorization` of any
/// scheme, in its form.
pub(crate) fn shows_signature(parts: &Parts, body: Option<&Bytes>) -> bool {
    let shown: Vec<&[u8]> = values(&parts.headers).collect();
    let form = body.filter(|_| shown.is_empty());
    is_signed(&received(parts, &shown, form))
}

/// Whether it does so in its header. What was asked for otherwise must not be kept by shared caches (RFC 5849 §4.4).
#[cfg(feature = "tower")]
pub(crate) fn came_by_header(parts: &Parts) -> bool {
    values(&parts.headers).any(is_header_ours)
}

/// The names that the protocol owns (RFC 5849 §3.1).
pub(crate) fn is_parameter(name: &str) -> bool {
    name.starts_with("oauth_")
}

/// Whether the body is a form, whose parameters are signed (RFC 5849 §3.4.1.3.1).
pub(crate) fn is_form(parts: &Parts) -> bool {
    params::is_form(content_type(parts))
}

/// Only what was read as a parameter counts: a realm could say anything, and is not signed. Whether all else is as it
/// should be is for the verifier to say: its limits may be wider than any that could be looked at here.
fn has_body_hash(parts: &Parts) -> bool {
    let shown: Vec<&[u8]> = values(&parts.headers).collect();
    has_parameter(&received(parts, &shown, None), b"oauth_body_hash")
}

fn received<'a>(parts: &'a Parts, shown: &'a [&'a [u8]], body: Option<&'a Bytes>) -> Received<'a> {
    Received::new(parts.method.as_str(), address::target(parts))
        .authorization(shown)
        .body(content_type(parts), body.map_or(b"", |body| body))
}

fn values(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(AUTHORIZATION).iter().map(http::HeaderValue::as_bytes)
}

fn is_header_ours(value: &[u8]) -> bool {
    is_signed(&Received::new("GET", "/").authorization(&[value]))
}

fn content_type(parts: &Parts) -> Option<&[u8]> {
    parts.headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes)
}
