//! Access tokens with a record, denied JWTs, refresh token families.

use std::sync::Arc;

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{AccessRecord, Clock, NewGrant, Ports, Rotation, StoreError, testing::ManualClock};

/// What was put is found with its standing; a handle is given once.
pub async fn an_access_token_is_kept_whole(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, _, _) = samples::opened(&ports, now).await;
    let token = AccessRecord { audience: Vec::new(), ..samples::access(&grant, now) };
    assert_eq!(ports.tokens.find_access(&token.hash).await.unwrap(), None);
    ports.tokens.put_access(&token).await.unwrap();
    let standing = ports.grants.standing(&grant.id).await.unwrap().unwrap();
    assert_eq!(ports.tokens.find_access(&token.hash).await.unwrap(), Some((token.clone(), standing)));
    assert!(matches!(ports.tokens.put_access(&token).await, Err(StoreError::Conflict(_))));
    let own = samples::standing_grant(&grant.client, now);
    ports.grants.stand(&own).await.unwrap();
    let token = samples::access(&own, now);
    ports.tokens.put_access(&token).await.unwrap();
    let (found, standing) = ports.tokens.find_access(&token.hash).await.unwrap().unwrap();
    assert_eq!((found, standing.account), (token, None));
}

/// Every token hangs from a grant: where that is gone, the token is.
pub async fn a_token_whose_grant_is_not_there_is_not_found(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, access) = samples::opened(&ports, now).await;
    let stray = samples::access(&samples::new_grant(now).grant, now);
    ports.tokens.put_access(&stray).await.unwrap();
    assert_eq!(ports.tokens.find_access(&stray.hash).await.unwrap(), None);
    assert_eq!(ports.grants.purge(grant.expires_at, 10).await.unwrap(), 1);
    assert_eq!(ports.tokens.find_access(&access.hash).await.unwrap(), None);
    assert_eq!(ports.tokens.find_refresh(&refresh.family).await.unwrap(), None);
    let rotation = samples::rotation(&grant, refresh.family, refresh.current, now);
    assert!(!ports.tokens.rotate(&rotation).await.unwrap());
}

/// Revoked by itself, it is not found; its siblings are.
pub async fn sec_tk_18_a_revoked_access_token_is_gone(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, _, access) = samples::opened(&ports, now).await;
    let sibling = samples::access(&grant, now);
    ports.tokens.put_access(&sibling).await.unwrap();
    assert!(ports.tokens.revoke_access(&access.hash).await.unwrap());
    assert!(!ports.tokens.revoke_access(&access.hash).await.unwrap());
    assert_eq!(ports.tokens.find_access(&access.hash).await.unwrap(), None);
    assert!(ports.tokens.find_access(&sibling.hash).await.unwrap().is_some());
}

/// Denials stay until the later of their dates, and are purged then.
pub async fn a_denied_jwt_stays_denied_until_it_dies(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    assert!(!ports.tokens.is_denied("jti-1").await.unwrap());
    ports.tokens.deny("jti-1", now.plus(seconds(60))).await.unwrap();
    ports.tokens.deny("jti-1", now.plus(seconds(9))).await.unwrap();
    assert!(ports.tokens.is_denied("jti-1").await.unwrap());
    assert!(!ports.tokens.is_denied("jti-2").await.unwrap());
    assert_eq!(ports.tokens.purge(now.plus(seconds(59)), now, 10).await.unwrap(), 0);
    assert!(ports.tokens.is_denied("jti-1").await.unwrap());
    assert_eq!(ports.tokens.purge(now.plus(seconds(60)), now, 10).await.unwrap(), 1);
    assert!(!ports.tokens.is_denied("jti-1").await.unwrap());
}

/// Of any number of rotations from one handle one happens, and the family holds that one's successor.
pub async fn sec_tk_01_of_racing_rotations_one_succeeds(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    for _ in 0..5 {
        let (grant, refresh, _) = samples::opened(&ports, now).await;
        let answers = race(CALLERS, |_| {
            let ports = ports.clone();
            let rotation = samples::rotation(&grant, refresh.family, refresh.current, now);
            async move { (ports.tokens.rotate(&rotation).await.unwrap(), rotation) }
        });
        let answers = answers.await;
        assert_eq!(count(&answers, |(has_happened, _)| *has_happened), 1);
        let (family, _) = ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap();
        let (_, won) = answers.iter().find(|(has_happened, _)| *has_happened).unwrap();
        assert_eq!(family.facts.current, won.to);
        assert_eq!(family.facts.successor.as_ref(), Some(&won.successor));
        assert_eq!(family.facts.retry_binding, Some(won.retry_binding));
        assert_eq!((family.facts.previous, family.facts.generation), (Some(refresh.current), 1));
        for (has_happened, rotation) in answers {
            let access = ports.tokens.find_access(&rotation.access.unwrap().hash).await.unwrap();
            assert_eq!(access.is_some(), has_happened);
        }
    }
}

/// Current becomes previous, previous becomes earlier, each with its date.
pub async fn a_rotation_keeps_the_two_handles_before(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, _) = samples::opened(&ports, now).await;
    let mut current = refresh.current;
    let mut handles = vec![current];
    for generation in 1..=4_u32 {
        let at = now.plus(seconds(u64::from(generation)));
        let rotation = samples::rotation(&grant, refresh.family, current, at);
        assert!(ports.tokens.rotate(&rotation).await.unwrap());
        assert!(!ports.tokens.rotate(&rotation).await.unwrap(), "it is spent");
        current = rotation.to;
        handles.push(current);
        let facts = ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap().0.facts;
        let back = |steps: usize| handles.len().checked_sub(steps + 1).map(|at| handles[at]);
        assert_eq!(Some(facts.current), back(0));
        assert_eq!((facts.previous, facts.earlier), (back(1), back(2)));
        assert_eq!((facts.rotated_at, facts.earlier_rotated_at), (at, Some(at.minus(seconds(1)))));
        assert_eq!(facts.generation, generation);
        assert_eq!(facts.idle_expires_at, rotation.idle_expires_at);
        assert_eq!(facts.absolute_expires_at, refresh.absolute_expires_at);
    }
}

/// Both limits are the first second on which it does not rotate; rotating does not move the absolute one.
pub async fn sec_tk_06_an_expired_family_does_not_rotate(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, _) = samples::opened(&ports, now).await;
    let at = |now| samples::rotation(&grant, refresh.family, refresh.current, now);
    let idle = refresh.idle_expires_at;
    assert!(!ports.tokens.rotate(&at(idle)).await.unwrap());
    let last = idle.minus(seconds(1));
    let first = Rotation { idle_expires_at: now.plus(seconds(1_000_000)), ..at(last) };
    assert!(ports.tokens.rotate(&first).await.unwrap());
    let absolute = refresh.absolute_expires_at;
    let next = |now| samples::rotation(&grant, refresh.family, first.to, now);
    assert!(!ports.tokens.rotate(&next(absolute)).await.unwrap());
    assert!(ports.tokens.rotate(&next(absolute.minus(seconds(1)))).await.unwrap());
}

/// The retry window and a handle that is still current do not help once the grant is revoked.
pub async fn sec_tk_03_a_revoked_grant_does_not_rotate(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, _) = samples::opened(&ports, now).await;
    let first = samples::rotation(&grant, refresh.family, refresh.current, now);
    assert!(ports.tokens.rotate(&first).await.unwrap());
    assert!(ports.grants.revoke(&grant.id, &grant.client, now).await.unwrap());
    let next = samples::rotation(&grant, refresh.family, first.to, now);
    assert!(!ports.tokens.rotate(&next).await.unwrap());
    assert!(ports.tokens.find_access(&next.access.unwrap().hash).await.unwrap().is_none());
    let (family, standing) = ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap();
    assert_eq!(family.facts.current, first.to);
    assert!(!standing.is_live(now));
}

/// One move: the new handle, the access token, the grant's last use and how long it is needed.
pub async fn a_rotation_keeps_its_access_token_and_marks_the_grant(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, _) = samples::opened(&ports, now).await;
    let at = now.plus(seconds(60));
    let mut rotation = samples::rotation(&grant, refresh.family, refresh.current, at);
    let end = grant.expires_at.plus(seconds(5));
    rotation.access.as_mut().unwrap().expires_at = end;
    assert!(ports.tokens.rotate(&rotation).await.unwrap());
    let (access, standing) =
        ports.tokens.find_access(&rotation.access.as_ref().unwrap().hash).await.unwrap().unwrap();
    assert_eq!(Some(&access), rotation.access.as_ref());
    assert!(standing.is_live(at));
    let found = ports.grants.find(&grant.id).await.unwrap().unwrap();
    assert_eq!((found.last_used_at, found.expires_at), (at, end));
    let next = Rotation { access: None, ..samples::rotation(&grant, refresh.family, rotation.to, now) };
    assert!(ports.tokens.rotate(&next).await.unwrap());
    let found = ports.grants.find(&grant.id).await.unwrap().unwrap();
    assert_eq!((found.last_used_at, found.expires_at), (at, end), "an older clock takes nothing back");
}

/// An access token whose handle is taken stops the whole rotation.
pub async fn a_rotation_that_did_not_happen_keeps_no_access_token(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, access) = samples::opened(&ports, now).await;
    let rotation = samples::rotation(&grant, refresh.family, refresh.current, now.plus(seconds(1)));
    let doubled = Rotation { access: Some(access), ..rotation.clone() };
    assert!(matches!(ports.tokens.rotate(&doubled).await, Err(StoreError::Conflict(_))));
    let (family, _) = ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap();
    assert_eq!(family, crate::RefreshRecord::first(&grant, &refresh));
    assert_eq!(ports.grants.find(&grant.id).await.unwrap().as_ref(), Some(&grant));
    let foreign = Rotation { from: samples::hash(), ..rotation };
    assert!(!ports.tokens.rotate(&foreign).await.unwrap());
    assert!(ports.tokens.find_access(&foreign.access.unwrap().hash).await.unwrap().is_none());
}

/// Whichever of the two comes first, nothing of the family lives.
pub async fn sec_tk_03_of_a_racing_rotation_and_revocation_no_live_token_is_left(
    ports: Ports,
    clock: Arc<ManualClock>,
) {
    let now = clock.now();
    for _ in 0..20 {
        let (grant, refresh, _) = samples::opened(&ports, now).await;
        let rotation = Arc::new(samples::rotation(&grant, refresh.family, refresh.current, now));
        let answers = race(4, |number| {
            let (ports, grant, rotation) = (ports.clone(), grant.clone(), rotation.clone());
            async move {
                if number == 0 {
                    ports.tokens.rotate(&rotation).await.map(drop)
                } else {
                    ports.grants.revoke(&grant.id, &grant.client, now).await.map(drop)
                }
            }
        });
        assert_eq!(count(&answers.await, Result::is_err), 0);
        let (_, standing) = ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap();
        assert!(!standing.is_live(now));
        let hash = rotation.access.as_ref().unwrap().hash;
        let found = ports.tokens.find_access(&hash).await.unwrap();
        assert!(found.is_none_or(|(record, standing)| !standing.is_live(record.issued_at)));
    }
}

/// A consent that is withdrawn, an account that is ended: every token under them shows it, in its one read.
pub async fn sec_tk_19_marks_are_seen_by_every_token(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let account = samples::account(now);
    ports.accounts.put(&account).await.unwrap();
    for is_consent in [true, false] {
        let at = if is_consent { now } else { now.plus(seconds(5)) };
        let client = samples::client_id();
        ports.consents.save(&samples::consent(account.id, &client, at)).await.unwrap();
        let grant = samples::grant(account.id, &client, at);
        let (access, refresh) = (samples::access(&grant, at), samples::refresh(at));
        let new = NewGrant {
            grant,
            refresh: Some(refresh.clone()),
            access: Some(access.clone()),
            credentials: None,
        };
        ports.grants.open(&new).await.unwrap();
        let live = async || {
            let (_, of_access) = ports.tokens.find_access(&access.hash).await.unwrap().unwrap();
            let (_, of_refresh) = ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap();
            assert_eq!(of_access, of_refresh);
            of_access.is_live(at)
        };
        assert!(live().await);
        if is_consent {
            assert!(ports.consents.withdraw(&account.id, &client, at).await.unwrap());
        } else {
            assert!(ports.accounts.end_all(&account.id, at).await.unwrap());
        }
        assert!(!live().await);
    }
}

/// The sealed successor is there for the window, and erased after it; the rest of the family stays.
pub async fn successors_are_erased_after_the_window(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (grant, refresh, _) = samples::opened(&ports, now).await;
    let rotation =
        Rotation { access: None, ..samples::rotation(&grant, refresh.family, refresh.current, now) };
    assert!(ports.tokens.rotate(&rotation).await.unwrap());
    assert_eq!(ports.tokens.purge(now, now, 10).await.unwrap(), 0);
    let facts = async || ports.tokens.find_refresh(&refresh.family).await.unwrap().unwrap().0.facts;
    let before = facts().await;
    assert_eq!(before.successor.as_ref(), Some(&rotation.successor));
    assert_eq!(ports.tokens.purge(now, now.plus(seconds(1)), 10).await.unwrap(), 1);
    assert_eq!(ports.tokens.purge(now, now.plus(seconds(1)), 10).await.unwrap(), 0);
    let after = facts().await;
    assert_eq!(after.successor, None);
    assert_eq!(
        valetkey_oauth2::grants::refresh_token::RefreshFacts { successor: before.successor.clone(), ..after },
        before
    );
    let next = samples::rotation(&grant, refresh.family, rotation.to, now.plus(seconds(2)));
    assert!(ports.tokens.rotate(&next).await.unwrap());
    assert_eq!(facts().await.successor, Some(next.successor));
}

/// The purge takes tokens and families on the second they expire, so many of each at a time.
pub async fn dead_tokens_are_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let mut opened = Vec::new();
    for _ in 0..5 {
        opened.push(samples::opened(&ports, now).await);
    }
    let long_ago = now.minus(seconds(1_000_000));
    assert_eq!(ports.tokens.purge(now.plus(seconds(599)), long_ago, 10).await.unwrap(), 0);
    let access_end = now.plus(seconds(600));
    assert_eq!(ports.tokens.purge(access_end, long_ago, 3).await.unwrap(), 3);
    assert_eq!(ports.tokens.purge(access_end, long_ago, 3).await.unwrap(), 2);
    for (_, refresh, access) in &opened {
        assert!(ports.tokens.find_access(&access.hash).await.unwrap().is_none());
        assert!(ports.tokens.find_refresh(&refresh.family).await.unwrap().is_some());
    }
    // One family lives on by being used.
    let (grant, refresh, _) = &opened[0];
    let at = now.plus(seconds(3000));
    let rotation = Rotation { access: None, ..samples::rotation(grant, refresh.family, refresh.current, at) };
    assert!(ports.tokens.rotate(&rotation).await.unwrap());
    let idle_end = refresh.idle_expires_at;
    assert_eq!(ports.tokens.purge(idle_end, long_ago, 3).await.unwrap(), 3);
    assert_eq!(ports.tokens.purge(idle_end, long_ago, 3).await.unwrap(), 1);
    assert!(ports.tokens.find_refresh(&refresh.family).await.unwrap().is_some());
    ports.tokens.purge(refresh.absolute_expires_at, refresh.absolute_expires_at, 3).await.unwrap();
    assert!(ports.tokens.find_refresh(&refresh.family).await.unwrap().is_none());
}

/// A further family and its access token hang from a grant that has begun before; the grant lives as long as they do.
pub async fn a_family_hangs_from_a_grant_that_has_begun(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let new = samples::new_grant(now);
    ports.grants.open(&new).await.unwrap();
    let (refresh, access) = (samples::refresh(now), samples::access(&new.grant, now));
    let late = crate::NewRefresh { absolute_expires_at: now.plus(seconds(9_000_000)), ..refresh };
    assert!(ports.tokens.hang(&new.grant.id, &late, Some(&access)).await.unwrap());
    let (record, standing) = ports.tokens.find_refresh(&late.family).await.unwrap().unwrap();
    assert_eq!((record.grant, record.facts.scope), (new.grant.id, new.grant.scope.clone()));
    assert!(standing.is_live(now));
    assert_eq!(ports.tokens.find_access(&access.hash).await.unwrap().unwrap().0, access);
    assert_eq!(ports.grants.find(&new.grant.id).await.unwrap().unwrap().expires_at, late.absolute_expires_at);
    assert!(matches!(ports.tokens.hang(&new.grant.id, &late, None).await, Err(StoreError::Conflict(_))));
}

/// What was revoked, or never begun, gets no further family.
pub async fn nothing_hangs_from_a_grant_that_was_revoked(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let new = samples::new_grant(now);
    let refresh = samples::refresh(now);
    assert!(!ports.tokens.hang(&new.grant.id, &refresh, None).await.unwrap());
    ports.grants.open(&new).await.unwrap();
    ports.grants.revoke(&new.grant.id, &new.grant.client, now).await.unwrap();
    let access = samples::access(&new.grant, now);
    assert!(!ports.tokens.hang(&new.grant.id, &refresh, Some(&access)).await.unwrap());
    assert_eq!(ports.tokens.find_refresh(&refresh.family).await.unwrap(), None);
    assert!(ports.tokens.find_access(&access.hash).await.unwrap().is_none());
}

/// One family ends; the grant and its other tokens live on.
pub async fn an_ended_family_leaves_its_grant_alive(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let new = samples::new_grant(now);
    ports.grants.open(&new).await.unwrap();
    let second = samples::refresh(now);
    ports.tokens.hang(&new.grant.id, &second, None).await.unwrap();
    assert!(ports.tokens.end_family(&second.family).await.unwrap());
    assert!(!ports.tokens.end_family(&second.family).await.unwrap());
    assert_eq!(ports.tokens.find_refresh(&second.family).await.unwrap(), None);
    let first = new.refresh.unwrap().family;
    let (_, standing) = ports.tokens.find_refresh(&first).await.unwrap().unwrap();
    assert!(standing.is_live(now));
}
