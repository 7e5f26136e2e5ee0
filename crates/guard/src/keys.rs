//! The issuer's keys, kept fresh: polled by ETag, asked for when a `kid` is new, bounded in both (JW-19, decision 14).

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Request, StatusCode};
use tokio::sync::Mutex;
use valetkey_fetch::{Clock, Transport};
use valetkey_jose::{Jwks, KeySet};

use crate::VerifyError;
use crate::metadata::Issuer;

pub(crate) struct IssuerKeys {
    pub(crate) issuer: Arc<Issuer>,
    /// Given, or found in the issuer's metadata.
    pub(crate) jwks_uri: Option<String>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Clock,
    /// After this long, look whether there are new ones.
    pub(crate) poll: i64,
    /// For this long past that, go on with the old ones while the issuer does not answer.
    pub(crate) grace: i64,
    pub(crate) held: RwLock<Option<Arc<Held>>>,
    pub(crate) attempts: Mutex<Attempts>,
}

/// A key set, and when the issuer last confirmed it.
pub(crate) struct Held {
    pub(crate) keys: KeySet,
    etag: Option<HeaderValue>,
    confirmed_at: i64,
}

/// What was tried. Its lock is also what lets only one caller try at a time.
#[derive(Default)]
pub(crate) struct Attempts {
    failure: Option<Failure>,
    asked_for_unknown_at: Option<i64>,
}

struct Failure {
    at: i64,
    pause: i64,
    reason: String,
}

/// How often a `kid` that nobody knows may make us ask.
const UNKNOWN_KID_SECONDS: i64 = 60;
/// After a failure the issuer is left alone: one second, then twice as long each time, up to this.
const LONGEST_PAUSE_SECONDS: i64 = 5;

impl IssuerKeys {
    /// The keys to verify with now.
    pub(crate) async fn current(&self) -> Result<Arc<Held>, VerifyError> {
        let held = self.held();
        match held {
            Some(held) if self.is_within(&held, self.poll) => Ok(held),
            Some(held) if self.is_within(&held, self.poll.saturating_add(self.grace)) => {
                // One caller looks for new ones, the others go on meanwhile.
                if let Ok(mut attempts) = self.attempts.try_lock()
                    && attempts.pause(self.clock.now()).is_none()
                    && let Ok(fresh) = self.fetch(&mut attempts).await
                {
                    return Ok(fresh);
                }
                Ok(held)
            }
            _ => {
                let mut attempts = self.attempts.lock().await;
                // While we waited, somebody may have done it, or have failed.
                if let Some(held) = self.held().filter(|held| self.is_within(held, self.poll)) {
                    return Ok(held);
                }
                match attempts.pause(self.clock.now()) {
                    Some(refused) => Err(refused),
                    None => self.fetch(&mut attempts).await,
                }
            }
        }
    }

    /// After `seen` did not have the key: newer keys, if there are any and we may ask.
    pub(crate) async fn after_unknown(&self, seen: &Arc<Held>) -> Result<Option<Arc<Held>>, VerifyError> {
        let mut attempts = self.attempts.lock().await;
        if let Some(held) = self.held().filter(|held| !Arc::ptr_eq(held, seen)) {
            return Ok(Some(held));
        }
        let now = self.clock.now();
        if attempts.asked_for_unknown_at.is_some_and(|at| (0..UNKNOWN_KID_SECONDS).contains(&(now - at))) {
            return attempts.failure.as_ref().map_or(Ok(None), |failure| Err(failure.refusal(now)));
        }
        attempts.asked_for_unknown_at = Some(now);
        self.fetch(&mut attempts).await.map(Some)
    }

    async fn fetch(&self, attempts: &mut Attempts) -> Result<Arc<Held>, VerifyError> {
        let answer = self.ask().await;
        let now = self.clock.now();
        match answer {
            Ok((keys, etag)) => {
                attempts.failure = None;
                let held = Arc::new(Held { keys, etag, confirmed_at: now });
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&held));
                Ok(held)
            }
            Err(reason) => {
                tracing::warn!(issuer = self.issuer.name(), %reason, "the issuer's keys could not be fetched");
                self.issuer.forget();
                let pause = attempts.failure.as_ref().map_or(1, |before| before.pause.saturating_mul(2));
                let failure = Failure { at: now, pause: pause.min(LONGEST_PAUSE_SECONDS), reason };
                let refusal = failure.refusal(now);
                attempts.failure = Some(failure);
                Err(refusal)
            }
        }
    }

    async fn ask(&self) -> Result<(KeySet, Option<HeaderValue>), String> {
        let address = match &self.jwks_uri {
            Some(given) => given.clone(),
            None => {
                let metadata = self.issuer.metadata().await?;
                metadata.jwks_uri.clone().ok_or_else(|| "its metadata names no `jwks_uri`".to_owned())?
            }
        };
        let held = self.held();
        let mut request = Request::get(&address).header(ACCEPT, "application/jwk-set+json, application/json");
        if let Some(etag) = held.as_ref().and_then(|held| held.etag.clone()) {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let request = request.body(Bytes::new()).map_err(|error| error.to_string())?;
        let response = self.transport.send(request).await.map_err(|error| error.to_string())?;
        match (response.status(), held) {
            (StatusCode::OK, _) => {
                let document =
                    Jwks::parse(response.body()).map_err(|error| format!("its key set: {error}"))?;
                Ok((KeySet::from(&document), response.headers().get(ETAG).cloned()))
            }
            (StatusCode::NOT_MODIFIED, Some(held)) => Ok((held.keys.clone(), held.etag.clone())),
            (status, _) => Err(format!("{address} answered {}", status.as_u16())),
        }
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the keys were confirmed at most `seconds` ago; after a clock that went back they were not.
    fn is_within(&self, held: &Held, seconds: i64) -> bool {
        (0..seconds).contains(&(self.clock.now() - held.confirmed_at))
    }
}

impl Attempts {
    /// The refusal to give while the issuer is left alone.
    fn pause(&self, now: i64) -> Option<VerifyError> {
        let failure = self.failure.as_ref()?;
        (0..failure.pause).contains(&(now - failure.at)).then(|| failure.refusal(now))
    }
}

impl Failure {
    fn refusal(&self, now: i64) -> VerifyError {
        let left = (self.at + self.pause - now).clamp(1, LONGEST_PAUSE_SECONDS);
        VerifyError::Unavailable {
            reason: self.reason.clone(),
            retry_after: Duration::from_secs(left.unsigned_abs()),
        }
    }
}
