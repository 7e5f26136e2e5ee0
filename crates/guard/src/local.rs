//! JWT access tokens, verified with the issuer's published keys (RFC 9068 §4).

use std::sync::{Arc, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use valetkey_fetch::{Clock, Plain, Transport};
use valetkey_jose::{Algorithm, Expectations, JoseError, jwt};

use crate::keys::{Attempts, Held, IssuerKeys};
use crate::metadata::Issuer;
use crate::{AccessToken, InvalidToken, Verifier, VerifyError};

/// Verifies JWT access tokens of one issuer, here, without asking it about each.
///
/// Its keys come from its metadata (or the address you give), are looked after every minute by ETag, and, when a token
/// names a key that is not among them, asked for at most once a minute. While the issuer does not answer, the keys last
/// seen serve for another five minutes; then requests are refused with 503.
///
/// A token that was revoked stays good here until it expires: that is what [`RemoteVerifier`](crate::RemoteVerifier) is
/// for.
pub struct LocalVerifier {
    keys: IssuerKeys,
    audience: Vec<String>,
    algorithms: Vec<Algorithm>,
    leeway: u16,
}

impl LocalVerifier {
    /// For tokens of `issuer` that are meant for `audience`: both are compared octet by octet.
    pub fn builder(issuer: impl Into<String>, audience: impl Into<String>) -> LocalVerifierBuilder {
        LocalVerifierBuilder {
            issuer: issuer.into(),
            audience: vec![audience.into()],
            jwks_uri: None,
            transport: None,
            clock: Clock::system(),
            algorithms: Algorithm::ASYMMETRIC.to_vec(),
            leeway: 10,
            poll: Duration::from_secs(60),
            grace: Duration::from_secs(300),
        }
    }

    fn read(&self, token: &str, held: &Held) -> Result<AccessToken, JoseError> {
        let Some((first, others)) = self.audience.split_first() else { return Err(JoseError::WrongAudience) };
        let mut expect = Expectations::access_token(self.keys.issuer.name(), first, self.keys.clock.now())
            .algorithms(&self.algorithms)
            .leeway(self.leeway);
        for other in others {
            expect = expect.or_audience(other);
        }
        let claims = jwt::verify(token, &held.keys, &expect)?.into_content();
        AccessToken::from_claims(claims).map_err(|reason| match reason {
            InvalidToken::Claim(name) => JoseError::MissingClaim(name),
            _ => JoseError::BadJson,
        })
    }
}

#[async_trait]
impl Verifier for LocalVerifier {
    async fn verify(&self, token: &str) -> Result<AccessToken, VerifyError> {
        let held = self.keys.current().await?;
        let mut read = self.read(token, &held);
        if matches!(read, Err(JoseError::UnknownKey))
            && let Some(newer) = self.keys.after_unknown(&held).await?
        {
            read = self.read(token, &newer);
        }
        read.map_err(|error| reason(&error).into())
    }
}

/// Makes a [`LocalVerifier`].
#[must_use]
pub struct LocalVerifierBuilder {
    issuer: String,
    audience: Vec<String>,
    jwks_uri: Option<String>,
    transport: Option<Arc<dyn Transport>>,
    clock: Clock,
    algorithms: Vec<Algorithm>,
    leeway: u16,
    poll: Duration,
    grace: Duration,
}

impl LocalVerifierBuilder {
    /// Another name of this resource.
    pub fn or_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience.push(audience.into());
        self
    }

    /// Where the issuer's keys are, instead of asking its metadata.
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.jwks_uri = Some(url.into());
        self
    }

    /// Fetches by other means than a [`Plain`].
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Reads another clock than the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Allows these algorithms only (default: all that have a public key). Shared-secret ones never verify here: a
    /// published key is no secret.
    pub fn algorithms(mut self, allowed: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = allowed.into_iter().filter(|algorithm| !algorithm.is_symmetric()).collect();
        self
    }

    /// Forgives clocks that differ by so many seconds (default: 10; 60 at the most).
    pub fn leeway_seconds(mut self, seconds: u16) -> Self {
        self.leeway = seconds;
        self
    }

    /// How old keys get before somebody looks for new ones (default: 60 s).
    pub fn poll_every(mut self, age: Duration) -> Self {
        self.poll = age;
        self
    }

    /// How long past that they serve while the issuer does not answer (default: 5 min).
    pub fn grace(mut self, time: Duration) -> Self {
        self.grace = time;
        self
    }

    /// The verifier. Nothing is fetched before the first token comes.
    #[must_use]
    pub fn build(self) -> LocalVerifier {
        let transport = self.transport.unwrap_or_else(|| Arc::new(Plain::new()));
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        LocalVerifier {
            keys: IssuerKeys {
                issuer: Arc::new(Issuer::new(self.issuer, Arc::clone(&transport))),
                jwks_uri: self.jwks_uri,
                transport,
                clock: self.clock,
                poll: seconds(self.poll).max(1),
                grace: seconds(self.grace),
                held: RwLock::new(None),
                attempts: Mutex::new(Attempts::default()),
            },
            audience: self.audience,
            algorithms: self.algorithms,
            leeway: self.leeway,
        }
    }
}

fn reason(error: &JoseError) -> InvalidToken {
    match error {
        JoseError::WrongTyp => InvalidToken::WrongType,
        JoseError::UnsupportedAlgorithm | JoseError::AlgorithmNotAllowed => InvalidToken::WrongAlgorithm,
        JoseError::UnknownKey => InvalidToken::UnknownKey,
        JoseError::BadSignature => InvalidToken::BadSignature,
        JoseError::WrongIssuer => InvalidToken::WrongIssuer,
        JoseError::WrongAudience => InvalidToken::WrongAudience,
        JoseError::Expired => InvalidToken::Expired,
        JoseError::NotYetValid => InvalidToken::NotYetValid,
        JoseError::MissingClaim(name) | JoseError::WrongType(name) => InvalidToken::Claim(name),
        _ => InvalidToken::Malformed,
    }
}
