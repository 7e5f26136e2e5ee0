//! What every handler is given: ports, policy, parsed keys, cached clients.

mod allow;
mod challenges;
mod liveness;
mod order;
mod refusals;

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::mpsc;
use valetkey_crypto::Sealer;
use valetkey_oauth2::{ClientId, GrantId, Handle, HandleKind, Issuer, Resource, Timestamp};
use valetkey_ports::{Event, EventKind, Ports, Refusal};

use crate::{
    Failure, Peer, Policy, answer,
    browser::Cookies,
    cache::{CachedClient, ClientCache},
    client_auth::Floods,
    face::Face,
    grant::Grant,
    keys::Ring,
    password::PasswordPool,
};

/// What every handler is given.
pub struct Engine {
    ports: Ports,
    policy: Policy,
    sealer: Sealer,
    face: Arc<dyn Face>,
    grants: Vec<Arc<dyn Grant>>,
    cookies: Cookies,
    clients: ClientCache,
    ring: RwLock<Arc<Ring>>,
    passwords: PasswordPool,
    floods: Floods,
    pub(crate) challenges: challenges::Challenges,
    pub(crate) oauth1: crate::oauth1::desk::Desk,
    order: order::Order,
    pub(crate) metadata: crate::endpoints::Made,
    refusals: mpsc::Sender<Refusal>,
    /// Taken by the one task that writes them down.
    refused: std::sync::Mutex<Option<mpsc::Receiver<Refusal>>>,
    /// Held while a record is read, changed and written, so that no change in this process undoes another.
    pub(crate) changes: tokio::sync::Mutex<()>,
    /// The epoch that the caches are of, and when it was last looked at.
    epoch: AtomicU64,
    looked_at: AtomicI64,
    /// The issuer as a resource: the audience of tokens that name no other.
    own_resource: Resource,
}

/// How many refusals may wait for the writer; what comes beyond is only logged.
const REFUSALS_WAITING: usize = 1024;

impl Engine {
    pub(crate) fn new(
        policy: Policy,
        ports: Ports,
        sealer: Sealer,
        face: Arc<dyn Face>,
        grants: Vec<Arc<dyn Grant>>,
    ) -> Self {
        let (refusals, refused) = mpsc::channel(REFUSALS_WAITING);
        let own_resource = Resource::from(&policy.issuer);
        Self {
            cookies: Cookies::new(&policy.issuer, sealer.derive("form tokens", b"")),
            passwords: PasswordPool::new(&policy.passwords),
            clients: ClientCache::new(),
            floods: Floods::default(),
            challenges: challenges::Challenges::default(),
            oauth1: crate::oauth1::desk::Desk::new(&policy, &sealer),
            order: order::Order::default(),
            metadata: crate::endpoints::Made::new(),
            ring: RwLock::new(Arc::new(Ring::default())),
            refusals,
            refused: std::sync::Mutex::new(Some(refused)),
            changes: tokio::sync::Mutex::new(()),
            epoch: AtomicU64::new(u64::MAX),
            looked_at: AtomicI64::new(i64::MIN),
            own_resource,
            ports,
            policy,
            sealer,
            face,
            grants,
        }
    }

    /// The outside.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// What holds on this server.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The server's own name.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.policy.issuer
    }

    /// The issuer as a resource: the audience of tokens that name no other.
    #[must_use]
    pub fn own_resource(&self) -> &Resource {
        &self.own_resource
    }

    /// Now, by the given clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Cookies and form tokens.
    #[must_use]
    pub fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// What seals under the master key.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// The bounded pool that hashes passwords.
    #[must_use]
    pub fn passwords(&self) -> &PasswordPool {
        &self.passwords
    }

    /// Who has guessed too often of late.
    #[must_use]
    pub fn floods(&self) -> &Floods {
        &self.floods
    }

    /// The grant types that are served here.
    #[must_use]
    pub fn grants(&self) -> &[Arc<dyn Grant>] {
        &self.grants
    }

    /// A new handle.
    #[must_use]
    pub fn mint(&self, kind: HandleKind) -> Handle {
        self.ports.random.handle(kind)
    }

    /// A new grant's id: above those that were made in this second before.
    #[must_use]
    pub fn mint_grant(&self, now: Timestamp) -> GrantId {
        GrantId::mint(now, &self.order.next(now, self.ports.random.bytes()))
    }

    /// Finds a client, in the cache where it can: stale for two seconds at the most after a change elsewhere.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn client(&self, id: &ClientId) -> Result<Option<Arc<CachedClient>>, Failure> {
        self.refresh().await?;
        if let Some(known) = self.clients.get(id) {
            return Ok(Some(known));
        }
        // The epoch is read before the record and again after it was kept: whichever comes first, this look or the clearing
        // of the cache that follows a change, an old record does not stay.
        let epoch = self.epoch.load(Ordering::SeqCst);
        let Some(client) = self.ports.clients.find(id).await? else { return Ok(None) };
        let entry = self.clients.entry(client);
        self.clients.keep(&entry);
        if self.epoch.load(Ordering::SeqCst) != epoch {
            self.clients.forget(id);
        }
        Ok(Some(entry))
    }

    /// Whether any client has registered that origin.
    pub(crate) async fn knows_origin(&self, origin: &str) -> bool {
        if self.refresh().await.is_err() {
            return false;
        }
        self.clients.knows_origin(&self.ports, origin, &self.epoch).await
    }

    /// The keys that sign and verify now.
    #[must_use]
    pub fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks, once a second at the most, whether clients or keys were changed by another process or a command, and
    /// drops what is stale.
    ///
    /// # Errors
    /// The store's faults, when keys must be read.
    pub async fn refresh(&self) -> Result<(), Failure> {
        let now = self.now().seconds();
        let looked_at = self.looked_at.load(Ordering::Relaxed);
        if looked_at == now
            || self.looked_at.compare_exchange(looked_at, now, Ordering::AcqRel, Ordering::Relaxed).is_err()
        {
            return Ok(());
        }
        self.refresh_now().await
    }

    /// The same at once: after a change made here.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn refresh_now(&self) -> Result<(), Failure> {
        let epoch = self.ports.meta.epoch().await?;
        if self.epoch.load(Ordering::SeqCst) != epoch {
            // First what can fail: an epoch that was noted without its keys would not be looked at again.
            let ring = Ring::load(&self.ports, &self.sealer).await?;
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
            self.epoch.store(epoch, Ordering::SeqCst);
            self.clients.clear();
        }
        Ok(())
    }

    /// Writes events down. A fault of the store is logged and fails the request: what cannot be audited is not done.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn record(&self, events: &[Event]) -> Result<(), Failure> {
        for event in events {
            tracing::info!(target: "valetkey::audit", kind = event.kind.as_str(), account = ?event.account,
                client = ?event.client, grant = ?event.grant, by = ?event.by, detail = %event.detail.escape_debug());
        }
        Ok(self.ports.events.record(events).await?)
    }

    /// An event of now, from that peer.
    #[must_use]
    pub fn event(&self, kind: EventKind, peer: &Peer) -> Event {
        Event { address: Some(peer.address.to_string()), ..Event::new(kind, self.now()) }
    }

    /// The page for a failure.
    #[must_use]
    pub fn error_page(&self, failure: &Failure, request: &Request<Bytes>, peer: &Peer) -> Response<Bytes> {
        let page = failure.to_page();
        let language = crate::browser::language(request.headers());
        let body = self.face.error(&page, &peer.request_id, language);
        let mut response = answer::html(page.status, body, &answer::Rights::default());
        failure.status_headers(&mut response);
        response
    }

    /// The page that shows a verifier to be carried by hand (RFC 5849 §2.2).
    #[must_use]
    pub(crate) fn verifier_page(
        &self,
        client: &str,
        verifier: &str,
        request: &Request<Bytes>,
    ) -> Response<Bytes> {
        let language = crate::browser::language(request.headers());
        let body = self.face.verifier(client, verifier, language);
        answer::html(http::StatusCode::OK, body, &answer::Rights::default())
    }

    /// The page that posts an answer to the client.
    #[must_use]
    pub fn form_post_page(
        &self,
        action: &str,
        origin: &str,
        fields: &[(String, String)],
        request: &Request<Bytes>,
    ) -> Response<Bytes> {
        let nonce: String =
            self.ports.random.bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
        let language = crate::browser::language(request.headers());
        let body = self.face.form_post(action, fields, &nonce, language);
        let rights = answer::Rights { form_action: origin, script_nonce: Some(&nonce) };
        answer::html(http::StatusCode::OK, body, &rights)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("issuer", &self.policy.issuer).finish_non_exhaustive()
    }
}
