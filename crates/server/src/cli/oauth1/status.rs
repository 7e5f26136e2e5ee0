//! `valetkey oauth1 status`: who still signs, and how far each client has come on its way over to OAuth 2.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use clap::Args;
use serde_json::{Value, json};
use valetkey_oauth2::{ClientId, Timestamp};
use valetkey_ports::{Crossing, Use};
use valetkey_provider::{Engine, oauth1::EXCHANGE};

use crate::cli::{
    chart::{self, Row},
    output::{Output, table, when},
    place::Place,
    run,
};

const DAY: i64 = 24 * 60 * 60;

/// Shows who still signs, how often and with what, and how many tokens were exchanged for those of OAuth 2
#[derive(Args)]
#[command(after_help = "Examples:\n  valetkey oauth1 status\n  valetkey oauth1 status --days 90\n  \
    valetkey oauth1 status --config /etc/valetkey/valetkey.toml --json\n\n\
    A running server writes its counts down every few seconds. Exchanges go on after the sunset; signed requests do not.")]
pub(in crate::cli) struct Status {
    /// How many days to look back, today among them
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=400))]
    days: u16,
    #[command(flatten)]
    place: Place,
}

impl Status {
    pub(in crate::cli) fn run(&self, output: Output) -> anyhow::Result<()> {
        run::command(&self.place, async |engine| {
            let report = Report::of(engine, self.days).await?;
            output.show(&report.json(), || report.text(chart::width()));
            Ok(())
        })
    }
}

/// What is known of the way over.
struct Report {
    is_on: bool,
    now: Timestamp,
    sunset: Option<Timestamp>,
    /// The first day, counted from 1970.
    first: i64,
    /// Signed requests and exchanges of each day.
    days: Vec<[u64; 2]>,
    clients: Vec<(ClientId, Way)>,
}

/// What one client did in these days, and what it holds.
#[derive(Default)]
struct Way {
    name: String,
    methods: BTreeMap<String, u64>,
    signed: u64,
    last_signed: Option<Timestamp>,
    exchanges: u64,
    last_exchange: Option<Timestamp>,
    live: u64,
    exchanged: u64,
    sunset: Option<Timestamp>,
}

impl Report {
    async fn of(engine: &Engine, days: u16) -> anyhow::Result<Self> {
        let now = engine.now();
        let first = now.seconds().div_euclid(DAY) - (i64::from(days) - 1);
        let uses = engine.ports().usage.list(None, Timestamp::from_seconds(first * DAY)).await?;
        let crossings = engine.ports().credentials.crossings(now).await?;
        let policy = &engine.policy().oauth1;
        let mut clients = by_client(&uses, &crossings);
        for (id, way) in &mut clients {
            let client = engine.client(id).await?;
            way.name = client.as_ref().map_or_else(|| "(gone)".to_owned(), |client| client.name.clone());
            way.sunset = client.map_or(policy.sunset, |client| engine.oauth1_sunset(&client));
        }
        let days = by_day(&uses, first, days.into());
        Ok(Self { is_on: policy.is_on, now, sunset: policy.sunset, first, days, clients })
    }

    fn total(&self, which: usize) -> u64 {
        self.days.iter().fold(0, |sum, day| sum.saturating_add(day[which]))
    }

    fn day(&self, at: usize) -> String {
        let day = self.first.saturating_add(i64::try_from(at).unwrap_or_default());
        let moment = when(Timestamp::from_seconds(day.saturating_mul(DAY)));
        moment.split('T').next().unwrap_or_default().to_owned()
    }

    fn json(&self) -> Value {
        let day = |(at, [signed, exchanges]): (usize, &[u64; 2])| json!({ "day": self.day(at), "signed": signed, "exchanges": exchanges });
        let client = |(id, way): &(ClientId, Way)| {
            json!({
                "client_id": id.as_str(),
                "name": way.name,
                "signed": way.signed,
                "methods": way.methods,
                "last_signed_at": way.last_signed.map(Timestamp::seconds),
                "exchanges": way.exchanges,
                "last_exchange_at": way.last_exchange.map(Timestamp::seconds),
                "live_tokens": way.live,
                "exchanged_tokens": way.exchanged,
                "sunset": way.sunset.map(Timestamp::seconds),
            })
        };
        json!({
            "enabled": self.is_on,
            "sunset": self.sunset.map(Timestamp::seconds),
            "signed": self.total(0),
            "exchanges": self.total(1),
            "clients": self.clients.iter().map(client).collect::<Vec<_>>(),
            "days": self.days.iter().enumerate().map(day).collect::<Vec<_>>(),
        })
    }

    fn text(&self, width: usize) -> String {
        let mut parts = vec![self.summary()];
        if !self.clients.is_empty() {
            let head =
                ["CLIENT", "NAME", "SIGNED", "WITH", "LAST SIGNED", "TOKENS", "OF THESE EXCHANGED", "ENDS"];
            parts.push(table(&head, &self.clients.iter().map(row).collect::<Vec<_>>()));
        }
        // What came before the first of them says nothing.
        if let Some(begin) = self.days.iter().position(|day| day.iter().any(|count| *count > 0)) {
            let row = |(at, values): (usize, &[u64; 2])| Row { label: self.day(at), values: *values };
            let rows: Vec<Row> = self.days.iter().enumerate().skip(begin).map(row).collect();
            parts.push(chart::bars(["DAY", "SIGNED", "EXCHANGED"], &rows, width));
        }
        parts.join("\n\n")
    }

    fn summary(&self) -> String {
        let signing = self.clients.iter().filter(|(_, way)| way.signed > 0).count();
        let mut lines = vec![format!(
            "In {} days: {} signed requests of {signing} clients, and {} exchanges for OAuth 2 tokens.",
            self.days.len(),
            self.total(0),
            self.total(1)
        )];
        lines.push(match self.sunset {
            _ if !self.is_on => {
                "OAuth 1 is switched off here: nothing signed is taken, and nothing exchanged.".into()
            }
            None => {
                "OAuth 1 has no end here: `sunset` in [oauth1] sets one, or `--oauth1-sunset` a client's own."
                    .into()
            }
            Some(at) if at <= self.now => {
                format!("OAuth 1 ended {}; its tokens can still be exchanged.", when(at))
            }
            Some(at) => format!("OAuth 1 ends {}, in {}.", when(at), days(at.since(self.now))),
        });
        lines.join("\n")
    }
}

fn row((id, way): &(ClientId, Way)) -> Vec<String> {
    let mut methods: Vec<_> = way.methods.iter().collect();
    methods.sort_by_key(|(_, count)| Reverse(**count));
    let methods: Vec<String> = methods.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
    vec![
        id.to_string(),
        way.name.clone(),
        way.signed.to_string(),
        methods.join(", "),
        way.last_signed.map(when).unwrap_or_default(),
        way.live.to_string(),
        way.exchanged.to_string(),
        way.sunset.map(when).unwrap_or_default(),
    ]
}

fn days(left: Duration) -> String {
    match left.as_secs() / DAY.unsigned_abs() {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Every client that signed, exchanged or could, the most active first.
fn by_client(uses: &[Use], crossings: &[Crossing]) -> Vec<(ClientId, Way)> {
    let mut ways: BTreeMap<ClientId, Way> = BTreeMap::new();
    for used in uses {
        let way = ways.entry(used.client.clone()).or_default();
        if used.what == EXCHANGE {
            way.exchanges = way.exchanges.saturating_add(used.count);
            way.last_exchange = way.last_exchange.max(Some(used.last_at));
        } else {
            let method = way.methods.entry(used.what.clone()).or_default();
            *method = method.saturating_add(used.count);
            way.signed = way.signed.saturating_add(used.count);
            way.last_signed = way.last_signed.max(Some(used.last_at));
        }
    }
    for crossing in crossings {
        let way = ways.entry(crossing.client.clone()).or_default();
        (way.live, way.exchanged) = (crossing.live, crossing.exchanged);
    }
    let mut ways: Vec<_> = ways.into_iter().collect();
    ways.sort_by_key(|(_, way)| Reverse((way.signed, way.live)));
    ways
}

/// Signed requests and exchanges of each day since the first.
fn by_day(uses: &[Use], first: i64, count: usize) -> Vec<[u64; 2]> {
    let mut days = vec![[0_u64; 2]; count];
    for used in uses {
        let at = usize::try_from(used.day.seconds().div_euclid(DAY) - first).ok();
        if let Some(day) = at.and_then(|at| days.get_mut(at)) {
            let value = &mut day[usize::from(used.what == EXCHANGE)];
            *value = value.saturating_add(used.count);
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(client: &str, day: i64, what: &str, count: u64) -> Use {
        let (client, day) = (ClientId::parse(client).unwrap(), Timestamp::from_seconds(day * DAY));
        Use { client, day, what: what.into(), count, last_at: day.plus(Duration::from_secs(9)) }
    }

    fn report(uses: &[Use], crossings: &[Crossing], sunset: Option<i64>) -> Report {
        Report {
            is_on: true,
            now: Timestamp::from_seconds(20_004 * DAY),
            sunset: sunset.map(Timestamp::from_seconds),
            first: 20_000,
            days: by_day(uses, 20_000, 5),
            clients: by_client(uses, crossings),
        }
    }

    #[test]
    fn it_tells_who_signs_who_has_come_over_and_when_it_ends() {
        let uses = [
            used("app-b", 20_002, "HMAC-SHA1", 40),
            used("app-b", 20_003, "PLAINTEXT", 60),
            used("app-a", 20_003, EXCHANGE, 3),
            used("app-a", 20_004, "HMAC-SHA256", 5),
        ];
        let crossing = |client: &str, live, exchanged| Crossing {
            client: ClientId::parse(client).unwrap(),
            live,
            exchanged,
        };
        let report = report(&uses, &[crossing("app-a", 4, 3), crossing("app-c", 1, 0)], Some(20_014 * DAY));
        let text = report.text(50);
        let expected = [
            "In 5 days: 105 signed requests of 2 clients, and 3 exchanges for OAuth 2 tokens.",
            "OAuth 1 ends 2024-10-18T00:00:00Z, in 10 days.",
            "",
            "CLIENT  NAME  SIGNED  WITH                        LAST SIGNED           TOKENS  OF THESE EXCHANGED  ENDS",
            "app-b         100     PLAINTEXT 60, HMAC-SHA1 40  2024-10-07T00:00:09Z  0       0",
            "app-a         5       HMAC-SHA256 5               2024-10-08T00:00:09Z  4       3",
            "app-c         0                                                         1       0",
        ];
        assert_eq!(text.lines().take(7).collect::<Vec<_>>(), expected, "{text}");
        let chart: Vec<&str> = text.lines().skip(8).collect();
        assert_eq!(chart.len(), 4, "{text}");
        assert!(chart[1].starts_with("2024-10-06  █████") && chart[1].contains(" 40 "), "{text}");
        assert!(chart.iter().all(|line| line.chars().count() <= 50), "{text}");
        let json = report.json();
        assert_eq!((&json["signed"], &json["exchanges"]), (&105.into(), &3.into()));
        assert_eq!(json["days"][3], json!({ "day": "2024-10-07", "signed": 60, "exchanges": 3 }));
        assert_eq!(json["clients"][1]["methods"], json!({ "HMAC-SHA256": 5 }));
        assert_eq!(json["clients"][1]["exchanged_tokens"], 3);
    }

    #[test]
    fn where_nothing_was_signed_there_is_nothing_to_draw() {
        let text = report(&[], &[], None).text(80);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("has no end here"), "{text}");
        let ended = report(&[], &[], Some(20_004 * DAY)).text(80);
        assert!(ended.contains("ended 2024-10-08T00:00:00Z; its tokens can still be exchanged"), "{ended}");
    }
}
