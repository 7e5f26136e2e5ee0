//! Sessions: ended by their owner or an operator.

use valetkey_oauth2::{AccountId, SessionId};

use super::{Actor, LiveSession};
use crate::{Engine, Failure, Peer};

impl Engine {
    /// Ends one session of an account; `false` when the account has no such session, or is not the actor's business.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn end_session(
        &self,
        account: &AccountId,
        session: &SessionId,
        actor: &Actor,
    ) -> Result<bool, Failure> {
        let _ = (account, session, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Ends all other sessions of who is logged in; answers how many.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn end_other_sessions(&self, live: &LiveSession, peer: &Peer) -> Result<u64, Failure> {
        let _ = (live, peer);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Logs out.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn log_out(&self, live: &LiveSession, peer: &Peer) -> Result<(), Failure> {
        let _ = (live, peer);
        Err(Failure::Internal("not there yet".into()))
    }
}
