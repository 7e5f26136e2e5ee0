//! People.

use std::sync::Arc;

use super::{CALLERS, count, race, samples, samples::seconds};
use crate::{Account, Clock, Page, Ports, StoreError, Username, testing::ManualClock};

/// What was put is found, by id and by every spelling of its name.
pub async fn an_account_is_kept_whole(ports: Ports, clock: Arc<ManualClock>) {
    let account = samples::account(clock.now());
    assert_eq!(ports.accounts.find(&account.id).await.unwrap(), None);
    assert!(!ports.accounts.update(&account).await.unwrap());
    ports.accounts.put(&account).await.unwrap();
    assert_eq!(ports.accounts.find(&account.id).await.unwrap().as_ref(), Some(&account));
    let key = crate::username_key(&account.username.as_str().to_uppercase());
    assert_eq!(ports.accounts.find_by_username(&key).await.unwrap().as_ref(), Some(&account));
    let changed = Account {
        username: Username::new("Berta"),
        name: None,
        password: None,
        disabled_at: Some(clock.now()),
        is_admin: true,
        ..account.clone()
    };
    assert!(ports.accounts.update(&changed).await.unwrap());
    assert_eq!(ports.accounts.find_by_username(account.username.key()).await.unwrap(), None);
    assert_eq!(ports.accounts.find_by_username("berta").await.unwrap(), Some(changed));
}

/// Of racing sign-ups with one name, in whatever spelling, one succeeds.
pub async fn of_racing_sign_ups_with_one_name_one_succeeds(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let answers = race(CALLERS, |number| {
        let ports = ports.clone();
        let name = if number % 2 == 0 { "Racer" } else { "rACER" };
        let account = Account { username: Username::new(name), ..samples::account(now) };
        async move { ports.accounts.put(&account).await }
    });
    let answers = answers.await;
    assert_eq!(count(&answers, Result::is_ok), 1);
    assert_eq!(count(&answers, |answer| matches!(answer, Err(StoreError::Conflict(_)))), CALLERS - 1);
}

/// A record that was read before a mark was set does not take it back when it is written after.
pub async fn sec_tk_20_an_update_never_takes_a_mark_back(ports: Ports, clock: Arc<ManualClock>) {
    let account = samples::account(clock.now());
    ports.accounts.put(&account).await.unwrap();
    let mark = clock.now().plus(seconds(5));
    assert!(ports.accounts.end_all(&account.id, mark).await.unwrap());
    assert!(ports.accounts.update(&Account { name: None, ..account.clone() }).await.unwrap());
    let found = ports.accounts.find(&account.id).await.unwrap().unwrap();
    assert_eq!((found.not_before, found.name), (mark, None));
    let later = mark.plus(seconds(1));
    assert!(ports.accounts.update(&Account { not_before: later, ..account.clone() }).await.unwrap());
    assert_eq!(ports.accounts.find(&account.id).await.unwrap().unwrap().not_before, later);
}

/// What began after a mark is dated a second after it, and may be dated ahead for that; ending again in the very same
/// second ends it too.
pub async fn sec_tk_20_a_second_ending_in_one_second_ends_what_came_between(
    ports: Ports,
    clock: Arc<ManualClock>,
) {
    let now = clock.now();
    let account = samples::account(now);
    ports.accounts.put(&account).await.unwrap();
    for second in 0..3 {
        assert!(ports.accounts.end_all(&account.id, now).await.unwrap());
        let mark = ports.accounts.find(&account.id).await.unwrap().unwrap().not_before;
        assert_eq!(mark, now.plus(seconds(second)));
    }
    let later = now.plus(seconds(9));
    assert!(ports.accounts.end_all(&account.id, later).await.unwrap());
    assert_eq!(ports.accounts.find(&account.id).await.unwrap().unwrap().not_before, later);
}

/// An update to another account's name is a conflict, and changes nothing.
pub async fn a_taken_name_is_refused_on_update(ports: Ports, clock: Arc<ManualClock>) {
    let (one, other) = (samples::account(clock.now()), samples::account(clock.now()));
    ports.accounts.put(&one).await.unwrap();
    ports.accounts.put(&other).await.unwrap();
    let renamed = Account { username: one.username.clone(), ..other.clone() };
    assert!(matches!(ports.accounts.update(&renamed).await, Err(StoreError::Conflict(_))));
    assert_eq!(ports.accounts.find(&other.id).await.unwrap(), Some(other));
}

/// The hash is replaced only where it is still the one that was checked.
pub async fn a_password_upgrade_never_undoes_a_change(ports: Ports, clock: Arc<ManualClock>) {
    let account = Account { password: Some("old".to_owned()), ..samples::account(clock.now()) };
    ports.accounts.put(&account).await.unwrap();
    assert!(ports.accounts.upgrade_password(&account.id, "old", "better").await.unwrap());
    let found = ports.accounts.find(&account.id).await.unwrap().unwrap();
    assert_eq!(found.password.as_deref(), Some("better"));
    assert!(
        ports
            .accounts
            .update(&Account { password: Some("changed".to_owned()), ..account.clone() })
            .await
            .unwrap()
    );
    assert!(!ports.accounts.upgrade_password(&account.id, "better", "stale").await.unwrap());
    let found = ports.accounts.find(&account.id).await.unwrap().unwrap();
    assert_eq!(found.password.as_deref(), Some("changed"));
}

/// A deleted account is not found, listed or changed; its name is free, its id is not.
pub async fn a_deleted_account_is_gone_and_its_id_stays_taken(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let account = samples::account(now);
    ports.accounts.put(&account).await.unwrap();
    let handle = samples::hash();
    ports.sessions.put(&handle, &samples::session(&account, now), None).await.unwrap();
    assert!(ports.accounts.delete(&account.id).await.unwrap());
    assert!(!ports.accounts.delete(&account.id).await.unwrap());
    assert_eq!(ports.accounts.find(&account.id).await.unwrap(), None);
    assert_eq!(ports.accounts.find_by_username(account.username.key()).await.unwrap(), None);
    assert!(ports.accounts.list(&Page::first(10)).await.unwrap().is_empty());
    assert!(ports.sessions.find(&handle, now).await.unwrap().is_none());
    assert!(!ports.accounts.update(&account).await.unwrap());
    assert!(!ports.accounts.end_all(&account.id, now).await.unwrap());
    let again = Account { username: Username::new("somebody else"), ..account.clone() };
    assert!(matches!(ports.accounts.put(&again).await, Err(StoreError::Conflict(_))));
    let successor = Account { username: account.username, ..samples::account(now) };
    ports.accounts.put(&successor).await.unwrap();
}

/// Lists go on after the last name's key.
pub async fn accounts_are_listed_by_name_in_pages(ports: Ports, clock: Arc<ManualClock>) {
    for name in ["delta", "Alpha", "charlie", "Bravo", "echo"] {
        let account = Account { username: Username::new(name), ..samples::account(clock.now()) };
        ports.accounts.put(&account).await.unwrap();
    }
    let mut found = Vec::new();
    let mut page = Page::first(2);
    loop {
        let accounts = ports.accounts.list(&page).await.unwrap();
        let Some(last) = accounts.last() else { break };
        page = Page::after(last.username.key().to_owned(), 2);
        found.extend(accounts.into_iter().map(|account| account.username.as_str().to_owned()));
    }
    assert_eq!(found, ["Alpha", "Bravo", "charlie", "delta", "echo"]);
}

/// Of racing callers with one setup link one makes an administrator.
pub async fn sec_op_17_racing_setup_links_make_one_administrator(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let ticket = samples::hash();
    ports.replay.put_ticket(&ticket, "setup", now.plus(seconds(60))).await.unwrap();
    let answers = race(CALLERS, |_| {
        let ports = ports.clone();
        let account = Account { is_admin: true, ..samples::account(now) };
        async move { ports.accounts.put_with_ticket(&account, &ticket, now).await.unwrap() }
    });
    assert_eq!(count(&answers.await, |made| *made), 1);
    assert_eq!(ports.accounts.list(&Page::first(10)).await.unwrap().len(), 1);
    assert_eq!(ports.replay.find_ticket(&ticket, now).await.unwrap(), None);
}

/// A link that was used, was never there, or has expired to the second makes nobody.
pub async fn sec_op_17_a_used_foreign_or_expired_link_makes_nobody(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let (used, expired) = (samples::hash(), samples::hash());
    ports.replay.put_ticket(&used, "setup", now.plus(seconds(60))).await.unwrap();
    ports.replay.put_ticket(&expired, "setup", now).await.unwrap();
    assert!(ports.replay.take_ticket(&used, now).await.unwrap().is_some());
    for ticket in [used, expired, samples::hash()] {
        assert!(!ports.accounts.put_with_ticket(&samples::account(now), &ticket, now).await.unwrap());
    }
    assert!(ports.accounts.list(&Page::first(10)).await.unwrap().is_empty());
}

/// A name that is taken is a conflict, and the link works once more.
pub async fn a_link_survives_a_name_that_is_taken(ports: Ports, clock: Arc<ManualClock>) {
    let now = clock.now();
    let account = samples::account(now);
    ports.accounts.put(&account).await.unwrap();
    let ticket = samples::hash();
    ports.replay.put_ticket(&ticket, "setup", now.plus(seconds(60))).await.unwrap();
    let same_name = Account { username: account.username, ..samples::account(now) };
    let refused = ports.accounts.put_with_ticket(&same_name, &ticket, now).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))));
    assert!(ports.accounts.put_with_ticket(&samples::account(now), &ticket, now).await.unwrap());
}
