//! Connections and how they are set up.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use valetkey_ports::StoreError;

use super::{Place, error::fault};
use crate::open::OpenError;

/// What is connected to: the same database each time.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// A database in memory that this process's connections share, by its name.
    Memory(String),
    /// A file.
    File(PathBuf),
}

/// How long a write waits for another process's, and a memory database's read for the commit.
const BUSY: Duration = Duration::from_secs(5);

/// "VKEY": how our files are told from other programs' databases.
const APPLICATION: i64 = 0x564b_4559;

impl Target {
    /// Makes the file, readable by its owner alone, where there is none.
    pub(super) fn new(place: &Place) -> Result<Self, OpenError> {
        static MEMORIES: AtomicU64 = AtomicU64::new(0);
        match place {
            Place::Memory => {
                let number = MEMORIES.fetch_add(1, Ordering::Relaxed);
                Ok(Self::Memory(format!("file:/valetkey-{number}?vfs=memdb")))
            }
            Place::File(path) => {
                create(path)
                    .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
                Ok(Self::File(path.clone()))
            }
        }
    }

    /// A file beside the database.
    pub(super) fn beside(&self, suffix: &str) -> Option<PathBuf> {
        match self {
            Self::Memory(_) => None,
            Self::File(path) => {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                Some(name.into())
            }
        }
    }

    fn open(&self, flags: OpenFlags) -> rusqlite::Result<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match self {
            Self::Memory(name) => Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI),
            Self::File(path) => Connection::open_with_flags(path, flags),
        }
    }
}

/// The connection that writes.
pub(super) fn writer(target: &Target) -> Result<Connection, OpenError> {
    let mut connection = target.open(OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(fault)?;
    connection.busy_timeout(BUSY).map_err(fault)?;
    refuse_foreign(target, &connection)?;
    log_ahead(target, &mut connection)?;
    // The log is moved into the database when the writer rests (`writer.rs`); in mid-load after 4,000 pages, 16 MiB.
    let setup = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432; \
                 PRAGMA cache_size = -4096; PRAGMA secure_delete = FAST;";
    connection.execute_batch(setup).map_err(fault)?;
    common(&connection).map_err(fault)?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn reader(target: &Target) -> Result<Connection, StoreError> {
    let connection = target.open(OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(fault)?;
    connection.busy_timeout(BUSY).map_err(fault)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -1024;").map_err(fault)?;
    common(&connection).map_err(fault)?;
    Ok(connection)
}

fn common(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(128);
    // One plan for each statement, whatever is bound to it: without this SQLite parses a statement anew for other values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let setup = "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; \
                 PRAGMA temp_store = MEMORY;";
    connection.execute_batch(setup)
}

/// A file that holds another program's tables is left alone.
fn refuse_foreign(target: &Target, connection: &Connection) -> Result<(), OpenError> {
    let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(fault);
    if read("PRAGMA application_id")? == APPLICATION {
        return Ok(());
    }
    if read("SELECT COUNT(*) FROM sqlite_schema")? > 0 {
        let name = match target {
            Target::Memory(name) => name.clone(),
            Target::File(path) => path.display().to_string(),
        };
        return Err(OpenError::Foreign(name));
    }
    Ok(())
}

/// Switches to write-ahead logging. Two starters of a new file get into each other's way here without being made to
/// wait, so this tries for a while.
fn log_ahead(target: &Target, connection: &mut Connection) -> Result<(), StoreError> {
    if matches!(target, Target::Memory(_)) {
        return Ok(());
    }
    let mut tries = 0;
    loop {
        let switched = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match switched {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(StoreError::Unavailable(format!(
                    "the file system has no write-ahead log: {mode}"
                )));
            }
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && tries < 500 => {
                tries += 1;
                thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(fault(error)),
        }
    }
}

/// Marks the file as ours, in the first migration's transaction.
pub(super) fn sign(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION)
}

fn create(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
