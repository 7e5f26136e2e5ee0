//! Accounts: made, disabled, deleted.

use std::time::Duration;

use valetkey_crypto::digest::sha256;
use valetkey_oauth2::{AccountId, ErrorCode, Timestamp};
use valetkey_ports::{Account, Client, Event, EventKind, StoreError, Username};

use super::{AccountRefusal, Actor, NewAccount, PasswordRefusal, password_rules};
use crate::{
    Engine, Failure, Peer,
    failure::PageKind,
    registry::names::{cleaned, is_deceptive},
};

/// The window in which sign-ups from one source are counted.
const HOUR: Duration = Duration::from_secs(60 * 60);

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
        if !self.policy().sign_up {
            return Ok(Err(AccountRefusal::SignUpOff));
        }
        if new.password.is_none() {
            let min = self.policy().passwords.min_length;
            return Ok(Err(PasswordRefusal::TooShort { min }.into()));
        }
        let new = NewAccount { is_admin: false, is_demo: false, ..new.clone() };
        let draft = match self.drafted(&new) {
            Ok(draft) => draft,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let key = sha256(format!("sign up\0{}", peer.source()).as_bytes());
        let count = self.ports().attempts.count(&key, HOUR, self.now()).await?;
        if count.tries > self.policy().limits.sign_ups {
            let wait = count.since.plus(HOUR).since(self.now()).as_secs().max(1);
            self.note("sign-up", "locked", "too many new accounts from one source", None, peer);
            return Ok(Err(AccountRefusal::TooMany(u32::try_from(wait).unwrap_or(u32::MAX))));
        }
        let event = Event { detail: "sign-up".into(), ..self.event(EventKind::AccountCreated, peer) };
        self.keep_new(&new, draft, event).await
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
        only_operators(actor)?;
        let draft = match self.drafted(new) {
            Ok(draft) => draft,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let event = Event { by: actor.by(None), ..Event::new(EventKind::AccountCreated, self.now()) };
        self.keep_new(new, draft, event).await
    }

    /// Locks an account out: it can neither log in nor can its tokens be used, from this moment. `false` when there is
    /// no such account.
    ///
    /// # Errors
    /// The store's faults; a page for who may not do this.
    pub async fn disable_account(&self, id: &AccountId, actor: &Actor) -> Result<bool, Failure> {
        only_operators(actor)?;
        let now = self.now();
        // What is alive now, or begins until it is disabled, must not come back with the account.
        self.end_everything(id).await?;
        let done = self.alter(id, |account| account.disabled_at = account.disabled_at.or(Some(now))).await?;
        self.end_everything(id).await?;
        self.changed(id, done, EventKind::AccountChanged, "disabled", actor).await
    }

    /// Lets an account in again. What was alive before stays dead.
    ///
    /// # Errors
    /// The store's faults; a page for who may not do this.
    pub async fn enable_account(&self, id: &AccountId, actor: &Actor) -> Result<bool, Failure> {
        only_operators(actor)?;
        let done = self.alter(id, |account| account.disabled_at = None).await?;
        self.changed(id, done, EventKind::AccountChanged, "enabled", actor).await
    }

    /// Removes an account and all that hangs from it. Its apps stay, without an owner.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn delete_account(&self, id: &AccountId, actor: &Actor) -> Result<bool, Failure> {
        if !actor.may_touch(id) {
            return Ok(false);
        }
        let done = self.ports().accounts.delete(id).await?;
        if done {
            self.orphan_apps(id).await?;
        }
        self.changed(id, done, EventKind::AccountDeleted, "", actor).await
    }

    /// Ends every session and every token of an account at once (security TK-24).
    ///
    /// # Errors
    /// The store's faults.
    pub async fn end_account(&self, id: &AccountId, actor: &Actor) -> Result<bool, Failure> {
        if !actor.may_touch(id) {
            return Ok(false);
        }
        let done = self.end_everything(id).await?;
        self.changed(id, done, EventKind::SessionEnded, "all sessions and tokens", actor).await
    }

    /// Ends everything: by the account's mark what was authorized up to now, on its way or not; what is dated later, since
    /// another mark was set in this very second, one by one. The mark is a second ahead, so that codes of that kind are
    /// past it too.
    pub(super) async fn end_everything(&self, id: &AccountId) -> Result<bool, Failure> {
        let at = self.now().plus(Duration::from_secs(1));
        if !self.ports().accounts.end_all(id, at).await? {
            return Ok(false);
        }
        self.ports().sessions.end_others(id, None).await?;
        for grant in self.live_grants(id).await? {
            self.ports().grants.revoke(&grant.id, &grant.client, self.now()).await?;
        }
        Ok(true)
    }

    /// Reads, changes and writes an account, one change at a time in this process.
    pub(super) async fn alter(
        &self,
        id: &AccountId,
        change: impl FnOnce(&mut Account),
    ) -> Result<bool, Failure> {
        let _turn = self.changes.lock().await;
        let Some(mut account) = self.ports().accounts.find(id).await? else { return Ok(false) };
        change(&mut account);
        Ok(self.ports().accounts.update(&account).await?)
    }

    /// Writes down what was done, if it was.
    pub(super) async fn changed(
        &self,
        id: &AccountId,
        done: bool,
        kind: EventKind,
        detail: &str,
        actor: &Actor,
    ) -> Result<bool, Failure> {
        if done {
            let mut event = Event::new(kind, self.now());
            event.account = Some(*id);
            event.by = actor.by(Some(id));
            detail.clone_into(&mut event.detail);
            self.record(&[event]).await?;
        }
        Ok(done)
    }

    /// What a new account would be, before its password is hashed.
    pub(super) fn drafted(&self, new: &NewAccount) -> Result<Account, AccountRefusal> {
        let account = draft(new, AccountId::mint(self.now(), &self.ports().random.bytes()), self.now())?;
        if let Some(password) = &new.password {
            password_rules::check(&self.policy().passwords, password, account.username.as_str())?;
        }
        Ok(account)
    }

    /// The hash of a new account's password, where it has one.
    pub(super) async fn hashed(&self, new: &NewAccount) -> Result<Option<String>, Failure> {
        match &new.password {
            Some(password) => Ok(Some(self.passwords().hash(password, self.ports().random.bytes()).await?)),
            None => Ok(None),
        }
    }

    async fn keep_new(
        &self,
        new: &NewAccount,
        draft: Account,
        event: Event,
    ) -> Result<Result<Account, AccountRefusal>, Failure> {
        if self.ports().accounts.find_by_username(draft.username.key()).await?.is_some() {
            return Ok(Err(AccountRefusal::UsernameTaken));
        }
        let account = Account { password: self.hashed(new).await?, ..draft };
        match self.ports().accounts.put(&account).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Ok(Err(AccountRefusal::UsernameTaken)),
            Err(fault) => return Err(fault.into()),
        }
        self.record(&[Event { account: Some(account.id), ..event }]).await?;
        Ok(Ok(account))
    }

    async fn orphan_apps(&self, id: &AccountId) -> Result<(), Failure> {
        let _turn = self.changes.lock().await;
        for app in self.apps_of(id).await? {
            self.ports().clients.update(&Client { owner: None, ..app }).await?;
        }
        self.refresh_now().await
    }
}

/// What is not for everybody's own hands.
pub(super) fn only_operators(actor: &Actor) -> Result<(), Failure> {
    if actor.is_operator() {
        return Ok(());
    }
    let mut page = Failure::page(
        ErrorCode::AccessDenied,
        "Only an administrator can do this.",
        "an account tried what is for administrators",
    )
    .shown_as(PageKind::Forbidden)
    .to_page();
    page.status = http::StatusCode::FORBIDDEN;
    Err(Failure::Page(Box::new(page)))
}

fn draft(new: &NewAccount, id: AccountId, now: Timestamp) -> Result<Account, AccountRefusal> {
    let username = Username::new(&new.username);
    if !is_username(username.as_str()) || !is_username(username.key()) {
        return Err(AccountRefusal::UsernameInvalid);
    }
    let email = new.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
    if email.is_some_and(|email| !is_email(email)) {
        return Err(AccountRefusal::EmailInvalid);
    }
    let name = new.name.as_deref().map(|name| cleaned(name, 100)).filter(|name| !name.is_empty());
    Ok(Account {
        id,
        username,
        name,
        email: email.map(str::to_owned),
        password: None,
        is_admin: new.is_admin,
        is_demo: new.is_demo,
        disabled_at: None,
        not_before: Timestamp::default(),
        created_at: now,
    })
}

fn is_username(text: &str) -> bool {
    (1..=64).contains(&text.chars().count())
        && text.chars().any(char::is_alphanumeric)
        && !text.chars().any(|c| is_deceptive(c) || c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\''))
}

/// The form of an address, no more: whether it is somebody's is for a message to find out.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    text.len() <= 254
        && !local.is_empty()
        && local.chars().count() <= 64
        && !local.contains('@')
        && host.split('.').all(|label| !label.is_empty())
        && !text
            .chars()
            .any(|c| is_deceptive(c) || c.is_whitespace() || matches!(c, '<' | '>' | '"' | ',' | ';' | ':'))
}
