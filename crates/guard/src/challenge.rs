//! Refusals as answers: in the words of RFC 6750 §3 for tokens, of RFC 5849 §3.2 for signatures.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use valetkey_oauth1::{Problem, Report, challenge as oauth1};
use valetkey_oauth2::messages::bearer as message;
use valetkey_oauth2::{ErrorCode, Scope};

use crate::{AccessToken, InvalidToken, Protocol, RefusedSignature};

/// Why a request does not get through.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// No access token, or another scheme: 401 without an error code (RFC 6750 §3.1).
    Missing,
    /// A malformed request, or two tokens: 400 `invalid_request`. The sentence is for the client's developer.
    InvalidRequest(&'static str),
    /// 401 `invalid_token`.
    InvalidToken(InvalidToken),
    /// 403 `insufficient_scope`, with the scope that is needed (where one of several will do, all of those).
    InsufficientScope(Scope),
    /// A signed request that is refused: 400 or 401, with the verifier's challenge.
    Signature(Box<RefusedSignature>),
    /// A signed request whose body is larger than what is read: 413.
    TooLarge,
    /// Our own fault: 503, with the time after which to try again.
    Unavailable(Duration),
    /// A signature that covers the body, at a guard that was not given it: 500, and an error in the log.
    BodyUnread,
    /// A handler asks for a token where no guard stands: 500, and an error in the log.
    Unguarded,
}

/// A refusal, with all that its answer needs.
///
/// Handlers get one from [`OAuth::require`](crate::OAuth::require) and give it back as their answer.
#[derive(Clone, Debug)]
pub struct Challenge {
    refusal: Refusal,
    terms: Arc<Terms>,
    /// What was good but not enough.
    token: Option<Arc<AccessToken>>,
}

/// What every challenge of one guard carries.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    pub(crate) realm: String,
    pub(crate) resource_metadata: Option<String>,
    pub(crate) takes_tokens: bool,
    pub(crate) takes_signatures: bool,
}

impl Challenge {
    pub(crate) fn new(refusal: Refusal, terms: &Arc<Terms>) -> Self {
        Self { refusal, terms: Arc::clone(terms), token: None }
    }

    /// For a caller who is known, in the words of the protocol that it came by.
    pub(crate) fn to(token: &Arc<AccessToken>, refusal: Refusal, terms: &Arc<Terms>) -> Self {
        Self { token: Some(Arc::clone(token)), ..Self::new(refusal, terms) }
    }

    /// Where no guard stands, there is nobody to ask for a realm.
    #[cfg(feature = "axum")]
    pub(crate) fn unguarded() -> Self {
        tracing::error!(
            "a handler asks for an access token, but its route has no guard: the request is refused"
        );
        Self::new(Refusal::Unguarded, &Arc::default())
    }

    /// Why.
    #[must_use]
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.refusal {
            Refusal::Signature(refused) => refused.status(),
            Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Missing | Refusal::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            Refusal::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Refusal::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Refusal::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Unguarded | Refusal::BodyUnread => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The whole answer: status, `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1, RFC 5849 §3.5.1), and the error: as JSON,
    /// or to signed requests as a form, as their `oauth_problem` extension has it.
    #[must_use]
    pub fn response(&self) -> Response<Bytes> {
        let (body, kind) = self.body();
        let mut response = Response::new(body);
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        match &self.refusal {
            Refusal::Unavailable(pause) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(pause.as_secs().max(1)));
            }
            Refusal::Unguarded | Refusal::BodyUnread | Refusal::TooLarge => {}
            // Nobody knows yet by which protocol they will come: each in a header of its own (RFC 9110 §11.6.1).
            Refusal::Missing => {
                if self.terms.takes_tokens {
                    headers.append(WWW_AUTHENTICATE, self.bearer());
                }
                if self.terms.takes_signatures {
                    headers.append(WWW_AUTHENTICATE, self.oauth1());
                }
            }
            _ if self.is_of_oauth1() => {
                headers.insert(WWW_AUTHENTICATE, self.oauth1());
            }
            _ => {
                headers.insert(WWW_AUTHENTICATE, self.bearer());
            }
        }
        if let Refusal::Signature(refused) = &self.refusal {
            add(refused.response_headers(), headers);
        }
        if let Some(token) = &self.token {
            add(token.response_headers(), headers);
        }
        response
    }

    fn is_of_oauth1(&self) -> bool {
        let came = self.token.as_ref().is_some_and(|token| token.protocol() == Protocol::OAuth1);
        came || matches!(self.refusal, Refusal::Signature(_)) || !self.terms.takes_tokens
    }

    fn body(&self) -> (Bytes, Option<&'static str>) {
        if self.is_of_oauth1() {
            return match self.report() {
                Some(report) => (Bytes::from(report.write()), Some("application/x-www-form-urlencoded")),
                None => (Bytes::new(), None),
            };
        }
        match self.error() {
            Some((code, description)) => {
                let json = serde_json::json!({ "error": code.as_str(), "error_description": description });
                (Bytes::from(json.to_string()), Some("application/json"))
            }
            None => (Bytes::new(), None),
        }
    }

    /// What a signed request's sender hears, in the words of the extension.
    fn report(&self) -> Option<Report> {
        match &self.refusal {
            Refusal::Signature(refused) => refused.report().cloned(),
            Refusal::InsufficientScope(scope) => {
                let report = Report::from(Problem::AdditionalAuthorizationRequired);
                let advice = format!("The request needs this scope: {}", scope.as_str());
                Some(if scope.is_empty() { report } else { report.advice(advice) })
            }
            _ => None,
        }
    }

    /// Code and description, where RFC 6750 §3.1 has them.
    fn error(&self) -> Option<(ErrorCode, &'static str)> {
        match &self.refusal {
            Refusal::InvalidRequest(sentence) => Some((ErrorCode::InvalidRequest, *sentence)),
            Refusal::InvalidToken(reason) => Some((ErrorCode::InvalidToken, reason.description())),
            Refusal::InsufficientScope(_) => Some((
                ErrorCode::InsufficientScope,
                "The request needs a scope that the access token does not have",
            )),
            Refusal::Missing
            | Refusal::Signature(_)
            | Refusal::TooLarge
            | Refusal::Unavailable(_)
            | Refusal::BodyUnread
            | Refusal::Unguarded => None,
        }
    }

    fn bearer(&self) -> HeaderValue {
        let scope = match &self.refusal {
            Refusal::InsufficientScope(scope) if !scope.is_empty() => Some(scope),
            _ => None,
        };
        let challenge = message::Challenge {
            realm: Some(&self.terms.realm),
            error: self.error(),
            scope,
            resource_metadata: self.terms.resource_metadata.as_deref(),
        };
        // It writes nothing that a header value may not hold.
        HeaderValue::from_str(&challenge.write()).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
    }

    fn oauth1(&self) -> HeaderValue {
        if let Refusal::Signature(refused) = &self.refusal
            && let Some(given) = refused.challenge()
        {
            return given.clone();
        }
        let shown = |character: char| matches!(character, ' '..='~');
        let realm = self.terms.realm.replace(|character| !shown(character), "?");
        let challenge = oauth1::Challenge { realm: Some(realm), report: self.report() };
        HeaderValue::from_str(&challenge.write()).unwrap_or_else(|_| HeaderValue::from_static("OAuth"))
    }
}

/// Adds headers that are not there yet, and leaves the application's own beside them.
pub(crate) fn add(more: &HeaderMap, headers: &mut HeaderMap) {
    for (name, value) in more {
        if !headers.get_all(name).iter().any(|known| known == value) {
            headers.append(name, value.clone());
        }
    }
}

impl std::fmt::Display for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.refusal {
            Refusal::Missing => f.write_str("no access token"),
            Refusal::InvalidRequest(sentence) => f.write_str(sentence),
            Refusal::InvalidToken(reason) => write!(f, "the access token is refused: {reason}"),
            Refusal::InsufficientScope(scope) => {
                write!(f, "the access token lacks one of these scopes: {}", scope.as_str())
            }
            Refusal::Signature(refused) => refused.fmt(f),
            Refusal::TooLarge => f.write_str("the signed request's body is too large"),
            Refusal::BodyUnread => f.write_str("the signature covers a body that was not read"),
            Refusal::Unavailable(_) => f.write_str("the access token cannot be checked now"),
            Refusal::Unguarded => f.write_str("the route has no guard"),
        }
    }
}

impl std::error::Error for Challenge {}
