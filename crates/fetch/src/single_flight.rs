//! Many ask, one works.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

/// Lets concurrent callers with one key share one piece of work.
///
/// Nothing is remembered after the last of them has its answer. When the caller that works goes away, the next one takes
/// over, so a dropped request never leaves the others waiting.
pub struct SingleFlight<K: Eq + Hash, V> {
    flights: Mutex<HashMap<K, Arc<OnceCell<V>>>>,
}

impl<K: Eq + Hash + Clone, V: Clone> SingleFlight<K, V> {
    /// With nothing under way.
    #[must_use]
    pub fn new() -> Self {
        Self { flights: Mutex::new(HashMap::new()) }
    }

    /// Runs `work`, unless somebody is at it under this key: then waits for their answer.
    pub async fn run<F: Future<Output = V>>(&self, key: &K, work: impl FnOnce() -> F) -> V {
        let cell = Arc::clone(self.lock().entry(key.clone()).or_default());
        let seat = Seat { flights: self, key, cell };
        seat.cell.get_or_init(work).await.clone()
    }

    /// How many keys are being worked on.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.lock().len()
    }
}

impl<K: Eq + Hash, V> SingleFlight<K, V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<OnceCell<V>>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Default for SingleFlight<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Eq + Hash, V> fmt::Debug for SingleFlight<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleFlight")
    }
}

/// One caller's place in a flight: clears the table when the work is done, or when the last caller has gone.
struct Seat<'a, K: Eq + Hash, V> {
    flights: &'a SingleFlight<K, V>,
    key: &'a K,
    cell: Arc<OnceCell<V>>,
}

impl<K: Eq + Hash, V> Drop for Seat<'_, K, V> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        let Some(current) = flights.get(self.key) else { return };
        // Two holders: the table and this seat. Seats are taken under the same lock, so the count cannot grow here.
        let is_over = self.cell.initialized() || Arc::strong_count(&self.cell) == 2;
        if Arc::ptr_eq(current, &self.cell) && is_over {
            flights.remove(self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn callers_with_one_key_share_one_piece_of_work() {
        let flights = SingleFlight::new();
        let worked = AtomicUsize::new(0);
        let gate = tokio::sync::Barrier::new(2);
        let work = || async {
            worked.fetch_add(1, Ordering::SeqCst);
            gate.wait().await;
            7
        };
        let open = async { gate.wait().await };
        let (a, b, c, _) = tokio::join!(
            flights.run(&"k", work),
            flights.run(&"k", || async { 8 }),
            flights.run(&"other", || async { 9 }),
            open,
        );
        assert_eq!((a, b, c, worked.load(Ordering::SeqCst)), (7, 7, 9, 1));
        assert_eq!(flights.under_way(), 0);
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_hands_the_work_to_the_next() {
        let flights = SingleFlight::<&str, i32>::new();
        let mut gone = Box::pin(flights.run(&"k", std::future::pending));
        let mut next = Box::pin(flights.run(&"k", || async { 5 }));
        let waiting = std::future::poll_fn(|context| {
            let both = (gone.as_mut().poll(context).is_pending(), next.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(both)
        });
        assert_eq!(waiting.await, (true, true));
        drop(gone);
        assert_eq!(next.await, 5);
        assert_eq!(flights.under_way(), 0);
    }
}
