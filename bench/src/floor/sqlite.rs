//! Grouped durable commits, as plainly as can be: one writer, what is queued goes together, answers after the commit.

use std::{path::Path, sync::mpsc};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce(&Connection) -> rusqlite::Result<usize> + Send>;
type Queued = (Work, oneshot::Sender<rusqlite::Result<usize>>);

pub(super) struct Database {
    writer: mpsc::Sender<Queued>,
    path: std::path::PathBuf,
}

thread_local! {
    static READER: std::cell::RefCell<Option<Connection>> = const { std::cell::RefCell::new(None) };
}

impl Database {
    pub(super) fn open(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("floor.sqlite");
        let connection = Connection::open(&path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE token (hash BLOB PRIMARY KEY, client TEXT, scope TEXT, expires INTEGER) WITHOUT ROWID;
             CREATE TABLE family (current BLOB PRIMARY KEY, previous BLOB, scope TEXT) WITHOUT ROWID;
             CREATE TABLE permit (id BLOB PRIMARY KEY, client TEXT, scope TEXT, revoked INTEGER) WITHOUT ROWID;
             CREATE TABLE session (hash BLOB PRIMARY KEY, account TEXT) WITHOUT ROWID;
             CREATE TABLE consent (account TEXT, client TEXT, scope TEXT, PRIMARY KEY (account, client)) WITHOUT ROWID;
             CREATE TABLE code (hash BLOB PRIMARY KEY, client TEXT, challenge TEXT, used INTEGER) WITHOUT ROWID;
             INSERT INTO consent VALUES ('somebody', 'floor', 'read');",
        )?;
        connection.execute_batch(super::oauth1::TABLES)?;
        connection
            .execute("INSERT INTO session VALUES (?1, 'somebody')", [super::sha256(b"session").as_slice()])?;
        let (writer, queue) = mpsc::channel::<Queued>();
        std::thread::spawn(move || write_all(&connection, &queue));
        Ok(Self { writer, path })
    }

    pub(super) fn read<T>(
        &self,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        READER.with_borrow_mut(|slot| {
            if slot.is_none() {
                *slot = Some(Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?);
            }
            slot.as_ref().map_or(Err(rusqlite::Error::InvalidQuery), ask)
        })
    }

    pub(super) async fn write(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<usize> + Send + 'static,
    ) -> rusqlite::Result<usize> {
        let (answer, wait) = oneshot::channel();
        self.writer.send((Box::new(work), answer)).map_err(|_| rusqlite::Error::InvalidQuery)?;
        wait.await.unwrap_or(Err(rusqlite::Error::InvalidQuery))
    }
}

fn write_all(connection: &Connection, queue: &mpsc::Receiver<Queued>) {
    while let Ok(first) = queue.recv() {
        let mut answers = Vec::new();
        let begun = connection.execute_batch("BEGIN IMMEDIATE");
        let batch = std::iter::once(first).chain(std::iter::from_fn(|| queue.try_recv().ok())).take(256);
        for (work, answer) in batch {
            answers.push((answer, work(connection)));
        }
        let committed = begun.and_then(|()| connection.execute_batch("COMMIT"));
        for (answer, outcome) in answers {
            let outcome = if committed.is_ok() { outcome } else { Err(rusqlite::Error::InvalidQuery) };
            let _ = answer.send(outcome);
        }
    }
}
