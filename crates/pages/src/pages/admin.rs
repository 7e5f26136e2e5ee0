//! The pages of the administration.

mod accounts;
mod clients;
mod events;
mod keys;
mod oauth1;
mod overview;
mod refusals;
mod sessions;

use valetkey_ports::Page as Listing;

use crate::{contexts::Paging, page::encode, site::Site, visit::Visit};

pub(super) use accounts::{Accounts, DisableAccount, EnableAccount, EndSessions};
pub(super) use clients::{Clients, DisableClient, EnableClient, RevokeTokens};
pub(super) use events::Events;
pub(super) use keys::{Keys, RotateKeys};
pub(super) use oauth1::OAuth1;
pub(super) use overview::Overview;
pub(super) use refusals::Refusals;
pub(super) use sessions::Sessions;

/// How many rows a page has.
const ROWS: u32 = 50;
/// How many rows are looked at for a search or a figure.
const LOOKED_AT: usize = 5000;

/// The part of a list that a visit asks for, and one row more, which says whether the list goes on.
fn asked(visit: &Visit<'_>) -> Listing {
    match visit.query.get("after") {
        Some(after) => Listing::after(after.to_owned(), ROWS + 1),
        None => Listing::first(ROWS + 1),
    }
}

/// Cuts a list to a page, and says where it goes on: after the key of its last row.
fn cut<T>(site: &Site, visit: &Visit<'_>, rows: &mut Vec<T>, key: impl Fn(&T) -> String) -> Paging {
    let goes_on = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let at = |query: &str| site.skin.at(&format!("{}{query}", visit.path));
    Paging {
        // There is no way back but to the start: keys lead on only.
        newer: visit.query.get("after").map(|_| at("")),
        older: rows.last().filter(|_| goes_on).map(|last| at(&format!("?after={}", encode(&key(last))))),
    }
}

/// The same for lists without keys: there the place is the number of rows before.
fn cut_by_count<T>(site: &Site, visit: &Visit<'_>, rows: &mut Vec<T>, more: &str) -> Paging {
    let seen = asked(visit).seen();
    let goes_on = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let at = |seen: u32| site.skin.at(&format!("{}?after={seen}{more}", visit.path));
    Paging {
        newer: (seen > 0).then(|| at(seen.saturating_sub(ROWS))),
        older: goes_on.then(|| at(seen.saturating_add(ROWS))),
    }
}
