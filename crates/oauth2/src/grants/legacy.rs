//! What OAuth 2.1 has left behind, and some sites still need.

use serde::{Deserialize, Serialize};

/// A server's setting for a legacy grant or response type.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Legacy {
    /// Nobody may use it.
    #[default]
    Off,
    /// A client may whose own switch is on.
    PerClient,
    /// Every client may that is registered for it.
    All,
}

impl Legacy {
    /// Whether a client whose own switch stands so may use it.
    #[must_use]
    pub const fn permits(self, is_switched_on: bool) -> bool {
        match self {
            Self::Off => false,
            Self::PerClient => is_switched_on,
            Self::All => true,
        }
    }
}
