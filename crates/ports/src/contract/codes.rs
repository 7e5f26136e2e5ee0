//! Authorization codes.

use std::sync::Arc;

use valetkey_oauth2::{HandleHash, Timestamp};

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{Clock, Code, Found, Ports, Redeemed, StoreError, testing::ManualClock};

/// What was put is found as often as one looks, and still taken then.
pub async fn a_code_is_kept_whole_and_looking_takes_nothing(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    assert!(matches!(ports.codes.find(&handle).await.unwrap(), Found::Unknown));
    ports.codes.put(&handle, &code).await.unwrap();
    assert!(matches!(ports.codes.put(&handle, &code).await, Err(StoreError::Conflict(_))));
    for _ in 0..3 {
        let Found::Fresh(found) = ports.codes.find(&handle).await.unwrap() else { panic!("it is unused") };
        assert_eq!(*found, code);
    }
    assert_eq!(redeem(&ports, &handle, &code, now).await, Redeemed::Fresh);
}

/// Of any number of concurrent callers exactly one gets it; all others learn that it was taken.
pub async fn sec_co_01_of_racing_redemptions_of_one_code_one_is_fresh(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    for _ in 0..5 {
        let (handle, code) = (samples::hash(), samples::code(&client, now));
        ports.codes.put(&handle, &code).await.unwrap();
        let answers = race(CALLERS, |_| {
            let (ports, code) = (ports.clone(), code.clone());
            async move { redeem(&ports, &handle, &code, now).await }
        });
        let answers = answers.await;
        assert_eq!(count(&answers, |answer| *answer == Redeemed::Fresh), 1);
        assert_eq!(count(&answers, |answer| *answer == Redeemed::Replayed), CALLERS - 1);
        assert!(ports.grants.find(&code.grant).await.unwrap().is_some(), "the winner's grant has begun");
    }
}

/// The tombstone keeps all that was known, also after the code's own time.
pub async fn sec_co_02_a_taken_code_is_remembered_as_replayed(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    ports.codes.put(&handle, &code).await.unwrap();
    redeem(&ports, &handle, &code, now).await;
    let later = code.remembered_until.minus(seconds(1));
    ports.codes.purge(later, 100).await.unwrap();
    let Found::Redeemed(found) = ports.codes.find(&handle).await.unwrap() else { panic!("it was taken") };
    assert_eq!(*found, code);
    for at in [now, later] {
        assert_eq!(redeem(&ports, &handle, &code, at).await, Redeemed::Replayed);
    }
}

/// Another client neither takes a code nor learns of it, used or not; its own client still can.
pub async fn sec_co_03_another_clients_code_is_unknown_and_stays_alive(
    ports: Ports,
    clock: Arc<ManualClock>,
) {
    let now = clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    ports.codes.put(&handle, &code).await.unwrap();
    let foreign = samples::client_id();
    let new = samples::grant_of(&code, now);
    assert_eq!(ports.codes.redeem(&handle, &foreign, &new, now).await.unwrap(), Redeemed::Unknown);
    assert_eq!(redeem(&ports, &handle, &code, now).await, Redeemed::Fresh);
    assert_eq!(ports.codes.redeem(&handle, &foreign, &new, now).await.unwrap(), Redeemed::Unknown);
}

/// Its expiry is the first second on which it cannot be taken.
pub async fn sec_co_06_a_code_dies_on_the_second_it_expires(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (handle, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    ports.codes.put(&handle, &code).await.unwrap();
    let end = code.facts.expires_at;
    assert_eq!(redeem(&ports, &handle, &code, end).await, Redeemed::Unknown);
    let found = ports.codes.find(&handle).await.unwrap();
    assert!(matches!(found, Found::Fresh(_)), "the rule says that it has expired");
    assert_eq!(redeem(&ports, &handle, &code, end.minus(seconds(1))).await, Redeemed::Fresh);
}

/// Unused codes go when they expire, tombstones when their time is over, so many at a time.
pub async fn codes_and_tombstones_are_purged_in_their_time(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let mut taken = Vec::new();
    for number in 0..6 {
        let (handle, code) = (samples::hash(), samples::code(&client, now));
        ports.codes.put(&handle, &code).await.unwrap();
        if number < 2 {
            redeem(&ports, &handle, &code, now).await;
            taken.push(handle);
        }
    }
    let end = now.plus(seconds(60));
    assert_eq!(ports.codes.purge(end.minus(seconds(1)), 10).await.unwrap(), 0);
    assert_eq!(ports.codes.purge(end, 3).await.unwrap(), 3);
    assert_eq!(ports.codes.purge(end, 3).await.unwrap(), 1);
    for handle in &taken {
        assert!(matches!(ports.codes.find(handle).await.unwrap(), Found::Redeemed(_)));
    }
    assert_eq!(ports.codes.purge(now.plus(seconds(86_400)), 10).await.unwrap(), 2);
    assert!(matches!(ports.codes.find(&taken[0]).await.unwrap(), Found::Unknown));
}

/// What was ended after it was allowed does not begin any more, and the code is used up (security TK-05).
pub async fn sec_tk_05_nothing_begins_that_was_ended_before(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    for what in [Ended::Grant, Ended::Consent, Ended::Account, Ended::Deleted] {
        let account = samples::account(now);
        ports.accounts.put(&account).await.unwrap();
        let (handle, mut code) = (samples::hash(), samples::code(&client, now));
        code.account = account.id;
        code.authorized_at = now.plus(seconds(1));
        ports.codes.put(&handle, &code).await.unwrap();
        end(&ports, &code, what).await;
        assert_eq!(redeem(&ports, &handle, &code, now).await, Redeemed::Ended);
        assert!(ports.grants.find(&code.grant).await.unwrap().is_none());
        assert_eq!(redeem(&ports, &handle, &code, now).await, Redeemed::Replayed);
    }
}

#[derive(Clone, Copy)]
enum Ended {
    Grant,
    Consent,
    Account,
    Deleted,
}

async fn end(ports: &Ports, code: &Code, what: Ended) {
    let (client, at) = (&code.facts.client_id, code.authorized_at);
    match what {
        Ended::Grant => drop(ports.grants.revoke(&code.grant, client, at).await.unwrap()),
        Ended::Consent => drop(ports.consents.withdraw(&code.account, client, at).await.unwrap()),
        Ended::Account => drop(ports.accounts.end_all(&code.account, at).await.unwrap()),
        Ended::Deleted => drop(ports.accounts.delete(&code.account).await.unwrap()),
    }
}

async fn redeem(ports: &Ports, handle: &HandleHash, code: &Code, now: Timestamp) -> Redeemed {
    let new = samples::grant_of(code, now);
    ports.codes.redeem(handle, &code.facts.client_id, &new, now).await.unwrap()
}
