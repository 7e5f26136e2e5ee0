//! `/admin/sessions`: who is logged in.

use async_trait::async_trait;

use super::{asked, cut};
use crate::{
    contexts,
    page::{Outcome, Page},
    site::Site,
    view,
    visit::Visit,
};

pub(in crate::pages) struct Sessions;

#[async_trait]
impl Page for Sessions {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let ports = site.engine().ports();
        let mut sessions = ports.sessions.list_all(&asked(visit), visit.now).await?;
        let paging = cut(site, visit, &mut sessions, |session| session.id.to_string());
        let mut rows = Vec::with_capacity(sessions.len());
        for session in &sessions {
            if let Some(account) = ports.accounts.find(&session.account).await? {
                rows.push(view::session(session, &account, visit));
            }
        }
        let page = contexts::AdminSessions { page: visit.page(site, "all-sessions"), sessions: rows, paging };
        site.ok(visit, "admin_sessions", &page)
    }
}
