//! What stands between an authorization request and its answer. Steps return to one dispatcher, never to each other:
//! `authorize` asks for the first that is due; a page does it and sends the browser back.

use valetkey_oauth2::{ErrorCode, Timestamp};
use valetkey_ports::{Account, Client, Consent, Flow, Session};

use crate::config::Paths;

/// A flow with what was loaded beside it, so that the question whether a step is due is a pure one.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The request.
    pub flow: &'a Flow,
    /// Who asks.
    pub client: &'a Client,
    /// Who is logged in.
    pub session: Option<&'a (Session, Account)>,
    /// What that person has allowed this client before.
    pub consent: Option<&'a Consent>,
}

/// One step: one file in `steps/`, one line in its list.
pub trait Step: Send + Sync {
    /// Whether it is due.
    fn is_due(&self, view: &View<'_>, now: Timestamp) -> bool;
    /// The page that does it.
    fn page<'p>(&self, paths: &'p Paths) -> &'p str;
    /// What the client hears under `prompt=none`.
    fn refusal(&self) -> (ErrorCode, &'static str);
}
