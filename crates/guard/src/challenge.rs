//! The refusals of RFC 6750 §3, as answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use valetkey_oauth2::messages::bearer as message;
use valetkey_oauth2::{ErrorCode, Scope};

use crate::InvalidToken;

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
    /// Our own fault: 503, with the time after which to try again.
    Unavailable(Duration),
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
}

/// What every challenge of one guard carries.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    pub(crate) realm: String,
    pub(crate) resource_metadata: Option<String>,
}

impl Challenge {
    pub(crate) fn new(refusal: Refusal, terms: &Arc<Terms>) -> Self {
        Self { refusal, terms: Arc::clone(terms) }
    }

    /// Where no guard stands, there is nobody to ask for a realm.
    #[cfg(feature = "axum")]
    pub(crate) fn unguarded() -> Self {
        tracing::error!(
            "a handler asks for an access token, but its route has no guard: the request is refused"
        );
        Self { refusal: Refusal::Unguarded, terms: Arc::default() }
    }

    /// Why.
    #[must_use]
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.refusal {
            Refusal::Missing | Refusal::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            Refusal::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Refusal::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Refusal::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Unguarded => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The whole answer: status, `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1), and the error as JSON.
    #[must_use]
    pub fn response(&self) -> Response<Bytes> {
        let error = self.error();
        let body = match &error {
            Some((code, description)) => {
                let json = serde_json::json!({ "error": code.as_str(), "error_description": description });
                Bytes::from(json.to_string())
            }
            None => Bytes::new(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if error.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        match &self.refusal {
            Refusal::Unavailable(pause) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(pause.as_secs().max(1)));
            }
            Refusal::Unguarded => {}
            _ => {
                headers.insert(WWW_AUTHENTICATE, self.header(error));
            }
        }
        response
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
            Refusal::Missing | Refusal::Unavailable(_) | Refusal::Unguarded => None,
        }
    }

    fn header(&self, error: Option<(ErrorCode, &'static str)>) -> HeaderValue {
        let scope = match &self.refusal {
            Refusal::InsufficientScope(scope) if !scope.is_empty() => Some(scope),
            _ => None,
        };
        let challenge = message::Challenge {
            realm: Some(&self.terms.realm),
            error,
            scope,
            resource_metadata: self.terms.resource_metadata.as_deref(),
        };
        // It writes nothing that a header value may not hold.
        HeaderValue::from_str(&challenge.write()).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
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
            Refusal::Unavailable(_) => f.write_str("the access token cannot be checked now"),
            Refusal::Unguarded => f.write_str("the route has no guard"),
        }
    }
}

impl std::error::Error for Challenge {}
