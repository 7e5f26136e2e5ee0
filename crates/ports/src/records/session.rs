//! A browser's login.

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{AccountId, SessionId, Timestamp};

/// One browser's login of one account.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// How its owner names it in a list.
    pub id: SessionId,
    /// Who.
    pub account: AccountId,
    /// When the browser's session began.
    pub created_at: Timestamp,
    /// When the person last showed who they are.
    pub authenticated_at: Timestamp,
    /// When it was last seen, to the minute.
    pub last_seen_at: Timestamp,
    /// When it dies unused.
    pub idle_expires_at: Timestamp,
    /// When it dies anyhow.
    pub expires_at: Timestamp,
    /// What the browser called itself.
    pub user_agent: String,
    /// Where it came from.
    pub address: String,
}

impl Session {
    /// Whether it is neither too old nor too long unused.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.idle_expires_at && now < self.expires_at
    }
}
