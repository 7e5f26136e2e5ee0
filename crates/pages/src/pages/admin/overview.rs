//! `/admin`: how it is going.

use async_trait::async_trait;
use valetkey_oauth2::Timestamp;
use valetkey_ports::{EventKind, Page as Listing};
use valetkey_provider::Failure;

use super::{LOOKED_AT, refusals};
use crate::{
    contexts::{self, Chart, Counts},
    page::{Outcome, Page},
    site::Site,
    visit::Visit,
};

pub(in crate::pages) struct Overview;

/// How many hours the charts show.
const HOURS: usize = 24;
const HOUR: i64 = 3600;

#[async_trait]
impl Page for Overview {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let recent = site.engine().ports().refusals.list(None, &Listing::first(LOOKED_AT as u32)).await?;
        let page = contexts::Admin {
            page: visit.page(site, "admin"),
            issuer: site.engine().issuer().as_str().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: site.started_at.seconds(),
            counts: counts(site, visit).await?,
            charts: charts(site, visit.now, &recent).await?,
            warnings: site.warnings.iter().map(|warning| warning.0.clone()).collect(),
            refusals: recent.iter().take(8).map(refusals::row).collect(),
        };
        site.ok(visit, "admin", &page)
    }
}

/// Figures per hour, the current one last.
async fn charts(
    site: &Site,
    now: Timestamp,
    refused: &[valetkey_ports::Refusal],
) -> Result<Vec<Chart>, Failure> {
    let current = now.seconds().div_euclid(HOUR);
    let first = current - (HOURS as i64 - 1);
    let since = Timestamp::from_seconds(first * HOUR);
    let hour_of = |at: Timestamp| usize::try_from(at.seconds().div_euclid(HOUR) - first).ok();
    let counted = site.engine().ports().events.count_by_hour(since).await?;
    let of = |kind: EventKind| {
        let mut values = vec![0; HOURS];
        for (at, _, count) in counted.iter().filter(|(_, name, _)| name == kind.as_str()) {
            if let Some(value) = hour_of(*at).and_then(|hour| values.get_mut(hour)) {
                *value += count;
            }
        }
        values
    };
    let mut refusals = vec![0; HOURS];
    for refusal in refused {
        if let Some(value) = hour_of(refusal.at).and_then(|hour| refusals.get_mut(hour)) {
            *value += 1;
        }
    }
    Ok(vec![
        Chart { name: "logins", values: of(EventKind::Login) },
        Chart { name: "failed", values: of(EventKind::LoginFailed) },
        Chart { name: "consents", values: of(EventKind::ConsentGiven) },
        Chart { name: "refusals", values: refusals },
    ])
}

/// How many there are; counted up to a bound, since stores list and do not count.
async fn counts(site: &Site, visit: &Visit<'_>) -> Result<Counts, Failure> {
    let ports = site.engine().ports();
    let most = Listing::first(LOOKED_AT as u32);
    let grants = ports.grants.list(None, &most).await?;
    Ok(Counts {
        accounts: ports.accounts.list(&most).await?.len() as u64,
        clients: ports.clients.list(None, &most).await?.len() as u64,
        sessions: ports.sessions.list_all(&most, visit.now).await?.len() as u64,
        grants: grants
            .iter()
            .filter(|grant| grant.revoked_at.is_none() && visit.now < grant.expires_at)
            .count() as u64,
    })
}
