//! Clients, at hand: bounded, and dropped whole when the store's epoch moves.

use std::{
    collections::HashSet,
    ops::Deref,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use quick_cache::sync::Cache;
use valetkey_oauth2::{ClientId, RedirectKind};
use valetkey_ports::{Client, ClientKind, Page, Ports, StoreError};

/// How many clients are kept at hand.
const CLIENTS: usize = 4096;

/// A client's record, and what this process knows of it beside.
#[derive(Debug)]
pub struct CachedClient {
    client: Client,
    stands: AtomicBool,
}

impl CachedClient {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, stands: AtomicBool::new(false) }
    }

    /// Whether its standing grant is known to be in the store.
    pub(crate) fn stands(&self) -> bool {
        self.stands.load(Ordering::Relaxed)
    }

    /// Notes that its standing grant is in the store.
    pub(crate) fn has_stood(&self) {
        self.stands.store(true, Ordering::Relaxed);
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
    /// Every origin that some client has registered; worked out when first asked for.
    origins: RwLock<Option<Arc<HashSet<String>>>>,
}

impl ClientCache {
    pub(crate) fn new() -> Self {
        Self { by_id: Cache::new(CLIENTS), origins: RwLock::new(None) }
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
        *self.origins.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) async fn knows_origin(&self, ports: &Ports, origin: &str) -> bool {
        let known = self.origins.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known {
            return known.contains(origin);
        }
        match all_origins(ports).await {
            Ok(all) => {
                let known = all.contains(origin);
                *self.origins.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(all));
                known
            }
            Err(_) => false,
        }
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
