//! Clients: registered and changed.

use valetkey_oauth2::{AccountId, ClientId};
use valetkey_ports::Client;

use super::{ClientDraft, Problem, Registered};
use crate::{Engine, Failure, people::Actor};

impl Engine {
    /// Registers a client.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn register(
        &self,
        draft: &ClientDraft,
        actor: &Actor,
    ) -> Result<Result<Registered, Vec<Problem>>, Failure> {
        let _ = (draft, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Changes a client; `None` when there is none, or it is somebody else's.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn update_client(
        &self,
        id: &ClientId,
        draft: &ClientDraft,
        actor: &Actor,
    ) -> Result<Option<Result<Registered, Vec<Problem>>>, Failure> {
        let _ = (id, draft, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// The apps that an account has registered.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn apps_of(&self, account: &AccountId) -> Result<Vec<Client>, Failure> {
        let _ = account;
        Err(Failure::Internal("not there yet".into()))
    }

    /// A client, if it is the actor's business: somebody else's is not there (security OP-01).
    ///
    /// # Errors
    /// The store's faults.
    pub async fn client_for(&self, id: &ClientId, actor: &Actor) -> Result<Option<Client>, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }
}
