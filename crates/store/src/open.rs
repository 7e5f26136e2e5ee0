//! From a URL to the ports.

use std::{path::PathBuf, sync::Arc};

use valetkey_ports::{Clock, Ports, Random, StoreError};

use crate::{
    sql::Sql,
    sqlite::{Place, Sqlite},
};

/// An opened store.
#[derive(Clone, Debug)]
pub struct Store {
    /// What the engine is given.
    pub ports: Ports,
    database: Arc<Sql<Sqlite>>,
}

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no store that is known here.
    #[error("{0:?} names no store: use sqlite:///a/path, sqlite://a/path or sqlite::memory:")]
    Url(String),
    /// The file is another program's database.
    #[error("{0} is another program's database")]
    Foreign(String),
    /// A newer version has changed the schema beyond what this one can work with.
    #[error("the database has schema version {found}, and this program knows {known}: use a newer program")]
    TooNew {
        /// What the database has.
        found: i64,
        /// What the program knows.
        known: i64,
    },
    /// A migration that was applied reads otherwise now.
    #[error("migration {0} of the database is not the one that this program has")]
    Changed(i64),
    /// The check after an unclean stop has found damage.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The database itself.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens a store, brings its schema up to date, and checks it if it was not closed last time.
///
/// # Errors
/// [`OpenError`] says what is in the way.
pub async fn open(url: &str, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Store, OpenError> {
    let place = place(url)?;
    let now = clock.now();
    let opening = tokio::task::spawn_blocking(move || Sqlite::open(&place, now));
    let sqlite = opening.await.map_err(|error| StoreError::Unavailable(error.to_string()))??;
    let database = Arc::new(Sql::new(sqlite, random.clone()));
    let ports = Ports {
        clock,
        random,
        clients: database.clone(),
        accounts: database.clone(),
        sessions: database.clone(),
        flows: database.clone(),
        consents: database.clone(),
        grants: database.clone(),
        codes: database.clone(),
        tokens: database.clone(),
        temporary: database.clone(),
        credentials: database.clone(),
        replay: database.clone(),
        attempts: database.clone(),
        keys: database.clone(),
        events: database.clone(),
        refusals: database.clone(),
        usage: database.clone(),
        meta: database.clone(),
    };
    Ok(Store { ports, database })
}

impl Store {
    /// Commits what is queued, moves the log into the database, and notes that all was well. Writes that come later are
    /// refused.
    pub async fn close(&self) {
        self.database.database().close().await;
    }
}

fn place(url: &str) -> Result<Place, OpenError> {
    let unknown = || OpenError::Url(url.to_owned());
    if matches!(url, "sqlite::memory:" | "sqlite://:memory:") {
        return Ok(Place::Memory);
    }
    let path = url.strip_prefix("sqlite://").ok_or_else(unknown)?;
    if path.is_empty() || path.ends_with('/') || path.contains(['?', '\0']) {
        return Err(unknown());
    }
    Ok(Place::File(PathBuf::from(path)))
}
