//! Is this request signed by whom it says (OAuth 1.0a, RFC 5849 §3.2)? The question, and why the answer is no.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use valetkey_oauth1::{Malformed, Problem, Received, Report};

use crate::AccessToken;

/// Decides whether a signed request is good, here and now, and consumes its nonce (RFC 5849 §3.3).
///
/// [`RemoteOAuth1`](crate::RemoteOAuth1) asks the issuer; a provider can implement it in process. Each request is asked
/// about once: an answer is nothing to keep, and a second question would be a replay.
///
/// Scopes are the [`Guard`](crate::Guard)'s business.
#[async_trait]
pub trait VerifyOAuth1: Send + Sync {
    /// Who signed it, for whom, and with what scope. Where it was signed without a token, the subject is the client.
    ///
    /// The target of `request` is the absolute URI under the guard's public base. There is at most one `Authorization`
    /// header, of the scheme `OAuth`. The body is there where a signature can cover it: a form, or what comes with an
    /// `oauth_body_hash`; else it is empty. `around` is what else was left with the request: its connection's end, say.
    async fn verify(&self, request: &Received<'_>, around: &Extensions)
    -> Result<AccessToken, OAuth1Refusal>;
}

#[async_trait]
impl<V: VerifyOAuth1 + ?Sized> VerifyOAuth1 for Arc<V> {
    async fn verify(
        &self,
        request: &Received<'_>,
        around: &Extensions,
    ) -> Result<AccessToken, OAuth1Refusal> {
        (**self).verify(request, around).await
    }
}

#[async_trait]
impl<V: VerifyOAuth1 + ?Sized> VerifyOAuth1 for Box<V> {
    async fn verify(
        &self,
        request: &Received<'_>,
        around: &Extensions,
    ) -> Result<AccessToken, OAuth1Refusal> {
        (**self).verify(request, around).await
    }
}

/// Why there is no [`AccessToken`]. In every case the request is refused (RS-06).
#[derive(Clone, Debug, thiserror::Error)]
pub enum OAuth1Refusal {
    /// The request's fault: 400 or 401.
    #[error("{0}")]
    Refused(Box<RefusedSignature>),
    /// The request is larger than the verifier reads: 413.
    #[error("the signed request is too large")]
    TooLarge,
    /// Our fault: 503 with `Retry-After`. The reason is for the log only.
    #[error("the signature cannot be checked now: {reason}")]
    Unavailable {
        /// What failed.
        reason: String,
        /// When to try again, newly signed.
        retry_after: Duration,
    },
}

impl OAuth1Refusal {
    /// Our fault, to be tried again in a few seconds.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into(), retry_after: Duration::from_secs(5) }
    }

    /// The same, to be tried again after that time, if one is known.
    #[must_use]
    pub fn after(self, pause: Option<Duration>) -> Self {
        match (self, pause) {
            (Self::Unavailable { reason, .. }, Some(retry_after)) => {
                Self::Unavailable { reason, retry_after }
            }
            (other, _) => other,
        }
    }
}

impl From<RefusedSignature> for OAuth1Refusal {
    fn from(refused: RefusedSignature) -> Self {
        Self::Refused(Box::new(refused))
    }
}

/// A signed request that is refused: what its sender hears (RFC 5849 §3.2).
#[derive(Clone, Debug)]
pub struct RefusedSignature {
    status: StatusCode,
    report: Option<Report>,
    challenge: Option<HeaderValue>,
    response_headers: HeaderMap,
}

impl RefusedSignature {
    /// 400, or 401 whatever else is given; with a report in the words of the `oauth_problem` extension, if there is one.
    #[must_use]
    pub fn new(status: StatusCode, report: Option<Report>) -> Self {
        let status = if status == StatusCode::BAD_REQUEST { status } else { StatusCode::UNAUTHORIZED };
        Self { status, report, challenge: None, response_headers: HeaderMap::new() }
    }

    /// Sets the whole `WWW-Authenticate`; without this the guard writes one of its realm and the report.
    #[must_use]
    pub fn with_challenge(mut self, value: HeaderValue) -> Self {
        self.challenge = Some(value);
        self
    }

    /// Sets further headers that the answer shall carry.
    #[must_use]
    pub fn with_response_headers(mut self, headers: HeaderMap) -> Self {
        self.response_headers = headers;
        self
    }

    /// 400 or 401.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What was wrong, as far as that is told.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        self.report.as_ref().map(|report| report.problem)
    }

    pub(crate) fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    pub(crate) fn challenge(&self) -> Option<&HeaderValue> {
        self.challenge.as_ref()
    }

    pub(crate) fn response_headers(&self) -> &HeaderMap {
        &self.response_headers
    }
}

impl From<&Malformed> for RefusedSignature {
    fn from(malformed: &Malformed) -> Self {
        let status = StatusCode::from_u16(malformed.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self::new(status, malformed.report())
    }
}

impl fmt::Display for RefusedSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problem() {
            Some(problem) => write!(f, "the signed request is refused: {problem}"),
            None => f.write_str("the signed request is refused"),
        }
    }
}
