//! Passwords: changed by their owner, set by an operator.

use valetkey_oauth2::{AccountId, Secret};
use valetkey_ports::EventKind;

use super::{
    Actor, Browser, ChangeRefusal, LiveSession, LoginOutcome, NewSession, PasswordRefusal,
    accounts::only_operators, password_rules,
};
use crate::{Engine, Failure, Peer, password::PasswordPool};

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
        let username = live.account().username.as_str();
        if let Err(refusal) = password_rules::check(&self.policy().passwords, new, username) {
            return Ok(Err(refusal.into()));
        }
        let known = match self.check_password(username, current, browser.device.as_ref(), peer).await? {
            LoginOutcome::Welcome(account) if account.id == live.account().id => account,
            LoginOutcome::TooMany(wait) => return Ok(Err(ChangeRefusal::TooMany(wait))),
            LoginOutcome::Welcome(_) | LoginOutcome::Wrong => return Ok(Err(ChangeRefusal::WrongPassword)),
        };
        let id = known.id;
        let accounts = &self.ports().accounts;
        let old = match known.password {
            // The login has just replaced it by today's form.
            Some(old) if PasswordPool::is_outdated(&old) => {
                accounts.find(&id).await?.and_then(|account| account.password).unwrap_or(old)
            }
            Some(old) => old,
            None => return Ok(Err(ChangeRefusal::WrongPassword)),
        };
        let hash = self.passwords().hash(new, self.ports().random.bytes()).await?;
        let is_changed = {
            let _turn = self.changes.lock().await;
            accounts.upgrade_password(&id, &old, &hash).await?
        };
        if !is_changed {
            // Somebody was faster: the current one is another by now.
            return Ok(Err(ChangeRefusal::WrongPassword));
        }
        self.end_everything(&id).await?;
        let mut event = self.event(EventKind::PasswordChanged, peer);
        event.account = Some(id);
        self.record(&[event]).await?;
        let Some(account) = accounts.find(&id).await? else { return Ok(Err(ChangeRefusal::WrongPassword)) };
        let browser = Browser { session: Some(*live.hash()), ..browser.clone() };
        Ok(Ok(self.begin_session(&account, &browser, peer).await?))
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
        only_operators(actor)?;
        let Some(account) = self.ports().accounts.find(id).await? else { return Ok(None) };
        if let Err(refusal) = password_rules::check(&self.policy().passwords, new, account.username.as_str())
        {
            return Ok(Some(Err(refusal)));
        }
        let hash = self.passwords().hash(new, self.ports().random.bytes()).await?;
        if !self.alter(id, |account| account.password = Some(hash)).await? {
            return Ok(None);
        }
        self.end_everything(id).await?;
        self.changed(id, true, EventKind::PasswordChanged, "set", actor).await?;
        Ok(Some(Ok(())))
    }
}
