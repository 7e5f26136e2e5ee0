//! A point in time, in whole seconds since the epoch, as the store and the claims keep it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z (RFC 7519 §2, NumericDate without its fraction).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 9999-12-31T23:59:59Z: the end of what never ends by itself.
    pub const FAR: Self = Self(253_402_300_799);

    /// The point that many seconds after the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This point moved into the future; stays at the end of time instead of wrapping.
    #[must_use]
    pub const fn plus(self, duration: Duration) -> Self {
        let seconds = duration.as_secs();
        Self(self.0.saturating_add(if seconds > i64::MAX as u64 { i64::MAX } else { seconds as i64 }))
    }

    /// This point moved into the past; stays at the beginning of time instead of wrapping.
    #[must_use]
    pub const fn minus(self, duration: Duration) -> Self {
        let seconds = duration.as_secs();
        Self(self.0.saturating_sub(if seconds > i64::MAX as u64 { i64::MAX } else { seconds as i64 }))
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        let seconds = self.0.saturating_sub(earlier.0);
        Duration::from_secs(if seconds < 0 { 0 } else { seconds.unsigned_abs() })
    }
}
