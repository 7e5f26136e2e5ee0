//! Clients: disabled, emptied, deleted; and how every change is made.

use std::time::Duration;

use valetkey_oauth2::{ClientId, Timestamp};
use valetkey_ports::{Client, ClientOrigin, Event, EventKind, Page};

use super::Changed;
use crate::{Engine, Failure, people::Actor};

impl Engine {
    /// Disables a client: it gets nothing, and its tokens are dead while it is.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn disable_client(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let now = self.now();
        let change = |client: &mut Client| client.disabled_at = client.disabled_at.or(Some(now));
        self.alter_client(id, actor, EventKind::ClientChanged, "disabled", change).await
    }

    /// Lets a client be used again.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn enable_client(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let change = |client: &mut Client| client.disabled_at = None;
        self.alter_client(id, actor, EventKind::ClientChanged, "enabled", change).await
    }

    /// Ends every token that the client holds (security TK-24).
    ///
    /// # Errors
    /// The store's faults.
    pub async fn revoke_client_tokens(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let now = self.now();
        // Past the mark that is there: what came after it is dated after it.
        let change = |client: &mut Client| {
            client.not_before = client.not_before.plus(Duration::from_secs(1)).max(now);
        };
        let done = self.alter_client(id, actor, EventKind::ClientChanged, "all tokens ended", change).await?;
        if done.is_done() {
            self.end_late_grants(id, now).await?;
        }
        Ok(done)
    }

    /// Ends what the client's mark does not reach: grants that are dated after it, since another mark was set in the very
    /// same second. They are the latest.
    async fn end_late_grants(&self, id: &ClientId, mark: Timestamp) -> Result<(), Failure> {
        let mut page = Page::first(100);
        loop {
            let grants = self.ports().grants.list(Some(id), &page).await?;
            for grant in &grants {
                if grant.authorized_at > mark && grant.account.is_some() {
                    self.ports().grants.revoke(&grant.id, id, self.now()).await?;
                }
            }
            let Some(last) = grants.last() else { return Ok(()) };
            if last.authorized_at.plus(Duration::from_secs(60)) < mark {
                return Ok(());
            }
            page.after = Some(last.id.to_string());
        }
    }

    /// Removes a client and all that hangs from it. Its id never comes back.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn delete_client(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let turn = self.changes.lock().await;
        let client = match self.mine(id, actor).await? {
            Mine::Yes(client) => client,
            Mine::No(why) => return Ok(why),
        };
        if !self.ports().clients.delete(id).await? {
            return Ok(Changed::NotFound);
        }
        drop(turn);
        self.client_changed(&client, EventKind::ClientDeleted, "", actor).await?;
        Ok(Changed::Done)
    }

    /// Reads, changes and writes a client, one change at a time in this process; writes it down, and sees to it that it
    /// holds here from now on.
    pub(super) async fn alter_client(
        &self,
        id: &ClientId,
        actor: &Actor,
        kind: EventKind,
        detail: &str,
        change: impl FnOnce(&mut Client),
    ) -> Result<Changed, Failure> {
        let turn = self.changes.lock().await;
        let mut client = match self.mine(id, actor).await? {
            Mine::Yes(client) => client,
            Mine::No(why) => return Ok(why),
        };
        change(&mut client);
        client.updated_at = self.now();
        if !self.ports().clients.update(&client).await? {
            return Ok(Changed::NotFound);
        }
        drop(turn);
        self.client_changed(&client, kind, detail, actor).await?;
        Ok(Changed::Done)
    }

    /// Finds a client that the actor may change.
    pub(super) async fn mine(&self, id: &ClientId, actor: &Actor) -> Result<Mine, Failure> {
        let Some(client) = self.client_for(id, actor).await? else { return Ok(Mine::No(Changed::NotFound)) };
        if client.origin == ClientOrigin::Configuration && *actor != Actor::CONFIGURATION {
            return Ok(Mine::No(Changed::ReadOnly));
        }
        Ok(Mine::Yes(Box::new(client)))
    }

    /// Writes a change down, and drops what this process still knows of before.
    pub(super) async fn client_changed(
        &self,
        client: &Client,
        kind: EventKind,
        detail: &str,
        actor: &Actor,
    ) -> Result<(), Failure> {
        self.refresh_now().await?;
        let mut event = Event::new(kind, self.now());
        event.client = Some(client.id.clone());
        event.account = client.owner;
        event.by = actor.by(client.owner.as_ref());
        detail.clone_into(&mut event.detail);
        self.record(&[event]).await
    }
}

/// Whether a client may be changed.
pub(super) enum Mine {
    Yes(Box<Client>),
    No(Changed),
}
