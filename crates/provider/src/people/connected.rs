//! Connected apps: what a person has let in, and how it is put out again.

use std::collections::{BTreeMap, btree_map::Entry};

use valetkey_oauth2::{AccountId, ClientId, Scope, Timestamp};
use valetkey_ports::{Client, Event, EventKind, Grant, Page};

use super::Actor;
use crate::{Engine, Failure, oauth1::GRANT_TYPE};

/// An app that a person has let in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConnectedApp {
    /// Which.
    pub client: ClientId,
    /// What it is called.
    pub name: String,
    /// Its home page.
    pub site: Option<String>,
    /// All that it may do.
    pub scope: Scope,
    /// When it was first let in.
    pub first_used: Timestamp,
    /// When it last got a token.
    pub last_used: Timestamp,
    /// How many logins of it are alive: one a device, roughly.
    pub grants: usize,
    /// Whether one of these is of OAuth 1.
    pub uses_oauth1: bool,
    /// Whether one of these is of OAuth 2.
    pub uses_oauth2: bool,
}

impl ConnectedApp {
    fn new(client: &Client, at: Timestamp) -> Self {
        Self {
            client: client.id.clone(),
            name: client.name.clone(),
            site: client.site.clone(),
            scope: Scope::empty(),
            first_used: at,
            last_used: at,
            grants: 0,
            uses_oauth1: false,
            uses_oauth2: false,
        }
    }
}

/// Grants are read by so many, and no more than so many at all.
const PAGE: u32 = 200;
const MOST: usize = 5000;

impl Engine {
    /// The apps that an account has let in, last used first: by consent, or without one because the operator vouches for
    /// them.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn connected_apps(&self, account: &AccountId) -> Result<Vec<ConnectedApp>, Failure> {
        let now = self.now();
        let mut apps: BTreeMap<ClientId, ConnectedApp> = BTreeMap::new();
        for (consent, latest) in self.ports().consents.list(account).await? {
            let Some(client) = self.client(&consent.client).await? else { continue };
            let mut app = ConnectedApp::new(&client, consent.given_at);
            app.scope = consent.scope;
            app.last_used = latest.map_or(consent.updated_at, |grant| grant.last_used_at);
            apps.insert(client.id.clone(), app);
        }
        for grant in self.live_grants(account).await? {
            if grant.expires_at <= now {
                continue;
            }
            let app = match apps.entry(grant.client.clone()) {
                Entry::Occupied(place) => place.into_mut(),
                Entry::Vacant(place) => {
                    let Some(client) = self.client(&grant.client).await? else { continue };
                    place.insert(ConnectedApp::new(&client, grant.authorized_at))
                }
            };
            app.grants += 1;
            let is_oauth1 = grant.grant_type.as_str() == GRANT_TYPE;
            app.uses_oauth1 |= is_oauth1;
            app.uses_oauth2 |= !is_oauth1;
            app.scope = app.scope.union(&grant.scope);
            app.first_used = app.first_used.min(grant.authorized_at);
            app.last_used = app.last_used.max(grant.last_used_at);
        }
        let mut apps: Vec<ConnectedApp> = apps.into_values().collect();
        apps.sort_by_key(|app| std::cmp::Reverse(app.last_used));
        Ok(apps)
    }

    /// Puts an app out: its consent, its grants and all their tokens end at once (security TK-23). `false` when there was
    /// nothing to end, or the account is not the actor's business.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn withdraw(
        &self,
        account: &AccountId,
        client: &ClientId,
        actor: &Actor,
    ) -> Result<bool, Failure> {
        if !actor.may_touch(account) {
            return Ok(false);
        }
        let is_its = |grant: &Grant| grant.client == *client;
        let held = self.live_grants(account).await?.iter().any(is_its);
        let consented = self.ports().consents.withdraw(account, client, self.now()).await?;
        // What the mark does not reach, since it was dated after another mark of this very second.
        for grant in self.live_grants(account).await?.into_iter().filter(is_its) {
            self.ports().grants.revoke(&grant.id, &grant.client, self.now()).await?;
        }
        if consented || held {
            let mut event = Event::new(EventKind::ConsentWithdrawn, self.now());
            event.account = Some(*account);
            event.client = Some(client.clone());
            event.by = actor.by(Some(account));
            self.record(&[event]).await?;
        }
        Ok(consented || held)
    }

    /// All live grants of an account, as far as anybody will read.
    pub(super) async fn live_grants(&self, account: &AccountId) -> Result<Vec<Grant>, Failure> {
        let mut all: Vec<Grant> = Vec::new();
        let mut page = Page::first(PAGE);
        loop {
            let some = self.ports().grants.list_account(account, &page).await?;
            let is_last = some.len() < PAGE as usize || all.len() >= MOST;
            page.after = some.last().map(|grant| grant.id.to_string());
            all.extend(some);
            if is_last {
                return Ok(all);
            }
        }
    }
}
