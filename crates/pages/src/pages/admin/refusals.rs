//! `/admin/refusals`: what was refused, and why.

use async_trait::async_trait;
use valetkey_ports::Refusal;

use super::{asked, cut_by_count};
use crate::{
    contexts::{self, RefusalRow},
    page::{Outcome, Page, encode},
    site::Site,
    visit::Visit,
};

pub(in crate::pages) struct Refusals;

#[async_trait]
impl Page for Refusals {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let request_id = visit.query.get("request_id").map(str::trim).filter(|id| !id.is_empty());
        let mut refusals = site.engine().ports().refusals.list(request_id, &asked(visit)).await?;
        let more = request_id.map(|id| format!("&request_id={}", encode(id))).unwrap_or_default();
        let paging = cut_by_count(site, visit, &mut refusals, &more);
        let page = contexts::AdminRefusals {
            page: visit.page(site, "refusals"),
            request_id: request_id.unwrap_or_default().to_owned(),
            refusals: refusals.iter().map(row).collect(),
            paging,
        };
        site.ok(visit, "admin_refusals", &page)
    }
}

pub(super) fn row(refusal: &Refusal) -> RefusalRow {
    RefusalRow {
        at: refusal.at.seconds(),
        request_id: refusal.request_id.clone(),
        endpoint: refusal.endpoint.clone(),
        client_id: refusal.client.clone(),
        code: refusal.code.clone(),
        reason: refusal.reason.clone(),
    }
}
