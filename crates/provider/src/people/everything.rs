//! The end of everything at once: what an operator does after a break-in (security TK-24).

use std::time::Duration;

use valetkey_oauth2::ClientId;
use valetkey_ports::{Event, EventKind, Page};

use super::{Actor, accounts::only_operators};
use crate::{Engine, Failure};

/// What was ended: the proof that it was done to the last one.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Ended {
    /// Whose sessions and tokens.
    pub accounts: u64,
    /// Which had tokens of their own.
    pub clients: u64,
}

/// Accounts and clients are read by so many.
const BATCH: u32 = 200;

impl Engine {
    /// Ends every session and every token there is, of every account and every client, declared ones too. What was begun
    /// is written down before, and what was done after; when it fails half way it can be done again.
    ///
    /// APIs that check JWTs without asking take them until they expire, unless the signing keys are rotated at once.
    ///
    /// # Errors
    /// The store's faults; a page for who may not do this.
    pub async fn end_all_tokens(&self, actor: &Actor) -> Result<Ended, Failure> {
        only_operators(actor)?;
        self.everything("everything: begun", actor).await?;
        let mut ended = Ended::default();
        let mut page = Page::first(BATCH);
        loop {
            let accounts = self.ports().accounts.list(&page).await?;
            for account in &accounts {
                ended.accounts += u64::from(self.end_everything(&account.id).await?);
            }
            let Some(last) = accounts.last() else { break };
            page.after = Some(last.username.key().to_owned());
        }
        let mut page = Page::first(BATCH);
        loop {
            let clients = self.ports().clients.list(None, &page).await?;
            for client in &clients {
                ended.clients += u64::from(self.end_client(&client.id).await?);
            }
            let Some(last) = clients.last() else { break };
            page.after = Some(last.id.to_string());
        }
        self.refresh_now().await?;
        let done = format!("everything: of {} accounts and {} clients", ended.accounts, ended.clients);
        self.everything(&done, actor).await?;
        Ok(ended)
    }

    /// Moves a client's mark on, whoever may change its record.
    async fn end_client(&self, id: &ClientId) -> Result<bool, Failure> {
        let _turn = self.changes.lock().await;
        let Some(mut client) = self.ports().clients.find(id).await? else { return Ok(false) };
        client.not_before = client.not_before.plus(Duration::from_secs(1)).max(self.now());
        Ok(self.ports().clients.update(&client).await?)
    }

    async fn everything(&self, detail: &str, actor: &Actor) -> Result<(), Failure> {
        let mut event = Event::new(EventKind::GrantRevoked, self.now());
        event.by = actor.by(None);
        detail.clone_into(&mut event.detail);
        self.record(&[event]).await
    }
}
