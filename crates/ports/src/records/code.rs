//! An authorization code.

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{AccountId, GrantId, SessionId, Timestamp, grants::authorization_code::IssuedCode};

/// What an authorization code stands for until it is redeemed, and what is left of it afterwards.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// What the rule judges.
    pub facts: IssuedCode,
    /// The grant that its tokens will hang from. It is opened when the code is redeemed.
    pub grant: GrantId,
    /// Who allowed it.
    pub account: AccountId,
    /// In which session.
    pub session: Option<SessionId>,
    /// When it was allowed; after every not-before mark of that moment.
    pub authorized_at: Timestamp,
    /// When the person last logged in.
    pub authenticated_at: Timestamp,
    /// How long the tombstone stays: until the last token of the grant may die.
    pub remembered_until: Timestamp,
}
