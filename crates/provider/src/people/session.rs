//! A browser's login, found by its cookie.

use std::time::Duration;

use http::HeaderMap;
use valetkey_oauth2::{HandleHash, Timestamp};
use valetkey_ports::{Account, Session};

use crate::{Engine, Failure};

/// Evidence that a browser is logged in: made only where the cookie was looked up.
#[derive(Clone, Debug)]
pub struct LiveSession {
    hash: HandleHash,
    parts: (Session, Account),
}

impl LiveSession {
    /// The hash of its cookie's handle.
    #[must_use]
    pub fn hash(&self) -> &HandleHash {
        &self.hash
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.parts.0
    }

    /// Who is logged in.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.parts.1
    }

    /// Whether the person has shown who they are in the last five minutes: asked before what is grave (security UI-21). Only
    /// a login makes it so, never a visit.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now <= self.session().authenticated_at.plus(FRESH)
    }

    /// Both.
    #[must_use]
    pub fn parts(&self) -> &(Session, Account) {
        &self.parts
    }
}

/// How long a login counts as fresh.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// How old `last_seen_at` may get before it is written again.
const SEEN: Duration = Duration::from_secs(60);

impl Engine {
    /// The session of a browser, if it is logged in; its idle limit moves on, written once a minute at the most.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn session(&self, headers: &HeaderMap, now: Timestamp) -> Result<Option<LiveSession>, Failure> {
        let Some(handle) = self.cookies().session(headers) else { return Ok(None) };
        let hash = handle.hash();
        let Some(parts) = self.ports().sessions.find(&hash, now).await? else { return Ok(None) };
        if parts.0.last_seen_at.plus(SEEN) <= now {
            let idle = now.plus(self.policy().lifetimes.session_idle).min(parts.0.expires_at);
            self.ports().sessions.touch(&hash, now, idle).await?;
        }
        Ok(Some(LiveSession { hash, parts }))
    }
}
