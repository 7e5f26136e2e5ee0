//! What each page is given to show, one struct a template.
//!
//! All values are plain: moments are seconds since 1970, lists are in the order to show. None of these types has
//! `Debug`, since some hold a CSRF token or a secret that is shown once. Escaping is the templates' part; names must
//! come here without control and bidirectional characters.

use std::collections::BTreeMap;

use serde::Serialize;

mod account;
mod admin;
mod apps;
mod gate;

pub use account::*;
pub use admin::*;
pub use apps::*;
pub use gate::*;

/// What every page has.
#[derive(Clone, Default, Serialize)]
pub struct Page {
    /// The token of every form on the page (field `csrf`).
    pub csrf: String,
    /// Who is logged in.
    pub me: Option<Me>,
    /// The entry of the navigation to mark: `account`, `password`, `sessions`, `connected`, `apps`, `admin`,
    /// `clients`, `accounts`, `all-sessions`, `keys`, `refusals`, `oauth1`, `events`, or nothing.
    pub section: &'static str,
    /// The moment of the answer.
    pub now: i64,
    /// What has just been done, after a redirect: a text under `notice.`.
    pub notice: Option<Message>,
    /// The name of this site, shown beside the mark.
    pub site_name: String,
    /// Whether this is a server for trying out, which every page says.
    pub is_demo: bool,
    /// Whether people may make an account here.
    pub has_signup: bool,
    /// Whether developers may register apps here.
    pub has_apps: bool,
}

/// Who is logged in.
#[derive(Clone, Default, Serialize)]
pub struct Me {
    /// The name one logs in with.
    pub username: String,
    /// Whether the administration is shown.
    pub is_admin: bool,
}

/// A text by its key, with its arguments.
#[derive(Clone, Default, Serialize)]
pub struct Message {
    /// The key in the catalogue.
    pub key: &'static str,
    /// The values for its `{names}`.
    pub args: BTreeMap<&'static str, String>,
}

impl Message {
    /// The text of a key.
    pub fn new(key: &'static str) -> Self {
        Self { key, args: BTreeMap::new() }
    }

    /// The same with one argument more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.insert(name, value.into());
        self
    }
}

/// What is wrong with the fields of a form: the field's name and a text under `problem.`.
pub type Problems = BTreeMap<&'static str, Message>;

/// The pages around this one, where a list is long.
#[derive(Clone, Default, Serialize)]
pub struct Paging {
    /// Where the newer rows are.
    pub newer: Option<String>,
    /// Where the older rows are.
    pub older: Option<String>,
}
