//! Passwords: Argon2id on a bounded pool, so that a storm of logins neither stalls the rest nor eats the memory.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use valetkey_oauth2::Secret;

use crate::{Failure, config::PasswordPolicy};

/// Hashes and checks passwords, so many at a time; the rest waits in a line of bounded length.
#[derive(Debug)]
pub struct PasswordPool {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
    max_length: usize,
}

impl PasswordPool {
    pub(crate) fn new(policy: &PasswordPolicy) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            running: Arc::new(Semaphore::new(policy.parallel.unwrap_or(cores).max(1))),
            waiting: AtomicUsize::new(0),
            queue: policy.queue,
            max_length: policy.max_length,
        }
    }

    /// Hashes a password, for keeping (PHC form).
    ///
    /// # Errors
    /// [`Failure::Busy`] when the line is full.
    pub async fn hash(&self, password: &Secret, salt: [u8; 16]) -> Result<String, Failure> {
        let password = self.normal(password);
        self.run(move || {
            hasher()
                .hash_password_with_salt(password.expose().as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(|_| Failure::Internal("a password cannot be hashed".into()))
        })
        .await?
    }

    /// Whether a password is the one that was hashed. Without a hash the same work is done in vain, so that nobody
    /// learns by time who has an account (security UI-06).
    ///
    /// # Errors
    /// [`Failure::Busy`] when the line is full.
    pub async fn verify(&self, password: &Secret, hash: Option<&str>) -> Result<bool, Failure> {
        let password = self.normal(password);
        let known = hash.map(str::to_owned);
        self.run(move || {
            let (text, is_real) = match &known {
                Some(hash) => (hash.as_str(), true),
                None => (decoy(), false),
            };
            let Ok(parsed) = PasswordHash::new(text) else { return false };
            hasher().verify_password(password.expose().as_bytes(), &parsed).is_ok() && is_real
        })
        .await
    }

    /// Whether a kept hash was made with other parameters than today's.
    #[must_use]
    pub fn is_outdated(hash: &str) -> bool {
        !hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
    }

    /// One text for all the ways in which Unicode spells it (NIST SP 800-63B §3.1.1.2), nothing cut off: what is longer
    /// than the policy allows is refused before it comes here.
    fn normal(&self, password: &Secret) -> Secret {
        Secret::new(password.expose().chars().take(self.max_length).nfkc().collect::<String>())
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        let place = Place::take(&self.waiting, self.queue)?;
        let permit = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| Failure::Internal("the password pool is closed".into()))?;
        drop(place);
        // The permit goes along: a caller that hangs up does not make room for another hash while this one still runs.
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        })
        .await
        .map_err(|_| Failure::Internal("a password could not be hashed".into()))
    }
}

/// A place in the line, given back when it is dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Result<Self, Failure> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::AcqRel) >= most {
            return Err(Failure::Busy("password hashing"));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Argon2id with 19 MiB, two passes, one lane: what OWASP asks for.
fn hasher() -> Argon2<'static> {
    Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(19 * 1024, 2, 1, None).unwrap_or(Params::DEFAULT),
    )
}

/// A hash of nobody's password.
fn decoy() -> &'static str {
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| {
        hasher()
            .hash_password_with_salt(b"nobody", b"nobody's own salt")
            .map_or_else(|_| String::new(), |hash| hash.to_string())
    })
}
