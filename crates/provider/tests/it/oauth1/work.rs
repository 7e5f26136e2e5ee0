//! What is wrong must cost the same, whichever part of it is wrong (RFC 5849 §3.2): looked at by what is asked of the
//! store, and by what is drawn, since time itself cannot be tested.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use valetkey_oauth2::{ClientId, HandleHash, Secret, Timestamp};
use valetkey_ports::{
    Allowance, Credentials, Crossing, Held, NewGrant, Ports, Random, Replay, Standing, StoreError, Temporary,
    TemporaryCredentials, TokenCredentials, Traded, memory, testing::ManualClock, testing::SeededRandom,
};

use super::{Ask, Consumer, Pair, temporary};
use crate::world::{App, World, build, client_id, policy};

/// What was asked, in order.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<&'static str>>>);

impl Asked {
    fn note(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }

    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A store that tells what it is asked.
struct Telling {
    asked: Asked,
    ports: Ports,
    random: SeededRandom,
}

impl Random for Telling {
    fn fill(&self, bytes: &mut [u8]) {
        self.asked.note("random");
        self.random.fill(bytes);
    }
}

#[async_trait]
impl Temporary for Telling {
    async fn put(&self, credentials: &TemporaryCredentials) -> Result<(), StoreError> {
        self.asked.note("temporary.put");
        self.ports.temporary.put(credentials).await
    }

    async fn find(&self, hash: &HandleHash) -> Result<Option<TemporaryCredentials>, StoreError> {
        self.asked.note("temporary.find");
        self.ports.temporary.find(hash).await
    }

    async fn allow(
        &self,
        hash: &HandleHash,
        allowance: &Allowance,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.ports.temporary.allow(hash, allowance, now).await
    }

    async fn deny(&self, hash: &HandleHash, now: Timestamp) -> Result<bool, StoreError> {
        self.ports.temporary.deny(hash, now).await
    }

    async fn trade(
        &self,
        hash: &HandleHash,
        by: &ClientId,
        verifier: &HandleHash,
        tries: u32,
        new: &NewGrant,
        now: Timestamp,
    ) -> Result<Traded, StoreError> {
        self.asked.note("temporary.trade");
        self.ports.temporary.trade(hash, by, verifier, tries, new, now).await
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.ports.temporary.purge(now, batch).await
    }
}

#[async_trait]
impl Credentials for Telling {
    async fn put(&self, credentials: &TokenCredentials) -> Result<(), StoreError> {
        self.ports.credentials.put(credentials).await
    }

    async fn find(&self, hash: &HandleHash) -> Result<Option<(Held, Standing)>, StoreError> {
        self.asked.note("credentials.find");
        self.ports.credentials.find(hash).await
    }

    async fn mark_exchanged(&self, hash: &HandleHash, at: Timestamp) -> Result<(), StoreError> {
        self.ports.credentials.mark_exchanged(hash, at).await
    }

    async fn crossings(&self, now: Timestamp) -> Result<Vec<Crossing>, StoreError> {
        self.ports.credentials.crossings(now).await
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.ports.credentials.purge(now, batch).await
    }
}

#[async_trait]
impl Replay for Telling {
    async fn insert(
        &self,
        space: &str,
        key: &[u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.asked.note("replay.insert");
        self.ports.replay.insert(space, key, until, now).await
    }

    async fn is_known(&self, space: &str, key: &[u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        self.ports.replay.is_known(space, key, now).await
    }

    async fn put_ticket(&self, hash: &HandleHash, purpose: &str, until: Timestamp) -> Result<(), StoreError> {
        self.ports.replay.put_ticket(hash, purpose, until).await
    }

    async fn find_ticket(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<String>, StoreError> {
        self.ports.replay.find_ticket(hash, now).await
    }

    async fn take_ticket(&self, hash: &HandleHash, now: Timestamp) -> Result<Option<String>, StoreError> {
        self.ports.replay.take_ticket(hash, now).await
    }

    async fn purge(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.ports.replay.purge(now, batch).await
    }
}

async fn telling() -> (World, Asked) {
    let clock = Arc::new(ManualClock::default());
    let inner = memory::open(clock.clone(), Arc::new(SeededRandom::new(7)));
    let asked = Asked::default();
    let telling =
        Arc::new(Telling { asked: asked.clone(), ports: inner.clone(), random: SeededRandom::new(8) });
    let ports = Ports {
        random: telling.clone(),
        temporary: telling.clone(),
        credentials: telling.clone(),
        replay: telling,
        ..inner
    };
    let provider = build(policy(), ports.clone()).await;
    (World { provider, ports, clock }, asked)
}

fn nobody(by: &Consumer) -> Consumer {
    let client = valetkey_ports::Client { id: client_id("nobody"), ..by.app.client.clone() };
    Consumer { app: App { client, secret: None }, ..by.clone() }
}

fn wrong(by: &Consumer) -> Consumer {
    Consumer { secret: Secret::new("wrong"), ..by.clone() }
}

fn unknown(pair: &Pair) -> Pair {
    Pair { token: format!("{}x", pair.token), ..pair.clone() }
}

#[tokio::test]
async fn sec_o1_05_unknown_clients_unknown_tokens_and_wrong_signatures_ask_the_same_of_the_store() {
    let (world, asked) = telling().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let first = world.temporary(&by).await;
    asked.take();
    let resources: [(Ask, &str); 5] = [
        (world.resource(&nobody(&by), &pair), "consumer_key_unknown"),
        (world.resource(&nobody(&by), &unknown(&pair)), "consumer_key_unknown"),
        (world.resource(&by, &unknown(&pair)), "token_rejected"),
        (world.resource(&wrong(&by), &pair), "signature_invalid"),
        (world.resource(&wrong(&by), &unknown(&pair)), "token_rejected"),
    ];
    for (ask, problem) in &resources {
        world.may_not(ask).await.unsigned(401, problem);
        assert_eq!(asked.take(), ["credentials.find"], "{problem}");
    }
    let trades: [(Ask, &str); 4] = [
        (world.last_leg(&nobody(&by), &first, "v"), "consumer_key_unknown"),
        (world.last_leg(&by, &unknown(&first), "v"), "token_rejected"),
        (world.last_leg(&wrong(&by), &first, "v"), "signature_invalid"),
        (world.last_leg(&by, &pair, "v"), "token_rejected"),
    ];
    for (ask, problem) in &trades {
        world.sign(ask).await.unsigned(401, problem);
        assert_eq!(asked.take(), ["temporary.find"], "{problem}");
    }
    let asks = [nobody(&by), wrong(&by)];
    for by in &asks {
        assert_eq!(world.sign(&world.first_leg(by)).await.status.as_u16(), 401);
        assert_eq!(asked.take(), [""; 0]);
    }
}

/// The first refusal makes the dummy that later ones open; sealing draws from the backend, not from the port.
#[tokio::test]
async fn sec_o1_12_the_nonce_is_the_last_thing_that_is_asked() {
    let (world, asked) = telling().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    asked.take();
    let ask = world.resource(&by, &pair);
    world.may(&ask).await;
    assert_eq!(asked.take(), ["credentials.find", "replay.insert"]);
    world.may_not(&ask).await.unsigned(401, "nonce_used");
    assert_eq!(asked.take(), ["credentials.find", "replay.insert"]);
    // What can be told from the request alone asks nothing at all.
    let old = world.resource(&by, &pair).stamped(1, "n");
    world.may_not(&old).await.unsigned(401, "timestamp_refused");
    world.may_not(&world.resource(&by, &pair).by("PLAINTEXT")).await;
    let refused = world.ask(&by, "POST", super::REQUEST_TOKEN);
    world.sign(&refused).await.badly_made("invalid_request", "parameter_absent");
    assert_eq!(asked.take(), ["credentials.find"], "PLAINTEXT is known here, and only this client may not");
    // Nothing is made for who may not have it.
    let ask = world.ask(&by, "POST", super::REQUEST_TOKEN).param("oauth_callback", "https://evil.example/");
    world.sign(&ask).await.badly_made("invalid_request", "parameter_rejected");
    assert_eq!(asked.take(), [""; 0]);
    // What is asked for is kept in the move that uses the nonce up, where the store can do that.
    temporary(&world.sign(&world.first_leg(&by)).await);
    assert_eq!(asked.take(), ["random", "random", "replay.insert", "temporary.put"]);
}
