//! Clients: disabled, emptied, deleted.

use valetkey_oauth2::ClientId;

use super::Changed;
use crate::{Engine, Failure, people::Actor};

impl Engine {
    /// Disables a client: it gets nothing, and its tokens are dead while it is.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn disable_client(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Lets a client be used again.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn enable_client(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Ends every token that the client holds (security TK-24).
    ///
    /// # Errors
    /// The store's faults.
    pub async fn revoke_client_tokens(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Removes a client and all that hangs from it. Its id never comes back.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn delete_client(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }
}
