//! Grants, and how a token finds out whether it is still alive.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{AccountId, ClientId, GrantId, GrantType, Resource, Scope, SessionId, Timestamp};

/// One act of authorization: one device, one dance. Every token hangs from one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id; a JWT carries it.
    pub id: GrantId,
    /// To whom.
    pub client: ClientId,
    /// By whom; nobody for client credentials.
    pub account: Option<AccountId>,
    /// In which session.
    pub session: Option<SessionId>,
    /// How it came about.
    pub grant_type: GrantType,
    /// The most that its tokens may do.
    pub scope: Scope,
    /// Where.
    pub resources: Vec<Resource>,
    /// When it was allowed.
    pub authorized_at: Timestamp,
    /// When its last token will have died, as far as is known; then it can be purged.
    pub expires_at: Timestamp,
    /// When it was last used to get a token.
    pub last_used_at: Timestamp,
    /// When it ended. A standing grant (client credentials) starts anew after it.
    pub revoked_at: Option<Timestamp>,
}

impl Grant {
    /// How long the place of a grant stays burnt that was revoked before it began: far longer than any request that
    /// could still begin it.
    pub const BURNT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

    /// The one standing grant of a client's own credentials: found without a read, since its id comes from the
    /// client's.
    #[must_use]
    pub fn standing_id(client: &ClientId) -> GrantId {
        let digest = valetkey_crypto::digest::sha256(format!("standing grant\0{client}").as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
        // Marked as a UUID of version 8 (RFC 9562 §5.8): made by a rule of our own.
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        GrantId::from_bytes(bytes)
    }
}

/// The marks above a token, found by one read: grant, consent, account. (The client's own mark is in its record,
/// which the engine has at hand.)
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    /// Whom the grant belongs to.
    pub client: ClientId,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// When it was allowed.
    pub authorized_at: Timestamp,
    /// When the grant ended.
    pub revoked_at: Option<Timestamp>,
    /// The consent's mark, where there is a consent.
    pub consent_not_before: Option<Timestamp>,
    /// The account's mark, where this store keeps the accounts.
    pub account_mark: Option<AccountMark>,
}

/// What an account says about everything that is its.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AccountMark {
    /// Whether it may be used.
    pub is_active: bool,
    /// What was authorized at this second or before is dead.
    pub not_before: Timestamp,
}

impl Standing {
    /// Whether a token issued at that time is alive, as far as grant, consent and account go.
    #[must_use]
    pub fn is_live(&self, issued_at: Timestamp) -> bool {
        let grant = match (self.revoked_at, self.account) {
            (None, _) => true,
            (Some(_), Some(_)) => false,
            (Some(revoked_at), None) => issued_at > revoked_at,
        };
        let consent = self.consent_not_before.is_none_or(|mark| self.authorized_at > mark);
        let account =
            self.account_mark.is_none_or(|mark| mark.is_active && self.authorized_at > mark.not_before);
        grant && consent && account
    }
}
