//! `/admin/oauth1`: the way over. Who still signs as RFC 5849 asks, how often, and who has exchanged what it holds.

use std::collections::BTreeMap;

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, Timestamp};
use valetkey_ports::{Crossing, Use};
use valetkey_provider::{Engine, Failure, oauth1::EXCHANGE};

use crate::{
    contexts::{self, CrossingRow, Series},
    page::{Outcome, Page},
    site::Site,
    view,
    visit::Visit,
};

pub(in crate::pages) struct OAuth1;

/// How many days the page looks back, today among them.
const DAYS: usize = 30;
const DAY: i64 = 24 * 60 * 60;
/// The most clients that are listed.
const CLIENTS: usize = 200;

#[async_trait]
impl Page for OAuth1 {
    async fn show(&self, site: &Site, visit: &Visit<'_>) -> Outcome {
        let engine = site.engine();
        let first = visit.now.seconds().div_euclid(DAY) - (DAYS as i64 - 1);
        let uses = engine.ports().usage.list(None, Timestamp::from_seconds(first * DAY)).await?;
        let crossings = engine.ports().credentials.crossings(visit.now).await?;
        let mut clients = by_client(&uses, &crossings);
        let unlisted = clients.len().saturating_sub(CLIENTS);
        clients.truncate(CLIENTS);
        let mut rows = Vec::with_capacity(clients.len());
        for (id, way) in clients {
            rows.push(row(engine, &id, way).await?);
        }
        let is_exchange = |word: &str| word == EXCHANGE;
        let policy = &engine.policy().oauth1;
        let page = contexts::AdminOAuth1 {
            page: visit.page(site, "oauth1"),
            is_on: policy.is_on,
            sunset_at: policy.sunset.map(Timestamp::seconds),
            sunset_link: view::link(policy.sunset_link.as_deref()),
            days: DAYS,
            dates: (first..).take(DAYS).map(|day| day * DAY).collect(),
            methods: methods(&uses, first),
            exchanges: by_day(&uses, first, is_exchange),
            signed: by_day(&uses, first, |word| !is_exchange(word)),
            clients: rows,
            unlisted,
        };
        site.ok(visit, "admin_oauth1", &page)
    }
}

/// What one client did in these days, and what it holds.
#[derive(Default)]
struct Way {
    signed: u64,
    methods: BTreeMap<String, u64>,
    last_at: Option<Timestamp>,
    live: u64,
    exchanged: u64,
}

/// Every client that signed or could, the most active first.
fn by_client(uses: &[Use], crossings: &[Crossing]) -> Vec<(ClientId, Way)> {
    let mut ways: BTreeMap<ClientId, Way> = BTreeMap::new();
    for used in uses.iter().filter(|used| used.what != EXCHANGE) {
        let way = ways.entry(used.client.clone()).or_default();
        way.signed = way.signed.saturating_add(used.count);
        let method = way.methods.entry(used.what.clone()).or_default();
        *method = method.saturating_add(used.count);
        way.last_at = way.last_at.max(Some(used.last_at));
    }
    for crossing in crossings {
        let way = ways.entry(crossing.client.clone()).or_default();
        (way.live, way.exchanged) = (crossing.live, crossing.exchanged);
    }
    let mut ways: Vec<_> = ways.into_iter().collect();
    ways.sort_by_key(|(_, way)| std::cmp::Reverse((way.signed, way.live)));
    ways
}

async fn row(engine: &Engine, id: &ClientId, way: Way) -> Result<CrossingRow, Failure> {
    let client = engine.client(id).await?;
    let sunset = match &client {
        Some(client) => engine.oauth1_sunset(client),
        None => engine.policy().oauth1.sunset,
    };
    let mut methods: Vec<_> = way.methods.into_iter().collect();
    methods.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(CrossingRow {
        client_id: id.to_string(),
        name: client.as_ref().map_or_else(|| id.to_string(), |client| view::name(&client.name)),
        is_gone: client.is_none(),
        is_disabled: client.is_some_and(|client| !client.is_active()),
        signed: way.signed,
        methods: methods.into_iter().map(|(name, _)| name).collect(),
        last_at: way.last_at.map(Timestamp::seconds),
        live: way.live,
        exchanged: way.exchanged,
        sunset_at: sunset.map(Timestamp::seconds),
    })
}

/// A row of figures for each signature method, the most used first.
fn methods(uses: &[Use], first: i64) -> Vec<Series> {
    let mut names: Vec<&str> = uses.iter().map(|used| used.what.as_str()).collect();
    names.retain(|name| *name != EXCHANGE);
    names.sort_unstable();
    names.dedup();
    let mut series: Vec<Series> = names
        .into_iter()
        .map(|name| Series { name: name.to_owned(), values: by_day(uses, first, |word| word == name) })
        .collect();
    series.sort_by_key(|series| std::cmp::Reverse(total(&series.values)));
    series
}

/// The figures of the days since the first.
fn by_day(uses: &[Use], first: i64, is_wanted: impl Fn(&str) -> bool) -> Vec<u64> {
    let mut values = vec![0_u64; DAYS];
    for used in uses.iter().filter(|used| is_wanted(&used.what)) {
        let day = usize::try_from(used.day.seconds().div_euclid(DAY) - first);
        if let Some(value) = day.ok().and_then(|day| values.get_mut(day)) {
            *value = value.saturating_add(used.count);
        }
    }
    values
}

fn total(values: &[u64]) -> u64 {
    values.iter().fold(0, |sum, value| sum.saturating_add(*value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(client: &str, day: i64, what: &str, count: u64) -> Use {
        let client = ClientId::parse(client).unwrap();
        let day = Timestamp::from_seconds(day * DAY);
        Use {
            client,
            day,
            what: what.to_owned(),
            count,
            last_at: day.plus(std::time::Duration::from_secs(9)),
        }
    }

    #[test]
    fn figures_fall_on_their_days_and_what_is_older_falls_away() {
        let uses =
            [used("a", 99, "PLAINTEXT", 1), used("a", 100, "HMAC-SHA1", 2), used("b", 129, "HMAC-SHA1", 3)];
        let values = by_day(&uses, 100, |_| true);
        assert_eq!((values[0], values[29], total(&values)), (2, 3, 5));
    }

    #[test]
    fn an_exchange_is_no_signature_and_the_most_active_client_comes_first() {
        let uses = [
            used("a", 100, "HMAC-SHA1", 2),
            used("b", 100, "HMAC-SHA1", 3),
            used("b", 101, "HMAC-SHA256", u64::MAX),
            used("c", 101, "exchange", 900),
        ];
        let live = Crossing { client: ClientId::parse("d").unwrap(), live: 4, exchanged: 1 };
        let found = by_client(&uses, &[live]);
        let order: Vec<_> = found.iter().map(|(id, way)| (id.as_str(), way.signed, way.live)).collect();
        assert_eq!(order, [("b", u64::MAX, 0), ("a", 2, 0), ("d", 0, 4)]);
        let names: Vec<_> = methods(&uses, 100).into_iter().map(|series| series.name).collect();
        assert_eq!(names, ["HMAC-SHA256", "HMAC-SHA1"]);
    }
}
