//! OAuth 1 token credentials.

use std::sync::Arc;

use valetkey_oauth2::{ClientId, Timestamp};

use super::{samples, samples::seconds};
use crate::{
    Clock, Crossing, Grant, Held, NewGrant, Opened, Ports, StoreError, TokenCredentials, testing::ManualClock,
};

/// Credentials begin with their grant and are found with the marks above them.
pub async fn credentials_begin_with_their_grant_and_are_kept_whole(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, credentials) = begun(&ports, &samples::client_id(), now).await;
    let (held, standing) = ports.credentials.find(&credentials.hash).await.unwrap().unwrap();
    let whole = Held {
        credentials: credentials.clone(),
        scope: grant.scope.clone(),
        last_used_at: grant.last_used_at,
    };
    assert_eq!(held, whole);
    assert_eq!((standing.client.clone(), standing.account), (grant.client.clone(), grant.account));
    assert!(standing.is_live(now));
    assert_eq!(ports.credentials.find(&samples::hash()).await.unwrap(), None);

    let limited =
        TokenCredentials { expires_at: Some(now.plus(seconds(60))), ..samples::credentials(&grant) };
    ports.credentials.put(&limited).await.unwrap();
    assert!(matches!(ports.credentials.put(&limited).await, Err(StoreError::Conflict(_))));
    assert_eq!(ports.credentials.find(&limited.hash).await.unwrap().unwrap().0.credentials, limited);
}

/// A token that is taken keeps a grant from beginning: nothing of it is kept.
pub async fn a_token_that_is_taken_begins_nothing(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let (_, taken) = begun(&ports, &client, now).await;
    let grant = samples::grant(samples::account_id(now), &client, now);
    let credentials = TokenCredentials { grant: grant.id, ..taken };
    let new = NewGrant { grant: grant.clone(), refresh: None, access: None, credentials: Some(credentials) };
    assert!(matches!(ports.grants.open(&new).await, Err(StoreError::Conflict(_))));
    assert!(ports.grants.find(&grant.id).await.unwrap().is_none());
}

/// Every mark above them ends them: grant, consent, account.
pub async fn sec_tk_18_marks_end_credentials(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let is_live = async |credentials: &TokenCredentials| {
        let (_, standing) = ports.credentials.find(&credentials.hash).await.unwrap().unwrap();
        standing.is_live(credentials.issued_at)
    };
    let (grant, by_grant) = begun(&ports, &client, now).await;
    let (consented, by_consent) = begun(&ports, &client, now).await;
    assert!(is_live(&by_grant).await && is_live(&by_consent).await);
    ports.grants.revoke(&grant.id, &client, now).await.unwrap();
    assert!(!is_live(&by_grant).await && is_live(&by_consent).await);
    ports.consents.withdraw(&consented.account.unwrap(), &client, now).await.unwrap();
    assert!(!is_live(&by_consent).await);
}

/// The grant's last use moves on, and never back.
pub async fn a_use_is_noted_on_the_grant(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, credentials) = begun(&ports, &samples::client_id(), now).await;
    let later = now.plus(seconds(60));
    ports.grants.mark_used(&grant.id, later).await.unwrap();
    ports.grants.mark_used(&grant.id, now).await.unwrap();
    ports.grants.mark_used(&samples::grant_id(now), now).await.unwrap();
    let (held, _) = ports.credentials.find(&credentials.hash).await.unwrap().unwrap();
    assert_eq!(held.last_used_at, later);
    assert_eq!(ports.grants.find(&grant.id).await.unwrap().unwrap().last_used_at, later);
}

/// How far each client has come: live credentials, and those that were exchanged.
pub async fn crossings_count_what_is_alive(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let mut clients = [samples::client_id(), samples::client_id()];
    clients.sort_unstable();
    for client in &clients {
        for number in 0..4 {
            let (grant, credentials) = begun(&ports, client, now).await;
            match number {
                0 => ports.credentials.mark_exchanged(&credentials.hash, now).await.unwrap(),
                1 => drop(ports.grants.revoke(&grant.id, client, now).await.unwrap()),
                _ => {}
            }
        }
    }
    let (grant, _) = begun(&ports, &clients[1], now).await;
    let over = TokenCredentials { expires_at: Some(now), ..samples::credentials(&grant) };
    ports.credentials.put(&over).await.unwrap();
    let [first, second] = clients;
    let wanted = vec![
        Crossing { client: first, live: 3, exchanged: 1 },
        Crossing { client: second, live: 4, exchanged: 1 },
    ];
    assert_eq!(ports.credentials.crossings(now).await.unwrap(), wanted);
}

/// The last exchange is remembered.
pub async fn an_exchange_is_remembered(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (_, credentials) = begun(&ports, &samples::client_id(), now).await;
    for at in [now, now.plus(seconds(5)), now] {
        ports.credentials.mark_exchanged(&credentials.hash, at).await.unwrap();
    }
    let (held, _) = ports.credentials.find(&credentials.hash).await.unwrap().unwrap();
    assert_eq!(held.credentials.exchanged_at, Some(now.plus(seconds(5))));
}

/// What has expired goes, and what was ended for good, with its grant; what lives stays, however often one goes round.
pub async fn ended_credentials_are_purged_with_their_grants(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let client = samples::client_id();
    let (staying, living) = begun(&ports, &client, now).await;
    let (revoked, ended) = begun(&ports, &client, now).await;
    let (withdrawn, disowned) = begun(&ports, &client, now).await;
    let limited =
        TokenCredentials { expires_at: Some(now.plus(seconds(60))), ..samples::credentials(&staying) };
    ports.credentials.put(&limited).await.unwrap();
    ports.grants.revoke(&revoked.id, &client, now).await.unwrap();
    ports.consents.withdraw(&withdrawn.account.unwrap(), &client, now).await.unwrap();
    let at = now.plus(seconds(60));
    let mut removed = 0;
    for _ in 0..200 {
        removed += ports.credentials.purge(at, 3).await.unwrap();
    }
    assert_eq!(removed, 3, "the ended, the disowned and the expired");
    for gone in [&ended, &disowned, &limited] {
        assert_eq!(ports.credentials.find(&gone.hash).await.unwrap(), None);
    }
    for grant in [&revoked, &withdrawn] {
        assert!(ports.grants.find(&grant.id).await.unwrap().is_none());
    }
    assert!(ports.credentials.find(&living.hash).await.unwrap().is_some());
}

/// A grant until it is revoked, with its credentials.
async fn begun(ports: &Ports, client: &ClientId, now: Timestamp) -> (Grant, TokenCredentials) {
    let grant = Grant { expires_at: Timestamp::FAR, ..samples::grant(samples::account_id(now), client, now) };
    let credentials = samples::credentials(&grant);
    let new = NewGrant {
        grant: grant.clone(),
        refresh: None,
        access: None,
        credentials: Some(credentials.clone()),
    };
    assert_eq!(ports.grants.open(&new).await.unwrap(), Opened::Fresh);
    (grant, credentials)
}
