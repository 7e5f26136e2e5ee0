//! OAuth 1 temporary credentials.

use std::sync::Arc;

use valetkey_oauth2::{HandleHash, Timestamp};

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{
    Allowance, Clock, Grant, NewGrant, Once, Ports, Stage, StoreError, TemporaryCredentials, Trade, Traded,
    testing::ManualClock,
};

/// So many wrong verifiers end the credentials.
const TRIES: u32 = 5;

/// What was put is found as often as one looks, whatever it has come to.
pub async fn temporary_credentials_are_kept_whole(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let asked = samples::temporary(&samples::client_id(), now);
    assert_eq!(ports.temporary.find(&asked.hash).await.unwrap(), None);
    ports.temporary.put(&asked).await.unwrap();
    assert!(matches!(ports.temporary.put(&asked).await, Err(StoreError::Conflict(_))));
    assert_eq!(ports.temporary.find(&asked.hash).await.unwrap(), Some(asked.clone()));

    let by_hand = TemporaryCredentials {
        callback: crate::Callback::OutOfBand,
        ..samples::temporary(&asked.client, now)
    };
    ports.temporary.put(&by_hand).await.unwrap();
    assert_eq!(ports.temporary.find(&by_hand.hash).await.unwrap(), Some(by_hand));

    let allowance = samples::allowance(samples::account_id(now), now);
    assert!(ports.temporary.allow(&asked.hash, &allowance, now).await.unwrap());
    let allowed = TemporaryCredentials { stage: Stage::Allowed(allowance.clone()), ..asked.clone() };
    assert_eq!(ports.temporary.find(&asked.hash).await.unwrap(), Some(allowed));

    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, now).await, Traded::Fresh);
    let traded = ports.temporary.find(&asked.hash).await.unwrap().unwrap();
    assert_eq!(traded.stage, Stage::Exchanged);
}

/// Of any number of concurrent decisions, yes and no alike, one counts.
pub async fn sec_o1_02_of_racing_decisions_one_counts(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let asked = samples::temporary(&samples::client_id(), now);
    ports.temporary.put(&asked).await.unwrap();
    let account = samples::account_id(now);
    let decisions = race(CALLERS, |number| {
        let (ports, hash) = (ports.clone(), asked.hash);
        async move {
            match number % 2 {
                0 => ports.temporary.allow(&hash, &samples::allowance(account, now), now).await.unwrap(),
                _ => ports.temporary.deny(&hash, now).await.unwrap(),
            }
        }
    });
    assert_eq!(count(&decisions.await, |counted| *counted), 1);
}

/// Of any number of concurrent trades with the right verifier exactly one begins a grant.
pub async fn sec_o1_02_of_racing_trades_one_is_fresh(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    for _ in 0..5 {
        let (asked, allowance) = allowed(&ports, now).await;
        let answers = race(CALLERS, |_| {
            let (ports, asked, allowance) = (ports.clone(), asked.clone(), allowance.clone());
            async move { trade(&ports, &asked, &allowance, &allowance.verifier, now).await }
        });
        let answers = answers.await;
        assert_eq!(count(&answers, |answer| *answer == Traded::Fresh), 1);
        assert_eq!(count(&answers, |answer| *answer == Traded::Replayed), CALLERS - 1);
        assert!(ports.grants.find(&allowance.grant).await.unwrap().is_some(), "the winner's grant has begun");
    }
}

/// Nothing is traded before somebody allowed it, after somebody said no, in another client's name, or too late.
pub async fn sec_o1_01_nothing_is_traded_that_was_not_allowed(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let asked = samples::temporary(&samples::client_id(), now);
    let allowance = samples::allowance(samples::account_id(now), now);
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, now).await, Traded::Unknown);
    ports.temporary.put(&asked).await.unwrap();
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, now).await, Traded::Unknown);
    assert!(ports.temporary.deny(&asked.hash, now).await.unwrap());
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, now).await, Traded::Unknown);
    assert!(!ports.temporary.allow(&asked.hash, &allowance, now).await.unwrap());

    let (asked, allowance) = allowed(&ports, now).await;
    let foreign = TemporaryCredentials { client: samples::client_id(), ..asked.clone() };
    assert_eq!(trade(&ports, &foreign, &allowance, &allowance.verifier, now).await, Traded::Unknown);
    let late = asked.expires_at;
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, late).await, Traded::Unknown);
    assert!(ports.grants.find(&allowance.grant).await.unwrap().is_none());
    let last = late.minus(seconds(1));
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, last).await, Traded::Fresh);
}

/// They can be decided upon until the second they expire.
pub async fn temporary_credentials_die_on_the_second_they_expire(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let allowance = samples::allowance(samples::account_id(now), now);
    let asked = samples::temporary(&samples::client_id(), now);
    ports.temporary.put(&asked).await.unwrap();
    assert!(!ports.temporary.allow(&asked.hash, &allowance, asked.expires_at).await.unwrap());
    assert!(!ports.temporary.deny(&asked.hash, asked.expires_at).await.unwrap());
    let last = asked.expires_at.minus(seconds(1));
    assert!(ports.temporary.allow(&asked.hash, &allowance, last).await.unwrap());
}

/// Wrong verifiers are counted exactly, also those that race; the last one allowed ends the credentials.
pub async fn sec_o1_01_wrong_verifiers_are_counted_exactly(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (asked, allowance) = allowed(&ports, now).await;
    for _ in 1..TRIES {
        assert_eq!(trade(&ports, &asked, &allowance, &samples::hash(), now).await, Traded::WrongVerifier);
    }
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, now).await, Traded::Fresh);

    let (asked, allowance) = allowed(&ports, now).await;
    let answers = race(CALLERS, |_| {
        let (ports, asked, allowance) = (ports.clone(), asked.clone(), allowance.clone());
        async move { trade(&ports, &asked, &allowance, &samples::hash(), now).await }
    });
    let answers = answers.await;
    assert_eq!(count(&answers, |answer| *answer == Traded::WrongVerifier), TRIES as usize);
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, now).await, Traded::Unknown);
}

/// What the account or the consent has ended meanwhile does not begin, and the credentials are used up.
pub async fn sec_tk_05_no_credentials_begin_that_were_ended_before(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (asked, allowance) = allowed(&ports, now).await;
    ports.consents.withdraw(&allowance.account, &asked.client, now).await.unwrap();
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, now).await, Traded::Ended);
    assert!(ports.grants.find(&allowance.grant).await.unwrap().is_none());
    assert_eq!(trade(&ports, &asked, &allowance, &allowance.verifier, now).await, Traded::Replayed);
}

/// Expired ones go, in batches; the others stay.
pub async fn expired_temporary_credentials_are_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let all: Vec<TemporaryCredentials> = (0..5).map(|_| samples::temporary(&client, now)).collect();
    for one in &all {
        ports.temporary.put(one).await.unwrap();
    }
    let (staying, _) = allowed(&ports, now.plus(seconds(10))).await;
    let then = all[0].expires_at;
    assert_eq!(ports.temporary.purge(then.minus(seconds(1)), 100).await.unwrap(), 0);
    assert_eq!(ports.temporary.purge(then, 3).await.unwrap(), 3);
    assert_eq!(ports.temporary.purge(then, 3).await.unwrap(), 2);
    assert!(ports.temporary.find(&staying.hash).await.unwrap().is_some());
}

/// A request that was seen keeps nothing and trades nothing, also where it races itself; another one does.
pub async fn sec_o1_03_what_a_request_asks_for_happens_once(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let request = |number| Once { space: "request", key: [number; 32], until: now.plus(seconds(60)) };
    let first = samples::temporary(&samples::client_id(), now);
    let answers = race(CALLERS, |_| {
        let (ports, first, request) = (ports.clone(), first.clone(), request(1));
        async move { ports.temporary.put_once(&first, &request, &*ports.replay, now).await.unwrap() }
    });
    assert_eq!(count(&answers.await, |is_kept| *is_kept), 1);
    assert_eq!(ports.temporary.find(&first.hash).await.unwrap(), Some(first.clone()));
    let second = samples::temporary(&first.client, now);
    assert!(!ports.temporary.put_once(&second, &request(1), &*ports.replay, now).await.unwrap());
    assert_eq!(ports.temporary.find(&second.hash).await.unwrap(), None);

    let (asked, allowance) = allowed(&ports, now).await;
    let new = begun(&asked, &allowance, now);
    let trade = |verifier| Trade { hash: &asked.hash, by: &asked.client, verifier, tries: 2, new: &new };
    let wrong = samples::hash();
    for (number, answer) in [(2, Some(Traded::WrongVerifier)), (2, None), (2, None)] {
        let traded = ports.temporary.trade_once(&trade(&wrong), &request(number), &*ports.replay, now).await;
        assert_eq!(traded.unwrap(), answer);
    }
    for (number, answer) in [(2, None), (3, Some(Traded::Fresh)), (3, None), (4, Some(Traded::Replayed))] {
        let trade = trade(&allowance.verifier);
        let traded = ports.temporary.trade_once(&trade, &request(number), &*ports.replay, now).await;
        assert_eq!(traded.unwrap(), answer);
    }
    assert!(ports.grants.find(&allowance.grant).await.unwrap().is_some());
}

/// Credentials that somebody has allowed, with what they allowed.
async fn allowed(ports: &Ports, now: Timestamp) -> (TemporaryCredentials, Allowance) {
    let asked = samples::temporary(&samples::client_id(), now);
    let allowance = samples::allowance(samples::account_id(now), now);
    ports.temporary.put(&asked).await.unwrap();
    assert!(ports.temporary.allow(&asked.hash, &allowance, now).await.unwrap());
    (asked, allowance)
}

async fn trade(
    ports: &Ports,
    asked: &TemporaryCredentials,
    allowance: &Allowance,
    verifier: &HandleHash,
    now: Timestamp,
) -> Traded {
    let new = begun(asked, allowance, now);
    ports.temporary.trade(&asked.hash, &asked.client, verifier, TRIES, &new, now).await.unwrap()
}

/// What begins when they are traded.
fn begun(asked: &TemporaryCredentials, allowance: &Allowance, now: Timestamp) -> NewGrant {
    let grant = Grant {
        id: allowance.grant,
        authorized_at: allowance.authorized_at,
        ..samples::grant(allowance.account, &asked.client, now)
    };
    let credentials = Some(samples::credentials(&grant));
    NewGrant { grant, refresh: None, access: None, credentials }
}
