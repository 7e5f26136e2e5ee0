//! Client secrets: made or given, replaced with an overlap.

use std::time::Duration;

use valetkey_oauth2::{ClientId, Secret};

use super::Changed;
use crate::{Engine, Failure, people::Actor};

impl Engine {
    /// Makes a new secret; the one there is ends after `overlap`, so that two at the most are alive (security CA-17).
    /// `None` when there is no such client, or it keeps no secret, or the configuration declares it.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn rotate_secret(
        &self,
        id: &ClientId,
        overlap: Duration,
        actor: &Actor,
    ) -> Result<Option<Secret>, Failure> {
        let _ = (id, overlap, actor);
        Err(Failure::Internal("not there yet".into()))
    }

    /// Ends the secret that is being replaced now.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn retire_secret(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let _ = (id, actor);
        Err(Failure::Internal("not there yet".into()))
    }
}
