//! One question to one URL at a time, and none for a while after it failed (RG-07).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, COOKIE, IF_NONE_MATCH};
use http::{Method, Request, Response};

use crate::{Clock, FetchError, SingleFlight, Transport};

/// A [`Transport`] that keeps strangers from multiplying fetches.
///
/// - Concurrent `GET`s of one URL (with the same `Accept` and `If-None-Match`) become one, and share its answer.
/// - A URL that failed, or answered with a 4xx or 5xx status, is left alone: one second first, twice as long after each
///   further failure, five minutes at most. Meanwhile callers get [`FetchError::BackingOff`] at once.
/// - From one host at most four URLs are fetched at a time; beyond that callers get [`FetchError::Busy`] at once.
/// - What is remembered is bounded; when it is full, the oldest failure is forgotten.
///
/// Anything but an anonymous `GET` goes straight through.
pub struct Coalesced<T> {
    transport: T,
    clock: Clock,
    flights: SingleFlight<Key, Result<Response<Bytes>, FetchError>>,
    failures: Mutex<HashMap<String, Failure>>,
    capacity: usize,
    /// How many fetches are under way, by host.
    hosts: Mutex<HashMap<String, usize>>,
    per_host: usize,
}

#[derive(Clone, Eq, Hash, PartialEq)]
struct Key {
    url: String,
    accept: Vec<u8>,
    etag: Vec<u8>,
}

struct Failure {
    reason: String,
    at: i64,
    until: i64,
    times: u32,
}

const FIRST_PAUSE: i64 = 1;
const LONGEST_PAUSE: i64 = 300;

impl<T: Transport> Coalesced<T> {
    /// In front of `transport`.
    pub fn new(transport: T, clock: Clock) -> Self {
        Self {
            transport,
            clock,
            flights: SingleFlight::new(),
            failures: Mutex::new(HashMap::new()),
            capacity: 1024,
            hosts: Mutex::new(HashMap::new()),
            per_host: 4,
        }
    }

    /// How many URLs of one host are fetched at a time (default: 4).
    #[must_use]
    pub fn per_host(mut self, fetches: usize) -> Self {
        self.per_host = fetches.max(1);
        self
    }

    /// How many failed URLs are remembered (default: 1024).
    #[must_use]
    pub fn remember(mut self, urls: usize) -> Self {
        self.capacity = urls.max(1);
        self
    }

    async fn fetch(&self, url: &str, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        self.is_due(url)?;
        let _seat = self.seat(request.uri().host().unwrap_or_default())?;
        let answer = self.transport.send(request).await;
        match &answer {
            Ok(response) if response.status().is_client_error() || response.status().is_server_error() => {
                self.note_failure(url, format!("it answered {}", response.status().as_u16()));
            }
            Ok(_) => {
                self.failures().remove(url);
            }
            Err(error) => self.note_failure(url, error.to_string()),
        }
        answer
    }

    fn seat(&self, host: &str) -> Result<Seat<'_>, FetchError> {
        let host = host.to_ascii_lowercase();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = hosts.entry(host.clone()).or_default();
        if *under_way >= self.per_host {
            return Err(FetchError::Busy(host));
        }
        *under_way += 1;
        drop(hosts);
        Ok(Seat { hosts: &self.hosts, host })
    }

    fn is_due(&self, url: &str) -> Result<(), FetchError> {
        let now = self.clock.now();
        match self.failures().get(url) {
            // A clock that went back must not make the pause longer.
            Some(failure) if now >= failure.at && now < failure.until => Err(FetchError::BackingOff {
                retry_after: Duration::from_secs((failure.until - now).unsigned_abs()),
                reason: failure.reason.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn note_failure(&self, url: &str, reason: String) {
        let now = self.clock.now();
        let mut failures = self.failures();
        let times = failures.get(url).map_or(0, |before| before.times.saturating_add(1));
        let pause = FIRST_PAUSE.checked_shl(times.min(16)).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
        if failures.len() >= self.capacity && !failures.contains_key(url) {
            let oldest = failures.iter().min_by_key(|(_, failure)| failure.at).map(|(url, _)| url.clone());
            if let Some(oldest) = oldest {
                failures.remove(&oldest);
            }
        }
        failures.insert(url.to_owned(), Failure { reason, at: now, until: now + pause, times });
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<String, Failure>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One fetch that counts for its host, until it is over or given up.
struct Seat<'a> {
    hosts: &'a Mutex<HashMap<String, usize>>,
    host: String,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match hosts.get_mut(&self.host) {
            Some(under_way) if *under_way > 1 => *under_way -= 1,
            _ => {
                hosts.remove(&self.host);
            }
        }
    }
}

#[async_trait]
impl<T: Transport> Transport for Coalesced<T> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let headers = request.headers();
        let is_anonymous = !headers.contains_key(AUTHORIZATION) && !headers.contains_key(COOKIE);
        if request.method() != Method::GET || !is_anonymous || !request.body().is_empty() {
            return self.transport.send(request).await;
        }
        let bytes = |name| headers.get(name).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
        let key = Key { url: request.uri().to_string(), accept: bytes(ACCEPT), etag: bytes(IF_NONE_MATCH) };
        self.flights.run(&key, || self.fetch(&key.url, request)).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU16, AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Origin {
        asked: AtomicUsize,
        status: AtomicU16,
    }

    #[async_trait]
    impl Transport for Origin {
        async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            let status = self.status.load(Ordering::SeqCst);
            Ok(Response::builder().status(status).body(Bytes::from_static(b"x")).unwrap())
        }
    }

    fn setting(status: u16) -> (Arc<Origin>, Arc<AtomicI64>, Coalesced<Arc<Origin>>) {
        let origin = Arc::new(Origin { asked: AtomicUsize::new(0), status: AtomicU16::new(status) });
        let time = Arc::new(AtomicI64::new(1_000));
        let reading = Arc::clone(&time);
        let clock = Clock::new(move || reading.load(Ordering::SeqCst));
        (Arc::clone(&origin), time, Coalesced::new(origin, clock))
    }

    fn get(url: &str) -> Request<Bytes> {
        Request::get(url).body(Bytes::new()).unwrap()
    }

    #[tokio::test]
    async fn sec_rg_07_concurrent_gets_of_one_url_become_one() {
        let (origin, _, fetcher) = setting(200);
        let (a, b, c) = tokio::join!(
            fetcher.send(get("https://a.example/")),
            fetcher.send(get("https://a.example/")),
            fetcher.send(get("https://b.example/")),
        );
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(origin.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn sec_rg_07_a_failing_url_is_left_alone_for_twice_as_long_each_time() {
        let (origin, time, fetcher) = setting(503);
        assert_eq!(fetcher.send(get("https://a.example/")).await.unwrap().status(), 503);
        let refused = fetcher.send(get("https://a.example/")).await.unwrap_err();
        assert!(matches!(refused, FetchError::BackingOff { retry_after, .. } if retry_after.as_secs() == 1));

        time.fetch_add(1, Ordering::SeqCst);
        assert_eq!(fetcher.send(get("https://a.example/")).await.unwrap().status(), 503);
        let refused = fetcher.send(get("https://a.example/")).await.unwrap_err();
        assert!(matches!(refused, FetchError::BackingOff { retry_after, .. } if retry_after.as_secs() == 2));

        time.fetch_add(2, Ordering::SeqCst);
        origin.status.store(200, Ordering::SeqCst);
        assert_eq!(fetcher.send(get("https://a.example/")).await.unwrap().status(), 200);
        assert_eq!(fetcher.send(get("https://a.example/")).await.unwrap().status(), 200);
        assert_eq!(origin.asked.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn sec_rg_07_one_host_is_not_asked_for_many_things_at_a_time() {
        let (origin, _, fetcher) = setting(200);
        let fetcher = fetcher.per_host(2);
        let (a, b, c, d) = tokio::join!(
            fetcher.send(get("https://a.example/1")),
            fetcher.send(get("https://A.example/2")),
            fetcher.send(get("https://a.example/3")),
            fetcher.send(get("https://b.example/")),
        );
        assert!(a.is_ok() && b.is_ok() && d.is_ok());
        assert!(matches!(c, Err(FetchError::Busy(host)) if host == "a.example"));
        assert!(fetcher.send(get("https://a.example/3")).await.is_ok());
        assert_eq!(origin.asked.load(Ordering::SeqCst), 4);
        assert!(fetcher.hosts.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn sec_rg_07_what_is_remembered_is_bounded() {
        let (_, time, fetcher) = setting(404);
        let fetcher = fetcher.remember(2);
        for url in ["https://a.example/", "https://b.example/", "https://c.example/"] {
            fetcher.send(get(url)).await.unwrap();
            time.fetch_add(1, Ordering::SeqCst);
        }
        assert_eq!(fetcher.failures().len(), 2);
        assert!(!fetcher.failures().contains_key("https://a.example/"));
    }

    #[tokio::test]
    async fn requests_that_carry_credentials_or_change_things_go_straight_through() {
        let (origin, _, fetcher) = setting(503);
        for _ in 0..2 {
            let post = Request::post("https://a.example/").body(Bytes::new()).unwrap();
            assert_eq!(fetcher.send(post).await.unwrap().status(), 503);
            let own = Request::get("https://a.example/")
                .header(AUTHORIZATION, "Basic x")
                .body(Bytes::new())
                .unwrap();
            assert_eq!(fetcher.send(own).await.unwrap().status(), 503);
        }
        assert_eq!(origin.asked.load(Ordering::SeqCst), 4);
    }
}
