//! The one writer: a thread that takes what has queued up, makes all of it in one transaction, commits, and only then
//! answers each caller. Under load many moves share one synchronization of the disk; alone a move waits for nobody.
//!
//! A move that fails is undone alone, by its savepoint. A commit that fails is everybody's failure.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::oneshot;
use valetkey_ports::StoreError;

use super::{
    error::{again, fault},
    running,
    tx::{Running, finish},
};
use crate::tx::{Answer, Shape, Tx};

/// How many moves may wait: a fifth of a second's worth. More are told to come back later.
const QUEUE: usize = 4096;
/// How many share a commit at the most.
const BATCH: usize = 256;
/// How long after the last write the log is moved into the database.
const REST: Duration = Duration::from_millis(500);

/// The writer's front: moves go in, answers come out.
pub(super) struct Writer {
    queue: SyncSender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Message {
    Move(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(connection: Connection, running: running::Running) -> Result<Self, StoreError> {
        let (queue, messages) = sync_channel(QUEUE);
        let hand = Hand { connection, messages, has_written: false };
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || hand.work(running))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        shape: Shape,
        body: impl for<'t> FnOnce(&'t mut dyn Tx) -> Answer<'t, T> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send {
        let (answer, answered) = oneshot::channel();
        let job = Move { shape, body: Some(body), result: None, answer };
        let sent = self.queue.try_send(Message::Move(Box::new(job)));
        async move {
            match sent {
                Ok(()) => answered.await.unwrap_or_else(|_| Err(closed())),
                Err(TrySendError::Full(_)) => {
                    Err(StoreError::Unavailable("too many writes wait already".to_owned()))
                }
                Err(TrySendError::Disconnected(_)) => Err(closed()),
            }
        }
    }

    /// Ends the thread after what is queued, and waits for it.
    pub(super) async fn close(&self) {
        let (done, is_done) = oneshot::channel();
        let mut message = Message::Close(done);
        loop {
            match self.queue.try_send(message) {
                Ok(()) => break,
                Err(TrySendError::Full(back)) => message = back,
                Err(TrySendError::Disconnected(_)) => return,
            }
            tokio::task::yield_now().await;
        }
        // An error means that the thread has ended, which is what was asked.
        let _ = is_done.await;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

/// A move of whatever type, as the thread sees it.
trait Job: Send {
    /// Whether its caller still listens. What nobody waits for is not begun.
    fn is_wanted(&self) -> bool;
    fn shape(&self) -> Shape;
    /// Makes the move and keeps its result.
    fn run(&mut self, tx: &mut Running<'_>) -> Result<(), StoreError>;
    /// Tells the result; or how the commit failed.
    fn answer(self: Box<Self>, commit: Result<(), &StoreError>);
}

struct Move<T, F> {
    shape: Shape,
    body: Option<F>,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Move<T, F>
where
    T: Send,
    F: for<'t> FnOnce(&'t mut dyn Tx) -> Answer<'t, T> + Send,
{
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn shape(&self) -> Shape {
        self.shape
    }

    fn run(&mut self, tx: &mut Running<'_>) -> Result<(), StoreError> {
        let Some(body) = self.body.take() else { return Ok(()) };
        let result = catch_unwind(AssertUnwindSafe(|| finish(body(tx))))
            .unwrap_or_else(|_| Err(StoreError::Refused("a move has panicked".to_owned())));
        let outcome = result.as_ref().map(drop).map_err(again);
        self.result = Some(result);
        outcome
    }

    fn answer(self: Box<Self>, commit: Result<(), &StoreError>) {
        let result = match (self.result, commit) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(commit)) => Err(again(commit)),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(closed()),
        };
        // Whoever asked may have gone meanwhile.
        let _ = self.answer.send(result);
    }
}

/// The thread's side.
struct Hand {
    connection: Connection,
    messages: Receiver<Message>,
    has_written: bool,
}

impl Hand {
    fn work(mut self, running: running::Running) {
        let mut batch = Vec::new();
        let closing = loop {
            let first = if self.has_written {
                match self.messages.recv_timeout(REST) {
                    Ok(message) => message,
                    Err(RecvTimeoutError::Timeout) => {
                        self.rest();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => break None,
                }
            } else {
                match self.messages.recv() {
                    Ok(message) => message,
                    Err(_) => break None,
                }
            };
            let mut next = Some(first);
            let mut closing = None;
            while let Some(message) = next {
                match message {
                    Message::Move(job) => batch.push(job),
                    Message::Close(done) => {
                        closing = Some(done);
                        break;
                    }
                }
                next = if batch.len() < BATCH { self.messages.try_recv().ok() } else { None };
            }
            while !batch.is_empty() {
                self.commit(&mut batch);
            }
            if closing.is_some() {
                break closing;
            }
        };
        let Self { connection, messages, .. } = self;
        // From here on writes are refused.
        drop(messages);
        running.end(&connection);
        let tidied = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
        if let Err(error) = tidied {
            tracing::debug!(%error, "the log stays beside the database");
        }
        drop(connection);
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// Moves the log into the database, as far as no reader needs it.
    fn rest(&mut self) {
        self.has_written = false;
        if let Err(error) = self.connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)") {
            tracing::debug!(%error, "the log waits");
        }
    }

    /// Makes the batch in one transaction and answers. Where a failure has ended the transaction, what was not begun
    /// stays in the batch.
    fn commit(&mut self, batch: &mut Vec<Box<dyn Job>>) {
        if let Err(error) = self.say("BEGIN IMMEDIATE") {
            for job in batch.drain(..) {
                job.answer(Err(&error));
            }
            return;
        }
        let is_alone = batch.len() == 1;
        let mut made = Vec::with_capacity(batch.len());
        let mut rest = batch.drain(..);
        let mut lost = None;
        for mut job in rest.by_ref() {
            if !job.is_wanted() {
                continue;
            }
            let has_savepoint = job.shape() == Shape::Several && !is_alone;
            let outcome = match has_savepoint {
                true => self.make_undoable(job.as_mut()),
                false => job.run(&mut Running(&mut self.connection)),
            };
            made.push(job);
            let Err(error) = outcome else { continue };
            if self.connection.is_autocommit() || is_alone {
                lost = Some(error);
                break;
            }
        }
        let left: Vec<_> = rest.collect();
        *batch = left;
        let fate = match lost {
            None => self.say("COMMIT"),
            Some(error) => Err(error),
        };
        if fate.is_err()
            && !self.connection.is_autocommit()
            && let Err(error) = self.say("ROLLBACK")
        {
            tracing::error!(%error, "a failed transaction cannot be rolled back");
        }
        self.has_written = true;
        for job in made {
            job.answer(fate.as_ref().map(drop));
        }
    }

    /// A move of several statements among others: all of it or nothing.
    fn make_undoable(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.say("SAVEPOINT move")?;
        let outcome = job.run(&mut Running(&mut self.connection));
        if outcome.is_ok() {
            self.say("RELEASE move")?;
        } else if !self.connection.is_autocommit() && self.say("ROLLBACK TO move").is_err() {
            // Half a move must not be committed: better none of the batch.
            self.say("ROLLBACK")?;
        }
        outcome
    }

    fn say(&self, sql: &'static str) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        statement.raw_execute().map(drop).map_err(fault)
    }
}

#[cfg(test)]
mod tests;
