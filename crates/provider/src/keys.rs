//! Signing keys: made on first start, published before they sign, kept published until the last token that they signed
//! has died (OpenID Connect Core §10.1.1). The schedule is state in the store, so any process can do the next step.

use std::time::Duration;

use http::HeaderMap;
use valetkey_crypto::Sealer;
use valetkey_jose::{Algorithm, Jwk, Jwks, KeySet, SigningKey};
use valetkey_oauth2::Timestamp;
use valetkey_ports::{EventKind, KeyState, Ports, SigningKeyRecord};

use crate::{Engine, Failure, answer::Document};

const PURPOSE: &str = "signing key";

/// The algorithm of access tokens.
pub const ALGORITHM: Algorithm = Algorithm::Es256;

/// The keys of this moment, parsed once.
#[derive(Debug)]
pub struct Ring {
    current: Option<SigningKey>,
    verifying: KeySet,
    document: Document,
}

impl Default for Ring {
    fn default() -> Self {
        Self { current: None, verifying: KeySet::default(), document: document(b"{\"keys\":[]}".to_vec()) }
    }
}

impl Ring {
    /// Reads the keys and opens the one that signs.
    pub(crate) async fn load(ports: &Ports, sealer: &Sealer) -> Result<Self, Failure> {
        let records = ports.keys.list().await?;
        let mut jwks = Jwks::default();
        let mut current = None;
        for record in &records {
            let jwk = Jwk::parse(record.public.as_bytes())
                .map_err(|_| Failure::Internal("a stored public key cannot be read".into()))?;
            jwks.keys.push(jwk);
            if record.state == KeyState::Current && record.algorithm == ALGORITHM.name() {
                current = Some(open(record, sealer)?);
            }
        }
        let body =
            serde_json::to_vec(&jwks).map_err(|_| Failure::Internal("keys cannot be written".into()))?;
        Ok(Self { current, verifying: KeySet::from(&jwks), document: document(body) })
    }

    /// The key that signs.
    ///
    /// # Errors
    /// An internal failure when there is none, which `maintain_keys` prevents.
    pub fn signing(&self) -> Result<&SigningKey, Failure> {
        self.current.as_ref().ok_or_else(|| Failure::Internal("there is no signing key".into()))
    }

    /// The keys that tokens of ours may be signed with.
    #[must_use]
    pub fn verifying(&self) -> &KeySet {
        &self.verifying
    }

    /// The JWKS answer.
    #[must_use]
    pub fn answer(&self, request: &HeaderMap) -> http::Response<bytes::Bytes> {
        self.document.answer(request)
    }
}

/// Caches may keep the JWKS for a quarter of an hour (security JW-20).
fn document(body: Vec<u8>) -> Document {
    Document::new(body, "application/jwk-set+json", "public, max-age=900")
}

fn open(record: &SigningKeyRecord, sealer: &Sealer) -> Result<SigningKey, Failure> {
    let algorithm = Algorithm::parse(&record.algorithm)
        .map_err(|_| Failure::Internal("a stored key's algorithm is unknown".into()))?;
    let pkcs8 = sealer.open(PURPOSE, record.kid.as_bytes(), &record.sealed).map_err(|_| {
        Failure::Internal("a stored key cannot be opened: is the master key the right one?".into())
    })?;
    SigningKey::from_pkcs8(algorithm, &pkcs8)
        .map_err(|_| Failure::Internal("a stored key cannot be read".into()))
}

impl Engine {
    /// Does what the schedule asks for: makes the first key, publishes the next one ahead, lets it sign, lets retired
    /// ones go. Safe to run in every process at once.
    ///
    /// # Errors
    /// The store's or the backend's faults.
    pub async fn maintain_keys(&self) -> Result<(), Failure> {
        let now = self.now();
        let policy = &self.policy().keys;
        let keys = self.ports().keys.list().await?;
        let of = |state: KeyState| keys.iter().filter(move |key| key.state == state);
        let Some(current) = of(KeyState::Current).next() else {
            self.make_key(KeyState::Current, now, now).await?;
            return self.refresh_now().await;
        };
        let rotates_at = current.activates_at.plus(policy.rotate_every);
        match of(KeyState::Next).next() {
            None if now >= rotates_at.minus(policy.publish_ahead) => {
                let activates_at = rotates_at.max(now.plus(policy.publish_ahead));
                self.make_key(KeyState::Next, now, activates_at).await?;
            }
            Some(next) if now >= next.activates_at => self.activate(next, now).await?,
            _ => {}
        }
        for retired in of(KeyState::Retiring) {
            let gone_at = retired.retired_at.unwrap_or(now).plus(self.longest_access_token());
            if now >= gone_at {
                let record =
                    SigningKeyRecord { state: KeyState::Gone, sealed: Vec::new(), ..retired.clone() };
                self.ports().keys.advance(&record, KeyState::Retiring).await?;
            }
        }
        self.refresh_now().await
    }

    /// Rotates by command: publishes the next key, to sign once every cache has it; or, where `at_once` is set, lets a new
    /// one sign now and drops the current one from the JWKS, which ends every JWT that it signed.
    ///
    /// # Errors
    /// The store's or the backend's faults.
    pub async fn rotate_keys(&self, at_once: bool, by: &str) -> Result<Vec<SigningKeyRecord>, Failure> {
        let now = self.now();
        let keys = self.ports().keys.list().await?;
        let next = keys.iter().find(|key| key.state == KeyState::Next);
        if at_once {
            let old = keys.iter().find(|key| key.state == KeyState::Current).cloned();
            match next {
                Some(next) => self.activate(next, now).await?,
                None => {
                    self.make_key(KeyState::Next, now, now).await?;
                    let keys = self.ports().keys.list().await?;
                    if let Some(next) = keys.iter().find(|key| key.state == KeyState::Next) {
                        self.activate(next, now).await?;
                    }
                }
            }
            if let Some(old) = old {
                let gone = SigningKeyRecord {
                    state: KeyState::Gone,
                    sealed: Vec::new(),
                    retired_at: Some(now),
                    ..old
                };
                self.ports().keys.advance(&gone, KeyState::Retiring).await?;
            }
        } else {
            let activates_at = now.plus(self.policy().keys.publish_ahead);
            match next {
                None => self.make_key(KeyState::Next, now, activates_at).await?,
                Some(next) if next.activates_at > activates_at => {
                    let sooner = SigningKeyRecord { activates_at, ..next.clone() };
                    self.ports().keys.advance(&sooner, KeyState::Next).await?;
                }
                Some(_) => {}
            }
        }
        let mut event = valetkey_ports::Event::new(EventKind::KeyRotated, now);
        event.by = Some(by.to_owned());
        event.detail = if at_once { "at once".into() } else { "published ahead".into() };
        self.record(&[event]).await?;
        self.refresh_now().await?;
        Ok(self.ports().keys.list().await?)
    }

    async fn make_key(
        &self,
        state: KeyState,
        now: Timestamp,
        activates_at: Timestamp,
    ) -> Result<(), Failure> {
        let fault = |_| Failure::Internal("a signing key cannot be made".into());
        let (key, pkcs8) = SigningKey::generate(ALGORITHM).map_err(fault)?;
        let sealed = self
            .sealer()
            .seal(PURPOSE, key.kid().as_bytes(), &pkcs8)
            .map_err(|_| Failure::Internal("a signing key cannot be sealed".into()))?;
        let public = serde_json::to_string(key.public_jwk())
            .map_err(|_| Failure::Internal("a public key cannot be written".into()))?;
        let record = SigningKeyRecord {
            kid: key.kid().to_owned(),
            algorithm: ALGORITHM.name().to_owned(),
            state,
            sealed,
            public,
            created_at: now,
            activates_at,
            retired_at: None,
        };
        // Where another process was faster, its key serves as well.
        if self.ports().keys.put(&record).await? {
            tracing::info!(kid = record.kid, ?state, "a signing key was made");
        }
        Ok(())
    }

    async fn activate(&self, next: &SigningKeyRecord, now: Timestamp) -> Result<(), Failure> {
        let record = SigningKeyRecord { state: KeyState::Current, activates_at: now, ..next.clone() };
        if self.ports().keys.advance(&record, KeyState::Next).await? {
            tracing::info!(kid = record.kid, "a signing key took over");
        }
        Ok(())
    }

    /// The longest that a JWT may live: of the server, its resources, and a day for clients with lifetimes of their own.
    fn longest_access_token(&self) -> Duration {
        let resources = self.policy().resources.iter().filter_map(|resource| resource.access_token_seconds);
        let longest =
            resources.map(|seconds| Duration::from_secs(u64::from(seconds))).max().unwrap_or_default();
        longest.max(self.policy().lifetimes.access_token).max(Duration::from_secs(24 * 60 * 60))
    }
}
