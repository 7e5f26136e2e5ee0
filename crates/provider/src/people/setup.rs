//! The first administrator: by a link that works once.

use valetkey_oauth2::Handle;
use valetkey_ports::Account;

use super::{AccountRefusal, NewAccount};
use crate::{Engine, Failure, Peer};

impl Engine {
    /// Makes a setup link's handle, good for an hour and one administrator.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn setup_link(&self) -> Result<Handle, Failure> {
        Err(Failure::Internal("not there yet".into()))
    }

    /// Whether a setup link is still good.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn find_setup(&self, link: &Handle) -> Result<bool, Failure> {
        let _ = link;
        Err(Failure::Internal("not there yet".into()))
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
        let _ = (link, new, peer);
        Err(Failure::Internal("not there yet".into()))
    }
}
