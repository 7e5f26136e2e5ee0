//! Passwords: changed by their owner, set by an operator.

use valetkey_oauth2::{AccountId, Secret};

use super::{Actor, Browser, ChangeRefusal, LiveSession, NewSession, PasswordRefusal};
use crate::{Engine, Failure, Peer};

impl Engine {
    /// Changes the password of who is logged in. Trying the current one is counted like a login. Every other session and
    /// every token of the account ends (security UI-19), and this browser gets a new session (UI-04).
    ///
    /// # Errors
    /// The store's faults; [`Failure::Busy`] when too many passwords are being hashed.
    pub async fn change_password(
        &self,
        live: &LiveSession,
        current: &Secret,
        new: &Secret,
        browser: &Browser,
        peer: &Peer,
    ) -> Result<Result<NewSession, ChangeRefusal>, Failure> {
        let _ = (live, current, new, browser, peer);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Sets a password, by an administrator or a command. Every session and every token of the account ends. `None` when
    /// there is no such account.
    ///
    /// # Errors
    /// The store's faults; a page for who may not do this.
    pub async fn set_password(
        &self,
        id: &AccountId,
        new: &Secret,
        actor: &Actor,
    ) -> Result<Option<Result<(), PasswordRefusal>>, Failure> {
        let _ = (id, new, actor);
        Err(Failure::Internal("not there yet".into()))
    }
}
