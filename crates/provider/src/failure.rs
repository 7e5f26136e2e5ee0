//! Two vocabularies of failure, and the one bridge between them: ours is as fine as the truth and goes to the log and
//! the recent refusals; the wire's is the registry's.

use std::borrow::Cow;

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE},
};
use valetkey_oauth2::{ErrorCode, FormError, messages::token::write_error};
use valetkey_ports::StoreError;

use crate::{
    answer,
    oauth1::{SignatureRefusal, refusal},
};

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no: the registered code, what the client's developer must change, and the truth for the log.
    #[error("{reason}")]
    Refused {
        /// The registered code.
        code: ErrorCode,
        /// One plain sentence for the wire.
        description: &'static str,
        /// The full reason, for the log and the recent refusals only.
        reason: Cow<'static, str>,
    },
    /// The client did not show who it is (RFC 6749 §5.2, `invalid_client`).
    #[error("{0}")]
    UnknownClient(Cow<'static, str>),
    /// Too many wrong guesses from there.
    #[error("too many failed attempts; {0} seconds to wait")]
    TooMany(u32),
    /// The endpoint speaks other methods.
    #[error("the method is not one of {0}")]
    Method(&'static str),
    /// The body is of another media type than a form.
    #[error("the body is not a form")]
    MediaType,
    /// The request is too large.
    #[error("the request is too large")]
    TooLarge,
    /// A page for the person: the request cannot be trusted to its redirect URI.
    #[error("{}", .0.reason)]
    Page(Box<PageError>),
    /// A signed request that is not what it says (RFC 5849 §3.2).
    #[error("{}", .0.reason)]
    Signature(Box<SignatureRefusal>),
    /// Everybody is busy hashing passwords.
    #[error("no place left in the queue for {0}")]
    Busy(&'static str),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that must not happen did.
    #[error("internal fault: {0}")]
    Internal(Cow<'static, str>),
}

/// What a person reads when a request goes nowhere.
#[derive(Clone, Debug)]
pub struct PageError {
    /// What kind of thing went wrong: pages have words for each, in every language.
    pub kind: PageKind,
    /// The HTTP status.
    pub status: StatusCode,
    /// The registered code, where there is one.
    pub code: Option<ErrorCode>,
    /// A few words.
    pub title: Cow<'static, str>,
    /// What happened and what to do, in a sentence.
    pub sentence: Cow<'static, str>,
    /// The full reason, for the log.
    pub reason: Cow<'static, str>,
}

/// What kind of thing went wrong, as far as a person can do something about it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PageKind {
    /// The request makes no sense.
    #[default]
    BadRequest,
    /// The app is not registered, or switched off.
    UntrustedClient,
    /// The app may not send people there.
    UntrustedRedirect,
    /// The authorization request is over, too old, or another browser's.
    FlowGone,
    /// The form's token is not this browser's.
    StaleForm,
    /// The person said no, and there is no app to tell it to.
    Denied,
    /// The page is for others.
    Forbidden,
    /// There is no such page, or no such thing.
    NotFound,
    /// Too many attempts.
    SlowDown,
    /// The server cannot answer now.
    Busy,
    /// Our own fault.
    Internal,
}

impl PageKind {
    /// Its name in templates.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::UntrustedClient => "untrusted_client",
            Self::UntrustedRedirect => "untrusted_redirect",
            Self::FlowGone => "flow_gone",
            Self::StaleForm => "stale_form",
            Self::Denied => "denied",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::SlowDown => "slow_down",
            Self::Busy => "busy",
            Self::Internal => "internal",
        }
    }

    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::TOO_MANY_REQUESTS => Self::SlowDown,
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy,
            status if status.is_server_error() => Self::Internal,
            _ => Self::BadRequest,
        }
    }
}

impl Failure {
    /// A refusal whose reason says no more than its description.
    #[must_use]
    pub fn refused(code: ErrorCode, description: &'static str) -> Self {
        Self::Refused { code, description, reason: Cow::Borrowed(description) }
    }

    /// A refusal with more to say in the log.
    #[must_use]
    pub fn because(code: ErrorCode, description: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused { code, description, reason: reason.into() }
    }

    /// A page for the person.
    #[must_use]
    pub fn page(
        code: ErrorCode,
        sentence: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Page(Box::new(PageError {
            kind: PageKind::BadRequest,
            status: StatusCode::BAD_REQUEST,
            code: Some(code),
            title: "This request cannot be completed".into(),
            sentence: sentence.into(),
            reason: reason.into(),
        }))
    }

    /// The same failure, shown as a page of that kind.
    #[must_use]
    pub fn shown_as(self, kind: PageKind) -> Self {
        Self::Page(Box::new(PageError { kind, ..self.to_page() }))
    }

    /// What the wire calls it: the code and the status.
    #[must_use]
    pub fn wire(&self) -> (ErrorCode, StatusCode) {
        match self {
            Self::Refused { code: ErrorCode::InvalidClient, .. } | Self::UnknownClient(_) => {
                (ErrorCode::InvalidClient, StatusCode::UNAUTHORIZED)
            }
            Self::Refused { code, .. } => (*code, StatusCode::BAD_REQUEST),
            Self::TooMany(_) => (ErrorCode::TemporarilyUnavailable, StatusCode::TOO_MANY_REQUESTS),
            Self::Method(_) => (ErrorCode::InvalidRequest, StatusCode::METHOD_NOT_ALLOWED),
            Self::MediaType => (ErrorCode::InvalidRequest, StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::TooLarge => (ErrorCode::InvalidRequest, StatusCode::PAYLOAD_TOO_LARGE),
            Self::Page(page) => (page.code.unwrap_or(ErrorCode::InvalidRequest), page.status),
            Self::Signature(refusal) => match refusal.status {
                StatusCode::UNAUTHORIZED => (ErrorCode::InvalidClient, refusal.status),
                status => (ErrorCode::InvalidRequest, status),
            },
            Self::Busy(_) | Self::Store(StoreError::Unavailable(_) | StoreError::Full(_)) => {
                (ErrorCode::TemporarilyUnavailable, StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Store(_) | Self::Internal(_) => (ErrorCode::ServerError, StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// The sentence for the wire: nothing internal.
    #[must_use]
    pub fn description(&self) -> &'static str {
        match self {
            Self::Refused { description, .. } => description,
            Self::UnknownClient(_) => {
                "Client authentication failed: check the client_id, the secret and the method registered for it."
            }
            Self::TooMany(_) => "Too many failed attempts: wait before the next one.",
            Self::Method(_) => "Use a method that the Allow header names.",
            Self::MediaType => "Send the parameters as application/x-www-form-urlencoded.",
            Self::TooLarge => "Send a smaller request.",
            Self::Page(_) => "The authorization request is not valid.",
            Self::Signature(_) => "The signed request is not valid.",
            Self::Busy(_) | Self::Store(StoreError::Unavailable(_) | StoreError::Full(_)) => {
                "The server cannot answer now: try again."
            }
            Self::Store(_) | Self::Internal(_) => "The server met an unexpected condition.",
        }
    }

    /// Whether it is our fault rather than the asker's.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.wire().1.is_server_error()
    }

    /// The JSON answer of the token endpoint and its kin (RFC 6749 §5.2). Whoever signed is challenged in that scheme.
    #[must_use]
    pub fn json(&self, realm: &str) -> Response<Bytes> {
        let (code, status) = self.wire();
        let (description, challenge) = match self {
            Self::Signature(refusal) => (refusal.description.as_ref(), refusal.challenge(realm)),
            _ => (self.description(), format!("Basic realm=\"{realm}\"")),
        };
        let mut response = answer::json(status, write_error(code, description, None));
        self.status_headers(&mut response);
        if status == StatusCode::UNAUTHORIZED
            && let Ok(challenge) = HeaderValue::from_str(&challenge)
        {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }

    /// The answer of OAuth 1's endpoints: form-encoded, with a challenge where the signature is at fault.
    #[must_use]
    pub fn signed(&self, realm: &str) -> Response<Bytes> {
        if let Self::Signature(refusal) = self {
            return refusal.answer(realm);
        }
        let (code, status) = self.wire();
        let pairs = [("error", code.as_str().into()), ("error_description", self.description().into())];
        let mut response = refusal::form(status, &pairs);
        self.status_headers(&mut response);
        response
    }

    /// What HTTP wants beside the status.
    pub fn status_headers(&self, response: &mut Response<Bytes>) {
        match self {
            Self::Method(allowed) => {
                response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
            }
            Self::TooMany(seconds) => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Self::Busy(_) | Self::Store(_) => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
    }

    /// The same as a page for a person.
    #[must_use]
    pub fn to_page(&self) -> PageError {
        if let Self::Page(page) = self {
            return page.as_ref().clone();
        }
        let (code, status) = self.wire();
        PageError {
            kind: PageKind::of(status),
            status,
            code: Some(code),
            title: if status.is_server_error() {
                "Something went wrong here".into()
            } else {
                "This request cannot be completed".into()
            },
            sentence: self.description().into(),
            reason: Cow::Owned(self.to_string()),
        }
    }
}

impl From<(ErrorCode, &'static str)> for Failure {
    fn from((code, description): (ErrorCode, &'static str)) -> Self {
        Self::refused(code, description)
    }
}

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        let (code, description) = error.wire();
        Self::because(code, description, error.to_string())
    }
}
