//! Clients, at hand: bounded, and dropped whole when the store's epoch moves.

use std::{
    collections::{HashMap, HashSet},
    ops::Deref,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use quick_cache::sync::Cache;
use valetkey_oauth1::RsaPublicKey;
use valetkey_oauth2::{ClientId, GrantId, RedirectKind, Secret, Timestamp};
use valetkey_ports::{Client, ClientKind, Grant, Page, Ports, StoreError};

use crate::{Engine, Failure};

/// How many clients are kept at hand.
const CLIENTS: usize = 4096;

/// A client's record, and what this process knows of it beside.
#[derive(Debug)]
pub struct CachedClient {
    client: Client,
    /// The grant that its own tokens hang from: a hash of its id.
    standing: GrantId,
    stands: AtomicBool,
    /// Its RSA keys, parsed when first needed.
    rsa_keys: OnceLock<Vec<RsaPublicKey>>,
    /// Its shared secrets, opened when first needed, with the end of each.
    shared_secrets: OnceLock<Vec<(Secret, Option<Timestamp>)>>,
    /// What it has done in this minute: the same for every copy of the record.
    done: Arc<Done>,
}

impl CachedClient {
    fn new(client: Client, done: Arc<Done>) -> Self {
        Self {
            standing: Grant::standing_id(&client.id),
            client,
            stands: AtomicBool::new(false),
            rsa_keys: OnceLock::new(),
            shared_secrets: OnceLock::new(),
            done,
        }
    }

    /// The id of its standing grant.
    pub(crate) fn standing(&self) -> GrantId {
        self.standing
    }

    /// Whether its standing grant is known to be in the store.
    pub(crate) fn stands(&self) -> bool {
        self.stands.load(Ordering::Relaxed)
    }

    /// The RSA keys that it signs with.
    pub(crate) fn rsa_keys(&self) -> &[RsaPublicKey] {
        let parse = |key: &String| RsaPublicKey::from_pem(key).ok();
        let own =
            || self.client.oauth1.iter().flat_map(|own| own.rsa_keys.iter().filter_map(parse)).collect();
        self.rsa_keys.get_or_init(own)
    }

    /// The shared secrets that it may sign with now.
    pub(crate) fn shared_secrets(
        &self,
        engine: &Engine,
        now: Timestamp,
    ) -> Result<impl Iterator<Item = &Secret>, Failure> {
        if self.shared_secrets.get().is_none() {
            let mut opened = Vec::new();
            for kept in self.client.oauth1.iter().flat_map(|own| &own.secrets) {
                opened.push((engine.open_client_secret(&self.client.id, &kept.sealed)?, kept.expires_at));
            }
            let _ = self.shared_secrets.set(opened);
        }
        let all = self.shared_secrets.get().map(Vec::as_slice).unwrap_or_default();
        let is_live = move |until: &Option<Timestamp>| until.is_none_or(|until| now < until);
        Ok(all.iter().filter(move |(_, until)| is_live(until)).map(|(secret, _)| secret))
    }

    /// Counts a request that it signed (security O1-12): each is remembered by its nonce.
    pub(crate) fn count_signed(&self, now: Timestamp, most: u32) -> Result<(), Failure> {
        self.done.signed.count(now, most)
    }

    /// Counts credentials that it asked for without a person: each is kept for a while.
    pub(crate) fn count_begun(&self, now: Timestamp, most: u32) -> Result<(), Failure> {
        self.done.begun.count(now, most)
    }

    /// Notes that its standing grant is in the store.
    pub(crate) fn has_stood(&self) {
        self.stands.store(true, Ordering::Relaxed);
    }
}

/// What a client has done in this minute.
#[derive(Debug, Default)]
struct Done {
    signed: PerMinute,
    begun: PerMinute,
}

/// The minute in the upper half, the count in the lower.
#[derive(Debug, Default)]
struct PerMinute(AtomicU64);

impl PerMinute {
    fn count(&self, now: Timestamp, most: u32) -> Result<(), Failure> {
        let minute = u64::try_from(now.seconds() / 60).unwrap_or_default() & 0xffff_ffff;
        let counted = |state: u64| if state >> 32 == minute { state + 1 } else { (minute << 32) | 1 };
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| Some(counted(state)));
        let count = counted(before.unwrap_or_else(|state| state)) & 0xffff_ffff;
        if count > u64::from(most) {
            let left = 60 - now.seconds().rem_euclid(60);
            return Err(Failure::TooMany(u32::try_from(left).unwrap_or(60)));
        }
        Ok(())
    }
}

impl Deref for CachedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

pub(crate) struct ClientCache {
    by_id: Cache<ClientId, Arc<CachedClient>>,
    /// What is counted of clients, which outlives their records here: these come and go, and several may be read at once.
    done: Mutex<HashMap<ClientId, Arc<Done>>>,
    /// Every origin that some client has registered, and of which epoch that is; worked out when first asked for.
    origins: RwLock<Option<(u64, Arc<HashSet<String>>)>>,
    /// Held by the one who works that out: it reads every client.
    working: tokio::sync::Mutex<()>,
}

impl ClientCache {
    pub(crate) fn new() -> Self {
        Self {
            by_id: Cache::new(CLIENTS),
            done: Mutex::default(),
            origins: RwLock::new(None),
            working: tokio::sync::Mutex::default(),
        }
    }

    /// A record that was read, with what is counted of its client.
    pub(crate) fn entry(&self, client: Client) -> Arc<CachedClient> {
        let mut all = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= 2 * CLIENTS {
            all.retain(|_, done| Arc::strong_count(done) > 1);
        }
        let done = Arc::clone(all.entry(client.id.clone()).or_default());
        Arc::new(CachedClient::new(client, done))
    }

    pub(crate) fn get(&self, id: &ClientId) -> Option<Arc<CachedClient>> {
        self.by_id.get(id)
    }

    pub(crate) fn keep(&self, client: &Arc<CachedClient>) {
        self.by_id.insert(client.id.clone(), Arc::clone(client));
    }

    pub(crate) fn forget(&self, id: &ClientId) {
        self.by_id.remove(id);
    }

    pub(crate) fn clear(&self) {
        self.by_id.clear();
    }

    /// Whether some client has registered that origin. However many ask, all clients are read once an epoch: whoever asks
    /// meanwhile waits for that answer.
    pub(crate) async fn knows_origin(&self, ports: &Ports, origin: &str, epoch: &AtomicU64) -> bool {
        if let Some(known) = self.origins_of(epoch.load(Ordering::SeqCst)) {
            return known.contains(origin);
        }
        let _turn = self.working.lock().await;
        // Read before the clients are: what changes meanwhile belongs to the next epoch.
        let epoch = epoch.load(Ordering::SeqCst);
        if let Some(known) = self.origins_of(epoch) {
            return known.contains(origin);
        }
        let Ok(all) = all_origins(ports).await else { return false };
        let known = all.contains(origin);
        *self.origins.write().unwrap_or_else(PoisonError::into_inner) = Some((epoch, Arc::new(all)));
        known
    }

    fn origins_of(&self, epoch: u64) -> Option<Arc<HashSet<String>>> {
        let origins = self.origins.read().unwrap_or_else(PoisonError::into_inner);
        origins.as_ref().filter(|(of, _)| *of == epoch).map(|(_, known)| Arc::clone(known))
    }
}

async fn all_origins(ports: &Ports) -> Result<HashSet<String>, StoreError> {
    let mut all = HashSet::new();
    let mut page = Page::first(500);
    loop {
        let clients = ports.clients.list(None, &page).await?;
        let Some(last) = clients.last() else { return Ok(all) };
        page.after = Some(last.id.to_string());
        for client in &clients {
            all.extend(client.origins.iter().map(ToString::to_string));
            if client.kind == ClientKind::Browser {
                let web = client.redirect_uris.iter().filter(|uri| uri.kind() != RedirectKind::PrivateUse);
                all.extend(web.map(valetkey_oauth2::RedirectUri::form_action));
            }
        }
    }
}
