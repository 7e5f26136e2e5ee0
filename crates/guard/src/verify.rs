//! Is this token good? The question, and why the answer is no.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::AccessToken;

/// Decides whether a token is good, here and now.
///
/// [`LocalVerifier`](crate::LocalVerifier) reads JWTs with the issuer's keys, [`RemoteVerifier`](crate::RemoteVerifier)
/// asks the issuer, [`JwtOrOpaque`] takes each token to the right one. A provider can implement it in process.
///
/// Scopes, and whether a bound token may come as a bearer token, are the [`Guard`](crate::Guard)'s business.
#[async_trait]
pub trait Verifier: Send + Sync {
    /// What the token says, if it is good: known, unexpired, unrevoked, and meant for this resource.
    async fn verify(&self, token: &str) -> Result<AccessToken, VerifyError>;
}

#[async_trait]
impl<V: Verifier + ?Sized> Verifier for Arc<V> {
    async fn verify(&self, token: &str) -> Result<AccessToken, VerifyError> {
        (**self).verify(token).await
    }
}

#[async_trait]
impl<V: Verifier + ?Sized> Verifier for Box<V> {
    async fn verify(&self, token: &str) -> Result<AccessToken, VerifyError> {
        (**self).verify(token).await
    }
}

/// Why there is no [`AccessToken`]. Either way the request is refused (RS-06).
#[derive(Clone, Debug, thiserror::Error)]
pub enum VerifyError {
    /// The token's fault: 401 `invalid_token`.
    #[error(transparent)]
    Invalid(#[from] InvalidToken),
    /// Our fault: 503 with `Retry-After`. The reason is for the log only.
    #[error("the token cannot be checked now: {reason}")]
    Unavailable {
        /// What failed.
        reason: String,
        /// When to try again.
        retry_after: Duration,
    },
}

impl VerifyError {
    /// Our fault, to be tried again in a few seconds.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into(), retry_after: Duration::from_secs(5) }
    }
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// Not a token of any form that is known here.
    #[error("it has no form that is known here")]
    Malformed,
    /// Not `typ: at+jwt` (RFC 9068 §4): an ID token, or some other JWT. Or introspected, and not said to be one: a
    /// refresh token, say.
    #[error("it is not an access token")]
    WrongType,
    /// Signed with an algorithm that is not on the list.
    #[error("its algorithm is not allowed")]
    WrongAlgorithm,
    /// Signed with a key that the issuer does not publish.
    #[error("its key is unknown")]
    UnknownKey,
    /// The signature does not fit.
    #[error("its signature does not fit")]
    BadSignature,
    /// From another issuer.
    #[error("its issuer is not trusted here")]
    WrongIssuer,
    /// For another resource.
    #[error("it is meant for another resource")]
    WrongAudience,
    /// Over.
    #[error("it has expired")]
    Expired,
    /// From the future.
    #[error("it is not valid yet")]
    NotYetValid,
    /// The issuer says that it is not active (RFC 7662 §2.2): unknown, expired or revoked.
    #[error("the issuer says it is not active")]
    Inactive,
    /// Bound to a key, and presented without proof of it.
    #[error("it is bound to a key and came as a bearer token")]
    Bound,
    /// A claim is missing or not of its type.
    #[error("its claim `{0}` is missing or malformed")]
    Claim(&'static str),
}

impl InvalidToken {
    /// One sentence for the client's developer.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Expired => "The access token expired",
            Self::Inactive => "The access token is unknown, expired or revoked",
            Self::WrongAudience => "The access token is meant for another resource",
            Self::WrongType => "The token is not an access token",
            Self::Bound => "The access token is bound to a key and cannot be used as a bearer token",
            _ => "The access token is not valid here",
        }
    }
}

/// Takes what has the form of a JWT to one verifier, and everything else to another.
///
/// A JWT that the first one refuses is refused: it does not get a second chance.
#[derive(Clone, Debug)]
pub struct JwtOrOpaque<J, O> {
    jwt: J,
    opaque: O,
}

impl<J: Verifier, O: Verifier> JwtOrOpaque<J, O> {
    /// `jwt` for JWTs, `opaque` for the rest.
    pub fn new(jwt: J, opaque: O) -> Self {
        Self { jwt, opaque }
    }
}

#[async_trait]
impl<J: Verifier, O: Verifier> Verifier for JwtOrOpaque<J, O> {
    async fn verify(&self, token: &str) -> Result<AccessToken, VerifyError> {
        if looks_like_jwt(token) { self.jwt.verify(token).await } else { self.opaque.verify(token).await }
    }
}

/// Three parts, and the first of them is a JSON object.
fn looks_like_jwt(token: &str) -> bool {
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    URL_SAFE_NO_PAD.decode(header).is_ok_and(|bytes| bytes.first() == Some(&b'{'))
}
