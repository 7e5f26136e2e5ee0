//! `/admin/events`: the audit trail.

use async_trait::async_trait;
use valetkey_ports::Event;
use valetkey_provider::{Engine, Failure};

use super::{asked, cut_by_count};
use crate::{
    contexts::{self, EventRow},
    page::{Outcome, Page},
    site::Site,
    view,
    visit::Visit,
};

pub(in crate::pages) struct Events;

#[async_trait]
impl Page for Events {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let engine = site.engine();
        let mut events = engine.ports().events.list(None, &asked(visit)).await?;
        let paging = cut_by_count(site, visit, &mut events, "");
        let mut rows = Vec::with_capacity(events.len());
        for event in &events {
            let account = match &event.account {
                Some(id) => Some(super::accounts::username(engine, id).await?),
                None => None,
            };
            rows.push(EventRow {
                at: event.at.seconds(),
                what: view::event(engine, event).await?,
                account,
                client_id: event.client.as_ref().map(ToString::to_string),
                actor: actor(engine, event).await?,
                place: event.address.as_deref().map(view::place),
            });
        }
        let page = contexts::AdminEvents { page: visit.page(site, "events"), events: rows, paging };
        site.ok(visit, "admin_events", &page)
    }
}

/// Who did it, with a name in place of the id.
async fn actor(engine: &Engine, event: &Event) -> Result<Option<String>, Failure> {
    let Some(by) = event.by.as_deref() else { return Ok(None) };
    let Some(id) = by.split_once(' ').and_then(|(_, id)| id.parse().ok()) else {
        return Ok(Some(by.to_owned()));
    };
    super::accounts::username(engine, &id).await.map(Some)
}
