//! Was the database closed last time? Whoever opens it holds a shared lock on a file beside it, which ends with the
//! process, and leaves a mark in the database, which only a proper close takes away. A mark that nobody holds means a crash or
//! a power failure: then the database is checked before it is used.

use std::{fs::File, path::Path};

use rusqlite::Connection;
use valetkey_ports::StoreError;

use super::{connect::Target, error::fault};
use crate::open::OpenError;

/// The lock, held while this process has the database open. None: a database in memory.
pub(super) struct Running(Option<File>);

const MARK: &str = "open";

pub(super) fn begin(target: &Target, connection: &Connection) -> Result<Running, OpenError> {
    let Some(path) = target.beside("-open") else { return Ok(Running(None)) };
    let file = lock_file(&path)?;
    let is_alone = file.try_lock().is_ok();
    if is_alone && is_marked(connection)? {
        tracing::warn!("the database was not closed last time: checking it");
        check(connection)?;
    }
    let mark = "INSERT INTO meta (key, value) VALUES (?1, '') ON CONFLICT (key) DO NOTHING";
    connection.execute(mark, [MARK]).map_err(fault)?;
    // From alone to shared: between the two another starter may look, and finds the mark with nobody there. It checks
    // once too often then.
    if is_alone {
        file.unlock().map_err(unavailable)?;
    }
    file.lock_shared().map_err(unavailable)?;
    Ok(Running(Some(file)))
}

impl Running {
    /// Takes the mark away, if nobody else is there.
    pub(super) fn end(self, connection: &Connection) {
        let Some(file) = self.0 else { return };
        if file.unlock().is_ok() && file.try_lock().is_ok() {
            let unmarked = connection.execute("DELETE FROM meta WHERE key = ?1", [MARK]);
            if let Err(error) = unmarked {
                tracing::warn!(%error, "the database is closed without its mark: it will be checked at the next start");
            }
        }
    }
}

fn is_marked(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?1)";
    connection.query_row(sql, [MARK], |row| row.get(0)).map_err(fault)
}

fn check(connection: &Connection) -> Result<(), OpenError> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(fault)?;
    if found == "ok" { Ok(()) } else { Err(OpenError::Damaged(found)) }
}

fn lock_file(path: &Path) -> Result<File, StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))
}

#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
fn unavailable(error: std::io::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
