//! Sessions: ended by their owner or an operator.

use valetkey_oauth2::{AccountId, SessionId};
use valetkey_ports::EventKind;

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
        if !actor.may_touch(account) {
            return Ok(false);
        }
        let done = self.ports().sessions.end_one(account, session).await?;
        self.changed(account, done, EventKind::SessionEnded, "one session", actor).await
    }

    /// Ends all other sessions of who is logged in; answers how many.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn end_other_sessions(&self, live: &LiveSession, peer: &Peer) -> Result<u64, Failure> {
        let account = live.account().id;
        let ended = self.ports().sessions.end_others(&account, Some(&live.session().id)).await?;
        let mut event = self.event(EventKind::SessionEnded, peer);
        event.account = Some(account);
        event.detail = format!("{ended} other sessions");
        self.record(&[event]).await?;
        Ok(ended)
    }

    /// Logs out.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn log_out(&self, live: &LiveSession, peer: &Peer) -> Result<(), Failure> {
        self.ports().sessions.end(live.hash()).await?;
        let mut event = self.event(EventKind::Logout, peer);
        event.account = Some(live.account().id);
        self.record(&[event]).await
    }
}
