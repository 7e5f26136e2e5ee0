//! Migrations: embedded, forward-only, and one starter at a time.
//!
//! Ours, and not a library's: all of it runs in one transaction that takes the write lock first, so a second starter waits
//! and then finds nothing to do. (refinery reads what was applied before it takes a lock, so that two starters of a new
//! file both set out to make it.)

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use valetkey_oauth2::Timestamp;

use super::{connect, error::fault};
use crate::open::OpenError;

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

/// Every migration, in order. None is ever changed.
const ALL: &[Migration] = &[
    Migration { version: 1, name: "first", sql: include_str!("../../migrations/sqlite/V001__first.sql") },
    Migration { version: 2, name: "oauth1", sql: include_str!("../../migrations/sqlite/V002__oauth1.sql") },
    Migration { version: 3, name: "order", sql: include_str!("../../migrations/sqlite/V003__order.sql") },
    Migration {
        version: 4,
        name: "oauth1_order",
        sql: include_str!("../../migrations/sqlite/V004__oauth1_order.sql"),
    },
];

/// Brings the schema up to date. A schema one version ahead is worked with, for neighbouring versions get along
/// (a migration expands first, and contracts a version later); further ahead is refused.
pub(super) fn run(connection: &mut Connection, now: Timestamp) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    let table = "CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, \
                 checksum BLOB NOT NULL, applied_at INTEGER NOT NULL) STRICT";
    transaction.execute_batch(table).map_err(fault)?;
    let newest = "SELECT COALESCE(MAX(version), 0) FROM migrations";
    let found: i64 = transaction.query_row(newest, [], |row| row.get(0)).map_err(fault)?;
    let known = ALL.last().map_or(0, |last| last.version);
    if found > known + 1 {
        return Err(OpenError::TooNew { found, known });
    }
    for migration in ALL {
        let checksum = valetkey_crypto::digest::sha256(migration.sql.as_bytes());
        let applied = "SELECT checksum FROM migrations WHERE version = ?1";
        let applied: Option<Vec<u8>> = transaction
            .query_row(applied, [migration.version], |row| row.get(0))
            .optional()
            .map_err(fault)?;
        match applied {
            Some(applied) if applied == checksum => {}
            Some(_) => return Err(OpenError::Changed(migration.version)),
            None => {
                transaction.execute_batch(migration.sql).map_err(fault)?;
                let note =
                    "INSERT INTO migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)";
                let row = (migration.version, migration.name, checksum, now.seconds());
                transaction.execute(note, row).map_err(fault)?;
            }
        }
    }
    if found == 0 {
        connect::sign(&transaction).map_err(fault)?;
    }
    transaction.commit().map_err(fault)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_by_one_and_match_their_files() {
        for (at, migration) in ALL.iter().enumerate() {
            assert_eq!(migration.version, i64::try_from(at).unwrap() + 1);
        }
    }
}
