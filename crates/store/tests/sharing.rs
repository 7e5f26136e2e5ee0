//! Two openers of one file, as the server and the command line are: what may happen once happens once over both.

#![expect(clippy::unwrap_used, reason = "a test's helpers")]

mod scratch;

use std::sync::Arc;

use valetkey_ports::{
    KeyState, Ports, Redeemed, SystemRandom,
    contract::{CALLERS, count, race, samples, samples::seconds},
    testing::ManualClock,
};
use valetkey_store::Store;

async fn two(folder: &scratch::Folder) -> [Store; 2] {
    let (url, clock) = (folder.url(), Arc::new(ManualClock::default()));
    let open = || async { valetkey_store::open(&url, clock.clone(), Arc::new(SystemRandom)).await.unwrap() };
    // Both start on the new file at once, and both want to make it.
    let (one, other) = tokio::join!(open(), open());
    [one, other]
}

fn ports(stores: &[Store; 2], number: usize) -> Ports {
    stores[number % 2].ports.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_co_01_one_code_is_redeemed_once_over_two_openers() {
    let folder = scratch::Folder::new();
    let stores = two(&folder).await;
    let now = stores[0].ports.clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    stores[0].ports.codes.put(&handle, &code).await.unwrap();
    let answers = race(CALLERS, |number| {
        let (ports, code) = (ports(&stores, number), code.clone());
        let new = samples::grant_of(&code, now);
        async move { ports.codes.redeem(&handle, &code.facts.client_id, &new, now).await.unwrap() }
    });
    let answers = answers.await;
    assert_eq!(count(&answers, |answer| *answer == Redeemed::Fresh), 1);
    assert_eq!(count(&answers, |answer| *answer == Redeemed::Replayed), CALLERS - 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_tk_01_one_handle_rotates_once_over_two_openers() {
    let folder = scratch::Folder::new();
    let stores = two(&folder).await;
    let now = stores[0].ports.clock.now();
    let (grant, refresh, _) = samples::opened(&stores[0].ports, now).await;
    let answers = race(CALLERS, |number| {
        let ports = ports(&stores, number);
        let rotation = samples::rotation(&grant, refresh.family, refresh.current, now);
        async move { ports.tokens.rotate(&rotation).await.unwrap() }
    });
    assert_eq!(count(&answers.await, |has_happened| *has_happened), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counts_links_and_first_keys_hold_over_two_openers() {
    let folder = scratch::Folder::new();
    let stores = two(&folder).await;
    let now = stores[0].ports.clock.now();
    let key = samples::bytes();
    let mut tries = race(CALLERS, |number| {
        let ports = ports(&stores, number);
        async move { ports.attempts.count(&key, seconds(60), now).await.unwrap().tries }
    })
    .await;
    tries.sort_unstable();
    assert_eq!(tries, (1..=CALLERS as u32).collect::<Vec<_>>());

    let ticket = samples::hash();
    stores[0].ports.replay.put_ticket(&ticket, "setup", now.plus(seconds(60))).await.unwrap();
    let made = race(CALLERS, |number| {
        let (ports, account) = (ports(&stores, number), samples::account(now));
        async move { ports.accounts.put_with_ticket(&account, &ticket, now).await.unwrap() }
    });
    assert_eq!(count(&made.await, |made| *made), 1);

    let kept = race(CALLERS, |number| {
        let (ports, key) = (ports(&stores, number), samples::key(KeyState::Current, now));
        async move { ports.keys.put(&key).await.unwrap() }
    });
    assert_eq!(count(&kept.await, |is_kept| *is_kept), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_tk_19_a_change_by_one_is_seen_by_the_other_at_once() {
    let folder = scratch::Folder::new();
    let [one, other] = two(&folder).await;
    let now = one.ports.clock.now();
    let (grant, _, access) = samples::opened(&one.ports, now).await;
    let epoch = one.ports.meta.epoch().await.unwrap();
    let (_, standing) = other.ports.tokens.find_access(&access.hash).await.unwrap().unwrap();
    assert!(standing.is_live(now));
    assert!(other.ports.grants.revoke(&grant.id, &grant.client, now).await.unwrap());
    let (_, standing) = one.ports.tokens.find_access(&access.hash).await.unwrap().unwrap();
    assert!(!standing.is_live(now));
    other.ports.clients.put(&samples::client(now)).await.unwrap();
    assert!(one.ports.meta.epoch().await.unwrap() > epoch);
    one.close().await;
    other.ports.meta.ping().await.unwrap();
    let last = other.ports.clients.list(None, &valetkey_ports::Page::first(10)).await.unwrap();
    assert_eq!(last.len(), 1);
}
