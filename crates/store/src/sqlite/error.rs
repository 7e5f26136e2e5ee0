//! What SQLite's result codes mean to a caller (<https://sqlite.org/rescode.html>).

use rusqlite::{Error, ErrorCode, ffi};
use valetkey_ports::StoreError;

/// Only what must be new and is not is a conflict; other constraints are our mistakes.
#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn fault(error: Error) -> StoreError {
    let text = error.to_string();
    let Error::SqliteFailure(code, _) = &error else {
        return match error {
            Error::QueryReturnedNoRows
            | Error::InvalidColumnType(..)
            | Error::FromSqlConversionFailure(..) => StoreError::Corrupt(text),
            _ => StoreError::Refused(text),
        };
    };
    match code.code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::OutOfMemory
        | ErrorCode::OperationInterrupted
        | ErrorCode::OperationAborted
        | ErrorCode::SystemIoFailure
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::CannotOpen
        | ErrorCode::PermissionDenied
        | ErrorCode::ReadOnly => StoreError::Unavailable(text),
        ErrorCode::DiskFull => StoreError::Full(text),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(text),
        ErrorCode::ConstraintViolation => match code.extended_code {
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_ROWID => StoreError::Conflict(text),
            _ => StoreError::Refused(text),
        },
        _ => StoreError::Refused(text),
    }
}

/// The same fault for one more caller.
pub(super) fn again(fault: &StoreError) -> StoreError {
    match fault {
        StoreError::Unavailable(text) => StoreError::Unavailable(text.clone()),
        StoreError::Full(text) => StoreError::Full(text.clone()),
        StoreError::Conflict(text) => StoreError::Conflict(text.clone()),
        StoreError::Corrupt(text) => StoreError::Corrupt(text.clone()),
        StoreError::Refused(text) => StoreError::Refused(text.clone()),
    }
}
