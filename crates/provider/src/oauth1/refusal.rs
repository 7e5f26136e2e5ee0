//! Why a signed request is refused, and how that is told (RFC 5849 §3.2).

use std::borrow::Cow;

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, WWW_AUTHENTICATE},
};
use valetkey_oauth1::{Malformed, Problem, Report, challenge::Challenge, percent, verify};
use valetkey_ports::RefusedSignature;

use crate::{Failure, answer};

/// Why a signed request is refused.
#[derive(Clone, Debug)]
pub struct SignatureRefusal {
    /// 400 for what is badly made, 401 for what is not proved (RFC 5849 §3.2).
    pub status: StatusCode,
    /// The word of older libraries, for what is badly made.
    pub error: Option<&'static str>,
    /// The words of the `oauth_problem` extension, where it has some.
    pub report: Option<Report>,
    /// One plain sentence for the client's developer.
    pub description: Cow<'static, str>,
    /// The full reason, for the log.
    pub reason: Cow<'static, str>,
    /// The client that the request names.
    pub client: Option<String>,
    /// What the signature was held against.
    pub explained: Option<Box<RefusedSignature>>,
    /// What else the answer carries: the way over to OAuth 2.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl SignatureRefusal {
    /// A refusal by that problem: its status is the problem's.
    #[must_use]
    pub fn new(problem: Problem, description: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        Self {
            status,
            error: (status == StatusCode::BAD_REQUEST).then_some("invalid_request"),
            report: Some(problem.into()),
            description: description.into(),
            reason: reason.into(),
            client: None,
            explained: None,
            headers: Vec::new(),
        }
    }

    /// A request over a clear channel that must be confidential (RFC 5849 §2.1, §2.3, §3.4.4).
    #[must_use]
    pub fn insecure() -> Self {
        Self {
            error: Some("insecure_transport_protocol"),
            report: None,
            ..Self::new(Problem::ParameterRejected, "Use https.", "the request came over a clear channel")
        }
    }

    /// The challenge of the answer (RFC 5849 §3.5.1).
    #[must_use]
    pub fn challenge(&self, realm: &str) -> String {
        let report = self.report.clone().map(|report| report.advice(self.description.as_ref()));
        Challenge { realm: Some(realm.to_owned()), report }.write()
    }

    /// The answer: form-encoded, with a challenge.
    #[must_use]
    pub fn answer(&self, realm: &str) -> Response<Bytes> {
        let mut pairs: Vec<(&str, Cow<'_, str>)> = Vec::new();
        if let Some(error) = self.error {
            pairs.push(("error", error.into()));
            pairs.push(("error_description", self.description.as_ref().into()));
        }
        if let Some(report) = &self.report {
            let report = report.clone().advice(self.description.as_ref());
            pairs.extend(report.pairs().into_iter().map(|(name, value)| (name, value.into())));
        }
        let mut response = form(self.status, &pairs);
        if let Ok(challenge) = HeaderValue::from_str(&self.challenge(realm)) {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        for (name, value) in &self.headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        response
    }
}

/// A form-encoded answer that nobody may keep.
pub(crate) fn form(status: StatusCode, pairs: &[(&str, Cow<'_, str>)]) -> Response<Bytes> {
    let mut body = String::new();
    for (name, value) in pairs {
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(name);
        body.push('=');
        percent::encode_into(value.as_bytes(), &mut body);
    }
    written(status, body)
}

/// A form-encoded answer whose body is written already.
pub(crate) fn written(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = answer::json(status, body);
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    response.headers_mut().insert(CONTENT_TYPE, form);
    response
}

impl From<SignatureRefusal> for Failure {
    fn from(refusal: SignatureRefusal) -> Self {
        Self::Signature(Box::new(refusal))
    }
}

impl From<Box<SignatureRefusal>> for Failure {
    fn from(refusal: Box<SignatureRefusal>) -> Self {
        Self::Signature(refusal)
    }
}

impl From<verify::Refusal> for Box<SignatureRefusal> {
    fn from(refusal: verify::Refusal) -> Self {
        Self::new(refusal.into())
    }
}

impl From<Malformed> for SignatureRefusal {
    fn from(malformed: Malformed) -> Self {
        let status = StatusCode::from_u16(malformed.status()).unwrap_or(StatusCode::BAD_REQUEST);
        Self {
            status,
            error: (status == StatusCode::BAD_REQUEST).then_some("invalid_request"),
            report: malformed.report(),
            description: malformed.advice().into(),
            reason: malformed.to_string().into(),
            client: None,
            explained: None,
            headers: Vec::new(),
        }
    }
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Self {
        SignatureRefusal::from(malformed).into()
    }
}

impl From<verify::Refusal> for SignatureRefusal {
    fn from(refusal: verify::Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let description = match refusal {
            verify::Refusal::Timestamp { .. } => "Set your clock: the timestamp is too far from ours.",
            verify::Refusal::Method => "Use a signature method that this server and your registration allow.",
            verify::Refusal::BodyHashMissing => "Send oauth_body_hash: this server wants bodies covered.",
            verify::Refusal::BodyHash => "The body is not the one that oauth_body_hash was made of.",
            verify::Refusal::BodyHashOfForm => {
                "Leave oauth_body_hash out of a form: its parameters are signed."
            }
            verify::Refusal::UnknownCredentials => "Check the consumer key and the token.",
            verify::Refusal::Signature => {
                "The signature does not match: check the secrets and the base string."
            }
        };
        Self {
            status,
            error: (status == StatusCode::BAD_REQUEST).then_some(match refusal {
                verify::Refusal::Method => "invalid_signature_method",
                _ => "invalid_request",
            }),
            report: Some(refusal.report()),
            description: description.into(),
            reason: refusal.to_string().into(),
            client: None,
            explained: None,
            headers: Vec::new(),
        }
    }
}
