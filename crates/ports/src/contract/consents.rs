//! What accounts have allowed.

use std::sync::Arc;

use super::{samples, samples::seconds};
use crate::{Clock, Consent, NewGrant, Ports, testing::ManualClock};

/// What was saved is found, for that pair alone.
pub async fn a_consent_is_kept_whole(ports: Ports, clock: Arc<ManualClock>) {
    let consent = samples::consent(samples::account_id(clock.now()), &samples::client_id(), clock.now());
    assert_eq!(ports.consents.find(&consent.account, &consent.client).await.unwrap(), None);
    ports.consents.save(&consent).await.unwrap();
    assert_eq!(
        ports.consents.find(&consent.account, &consent.client).await.unwrap().as_ref(),
        Some(&consent)
    );
    assert_eq!(ports.consents.find(&consent.account, &samples::client_id()).await.unwrap(), None);
}

/// Scopes, resources and digest become the given; the first date and the mark stay.
pub async fn widening_keeps_the_first_date_and_the_mark(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let consent = samples::consent(samples::account_id(now), &samples::client_id(), now);
    ports.consents.save(&consent).await.unwrap();
    ports.consents.withdraw(&consent.account, &consent.client, now).await.unwrap();
    let later = now.plus(seconds(5));
    let wider = Consent { scope: samples::scope("a b c"), digest: samples::bytes(), ..consent.clone() };
    let wider = Consent { given_at: later, updated_at: later, resources: Vec::new(), ..wider };
    ports.consents.save(&wider).await.unwrap();
    let found = ports.consents.find(&consent.account, &consent.client).await.unwrap().unwrap();
    assert_eq!(found, Consent { given_at: now, not_before: now, ..wider });
    assert!(!found.is_withdrawn());
}

/// A withdrawn consent is empty, and its mark is there for whatever was authorized before.
pub async fn sec_tk_19_withdrawing_leaves_a_mark(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let consent = samples::consent(samples::account_id(now), &samples::client_id(), now);
    ports.consents.save(&consent).await.unwrap();
    let at = now.plus(seconds(3));
    assert!(ports.consents.withdraw(&consent.account, &consent.client, at).await.unwrap());
    let found = ports.consents.find(&consent.account, &consent.client).await.unwrap().unwrap();
    assert!(found.is_withdrawn() && found.scope.is_empty() && found.resources.is_empty());
    assert_eq!((found.not_before, found.given_at), (at, now));
    assert!(
        !ports.consents.withdraw(&consent.account, &consent.client, at).await.unwrap(),
        "there is none left"
    );
}

/// Tokens may hang there without a consent (a trusted client's): the mark is made all the same.
pub async fn withdrawing_marks_where_there_was_no_consent(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, _, access) = samples::opened(&ports, now).await;
    let account = grant.account.unwrap();
    assert!(!ports.consents.withdraw(&account, &grant.client, now).await.unwrap());
    let found = ports.consents.find(&account, &grant.client).await.unwrap().unwrap();
    assert!(found.is_withdrawn() && found.not_before == now);
    assert!(ports.consents.list(&account).await.unwrap().is_empty());
    let (record, standing) = ports.tokens.find_access(&access.hash).await.unwrap().unwrap();
    assert!(!standing.is_live(record.issued_at));
    let given_at = now.plus(seconds(1));
    ports.consents.save(&samples::consent(account, &grant.client, given_at)).await.unwrap();
    let found = ports.consents.find(&account, &grant.client).await.unwrap().unwrap();
    assert_eq!((found.given_at, found.not_before), (given_at, now), "its first date is the first consent's");
}

/// The latest mark holds, in whatever order they come.
pub async fn a_mark_never_moves_back(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (account, client) = (samples::account_id(now), samples::client_id());
    let consent = samples::consent(account, &client, now.plus(seconds(9)));
    for (at, expected) in [(5, 5), (3, 6), (7, 7)] {
        ports.consents.withdraw(&account, &client, now.plus(seconds(at))).await.unwrap();
        let found = ports.consents.find(&account, &client).await.unwrap().unwrap();
        assert_eq!(found.not_before, now.plus(seconds(expected)));
    }
    ports.consents.save(&consent).await.unwrap();
    assert!(ports.consents.withdraw(&account, &client, now).await.unwrap());
    let found = ports.consents.find(&account, &client).await.unwrap().unwrap();
    assert_eq!(found.not_before, now.plus(seconds(8)));
    assert!(found.is_withdrawn(), "also where another clock is behind");
}

/// What was allowed after a withdrawal is dated after its mark; withdrawn again in the very same second, it is dead too.
pub async fn sec_tk_19_a_second_withdrawal_in_one_second_ends_what_came_between(
    ports: Ports,
    clock: Arc<ManualClock>,
) {
    let now = clock.now();
    let (account, client) = (samples::account_id(now), samples::client_id());
    let mark = async || ports.consents.find(&account, &client).await.unwrap().unwrap();
    // Without a consent, with one, and again without.
    assert!(!ports.consents.withdraw(&account, &client, now).await.unwrap());
    assert_eq!(mark().await.not_before, now);
    let given_at = now.plus(seconds(1));
    ports.consents.save(&samples::consent(account, &client, given_at)).await.unwrap();
    assert!(ports.consents.withdraw(&account, &client, now).await.unwrap());
    let found = mark().await;
    assert!(found.is_withdrawn() && found.not_before >= given_at);
    assert!(!ports.consents.withdraw(&account, &client, now).await.unwrap());
    assert_eq!(mark().await.not_before, now.plus(seconds(2)));
}

/// An account's consents, each with the grant that was used last.
pub async fn consents_are_listed_with_their_last_grant(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let account = samples::account_id(now);
    let (used, unused, withdrawn) = (samples::client_id(), samples::client_id(), samples::client_id());
    for client in [&used, &unused, &withdrawn] {
        ports.consents.save(&samples::consent(account, client, now)).await.unwrap();
    }
    ports.consents.withdraw(&account, &withdrawn, now).await.unwrap();
    let mut last = None;
    for second in 1..4 {
        let grant = samples::grant(account, &used, now.plus(seconds(second)));
        ports
            .grants
            .open(&NewGrant { grant: grant.clone(), refresh: None, access: None, credentials: None })
            .await
            .unwrap();
        last = Some(grant);
    }
    let foreign = samples::grant(samples::account_id(now), &used, now.plus(seconds(9)));
    ports
        .grants
        .open(&NewGrant { grant: foreign, refresh: None, access: None, credentials: None })
        .await
        .unwrap();
    let mut found = ports.consents.list(&account).await.unwrap();
    found.sort_by_key(|(consent, _)| consent.client != used);
    assert_eq!(found.len(), 2);
    assert_eq!((&found[0].0.client, &found[0].1), (&used, &last));
    assert_eq!((&found[1].0.client, &found[1].1), (&unused, &None));
}
