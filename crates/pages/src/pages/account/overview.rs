//! `/account`: what there is, and what happened lately.

use async_trait::async_trait;
use valetkey_ports::{EventKind, Page as Listing};

use crate::{
    contexts,
    page::{Outcome, Page},
    site::Site,
    view,
    visit::Visit,
};

pub(in crate::pages) struct Overview;

/// How many lines of history are shown, and how many are searched for the last change of the password.
const SHOWN: usize = 12;
const SEARCHED: u32 = 200;

#[async_trait]
impl Page for Overview {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let (engine, live) = (site.engine(), visit.live()?);
        let id = &live.account().id;
        let history = engine.ports().events.list(Some(id), &Listing::first(SEARCHED)).await?;
        let changed = history.iter().find(|event| event.kind == EventKind::PasswordChanged);
        let mut events = Vec::new();
        for event in history.iter().take(SHOWN) {
            events.push(contexts::AccountEvent {
                at: event.at.seconds(),
                what: view::event(engine, event).await?,
                place: event.address.as_deref().map(view::place),
            });
        }
        let account = contexts::Account {
            page: visit.page(site, "account"),
            created_at: live.account().created_at.seconds(),
            password_changed_at: changed.map(|event| event.at.seconds()),
            sessions: engine.ports().sessions.list(id, visit.now).await?.len(),
            apps: engine.connected_apps(id).await?.len(),
            events,
        };
        site.ok(visit, "account", &account)
    }
}
