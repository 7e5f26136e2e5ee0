//! Registration of clients: what pages and commands do with apps.

mod changes;
mod check;
mod draft;
mod moments;
pub(crate) mod names;
mod oauth1;
mod register;
mod secrets;

use valetkey_oauth2::Secret;
use valetkey_ports::Client;

pub use check::{Checked, Rights, check};
pub use draft::ClientDraft;
pub use moments::{parse_moment, write_moment};
pub use oauth1::OAuth1Draft;
pub use secrets::MAX_OVERLAP;

/// What is wrong with a draft.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Which field of [`ClientDraft`]; those of [`OAuth1Draft`] begin with `oauth1_`, and its switch is `oauth1`; empty
    /// where it is the whole.
    pub field: &'static str,
    /// What to do about it, in a sentence.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// A client that was registered or changed.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The record.
    pub client: Client,
    /// Its secret, where one was made: shown now and never again.
    pub secret: Option<Secret>,
    /// Its shared secret for OAuth 1, where one was made: shown now and never again.
    pub oauth1_secret: Option<Secret>,
    /// What is weak about it, a sentence each.
    pub warnings: Vec<String>,
}

/// What became of a change to a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Changed {
    /// It was made.
    Done,
    /// There is no such client, or it is somebody else's (security OP-01).
    NotFound,
    /// The configuration declares it: change it there.
    ReadOnly,
}

impl Changed {
    /// Whether the change was made.
    #[must_use]
    pub fn is_done(self) -> bool {
        self == Self::Done
    }
}
