//! Acts of authorization, and what kills them.

use std::sync::Arc;

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{
    Account, AccountMark, Clock, Grant, NewGrant, Opened, Page, Ports, Standing, StoreError,
    testing::ManualClock,
};

/// The grant and both tokens are found, each whole.
pub async fn a_grant_begins_with_its_tokens(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, access) = samples::opened(&ports, now).await;
    assert_eq!(ports.grants.find(&grant.id).await.unwrap().as_ref(), Some(&grant));
    let (found, standing) = ports.tokens.find_access(&access.hash).await.unwrap().unwrap();
    assert_eq!(found, access);
    assert!(standing.is_live(access.issued_at));
    let (family, standing) = ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap();
    assert_eq!(family, crate::RefreshRecord::first(&grant, &refresh));
    assert_eq!(ports.grants.standing(&grant.id).await.unwrap(), Some(standing));
    assert_eq!(ports.grants.standing(&samples::grant_id(now)).await.unwrap(), None);
    assert_eq!(ports.grants.find(&samples::grant_id(now)).await.unwrap(), None);
}

/// A second grant of one id is a conflict and keeps none of its tokens; so does a handle that is taken.
pub async fn a_grant_begins_once(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, _, access) = samples::opened(&ports, now).await;
    let second = NewGrant { grant: grant.clone(), ..samples::new_grant(now) };
    assert!(matches!(ports.grants.open(&second).await, Err(StoreError::Conflict(_))));
    let hash = second.access.unwrap().hash;
    assert!(ports.tokens.find_access(&hash).await.unwrap().is_none());
    let doubled = NewGrant { access: Some(access), ..samples::new_grant(now) };
    assert!(matches!(ports.grants.open(&doubled).await, Err(StoreError::Conflict(_))));
    assert!(ports.grants.find(&doubled.grant.id).await.unwrap().is_none());
    assert!(ports.tokens.find_refresh(&doubled.refresh.unwrap().family).await.unwrap().is_none());
}

/// A code's replay may come before its redemption has minted: then nothing begins.
pub async fn sec_co_02_a_grant_that_was_revoked_before_it_began_keeps_nothing(
    ports: Ports,
    clock: Arc<ManualClock>,
) {
    let now = clock.now();
    let new = samples::new_grant(now);
    let was_alive = ports.grants.revoke(&new.grant.id, &new.grant.client, now).await.unwrap();
    assert!(!was_alive);
    assert_eq!(ports.grants.find(&new.grant.id).await.unwrap(), None);
    assert_eq!(ports.grants.standing(&new.grant.id).await.unwrap(), None);
    assert_eq!(ports.grants.open(&new).await.unwrap(), Opened::Revoked);
    assert_eq!(ports.grants.find(&new.grant.id).await.unwrap(), None);
    assert!(ports.grants.list(None, &Page::first(10)).await.unwrap().is_empty());
    assert!(ports.tokens.find_access(&new.access.as_ref().unwrap().hash).await.unwrap().is_none());
    assert!(ports.tokens.find_refresh(&new.refresh.as_ref().unwrap().family).await.unwrap().is_none());
    assert_eq!(ports.grants.purge(now, 10).await.unwrap(), 0, "the place stays burnt");
    assert_eq!(ports.grants.purge(now.plus(Grant::BURNT_FOR), 10).await.unwrap(), 1);
}

/// Whichever of the two comes first, no token of that grant lives.
pub async fn sec_co_02_of_a_racing_replay_and_redemption_no_live_token_is_left(
    ports: Ports,
    clock: Arc<ManualClock>,
) {
    let now = clock.now();
    for _ in 0..20 {
        let new = samples::new_grant(now);
        let shared = Arc::new(new.clone());
        let answers = race(4, |number| {
            let (ports, new) = (ports.clone(), shared.clone());
            async move {
                if number == 0 {
                    ports.grants.open(&new).await.map(drop)
                } else {
                    ports.grants.revoke(&new.grant.id, &new.grant.client, now).await.map(drop)
                }
            }
        });
        assert_eq!(count(&answers.await, Result::is_err), 0);
        let found = ports.tokens.find_access(&new.access.unwrap().hash).await.unwrap();
        assert!(found.is_none_or(|(record, standing)| !standing.is_live(record.issued_at)));
        let found = ports.tokens.find_refresh(&new.refresh.unwrap().family).await.unwrap();
        assert!(found.is_none_or(|(record, standing)| !standing.is_live(record.facts.rotated_at)));
    }
}

/// One revocation, and every token under it is dead, also one that is made a moment later.
pub async fn sec_tk_18_a_revoked_grant_ends_its_tokens(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, access) = samples::opened(&ports, now).await;
    assert!(ports.grants.revoke(&grant.id, &grant.client, now).await.unwrap());
    assert!(!ports.grants.revoke(&grant.id, &grant.client, now.plus(seconds(9))).await.unwrap());
    assert_eq!(ports.grants.find(&grant.id).await.unwrap().unwrap().revoked_at, Some(now));
    let late = samples::access(&grant, now.plus(seconds(1)));
    ports.tokens.put_access(&late).await.unwrap();
    for token in [access, late] {
        let (record, standing) = ports.tokens.find_access(&token.hash).await.unwrap().unwrap();
        assert!(!standing.is_live(record.issued_at));
    }
    let (record, standing) = ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap();
    assert!(!standing.is_live(record.facts.rotated_at));
}

/// Only in the name of the client that it was given to.
pub async fn another_client_cannot_revoke(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, _, _) = samples::opened(&ports, now).await;
    assert!(!ports.grants.revoke(&grant.id, &samples::client_id(), now).await.unwrap());
    assert_eq!(ports.grants.find(&grant.id).await.unwrap(), Some(grant));
}

/// Of any number of callers one hears that it was alive.
pub async fn of_racing_revocations_one_says_it_was_alive(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, _, _) = samples::opened(&ports, now).await;
    let answers = race(CALLERS, |_| {
        let (ports, grant) = (ports.clone(), grant.clone());
        async move { ports.grants.revoke(&grant.id, &grant.client, now).await.unwrap() }
    });
    assert_eq!(count(&answers.await, |was_alive| *was_alive), 1);
}

/// A client's own grant ends what was issued up to its mark, and serves what is issued later; its mark moves on.
pub async fn a_standing_grant_starts_anew_after_its_mark(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let grant = samples::standing_grant(&samples::client_id(), now);
    ports.grants.stand(&grant).await.unwrap();
    let standing = async || ports.grants.standing(&grant.id).await.unwrap().unwrap();
    assert!(standing().await.is_live(now));
    for mark in [now, now.plus(seconds(5))] {
        assert!(ports.grants.revoke(&grant.id, &grant.client, mark).await.unwrap());
        ports.grants.stand(&grant).await.unwrap();
        assert!(!standing().await.is_live(mark));
        assert!(standing().await.is_live(mark.plus(seconds(1))));
    }
    ports.grants.revoke(&grant.id, &grant.client, now).await.unwrap();
    assert!(!standing().await.is_live(now.plus(seconds(5))), "an earlier mark changes nothing");
}

/// Callers that race to make it find one grant, and it is not changed by being asked for again.
pub async fn a_standing_grant_is_made_once(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let answers = race(CALLERS, |number| {
        let ports = ports.clone();
        let grant = samples::standing_grant(&client, now.plus(seconds(number as u64)));
        async move { ports.grants.stand(&grant).await }
    });
    assert_eq!(count(&answers.await, Result::is_err), 0);
    let found = ports.grants.find(&Grant::standing_id(&client)).await.unwrap();
    ports.grants.stand(&samples::standing_grant(&client, now.plus(seconds(5000)))).await.unwrap();
    assert_eq!(ports.grants.find(&Grant::standing_id(&client)).await.unwrap(), found);
    assert_eq!(ports.grants.list(Some(&client), &Page::first(10)).await.unwrap().len(), 1);
}

/// Grant, consent and account each bring their mark, and each of them kills.
pub async fn sec_tk_20_every_mark_above_a_token_is_joined(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let account = samples::account(now);
    ports.accounts.put(&account).await.unwrap();
    let client = samples::client_id();
    ports.consents.save(&samples::consent(account.id, &client, now)).await.unwrap();
    let grant = samples::grant(account.id, &client, now);
    ports
        .grants
        .open(&NewGrant { grant: grant.clone(), refresh: None, access: None, credentials: None })
        .await
        .unwrap();
    let standing = async || ports.grants.standing(&grant.id).await.unwrap().unwrap();
    let whole = Standing {
        client: client.clone(),
        account: Some(account.id),
        authorized_at: now,
        revoked_at: None,
        consent_not_before: Some(valetkey_oauth2::Timestamp::default()),
        account_mark: Some(AccountMark { is_active: true, not_before: account.not_before }),
    };
    assert_eq!(standing().await, whole);
    assert!(standing().await.is_live(now));
    ports.consents.withdraw(&account.id, &client, now).await.unwrap();
    assert_eq!(standing().await, Standing { consent_not_before: Some(now), ..whole.clone() });
    assert!(!standing().await.is_live(now));
    ports.consents.save(&samples::consent(account.id, &client, now.plus(seconds(1)))).await.unwrap();
    assert!(!standing().await.is_live(now), "a new consent does not revive what was authorized before");

    let next = samples::grant(account.id, &client, now.plus(seconds(1)));
    ports
        .grants
        .open(&NewGrant { grant: next.clone(), refresh: None, access: None, credentials: None })
        .await
        .unwrap();
    let is_live = async || {
        let standing = ports.grants.standing(&next.id).await.unwrap().unwrap();
        standing.is_live(next.authorized_at)
    };
    assert!(is_live().await);
    let disabled = Account { disabled_at: Some(now), ..account.clone() };
    ports.accounts.update(&disabled).await.unwrap();
    assert!(!is_live().await);
    ports.accounts.update(&account).await.unwrap();
    assert!(is_live().await);
    ports.accounts.end_all(&account.id, next.authorized_at).await.unwrap();
    assert!(!is_live().await);
    ports.accounts.delete(&account.id).await.unwrap();
    assert!(!is_live().await);
}

/// A site may keep its accounts elsewhere, and a trusted client has no consent: nothing is above the grant then.
pub async fn a_grant_without_marks_above_it_stands_alone(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, _, _) = samples::opened(&ports, now).await;
    let standing = ports.grants.standing(&grant.id).await.unwrap().unwrap();
    assert_eq!((standing.consent_not_before, standing.account_mark), (None, None));
    assert!(standing.is_live(now));
}

/// What lives of an account's, latest first, in pages.
pub async fn sec_tk_23_live_grants_of_an_account_are_listed(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let account = samples::account(now);
    ports.accounts.put(&account).await.unwrap();
    let gone = samples::client_id();
    let mut expected = Vec::new();
    for second in 0..6 {
        let client = if second == 2 { gone.clone() } else { samples::client_id() };
        let grant = samples::grant(account.id, &client, now.plus(seconds(second)));
        ports
            .grants
            .open(&NewGrant { grant: grant.clone(), refresh: None, access: None, credentials: None })
            .await
            .unwrap();
        match second {
            1 => assert!(ports.grants.revoke(&grant.id, &client, now).await.unwrap()),
            2 => assert!(!ports.consents.withdraw(&account.id, &gone, now.plus(seconds(2))).await.unwrap()),
            _ => expected.insert(0, grant),
        }
    }
    samples::opened(&ports, now).await;
    let first = ports.grants.list_account(&account.id, &Page::first(3)).await.unwrap();
    let rest = Page::after(first[2].id.to_string(), 3);
    let rest = ports.grants.list_account(&account.id, &rest).await.unwrap();
    assert_eq!([first, rest].concat(), expected);
    ports.accounts.end_all(&account.id, now.plus(seconds(3))).await.unwrap();
    let left = ports.grants.list_account(&account.id, &Page::first(10)).await.unwrap();
    assert_eq!(left, expected[..2]);
}

/// A client's grants, ended ones too, latest first, in pages; and everybody's.
pub async fn grants_of_a_client_are_listed_in_pages(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let mut expected = Vec::new();
    for second in 0..5 {
        let at = now.plus(seconds(second));
        let grant = samples::grant(samples::account_id(now), &client, at);
        ports
            .grants
            .open(&NewGrant { grant: grant.clone(), refresh: None, access: None, credentials: None })
            .await
            .unwrap();
        expected.insert(0, grant.id);
    }
    ports.grants.revoke(&expected[1], &client, now).await.unwrap();
    let (foreign, _, _) = samples::opened(&ports, now.plus(seconds(9))).await;
    let mut found = Vec::new();
    let mut page = Page::first(2);
    loop {
        let grants = ports.grants.list(Some(&client), &page).await.unwrap();
        let Some(last) = grants.last() else { break };
        page = Page::after(last.id.to_string(), 2);
        found.extend(grants.into_iter().map(|grant| grant.id));
    }
    assert_eq!(found, expected);
    let all = ports.grants.list(None, &Page::first(10)).await.unwrap();
    expected.insert(0, foreign.id);
    assert_eq!(all.into_iter().map(|grant| grant.id).collect::<Vec<_>>(), expected);
}

/// The purge takes those whose last token has died, so many at a time.
pub async fn dead_grants_are_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let end = now.plus(seconds(86_400));
    for _ in 0..5 {
        samples::opened(&ports, now).await;
    }
    let (living, _, _) = samples::opened(&ports, now.plus(seconds(1))).await;
    assert_eq!(ports.grants.purge(end.minus(seconds(1)), 10).await.unwrap(), 0);
    assert_eq!(ports.grants.purge(end, 3).await.unwrap(), 3);
    assert_eq!(ports.grants.purge(end, 3).await.unwrap(), 2);
    assert_eq!(ports.grants.purge(end, 3).await.unwrap(), 0);
    assert!(ports.grants.find(&living.id).await.unwrap().is_some());
}

/// What hangs from what was removed goes too, in batches.
pub async fn grants_of_removed_clients_and_accounts_are_purged(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (client, account) = (samples::client(now), samples::account(now));
    ports.clients.put(&client).await.unwrap();
    ports.accounts.put(&account).await.unwrap();
    for number in 0..6 {
        let (account, client) = match number % 2 {
            0 => (account.id, samples::client_id()),
            _ => (samples::account_id(now), client.id.clone()),
        };
        let grant = samples::grant(account, &client, now);
        ports.grants.open(&NewGrant { grant, refresh: None, access: None, credentials: None }).await.unwrap();
    }
    let (living, _, _) = samples::opened(&ports, now).await;
    assert_eq!(ports.grants.purge(now, 10).await.unwrap(), 0);
    ports.clients.delete(&client.id).await.unwrap();
    ports.accounts.delete(&account.id).await.unwrap();
    assert_eq!(ports.grants.purge(now, 4).await.unwrap(), 4);
    assert_eq!(ports.grants.purge(now, 4).await.unwrap(), 2);
    assert!(ports.grants.find(&living.id).await.unwrap().is_some());
}
