//! Whether a token is alive: every mark above it is asked, and the latest wins (security TK-20).

use valetkey_oauth2::Timestamp;
use valetkey_ports::{Client, Standing};

use super::Engine;
use crate::Failure;

impl Engine {
    /// Whether a token of this standing, issued at that time, is alive. `client` is the grant's client, where the caller
    /// has it at hand.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn is_live(
        &self,
        standing: &Standing,
        issued_at: Timestamp,
        client: Option<&Client>,
    ) -> Result<bool, Failure> {
        if !standing.is_live(issued_at) {
            return Ok(false);
        }
        // What has no account hangs from a standing grant: there the token's own time counts.
        let authorized_at = if standing.account.is_some() { standing.authorized_at } else { issued_at };
        let is_client_live = match client {
            Some(client) if client.id == standing.client => is_client_live(client, authorized_at),
            _ => match self.client(&standing.client).await? {
                Some(client) => is_client_live(&client, authorized_at),
                None => false,
            },
        };
        if !is_client_live {
            return Ok(false);
        }
        match (&standing.account, &standing.account_mark) {
            (Some(account), None) => {
                Ok(self.ports.accounts.find(account).await?.is_some_and(|account| {
                    account.is_active() && standing.authorized_at > account.not_before
                }))
            }
            _ => Ok(true),
        }
    }
}

fn is_client_live(client: &Client, authorized_at: Timestamp) -> bool {
    client.is_active() && authorized_at > client.not_before
}
