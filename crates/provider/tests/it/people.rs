//! Accounts, logins and sessions.

use std::time::Duration;

use valetkey_oauth2::{Handle, HandleKind, Secret};
use valetkey_ports::Account;
use valetkey_provider::{
    Failure,
    people::{
        AccountRefusal, Actor, Browser as Brought, ChangeRefusal, LoginOutcome, NewAccount, PasswordRefusal,
    },
};

use crate::{
    browser::Browser,
    world::{World, peer, peer_at, policy},
};

const PASSWORD: &str = "three small herons wade";
const OTHER: &str = "seven grey owls at noon";

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

fn named(username: &str) -> NewAccount {
    NewAccount { username: username.into(), password: Some(secret(PASSWORD)), ..NewAccount::default() }
}

async fn sign_up(world: &World, username: &str) -> Result<Account, AccountRefusal> {
    world.engine().sign_up(&named(username), &peer()).await.unwrap()
}

async fn try_login(world: &World, username: &str, password: &str, device: Option<&Handle>) -> LoginOutcome {
    world.engine().check_password(username, &secret(password), device, &peer()).await.unwrap()
}

fn is_welcome(outcome: &LoginOutcome) -> bool {
    matches!(outcome, LoginOutcome::Welcome(_))
}

#[tokio::test]
async fn somebody_signs_up_and_logs_in() {
    let world = World::new().await;
    let new = NewAccount {
        name: Some("  Anna\u{202e} B.  ".into()),
        email: Some("anna@example.org".into()),
        is_admin: true,
        is_demo: true,
        ..named("Anna")
    };
    let anna = world.engine().sign_up(&new, &peer()).await.unwrap().unwrap();
    assert_eq!((anna.name.as_deref(), anna.email.as_deref()), (Some("Anna B."), Some("anna@example.org")));
    // RG-05's rule for people: sign-up gives no rights.
    assert!(!anna.is_admin && !anna.is_demo);
    assert!(anna.password.as_deref().unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    for spelling in ["Anna", "anna", " ANNA ", "ａｎｎａ"] {
        assert!(is_welcome(&try_login(&world, spelling, PASSWORD, None).await), "{spelling}");
    }
    assert!(!is_welcome(&try_login(&world, "anna", OTHER, None).await));
    assert_eq!(sign_up(&world, "ANNA").await.unwrap_err(), AccountRefusal::UsernameTaken);
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused() {
    let world = World::new().await;
    let engine = world.engine();
    let long = "x".repeat(65);
    for username in ["", "   ", "anna b", "an\u{200b}na", "a\u{202e}b", "<anna>", "...", &long] {
        assert_eq!(
            sign_up(&world, username).await.unwrap_err(),
            AccountRefusal::UsernameInvalid,
            "{username:?}"
        );
    }
    for email in
        ["anna", "@example.org", "anna@", "a b@example.org", "a@b@c", "anna@example..org", "a@b\r\nBcc: x@y"]
    {
        let new = NewAccount { email: Some(email.into()), ..named("anna") };
        let refusal = engine.sign_up(&new, &peer()).await.unwrap().unwrap_err();
        assert_eq!(refusal, AccountRefusal::EmailInvalid, "{email}");
    }
    let weak = NewAccount { password: Some(secret("password12345678")), ..named("anna") };
    let refusal = engine.sign_up(&weak, &peer()).await.unwrap().unwrap_err();
    assert_eq!(refusal, AccountRefusal::Password(PasswordRefusal::Common));
    let none = NewAccount { password: None, ..named("anna") };
    let refusal = engine.sign_up(&none, &peer()).await.unwrap().unwrap_err();
    assert_eq!(refusal, AccountRefusal::Password(PasswordRefusal::TooShort { min: 15 }));
}

#[tokio::test]
async fn sign_up_can_be_off_and_is_counted_per_source() {
    let mut rules = policy();
    rules.limits.sign_ups = 2;
    let world = World::with(rules).await;
    sign_up(&world, "one").await.unwrap();
    sign_up(&world, "two").await.unwrap();
    assert_eq!(sign_up(&world, "three").await.unwrap_err(), AccountRefusal::TooMany(3600));
    world.engine().sign_up(&named("three"), &peer_at("192.0.2.1")).await.unwrap().unwrap();
    world.advance(3600);
    sign_up(&world, "four").await.unwrap();
    let mut rules = policy();
    rules.sign_up = false;
    let world = World::with(rules).await;
    assert_eq!(sign_up(&world, "one").await.unwrap_err(), AccountRefusal::SignUpOff);
    world.engine().create_account(&named("one"), &Actor::COMMAND_LINE).await.unwrap().unwrap();
}

#[tokio::test]
async fn sec_op_02_accounts_do_not_do_what_administrators_do() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let engine = world.engine();
    let own = Actor::of(&anna);
    assert_eq!(own, Actor::Account(anna.id));
    let is_refused = |failure: Failure| assert_eq!(failure.wire().1.as_u16(), 403, "{failure}");
    is_refused(engine.create_account(&named("eve"), &own).await.unwrap_err());
    is_refused(engine.disable_account(&ben.id, &own).await.unwrap_err());
    is_refused(engine.enable_account(&anna.id, &own).await.unwrap_err());
    is_refused(engine.set_password(&ben.id, &secret(OTHER), &own).await.unwrap_err());
    assert!(!engine.delete_account(&ben.id, &own).await.unwrap());
    assert!(!engine.end_account(&ben.id, &own).await.unwrap());
}

#[tokio::test]
async fn sec_ui_04_a_login_begins_a_new_session_and_the_old_one_is_dead() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut browser = Browser::new(&world, &anna);
    browser.log_in(&anna).await;
    let old = browser.cookies.clone();
    browser.log_in(&anna).await;
    assert_ne!(browser.cookies["__Host-vk_session"], old["__Host-vk_session"]);
    assert!(browser.live().await.is_some());
    browser.cookies = old;
    assert!(browser.live().await.is_none());
    // A session that somebody made up is none.
    let made_up = Handle::mint(HandleKind::Session, &[1; 32]);
    browser.cookies.insert("__Host-vk_session".into(), made_up.expose().into());
    assert!(browser.live().await.is_none());
}

#[tokio::test]
async fn sec_ui_06_an_unknown_name_is_answered_like_a_wrong_password() {
    let world = World::new().await;
    sign_up(&world, "anna").await.unwrap();
    let disabled = sign_up(&world, "ben").await.unwrap();
    assert!(world.engine().disable_account(&disabled.id, &Actor::COMMAND_LINE).await.unwrap());
    let without = world.person("cleo").await;
    assert!(without.password.is_none());
    for (username, password) in [("anna", OTHER), ("nobody", OTHER), ("ben", PASSWORD), ("cleo", PASSWORD)] {
        let outcome = try_login(&world, username, password, None).await;
        assert!(matches!(outcome, LoginOutcome::Wrong), "{username}");
    }
}

#[tokio::test]
async fn sec_ui_07_guessing_is_stopped_and_the_owner_still_gets_in() {
    let mut rules = policy();
    rules.limits.per_account = 5;
    let world = World::with(rules).await;
    let anna = sign_up(&world, "anna").await.unwrap();
    let known = world.engine().begin_session(&anna, &Brought::default(), &peer()).await.unwrap().device;
    let guess = async |password| {
        let from = peer_at("203.0.113.9");
        world.engine().check_password("anna", &secret(password), None, &from).await.unwrap()
    };
    for _ in 0..5 {
        assert!(matches!(guess(OTHER).await, LoginOutcome::Wrong));
    }
    // Also the right one is refused now, from browsers that the account does not know; a name that nobody has likewise.
    assert!(matches!(guess(PASSWORD).await, LoginOutcome::TooMany(900)));
    for count in 1..=6 {
        let outcome = try_login(&world, "nobody", OTHER, None).await;
        assert_eq!(matches!(outcome, LoginOutcome::TooMany(_)), count > 5, "{count}");
    }
    assert!(is_welcome(&try_login(&world, "anna", PASSWORD, Some(&known)).await));
    let strange = Handle::mint(HandleKind::Device, &[3; 32]);
    assert!(matches!(try_login(&world, "anna", PASSWORD, Some(&strange)).await, LoginOutcome::TooMany(_)));
    world.advance(900);
    assert!(is_welcome(&guess(PASSWORD).await));
}

#[tokio::test]
async fn sec_ui_08_all_spellings_of_a_name_share_one_counter() {
    let mut rules = policy();
    rules.limits.per_account = 4;
    let world = World::with(rules).await;
    sign_up(&world, "anna").await.unwrap();
    for spelling in ["anna", "ANNA", " Anna", "ａｎｎａ"] {
        assert!(matches!(try_login(&world, spelling, OTHER, None).await, LoginOutcome::Wrong));
    }
    assert!(matches!(try_login(&world, "aNNa", OTHER, None).await, LoginOutcome::TooMany(_)));
}

#[tokio::test]
async fn sec_ui_07_one_source_cannot_try_many_accounts() {
    let mut rules = policy();
    rules.limits.per_source = 6;
    let world = World::with(rules).await;
    for count in 0..6 {
        let name = format!("user{count}");
        assert!(matches!(try_login(&world, &name, OTHER, None).await, LoginOutcome::Wrong));
    }
    sign_up(&world, "anna").await.unwrap();
    assert!(matches!(try_login(&world, "anna", PASSWORD, None).await, LoginOutcome::TooMany(_)));
}

#[tokio::test]
async fn sec_ui_07_an_office_behind_one_address_logs_in_all_day_and_only_guesses_count() {
    let mut rules = policy();
    rules.limits.per_source = 3;
    let world = World::with(rules).await;
    sign_up(&world, "anna").await.unwrap();
    for _ in 0..5 {
        assert!(is_welcome(&try_login(&world, "anna", PASSWORD, None).await));
    }
    for _ in 0..3 {
        assert!(matches!(try_login(&world, "ben", OTHER, None).await, LoginOutcome::Wrong));
    }
    // What was right before has not won anybody more guesses.
    assert!(matches!(try_login(&world, "ben", OTHER, None).await, LoginOutcome::TooMany(_)));
    assert!(matches!(try_login(&world, "anna", PASSWORD, None).await, LoginOutcome::TooMany(_)));
}

#[tokio::test]
async fn sec_ui_10_an_older_hash_is_replaced_at_login() {
    use argon2::{Argon2, Params, password_hash::PasswordHasher};
    let world = World::new().await;
    let anna = sign_up(&world, "anna").await.unwrap();
    let weak = Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        Params::new(8192, 1, 1, None).unwrap(),
    )
    .hash_password_with_salt(PASSWORD.as_bytes(), b"an old site's own salt")
    .unwrap()
    .to_string();
    let old = Account { password: Some(weak.clone()), ..anna.clone() };
    assert!(world.ports.accounts.update(&old).await.unwrap());
    assert!(is_welcome(&try_login(&world, "anna", PASSWORD, None).await));
    let now = world.ports.accounts.find(&anna.id).await.unwrap().unwrap().password.unwrap();
    assert!(now.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{now}");
    assert!(is_welcome(&try_login(&world, "anna", PASSWORD, None).await));
}

#[tokio::test]
async fn sec_ui_12_nothing_of_a_password_is_cut_off() {
    let world = World::new().await;
    let long = format!("{}{}", "unlike any other ".repeat(20), "the end");
    let new = NewAccount { password: Some(secret(&long)), ..named("anna") };
    world.engine().sign_up(&new, &peer()).await.unwrap().unwrap();
    assert!(is_welcome(&try_login(&world, "anna", &long, None).await));
    assert!(!is_welcome(&try_login(&world, "anna", &long[..72], None).await));
    assert!(!is_welcome(&try_login(&world, "anna", &long.replace("the end", "the enx"), None).await));
    assert!(!is_welcome(&try_login(&world, "anna", &format!("{long}\0x"), None).await));
}

#[tokio::test]
async fn sec_ui_19_a_changed_password_ends_every_other_session_and_token() {
    let world = World::new().await;
    let app = world.web().await;
    let anna = sign_up(&world, "anna").await.unwrap();
    let (mut here, mut elsewhere) = (Browser::new(&world, &anna), Browser::new(&world, &anna));
    let tokens = here.dance(&app, &[]).await;
    elsewhere.log_in(&anna).await;
    let engine = world.engine();
    let live = here.live().await.unwrap();
    let brought = Brought::default();
    let change = async |current, new| {
        engine.change_password(&live, &secret(current), &secret(new), &brought, &peer()).await.unwrap()
    };
    assert_eq!(change(OTHER, OTHER).await.unwrap_err(), ChangeRefusal::WrongPassword);
    assert!(matches!(change(PASSWORD, "short").await.unwrap_err(), ChangeRefusal::Password(_)));
    let new = change(PASSWORD, OTHER).await.unwrap();
    assert!(here.live().await.is_none() && elsewhere.live().await.is_none());
    assert!(!world.is_active(&app, &tokens.text("access_token")).await);
    world.refresh(&app, &tokens.text("refresh_token")).await.refused(400, "invalid_grant");
    here.cookies.insert("__Host-vk_session".into(), new.session.expose().into());
    assert!(here.live().await.is_some());
    assert!(!is_welcome(&try_login(&world, "anna", PASSWORD, None).await));
    assert!(is_welcome(&try_login(&world, "anna", OTHER, None).await));
    let again = here.dance(&app, &[]).await;
    assert!(world.is_active(&app, &again.text("access_token")).await);
}

#[tokio::test]
async fn sec_ui_19_a_set_password_disabling_and_deleting_end_everything_at_once() {
    let world = World::new().await;
    let app = world.web().await;
    let engine = world.engine();
    let actor = Actor::COMMAND_LINE;
    for way in 0..3 {
        let anna = sign_up(&world, &format!("anna{way}")).await.unwrap();
        let mut browser = Browser::new(&world, &anna);
        let tokens = browser.dance(&app, &[]).await;
        match way {
            0 => engine.set_password(&anna.id, &secret(OTHER), &actor).await.unwrap().unwrap().unwrap(),
            1 => assert!(engine.disable_account(&anna.id, &actor).await.unwrap()),
            _ => assert!(engine.delete_account(&anna.id, &actor).await.unwrap()),
        }
        assert!(browser.live().await.is_none(), "{way}");
        assert!(!world.is_active(&app, &tokens.text("access_token")).await, "{way}");
        world.refresh(&app, &tokens.text("refresh_token")).await.refused(400, "invalid_grant");
        if way == 1 {
            assert!(engine.enable_account(&anna.id, &actor).await.unwrap());
            assert!(browser.live().await.is_none());
            assert!(!world.is_active(&app, &tokens.text("access_token")).await);
            assert!(is_welcome(&try_login(&world, "anna1", PASSWORD, None).await));
        }
    }
}

#[tokio::test]
async fn sec_ui_20_a_session_dies_unused_and_dies_anyhow() {
    const DAY: u64 = 24 * 60 * 60;
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut browser = Browser::new(&world, &anna);
    browser.log_in(&anna).await;
    world.advance(DAY - 1);
    assert!(browser.live().await.is_some());
    world.advance(DAY);
    assert!(browser.live().await.is_none());
    browser.log_in(&anna).await;
    for _ in 0..27 {
        world.advance(DAY / 2);
        assert!(browser.live().await.is_some());
    }
    world.advance(DAY / 2);
    assert!(browser.live().await.is_none());
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let mut browsers =
        [Browser::new(&world, &anna), Browser::new(&world, &anna), Browser::new(&world, &anna)];
    for browser in &mut browsers {
        browser.log_in(&anna).await;
    }
    let engine = world.engine();
    let listed = world.ports.sessions.list(&anna.id, world.now()).await.unwrap();
    assert_eq!(listed.len(), 3);
    let live = browsers[0].live().await.unwrap();
    let second = browsers[1].live().await.unwrap().session().id;
    // Somebody else's session is not there.
    assert!(!engine.end_session(&anna.id, &second, &Actor::Account(ben.id)).await.unwrap());
    assert!(!engine.end_session(&ben.id, &second, &Actor::Account(ben.id)).await.unwrap());
    assert!(engine.end_session(&anna.id, &second, &Actor::Account(anna.id)).await.unwrap());
    assert!(browsers[1].live().await.is_none() && browsers[2].live().await.is_some());
    assert_eq!(engine.end_other_sessions(&live, &peer()).await.unwrap(), 1);
    assert!(browsers[2].live().await.is_none());
    engine.log_out(&live, &peer()).await.unwrap();
    assert!(browsers[0].live().await.is_none());
    assert!(world.events().await.contains(&"logout".to_owned()));
}

#[tokio::test]
async fn sec_ui_13_a_setup_link_makes_one_administrator_within_the_hour() {
    let world = World::new().await;
    let engine = world.engine();
    let link = engine.setup_link().await.unwrap();
    assert!(engine.find_setup(&link).await.unwrap());
    // A refused account leaves the link alive; and a device's mark is no setup link.
    let weak = NewAccount { password: Some(secret("short")), ..named("root") };
    assert!(engine.claim_setup(&link, &weak, &peer()).await.unwrap().is_err());
    world.person("taken").await;
    let refusal = engine.claim_setup(&link, &named("Taken"), &peer()).await.unwrap().unwrap_err();
    assert_eq!(refusal, AccountRefusal::UsernameTaken);
    let admin = engine.claim_setup(&link, &named("root"), &peer()).await.unwrap().unwrap();
    assert!(admin.is_admin);
    let refusal = engine.claim_setup(&link, &named("root2"), &peer()).await.unwrap().unwrap_err();
    assert_eq!(refusal, AccountRefusal::SignUpOff);
    let late = engine.setup_link().await.unwrap();
    world.clock.advance(Duration::from_secs(3600));
    assert!(!engine.find_setup(&late).await.unwrap());
    assert!(engine.claim_setup(&late, &named("root3"), &peer()).await.unwrap().is_err());
}

#[tokio::test]
async fn sec_op_13_the_audit_says_who_did_what() {
    let world = World::new().await;
    let admin = world.person("root").await;
    let anna = sign_up(&world, "anna").await.unwrap();
    world.engine().disable_account(&anna.id, &Actor::Administrator(admin.id)).await.unwrap();
    let page = valetkey_ports::Page::first(100);
    let events = world.ports.events.list(Some(&anna.id), &page).await.unwrap();
    let seen: Vec<(&str, Option<&str>, &str)> = events
        .iter()
        .map(|event| (event.kind.as_str(), event.by.as_deref(), event.detail.as_str()))
        .collect();
    let by = format!("administrator {}", admin.id);
    assert_eq!(
        seen,
        [("account_changed", Some(by.as_str()), "disabled"), ("account_created", None, "sign-up")]
    );
    assert_eq!(events[1].address.as_deref(), Some("127.0.0.1"));
    assert!(!format!("{events:?}").contains(PASSWORD));
}

#[tokio::test]
async fn sec_ui_21_a_grave_change_wants_the_password_and_a_login_is_fresh_for_five_minutes() {
    let world = World::new().await;
    let anna = sign_up(&world, "anna").await.unwrap();
    let mut browser = Browser::new(&world, &anna);
    browser.log_in(&anna).await;
    assert!(browser.live().await.unwrap().is_fresh(world.now()));
    // A visit refreshes nothing; and however fresh, the password is asked for, and guesses at it are counted.
    for _ in 0..5 {
        world.advance(60);
        assert!(browser.live().await.unwrap().is_fresh(world.now()));
    }
    world.advance(1);
    let live = browser.live().await.unwrap();
    assert!(!live.is_fresh(world.now()));
    let change = async |current| {
        let (new, brought) = (secret(OTHER), Brought::default());
        world
            .engine()
            .change_password(&live, &secret(current), &new, &brought, &peer())
            .await
            .unwrap()
            .unwrap_err()
    };
    for _ in 0..world.engine().policy().limits.per_account {
        assert_eq!(change(OTHER).await, ChangeRefusal::WrongPassword);
    }
    assert!(matches!(change(PASSWORD).await, ChangeRefusal::TooMany(_)));
    browser.log_in(&anna).await;
    assert!(browser.live().await.unwrap().is_fresh(world.now()));
}
