//! The reference store: every promise of the contract, kept in memory under one lock. Tests and embedders' first
//! minutes use it; what it holds ends with the process.

mod accounts;
mod attempts;
mod clients;
mod codes;
mod consents;
mod credentials;
mod events;
mod flows;
mod grants;
mod keys;
mod meta;
mod replay;
mod sessions;
mod temporary;
mod tokens;
mod usage;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use valetkey_oauth2::{AccountId, ClientId, GrantId, HandleHash, Timestamp};

use crate::{
    AccessRecord, Account, Client, Clock, Code, Consent, Count, Event, FamilyId, Flow, Grant, Ports, Random,
    RefreshRecord, Refusal, Session, SigningKeyRecord, TemporaryCredentials, TokenCredentials,
};

/// A fresh store, with the given time and randomness.
///
/// ```
/// use std::sync::Arc;
/// use valetkey_ports::{SystemClock, SystemRandom, memory};
/// let ports = memory::open(Arc::new(SystemClock), Arc::new(SystemRandom));
/// assert!(ports.clock.now().seconds() > 0);
/// ```
#[must_use]
pub fn open(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Ports {
    let memory = Arc::new(Memory::default());
    Ports {
        clock,
        random,
        clients: memory.clone(),
        accounts: memory.clone(),
        sessions: memory.clone(),
        flows: memory.clone(),
        consents: memory.clone(),
        grants: memory.clone(),
        codes: memory.clone(),
        tokens: memory.clone(),
        temporary: memory.clone(),
        credentials: memory.clone(),
        replay: memory.clone(),
        attempts: memory.clone(),
        keys: memory.clone(),
        events: memory.clone(),
        refusals: memory.clone(),
        usage: memory.clone(),
        meta: memory,
    }
}

#[derive(Default)]
struct Memory(Mutex<State>);

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything. What was deleted and must not come back stays as `None`.
#[derive(Default)]
struct State {
    clients: BTreeMap<ClientId, Option<Client>>,
    accounts: BTreeMap<AccountId, Option<Account>>,
    sessions: BTreeMap<HandleHash, Session>,
    flows: BTreeMap<HandleHash, (Flow, Timestamp)>,
    consents: BTreeMap<(AccountId, ClientId), Consent>,
    grants: BTreeMap<GrantId, GrantSlot>,
    codes: BTreeMap<HandleHash, CodeSlot>,
    access: BTreeMap<HandleHash, AccessRecord>,
    denied: BTreeMap<String, Timestamp>,
    families: BTreeMap<FamilyId, RefreshRecord>,
    temporary: BTreeMap<HandleHash, TemporarySlot>,
    credentials: BTreeMap<HandleHash, TokenCredentials>,
    seen: BTreeMap<(String, [u8; 32]), Timestamp>,
    tickets: BTreeMap<HandleHash, (String, Timestamp)>,
    attempts: BTreeMap<[u8; 32], (Count, Timestamp)>,
    keys: Vec<SigningKeyRecord>,
    events: Vec<Event>,
    refusals: VecDeque<Refusal>,
    usage: BTreeMap<(Timestamp, ClientId, String), (u64, Timestamp)>,
    facts: BTreeMap<String, String>,
    epoch: u64,
}

/// A grant's place: taken by the grant, or burnt before it began.
enum GrantSlot {
    Begun(Grant),
    Burnt { until: Timestamp },
}

struct CodeSlot {
    code: Code,
    is_taken: bool,
}

struct TemporarySlot {
    credentials: TemporaryCredentials,
    tries: u32,
}

/// The mark of an ending at that time: past the one that is there, by a second at least.
fn next_mark(mark: Timestamp, at: Timestamp) -> Timestamp {
    at.max(mark.plus(std::time::Duration::from_secs(1)))
}

/// Removes what `is_dead` says, `batch` at the most, and answers how many.
fn purge<K: Clone + Ord, V>(map: &mut BTreeMap<K, V>, batch: u32, is_dead: impl Fn(&K, &V) -> bool) -> u64 {
    let dead: Vec<K> = map
        .iter()
        .filter(|(key, value)| is_dead(key, value))
        .map(|(key, _)| key.clone())
        .take(batch as usize)
        .collect();
    for key in &dead {
        map.remove(key);
    }
    dead.len() as u64
}
