//! Time that stands still or jumps, and randomness that repeats: for tests, of this project and of embedders.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use valetkey_oauth2::Timestamp;

use crate::{Clock, Random};

/// A clock that stands still until it is moved.
///
/// ```
/// use std::time::Duration;
/// use valetkey_ports::{Clock, testing::ManualClock};
/// let clock = ManualClock::default();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(before), Duration::from_secs(60));
/// ```
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at that time.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.seconds()))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().plus(by));
    }

    /// Jumps, also back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.seconds(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// Some morning in 2026.
    fn default() -> Self {
        Self::at(Timestamp::from_seconds(1_790_000_000))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// Counts: every draw differs, and can be foretold. Each is the count in big-endian at the end of zeros.
#[derive(Debug, Default)]
pub struct CountingRandom(AtomicU64);

impl CountingRandom {
    /// How many draws there were.
    #[must_use]
    pub fn draws(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Random for CountingRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        bytes.fill(0);
        for (byte, digit) in bytes.iter_mut().rev().zip(count.to_be_bytes().into_iter().rev()) {
            *byte = digit;
        }
    }
}

/// Looks random, and repeats for one seed: SHA-256 of the seed and a counter.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    blocks: AtomicU64,
}

impl SeededRandom {
    /// The sequence of that seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, blocks: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.blocks.fetch_add(1, Ordering::SeqCst);
            let mut input = [0; 16];
            input[..8].copy_from_slice(&self.seed.to_be_bytes());
            input[8..].copy_from_slice(&block.to_be_bytes());
            let digest = valetkey_crypto::digest::sha256(&input);
            for (byte, random) in chunk.iter_mut().zip(digest) {
                *byte = random;
            }
        }
    }
}
