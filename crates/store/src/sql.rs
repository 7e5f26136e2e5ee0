//! The ports, one a file, over any database that keeps [`Database`]'s promises. Each move is written once.
//!
//! Whether something happened is told by the row count of one conditional statement; what is read afterwards, in the same
//! move, only says what it was.

mod accounts;
mod attempts;
mod clients;
mod codes;
mod consents;
mod credentials;
mod events;
mod flows;
mod grants;
mod keys;
mod meta;
mod replay;
mod sessions;
mod standing;
mod temporary;
mod tokens;
mod usage;

use std::{fmt, sync::Arc};

use valetkey_ports::{Random, StoreError};

use crate::tx::{Database, Tx};

/// A database as all the ports.
pub(crate) struct Sql<D>(D, Arc<dyn Random>);

impl<D: Database> Sql<D> {
    pub(crate) const fn new(database: D, random: Arc<dyn Random>) -> Self {
        Self(database, random)
    }

    /// Where a walk round a table by its hashes goes on: anywhere.
    fn turn(&self) -> [u8; 32] {
        self.1.bytes()
    }

    pub(crate) const fn database(&self) -> &D {
        &self.0
    }
}

impl<D> fmt::Debug for Sql<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sql")
    }
}

/// Tells every server's cache that something changed.
async fn bump_epoch(tx: &mut dyn Tx) -> Result<(), StoreError> {
    tx.execute("UPDATE epoch SET value = value + 1 WHERE id = 1", &[]).await.map(drop)
}
