//! The ports: one object-safe trait a file, and [`Ports`], the bundle that the engine is given.

mod accounts;
mod attempts;
mod clients;
mod clock;
mod codes;
mod consents;
mod credentials;
mod error;
mod events;
mod flows;
mod grants;
mod keys;
mod meta;
mod random;
mod replay;
mod sessions;
mod temporary;
mod tokens;
mod usage;

use std::{fmt, sync::Arc};

pub use accounts::Accounts;
pub use attempts::{Attempts, Count};
pub use clients::{Clients, Page};
pub use clock::Clock;
pub use codes::{Codes, Found, Redeemed};
pub use consents::Consents;
pub use credentials::Credentials;
pub use error::StoreError;
pub use events::{Events, Refusals};
pub use flows::Flows;
pub use grants::{Grants, NewGrant, Opened};
pub use keys::Keys;
pub use meta::Meta;
pub use random::Random;
pub use replay::{Once, Replay};
pub use sessions::Sessions;
pub use temporary::{Temporary, Trade, Traded};
pub use tokens::Tokens;
pub use usage::Usage;

/// Everything that the engine asks of the outside.
#[derive(Clone)]
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Registered applications.
    pub clients: Arc<dyn Clients>,
    /// People.
    pub accounts: Arc<dyn Accounts>,
    /// Browsers' logins.
    pub sessions: Arc<dyn Sessions>,
    /// Authorization requests that wait for their person.
    pub flows: Arc<dyn Flows>,
    /// What accounts have allowed.
    pub consents: Arc<dyn Consents>,
    /// Acts of authorization.
    pub grants: Arc<dyn Grants>,
    /// Authorization codes.
    pub codes: Arc<dyn Codes>,
    /// Access tokens with a record, and refresh token families.
    pub tokens: Arc<dyn Tokens>,
    /// OAuth 1 temporary credentials.
    pub temporary: Arc<dyn Temporary>,
    /// OAuth 1 token credentials.
    pub credentials: Arc<dyn Credentials>,
    /// What may be seen once.
    pub replay: Arc<dyn Replay>,
    /// Counted attempts.
    pub attempts: Arc<dyn Attempts>,
    /// Signing keys.
    pub keys: Arc<dyn Keys>,
    /// The audit.
    pub events: Arc<dyn Events>,
    /// Recent refusals.
    pub refusals: Arc<dyn Refusals>,
    /// How often what was done.
    pub usage: Arc<dyn Usage>,
    /// The store's own facts.
    pub meta: Arc<dyn Meta>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}
