//! Accounts, passwords and sessions (UI).

use std::collections::BTreeSet;

use crate::harness::{Account, Answer, Browser, Pkce, Query, Server, text};

const WRONG: &str = "not it, but long enough";

async fn is_logged_in(browser: &mut Browser<'_>) -> bool {
    browser.get("/account").await.status == 200
}

/// The page's words, without what is fresh on every page.
fn words(answer: &Answer) -> String {
    let parts = answer.text.split("name=\"csrf\" value=\"");
    parts.map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}

#[tokio::test]
async fn sec_ui_04_a_login_makes_a_new_session_and_ends_the_old_one() {
    let server = Server::start().await;
    let account = server.account();
    let mut browser = Browser::new(&server);
    browser.get("/login").await;
    let before: BTreeSet<String> = browser.cookies.values().cloned().collect();
    browser.log_in(&account).await;
    assert!(is_logged_in(&mut browser).await);
    let first = browser.cookies.clone();
    assert!(first.values().any(|value| !before.contains(value)));
    let mut fixed = Browser::new(&server);
    fixed.cookies = first.clone();
    let again = Query::new(&server.web(), &Pkce::new()).with("prompt", "login");
    let asked = browser.get(&again.path()).await;
    let page = browser.follow(asked).await;
    browser.fill_login(&page, &account).await;
    assert_ne!(browser.cookies, first);
    assert!(!is_logged_in(&mut fixed).await, "the session of before the login is dead");
}

#[tokio::test]
async fn sec_ui_05_cookies_are_locked() {
    let server = Server::start().await;
    let account = server.account();
    let mut browser = Browser::new(&server);
    let page = browser.get("/login").await;
    let answer = browser.fill_login(&page, &account).await;
    let cookies: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text")).collect();
    assert!(!cookies.is_empty());
    for cookie in cookies {
        let lower = cookie.to_ascii_lowercase();
        assert!(
            lower.contains("httponly") && lower.contains("samesite=lax") && lower.contains("path=/"),
            "{cookie}"
        );
        assert!(!lower.contains("domain="), "{cookie}");
        assert!(
            cookie.contains(&server.port().to_string()),
            "on loopback the name carries the port: {cookie}"
        );
    }
    for value in browser.cookies.values() {
        assert!(!server.said().contains(value.as_str()));
    }
}

#[tokio::test]
async fn sec_ui_06_nothing_tells_whether_an_account_exists() {
    let server = Server::start().await;
    let known = Account { password: WRONG.into(), ..server.account() };
    let unknown = Account { username: "nobody".into(), password: WRONG.into() };
    let refused = async |account: &Account| {
        let mut browser = Browser::new(&server);
        browser.log_in(account).await
    };
    let (one, two) = (refused(&known).await, refused(&unknown).await);
    assert_eq!(one.status, two.status);
    assert_eq!(words(&one).replace(&known.username, "X"), words(&two).replace(&unknown.username, "X"));
}

#[tokio::test]
async fn sec_ui_07_sec_ui_08_guessing_is_slowed_under_every_spelling_and_the_owner_is_not_locked_out() {
    let server = Server::start().await;
    let account = server.account();
    let mut slowed = None;
    for number in 0..30_usize {
        let spelling = match number % 3 {
            0 => account.username.clone(),
            1 => account.username.to_uppercase(),
            _ => format!(" {} ", account.username),
        };
        let guess = Account { username: spelling, password: format!("{WRONG} {number}") };
        let answer = Browser::new(&server).log_in(&guess).await;
        if answer.status == 429 || !answer.header("retry-after").is_empty() {
            slowed = Some(number);
            break;
        }
    }
    assert!(slowed.is_some(), "thirty guesses in a row are not slowed");
    let other = server.account();
    let mut elsewhere = Browser::new(&server);
    elsewhere.log_in(&other).await;
}

#[tokio::test]
async fn sec_ui_09_sec_op_06_forwarded_addresses_are_not_believed() {
    let server = Server::start().await;
    let account = Account { password: WRONG.into(), ..server.account() };
    let mut is_slowed = false;
    for number in 0..30 {
        let mut browser = Browser::new(&server);
        browser.headers = vec![
            ("x-forwarded-for", format!("198.51.100.{number}")),
            ("forwarded", format!("for=198.51.100.{number};host=evil.example;proto=https")),
            ("x-forwarded-host", "evil.example".into()),
        ];
        let answer = browser.log_in(&account).await;
        assert!(!answer.text.contains("evil.example"));
        is_slowed |= answer.status == 429 || !answer.header("retry-after").is_empty();
    }
    assert!(is_slowed, "a header makes nobody a new source");
}

#[tokio::test]
async fn sec_ui_11_sec_ui_12_passwords_are_long_whole_and_any_characters() {
    let server = Server::start().await;
    let words = ["user", "create", "--username", "short", "--password-stdin"];
    for weak in ["", "short", "password", "12345678", "password1234567"] {
        assert!(server.try_cli(&words, &format!("{weak}\n")).is_err(), "{weak}");
    }
    let long =
        format!("{}\u{1f511} p\u{e4}ss w\u{f6}rd", "forty winks and a nap in a far blue land ".repeat(2));
    let words = ["user", "create", "--username", "long", "--password-stdin"];
    server.cli(&words, &format!("{long}\n"));
    let account = Account { username: "long".into(), password: long.clone() };
    let mut cut = account.clone();
    cut.password = long.chars().take(80).collect();
    let mut browser = Browser::new(&server);
    browser.log_in(&cut).await;
    assert!(!is_logged_in(&mut browser).await, "the whole password counts");
    browser.log_in(&account).await;
    assert!(is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn sec_ui_13_sec_op_17_the_first_administrator_comes_by_a_link_that_works_once() {
    let server = Server::start().await;
    let made = server.cli(&["setup-link"], "");
    let link = text(&made, "url").to_owned();
    let set_up = async |name: &str| {
        let mut browser = Browser::new(&server);
        let page = browser.get(&link).await;
        if page.status != 200 {
            return page;
        }
        let mut form = Browser::form_with(&page, "password");
        form.set("username", &[name]);
        form.set("password", &["a long enough first password"]);
        browser.submit(&form).await
    };
    let first = set_up("operator").await;
    assert_eq!(first.status, 303, "{first:?}");
    let second = set_up("intruder").await;
    assert!([403, 404, 410].contains(&second.status), "{second:?}");
    let wrong = server.get("/setup/guessed").await;
    assert!([403, 404, 410].contains(&wrong.status), "{wrong:?}");
}

#[tokio::test]
async fn sec_ui_19_sec_ui_21_a_new_password_needs_the_old_one_and_ends_the_rest() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let (mut here, mut there) = (Browser::new(&server), Browser::new(&server));
    here.log_in(&account).await;
    there.log_in(&account).await;
    let page = here.get("/account/password").await;
    let mut change = Browser::form_with(&page, "new_password");
    change.set("new_password", &["another password that is long enough"]);
    change.set("end_others", &["yes"]);
    change.set("current_password", &[WRONG]);
    here.submit(&change).await;
    assert!(is_logged_in(&mut there).await, "a wrong password changes nothing");
    change.set("current_password", &[&account.password]);
    let done = here.submit(&change).await;
    assert_eq!(done.status, 303, "{done:?}");
    assert!(is_logged_in(&mut here).await);
    assert!(!is_logged_in(&mut there).await);
    assert!(!server.is_active(&client, text(&tokens, "access_token")).await);
    let mut old = Browser::new(&server);
    old.log_in(&account).await;
    assert!(!is_logged_in(&mut old).await);
}

#[tokio::test]
async fn sec_ui_19_a_disabled_account_is_out_at_once() {
    let server = Server::start().await;
    let account = server.account();
    let mut browser = Browser::new(&server);
    browser.log_in(&account).await;
    assert!(is_logged_in(&mut browser).await);
    server.cli(&["user", "disable", &account.username], "");
    server.settled().await;
    assert!(!is_logged_in(&mut browser).await);
    browser.log_in(&account).await;
    assert!(!is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn sec_ui_20_sessions_are_listed_and_ended_by_their_owner() {
    let server = Server::start().await;
    let account = server.account();
    let (mut here, mut there) = (Browser::new(&server), Browser::new(&server));
    here.log_in(&account).await;
    there.log_in(&account).await;
    let page = here.get("/account/sessions").await;
    let mut end = Browser::form_with(&page, "session");
    end.set("session", &["all_others"]);
    here.submit(&end).await;
    assert!(is_logged_in(&mut here).await);
    assert!(!is_logged_in(&mut there).await);
}

#[tokio::test]
async fn sec_ui_10_passwords_are_kept_as_argon2id() {
    let server = Server::start().await;
    let account = server.account();
    Browser::new(&server).log_in(&account).await;
    let mut found = false;
    for file in std::fs::read_dir(server.data()).expect("the data") {
        let content = std::fs::read(file.expect("a file").path()).unwrap_or_default();
        let content = String::from_utf8_lossy(&content);
        found |= content.contains("$argon2id$v=19$m=19456,t=2,p=1$");
        assert!(!content.contains(&account.password));
    }
    assert!(found, "no Argon2id hash in the data");
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_ui_10_a_storm_of_logins_starves_nobody_else() {
    let server = Server::start().await;
    let client = server.web();
    let stranger = Account { username: "nobody".into(), password: WRONG.into() };
    let storm = async {
        let logins = (0..40).map(|_| async {
            let mut browser = Browser::new(&server);
            browser.log_in(&stranger).await.status
        });
        futures_util::future::join_all(logins).await
    };
    let tokens = async {
        for _ in 0..40 {
            let token = server.token(&client, &[("grant_type", "client_credentials")]);
            tokio::time::timeout(std::time::Duration::from_secs(2), token).await.expect("in time").ok();
        }
    };
    let (statuses, ()) = tokio::join!(storm, tokens);
    assert!(statuses.iter().all(|status| [200, 400, 401, 403, 429, 503].contains(status)), "{statuses:?}");
}
