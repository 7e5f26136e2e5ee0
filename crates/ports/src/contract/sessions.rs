//! Browsers' logins.

use std::sync::Arc;

use super::{samples, samples::seconds};
use crate::{Account, Clock, Page, Ports, Session, StoreError, testing::ManualClock};

/// What was put is found with its account, in one answer.
pub async fn a_session_is_kept_with_its_account(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (account, session, handle) = begun(&ports, now).await;
    assert_eq!(ports.sessions.find(&handle, now).await.unwrap(), Some((session.clone(), account)));
    assert_eq!(ports.sessions.find(&samples::hash(), now).await.unwrap(), None);
    assert!(matches!(ports.sessions.put(&handle, &session, None).await, Err(StoreError::Conflict(_))));
}

/// Both limits are the first second on which it is dead.
pub async fn a_session_dies_on_the_second_of_either_limit(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (_, session, handle) = begun(&ports, now).await;
    let idle = session.idle_expires_at;
    assert!(ports.sessions.find(&handle, idle.minus(seconds(1))).await.unwrap().is_some());
    assert!(ports.sessions.find(&handle, idle).await.unwrap().is_none());
    let end = session.expires_at;
    ports.sessions.touch(&handle, now, end.plus(seconds(600))).await.unwrap();
    assert!(ports.sessions.find(&handle, end.minus(seconds(1))).await.unwrap().is_some());
    assert!(ports.sessions.find(&handle, end).await.unwrap().is_none());
}

/// Touching moves the idle limit and when it was last seen, of a session that is there.
pub async fn touching_moves_the_idle_limit(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (_, session, handle) = begun(&ports, now).await;
    let seen_at = now.plus(seconds(60));
    let idle_expires_at = seen_at.plus(seconds(600));
    ports.sessions.touch(&handle, seen_at, idle_expires_at).await.unwrap();
    let (found, _) = ports.sessions.find(&handle, seen_at).await.unwrap().unwrap();
    assert_eq!(found, Session { last_seen_at: seen_at, idle_expires_at, ..session });
    ports.sessions.end(&handle).await.unwrap();
    ports.sessions.touch(&handle, seen_at, idle_expires_at).await.unwrap();
    assert!(ports.sessions.find(&handle, seen_at).await.unwrap().is_none(), "touching does not revive");
}

/// A login takes the place of what the browser had, in one move.
pub async fn sec_ui_04_a_session_takes_the_place_of_the_browsers_old_one(
    ports: Ports,
    clock: Arc<ManualClock>,
) {
    let now = clock.now();
    let (account, _, old) = begun(&ports, now).await;
    let handle = samples::hash();
    ports.sessions.put(&handle, &samples::session(&account, now), Some(&old)).await.unwrap();
    assert!(ports.sessions.find(&handle, now).await.unwrap().is_some());
    assert!(ports.sessions.find(&old, now).await.unwrap().is_none());
}

/// What logged in up to and with the mark is dead; what logged in after it lives; disabling ends all.
pub async fn sec_ui_19_marks_and_disabled_accounts_end_sessions(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (account, session, handle) = begun(&ports, now).await;
    ports.accounts.end_all(&account.id, now).await.unwrap();
    assert!(ports.sessions.find(&handle, now).await.unwrap().is_none());
    assert!(ports.sessions.list(&account.id, now).await.unwrap().is_empty());
    let later = now.plus(seconds(1));
    let after = samples::hash();
    let id = samples::session(&account, later).id;
    ports.sessions.put(&after, &Session { id, authenticated_at: later, ..session }, None).await.unwrap();
    assert!(ports.sessions.find(&after, later).await.unwrap().is_some());
    ports.accounts.update(&Account { disabled_at: Some(later), ..account }).await.unwrap();
    assert!(ports.sessions.find(&after, later).await.unwrap().is_none());
}

/// The three ways to end sessions.
pub async fn sessions_end_by_handle_by_id_and_all_but_one(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (account, first, handle) = begun(&ports, now).await;
    let mut sessions = vec![(handle, first)];
    for _ in 0..4 {
        let more = (samples::hash(), samples::session(&account, now));
        ports.sessions.put(&more.0, &more.1, None).await.unwrap();
        sessions.push(more);
    }
    ports.sessions.end(&sessions[0].0).await.unwrap();
    assert!(ports.sessions.end_one(&account.id, &sessions[1].1.id).await.unwrap());
    assert!(!ports.sessions.end_one(&account.id, &sessions[1].1.id).await.unwrap());
    assert_eq!(ports.sessions.end_others(&account.id, Some(&sessions[2].1.id)).await.unwrap(), 2);
    let left = ports.sessions.list(&account.id, now).await.unwrap();
    assert_eq!(left, [sessions[2].1.clone()]);
    assert_eq!(ports.sessions.end_others(&account.id, None).await.unwrap(), 1);
}

/// An id alone does not end a session: it must be the account's.
pub async fn sessions_of_an_account_end_only_by_their_owner(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (_, session, handle) = begun(&ports, now).await;
    let other = samples::account(now);
    ports.accounts.put(&other).await.unwrap();
    assert!(!ports.sessions.end_one(&other.id, &session.id).await.unwrap());
    assert_eq!(ports.sessions.end_others(&other.id, None).await.unwrap(), 0);
    assert!(ports.sessions.find(&handle, now).await.unwrap().is_some());
}

/// Lists go from the latest back, over all accounts in pages; dead ones are not in them.
pub async fn sessions_are_listed_latest_first(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let account = samples::account(now);
    ports.accounts.put(&account).await.unwrap();
    let mut ids = Vec::new();
    for second in 0..5 {
        let session = samples::session(&account, now.plus(seconds(second)));
        ids.insert(0, session.id);
        ports.sessions.put(&samples::hash(), &session, None).await.unwrap();
    }
    let long_ago = samples::session(&account, now.minus(seconds(7200)));
    ports.sessions.put(&samples::hash(), &long_ago, None).await.unwrap();
    let found = ports.sessions.list(&account.id, now).await.unwrap();
    assert_eq!(found.iter().map(|session| session.id).collect::<Vec<_>>(), ids);
    let first = ports.sessions.list_all(&Page::first(3), now).await.unwrap();
    let rest = Page::after(first[2].id.to_string(), 3);
    let rest = ports.sessions.list_all(&rest, now).await.unwrap();
    assert_eq!(first.iter().chain(&rest).map(|session| session.id).collect::<Vec<_>>(), ids);
}

/// The purge takes the dead, so many at a time, and leaves the living.
pub async fn dead_sessions_are_purged_in_batches(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (account, session, handle) = begun(&ports, now).await;
    for _ in 0..5 {
        let short = Session { idle_expires_at: now.plus(seconds(1)), ..samples::session(&account, now) };
        ports.sessions.put(&samples::hash(), &short, None).await.unwrap();
    }
    assert_eq!(ports.sessions.purge(now, 10).await.unwrap(), 0);
    let later = now.plus(seconds(1));
    assert_eq!(ports.sessions.purge(later, 3).await.unwrap(), 3);
    assert_eq!(ports.sessions.purge(later, 3).await.unwrap(), 2);
    assert!(ports.sessions.find(&handle, later).await.unwrap().is_some());
    assert_eq!(ports.sessions.purge(session.expires_at, 3).await.unwrap(), 1);
}

async fn begun(
    ports: &Ports,
    now: valetkey_oauth2::Timestamp,
) -> (Account, Session, valetkey_oauth2::HandleHash) {
    let account = samples::account(now);
    ports.accounts.put(&account).await.unwrap();
    let session = samples::session(&account, now);
    let handle = samples::hash();
    ports.sessions.put(&handle, &session, None).await.unwrap();
    (account, session, handle)
}
