//! `/logout`: asks, and does it only by a form of ours.

use async_trait::async_trait;
use http::HeaderValue;
use valetkey_oauth2::Form;
use valetkey_provider::answer;

use crate::{
    contexts,
    page::{Outcome, Page},
    site::Site,
    visit::Visit,
};

pub(super) struct Logout;

#[async_trait]
impl Page for Logout {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let page = visit.page(site, "");
        if page.me.is_none() {
            return site.ok(visit, "logged_out", &contexts::LoggedOut { page });
        }
        site.ok(visit, "logout", &contexts::Logout { page, client: None })
    }

    async fn act(&self, site: &Site, visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        let engine = site.engine();
        if let Some(live) = visit.session() {
            engine.log_out(live, visit.peer).await?;
        }
        let mut response = site.to("/logout");
        answer::set_cookie(&mut response, &engine.cookies().clear_session());
        // Not "cookies": that would take those of every site beside us as well (security UI-29).
        let cleared = HeaderValue::from_static("\"cache\", \"storage\"");
        response.headers_mut().insert("clear-site-data", cleared);
        Ok(response)
    }
}
