//! `/apps`: a developer's apps.

use async_trait::async_trait;

use crate::{
    contexts,
    page::{Outcome, Page},
    site::Site,
    view,
    visit::Visit,
};

pub(in crate::pages) struct List;

#[async_trait]
impl Page for List {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let clients = site.engine().apps_of(&visit.live()?.account().id).await?;
        let apps = clients.iter().map(|client| view::app(client, None)).collect();
        site.ok(visit, "apps", &contexts::Apps { page: visit.page(site, "apps"), apps })
    }
}
