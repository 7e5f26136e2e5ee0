//! The first administrator: by a link that works once.

use std::time::Duration;

use valetkey_oauth2::{Handle, HandleKind};
use valetkey_ports::{Account, EventKind, StoreError};

use super::{AccountRefusal, NewAccount, PasswordRefusal};
use crate::{Engine, Failure, Peer};

const PURPOSE: &str = "setup";
const GOOD_FOR: Duration = Duration::from_secs(60 * 60);

impl Engine {
    /// Makes a setup link's handle, good for an hour and one administrator.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn setup_link(&self) -> Result<Handle, Failure> {
        let link = self.mint(HandleKind::Setup);
        self.ports().replay.put_ticket(&link.hash(), PURPOSE, self.now().plus(GOOD_FOR)).await?;
        Ok(link)
    }

    /// Whether a setup link is still good.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn find_setup(&self, link: &Handle) -> Result<bool, Failure> {
        let purpose = self.ports().replay.find_ticket(&link.hash(), self.now()).await?;
        Ok(link.kind() == HandleKind::Setup && purpose.as_deref() == Some(PURPOSE))
    }

    /// Makes an administrator, if the link is still good: of any number of callers with one link, one succeeds (security
    /// UI-13). [`AccountRefusal::SignUpOff`] when it is not.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn claim_setup(
        &self,
        link: &Handle,
        new: &NewAccount,
        peer: &Peer,
    ) -> Result<Result<Account, AccountRefusal>, Failure> {
        if !self.find_setup(link).await? {
            return Ok(Err(AccountRefusal::SignUpOff));
        }
        let new = NewAccount { is_admin: true, is_demo: false, ..new.clone() };
        if new.password.is_none() {
            let min = self.policy().passwords.min_length;
            return Ok(Err(PasswordRefusal::TooShort { min }.into()));
        }
        let draft = match self.drafted(&new) {
            Ok(draft) => draft,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let account = Account { password: self.hashed(&new).await?, ..draft };
        match self.ports().accounts.put_with_ticket(&account, &link.hash(), self.now()).await {
            Ok(true) => {}
            Ok(false) => return Ok(Err(AccountRefusal::SignUpOff)),
            Err(StoreError::Conflict(_)) => return Ok(Err(AccountRefusal::UsernameTaken)),
            Err(fault) => return Err(fault.into()),
        }
        let mut event = self.event(EventKind::AccountCreated, peer);
        event.account = Some(account.id);
        event.detail = "administrator, by the setup link".into();
        self.record(&[event]).await?;
        Ok(Ok(account))
    }
}
