//! `/account/sessions`: where one is logged in, and how to end it.

use async_trait::async_trait;
use valetkey_oauth2::{Form, SessionId};
use valetkey_provider::people::Actor;

use crate::{
    contexts,
    page::{Outcome, Page, not_found},
    site::Site,
    view,
    visit::{Visit, notice},
};

pub(in crate::pages) struct Sessions;

#[async_trait]
impl Page for Sessions {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let live = visit.live()?;
        let sessions = site.engine().ports().sessions.list(&live.account().id, visit.now).await?;
        let mut rows: Vec<_> =
            sessions.iter().map(|session| view::session(session, live.account(), visit)).collect();
        rows.sort_by_key(|row| !row.is_current);
        let page = contexts::AccountSessions { page: visit.page(site, "sessions"), sessions: rows };
        site.ok(visit, "account_sessions", &page)
    }
}

pub(in crate::pages) struct EndSession;

#[async_trait]
impl Page for EndSession {
    async fn act(&self, site: &Site, visit: &Visit<'_>, form: &Form<'_>) -> Outcome {
        let (engine, live) = (site.engine(), visit.live()?);
        let said = match form.get("session") {
            Some("all_others") => {
                engine.end_other_sessions(live, visit.peer).await?;
                "sessions_ended"
            }
            named => {
                let unknown = || not_found("the account has no such session");
                let id: SessionId = named.and_then(|id| id.parse().ok()).ok_or_else(unknown)?;
                let owner = live.account().id;
                if !engine.end_session(&owner, &id, &Actor::Account(owner)).await? {
                    return Err(unknown());
                }
                "session_ended"
            }
        };
        let mut response = site.to("/account/sessions");
        notice::set(engine, &mut response, said, None);
        Ok(response)
    }
}
