//! SQLite: one file, write-ahead log, every commit synchronized (`synchronous=FULL`).
//!
//! One writer thread commits what has queued up together; reads run where they are asked, on connections of their own,
//! and see the last commit without waiting for the next. Several processes may share a file (the server and the command
//! line): a write waits for another process's up to five seconds.

mod connect;
mod error;
mod migrate;
mod readers;
mod running;
mod tx;
mod writer;

use std::{future::Future, path::PathBuf, sync::Arc};

use valetkey_oauth2::Timestamp;
use valetkey_ports::StoreError;

use crate::{
    open::OpenError,
    tx::{Answer, Database, Row, Shape, Tx, Value},
};
use connect::Target;
use readers::Readers;
use writer::Writer;

/// Where a database lies.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In memory, gone with the process.
    Memory,
    /// In a file.
    File(PathBuf),
}

/// An opened database.
pub(crate) struct Sqlite {
    writer: Writer,
    readers: Arc<Readers>,
}

impl Sqlite {
    /// Opens, migrates and, after an unclean stop, checks the database. Blocks.
    pub(crate) fn open(place: &Place, now: Timestamp) -> Result<Self, OpenError> {
        let target = Target::new(place)?;
        let mut connection = connect::writer(&target)?;
        migrate::run(&mut connection, now)?;
        let running = running::begin(&target, &connection)?;
        let writer = Writer::start(connection, running)?;
        Ok(Self { writer, readers: Arc::new(Readers::new(target)) })
    }

    /// Ends the writer after what is queued.
    pub(crate) async fn close(&self) {
        self.writer.close().await;
    }
}

impl Database for Sqlite {
    fn write<T: Send + 'static>(
        &self,
        shape: Shape,
        body: impl for<'t> FnOnce(&'t mut dyn Tx) -> Answer<'t, T> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        self.writer.write(shape, body)
    }

    async fn find_one(&self, sql: &'static str, values: &[Value]) -> Result<Option<Row>, StoreError> {
        self.readers.find_one(sql, values)
    }

    async fn list(
        &self,
        sql: &'static str,
        values: impl Into<Vec<Value>> + Send,
    ) -> Result<Vec<Row>, StoreError> {
        let (readers, values) = (self.readers.clone(), values.into());
        let scan = tokio::task::spawn_blocking(move || readers.list(sql, &values));
        scan.await.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }
}
