//! [`Tx`] on a connection: every answer is ready when it is given.

use std::{
    future::{Future, ready},
    pin::pin,
    task::{Context, Poll, Waker},
};

use rusqlite::{
    Connection, Statement,
    types::{ToSqlOutput, ValueRef},
};
use valetkey_ports::StoreError;

use super::error::fault;
use crate::tx::{Answer, Row, Tx, Value};

/// A transaction that is running on this connection.
pub(super) struct Running<'c>(pub(super) &'c mut Connection);

impl Tx for Running<'_> {
    fn execute<'a>(&'a mut self, sql: &'static str, values: &'a [Value]) -> Answer<'a, u64> {
        Box::pin(ready(execute(self.0, sql, values)))
    }

    fn find_one<'a>(&'a mut self, sql: &'static str, values: &'a [Value]) -> Answer<'a, Option<Row>> {
        Box::pin(ready(find_one(self.0, sql, values)))
    }
}

/// Polls a move to its end: once, for nothing in it waits.
pub(super) fn finish<T>(future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => {
            Err(StoreError::Refused("a move waited for something else than its statements".to_owned()))
        }
    }
}

pub(super) fn execute(connection: &Connection, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, values).map_err(fault)?;
    statement.raw_execute().map(|rows| rows as u64).map_err(fault)
}

pub(super) fn find_one(
    connection: &Connection,
    sql: &str,
    values: &[Value],
) -> Result<Option<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, values).map_err(fault)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    rows.next().map_err(fault)?.map(|found| row(found, columns)).transpose()
}

pub(super) fn list(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, values).map_err(fault)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(next) = rows.next().map_err(fault)? {
        found.push(row(next, columns)?);
    }
    Ok(found)
}

fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for (at, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(at + 1, value)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Hash(bytes) => ValueRef::Blob(bytes),
            Self::Id(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn row(found: &rusqlite::Row<'_>, columns: usize) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(columns);
    for at in 0..columns {
        values.push(match found.get_ref(at).map_err(fault)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Real(_) => return Err(StoreError::Corrupt("a column holds a fraction".to_owned())),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).map_err(crate::tx::corrupt)?;
                Value::Text(text.to_owned().into())
            }
            ValueRef::Blob(bytes) => {
                if let Ok(hash) = bytes.try_into() {
                    Value::Hash(hash)
                } else if let Ok(id) = bytes.try_into() {
                    Value::Id(id)
                } else {
                    Value::Bytes(bytes.to_vec())
                }
            }
        });
    }
    Ok(Row::new(values))
}
