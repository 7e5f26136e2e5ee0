//! `/`: who you are, or where to begin.

use async_trait::async_trait;

use crate::{
    contexts,
    page::{Outcome, Page},
    pages::login,
    site::Site,
    visit::Visit,
};

pub(super) struct Home;

#[async_trait]
impl Page for Home {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let demo = if visit.session().is_none() { login::demo(site, visit).await? } else { None };
        let home = contexts::Home {
            page: visit.page(site, ""),
            issuer: site.engine().issuer().as_str().to_owned(),
            demo,
        };
        site.ok(visit, "home", &home)
    }
}
