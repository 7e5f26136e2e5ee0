//! Connections that read, each used by one thread at a time.
//!
//! Key reads run on the runtime's own threads (about 20 µs): there is a connection for each of them, made when it is first
//! needed. A thread looks at its own place first, and at the others' when that is taken. Scans for pages have a connection of their
//! own, so that no key read waits behind one.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError, TryLockError},
    thread,
};

use rusqlite::Connection;
use valetkey_ports::StoreError;

use super::{
    connect::{self, Target},
    tx,
};
use crate::tx::{Row, Value};

pub(super) struct Readers {
    target: Target,
    places: Vec<Place>,
    scans: Place,
}

type Place = Mutex<Option<Connection>>;

impl Readers {
    pub(super) fn new(target: Target) -> Self {
        let threads = thread::available_parallelism().map_or(2, |threads| threads.get().clamp(2, 16));
        Self { target, places: (0..threads).map(|_| Place::default()).collect(), scans: Place::default() }
    }

    pub(super) fn find_one(&self, sql: &'static str, values: &[Value]) -> Result<Option<Row>, StoreError> {
        let mut place = self.place();
        tx::find_one(self.connection(&mut place)?, sql, values)
    }

    pub(super) fn list(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut place = self.scans.lock().unwrap_or_else(PoisonError::into_inner);
        tx::list(self.connection(&mut place)?, sql, values)
    }

    fn connection<'p>(&self, place: &'p mut Option<Connection>) -> Result<&'p Connection, StoreError> {
        if place.is_none() {
            *place = Some(connect::reader(&self.target)?);
        }
        place.as_ref().ok_or_else(|| StoreError::Unavailable("no connection".to_owned()))
    }

    fn place(&self) -> MutexGuard<'_, Option<Connection>> {
        let own = own_number() % self.places.len().max(1);
        let (before, after) = self.places.split_at(own);
        let in_turn = after.iter().chain(before);
        for place in in_turn {
            match place.try_lock() {
                Ok(free) => return free,
                Err(TryLockError::Poisoned(free)) => return free.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let own = after.first().unwrap_or(&self.scans);
        own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Spreads threads over places: the same thread comes to the same.
fn own_number() -> usize {
    thread_local! {
        static NUMBER: usize = {
            let mut hasher = DefaultHasher::new();
            thread::current().id().hash(&mut hasher);
            hasher.finish() as usize
        };
    }
    NUMBER.with(|number| *number)
}
