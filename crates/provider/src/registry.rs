//! Registration of clients: what pages and commands do with apps.

mod changes;
mod check;
mod draft;
pub(crate) mod names;
mod register;
mod secrets;

use valetkey_oauth2::Secret;
use valetkey_ports::Client;

pub use check::{Checked, Rights, check};
pub use draft::ClientDraft;
pub use secrets::MAX_OVERLAP;

/// What is wrong with a draft.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Which field of [`ClientDraft`]; empty where it is the whole.
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
