//! Accounts: made, disabled, deleted.

use valetkey_oauth2::AccountId;
use valetkey_ports::Account;

use super::{AccountRefusal, Actor, NewAccount};
use crate::{Engine, Failure, Peer};

impl Engine {
    /// Makes an account for somebody who asks for one, where the policy lets people do so. Counted per source. Without
    /// e-mail there is no way around telling that a user name is taken (security UI-06): what can be done is to count who
    /// asks.
    ///
    /// # Errors
    /// The store's faults; [`Failure::Busy`] when too many passwords are being hashed.
    pub async fn sign_up(
        &self,
        new: &NewAccount,
        peer: &Peer,
    ) -> Result<Result<Account, AccountRefusal>, Failure> {
        let _ = (new, peer);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Makes an account, by an administrator or a command.
    ///
    /// # Errors
    /// The store's faults; a page for who may not do this.
    pub async fn create_account(
        &self,
        new: &NewAccount,
        actor: &Actor,
    ) -> Result<Result<Account, AccountRefusal>, Failure> {
        let _ = (new, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Locks an account out: it can neither log in nor can its tokens be used, from this moment. `false` when there is
    /// no such account.
    ///
    /// # Errors
    /// The store's faults; a page for who may not do this.
    pub async fn disable_account(&self, id: &AccountId, actor: &Actor) -> Result<bool, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Lets an account in again. What was alive before stays dead.
    ///
    /// # Errors
    /// The store's faults; a page for who may not do this.
    pub async fn enable_account(&self, id: &AccountId, actor: &Actor) -> Result<bool, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Removes an account and all that hangs from it. Its apps stay, without an owner.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn delete_account(&self, id: &AccountId, actor: &Actor) -> Result<bool, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Ends every session and every token of an account at once (security TK-24).
    ///
    /// # Errors
    /// The store's faults.
    pub async fn end_account(&self, id: &AccountId, actor: &Actor) -> Result<bool, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }
}
