//! Time.

use valetkey_oauth2::Timestamp;

/// Tells the time. Tests stand still or jump.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
