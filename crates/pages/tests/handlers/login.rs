//! Logging in, and out again.

use std::{net::IpAddr, time::Duration};

use http::StatusCode;

use crate::harness::{Browser, PASSWORD, World, encode};

#[tokio::test]
async fn a_whole_dance_gives_a_token() {
    let world = World::new().await;
    let client = world.client("Night reader").await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    let asked = browser.get(&World::authorize(&client, "&login_hint=ada")).await;
    assert!(asked.location().starts_with("/login?flow="), "{asked:?}");
    let login = browser.follow(asked).await;
    assert!(login.text.contains("Night reader") && login.text.contains("client.example"), "{login:?}");
    assert_eq!(login.form("password").value("username"), "ada");
    let done = browser.fill_login(&login, "ada", PASSWORD).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let consent = browser.follow(done).await;
    let told = browser.decide(&consent, "allow").await.told();
    assert_eq!(told["state"], "s1");
    let token = world.redeem(&client, &told["code"]).await;
    assert_eq!(token["token_type"], "Bearer", "{token}");
}

#[tokio::test]
async fn who_is_logged_in_goes_home_from_the_login() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    let done = browser.log_in("ada").await;
    assert_eq!(done.location(), "/");
    let home = browser.get("/").await;
    assert!(home.text.contains("Hello, ada"), "{home:?}");
    assert_eq!(browser.get("/login").await.location(), "/");
    assert!(browser.get("/login?switch=1").await.has("password"), "somebody else may want to log in");
}

#[tokio::test]
async fn a_page_that_wants_a_login_is_shown_after_it() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    let asked = browser.get("/account/apps?a=1").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let login = browser.follow(asked).await;
    let wrong = browser.fill_login(&login, "ada", "something else altogether").await;
    assert_eq!(wrong.form("password").value("username"), "ada", "what was typed is still there");
    let done = browser.fill_login(&wrong, "ada", PASSWORD).await;
    assert_eq!(done.location(), "/account/apps?a=1");
}

#[tokio::test]
async fn sec_az_18_after_a_login_one_goes_to_pages_of_this_server_only() {
    let world = World::new().await;
    world.account("ada").await;
    for target in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\/evil.example",
        "javascript:alert(1)",
        "/account\r\nlocation: https://evil.example",
        "/nowhere",
    ] {
        let mut browser = Browser::new(&world);
        let page = browser.get(&format!("/login?next={}", encode(target))).await;
        assert!(!page.text.contains("evil.example"), "{target}");
        let mut form = page.form("password");
        form.set("username", "ada");
        form.set("password", PASSWORD);
        form.set("next", target);
        let done = browser.submit(&form).await;
        assert_eq!(done.location(), "/", "{target}");
        let again = browser.get(&format!("/login?next={}", encode(target))).await;
        assert_eq!(again.location(), "/", "{target}");
    }
}

#[tokio::test]
async fn sec_az_05_credentials_are_answered_by_303() {
    let world = World::new().await;
    let client = world.client("Reader").await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    let asked = browser.get(&World::authorize(&client, "")).await;
    let login = browser.follow(asked).await;
    let done = browser.fill_login(&login, "ada", PASSWORD).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let consent = browser.follow(done).await;
    let mut form = consent.form("decision");
    form.set("decision", "allow");
    assert_eq!(browser.submit(&form).await.status, StatusCode::SEE_OTHER);
    let logout = browser.get("/logout").await.form_to("/logout");
    assert_eq!(browser.submit(&logout).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sec_ui_02_sec_ui_03_a_form_belongs_to_the_browser_that_opened_it() {
    let world = World::new().await;
    world.account("ada").await;
    let mut attacker = Browser::new(&world);
    let mut form = attacker.get("/login").await.form("password");
    form.set("username", "ada");
    form.set("password", PASSWORD);
    let mut victim = Browser::new(&world);
    for _ in 0..2 {
        // First without any cookie, then with one of its own.
        let answer = victim.submit(&form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.form("password").value("username"), "ada", "what was typed is not lost");
        assert!(!answer.text.contains(PASSWORD));
        assert!(victim.get("/account").await.location().starts_with("/login"));
    }
    let mut foreign = attacker.clone();
    foreign.headers = vec![("origin", "https://evil.example".into())];
    assert_eq!(foreign.submit(&form).await.status, StatusCode::FORBIDDEN);
    foreign.headers = vec![("sec-fetch-site", "cross-site".into())];
    assert_eq!(foreign.submit(&form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(attacker.submit(&form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sec_ui_04_a_login_makes_a_new_session_and_ends_the_old_one() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let mut fixed = browser.clone();
    let page = browser.get("/login?switch=1").await;
    browser.fill_login(&page, "ada", PASSWORD).await;
    assert_ne!(browser.cookies["vk_session_8080"], fixed.cookies["vk_session_8080"]);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    assert_eq!(fixed.get("/account").await.status, StatusCode::SEE_OTHER, "the session before is dead");
}

#[tokio::test]
async fn sec_ui_05_cookies_are_locked_and_named_after_their_host() {
    for (issuer, secure) in [("https://id.example", true), ("http://127.0.0.1:8080", false)] {
        let world = World::at(issuer, |_| {}).await;
        world.account("ada").await;
        let mut browser = Browser::new(&world);
        let page = browser.get("/login").await;
        let done = browser.fill_login(&page, "ada", PASSWORD).await;
        let cookies: Vec<_> = [&page, &done]
            .iter()
            .flat_map(|answer| answer.headers.get_all("set-cookie"))
            .map(|cookie| cookie.to_str().unwrap().to_owned())
            .collect();
        assert_eq!(cookies.len(), 3, "{cookies:?}");
        for cookie in cookies {
            assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"), "{cookie}");
            assert!(cookie.contains("; Path=/;") && !cookie.contains("Domain"), "{cookie}");
            assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
            assert_eq!(cookie.starts_with("__Host-vk_"), secure, "{cookie}");
            assert_eq!(cookie.contains("_8080="), !secure, "{cookie}");
        }
    }
}

#[tokio::test]
async fn sec_ui_06_nothing_tells_whether_an_account_exists() {
    let world = World::new().await;
    world.account("ada").await;
    world.account_with("off", |account| account.disabled_at = Some(account.created_at)).await;
    let mut said = Vec::new();
    for (username, password) in
        [("ada", "wrong but long enough"), ("xyz", "wrong but long enough"), ("off", PASSWORD)]
    {
        let mut browser = Browser::new(&world);
        let page = browser.get("/login").await;
        let csrf = page.form("password").value("csrf").to_owned();
        let answer = browser.fill_login(&page, username, password).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        said.push(answer.text.replace(&csrf, "").replace(&format!("value=\"{username}\""), ""));
    }
    assert!(said.iter().all(|text| *text == said[0]), "{said:?}");
}

#[tokio::test]
async fn sec_ui_07_guessing_is_told_to_wait() {
    let world = World::with(|policy| policy.limits.per_account = 3).await;
    world.account("ada").await;
    for username in ["ada", "nobody"] {
        let mut browser = Browser::new(&world);
        let mut page = browser.get("/login").await;
        for _ in 0..3 {
            page = browser.fill_login(&page, username, "wrong but long enough").await;
            assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        }
        page = browser.fill_login(&page, username, PASSWORD).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(page.header("retry-after"), "900");
        assert!(page.text.contains("Try again in 15 minutes."), "{page:?}");
    }
    world.clock.advance(Duration::from_secs(901));
    assert_eq!(Browser::new(&world).log_in("ada").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sec_ui_29_after_a_logout_nothing_is_left() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let kept = browser.cookies.clone();
    let page = browser.get("/account").await;
    assert_eq!(page.header("cache-control"), "no-store");
    let form = browser.get("/logout").await.form_to("/logout");
    let done = browser.submit(&form).await;
    assert!(done.header("clear-site-data").contains("\"cache\""), "{done:?}");
    let end = browser.follow(done).await;
    assert!(end.text.contains("You are logged out"), "{end:?}");
    browser.cookies = kept;
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "the session is dead");
}

#[tokio::test]
async fn a_look_at_the_logout_page_logs_nobody_out() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    browser.get("/logout").await;
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_demo_login_is_for_demo_accounts_on_this_machine_in_demo_mode() {
    let world = World::with(|policy| policy.demo = true).await;
    world.account_with("demo", |account| account.is_demo = true).await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/login").await;
    assert!(page.text.contains("Demo server") && page.text.contains("Demo login"), "{page:?}");
    let mut form = page.form("demo");
    form.set("demo", "ada");
    assert_eq!(browser.submit(&form).await.status, StatusCode::FORBIDDEN, "ada is real");
    let mut far = browser.clone();
    far.address = IpAddr::from([203, 0, 113, 9]);
    form.set("demo", "demo");
    assert_eq!(far.submit(&form).await.status, StatusCode::FORBIDDEN);
    assert!(!far.get("/login").await.text.contains("Demo login"));
    let done = browser.submit(&form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(browser.get("/").await.text.contains("Hello, demo"));

    // Any other name is a new demo account, and nobody's who is real.
    let mut other = Browser::new(&world);
    let mut form = other.get("/login").await.forms().pop().expect("the form for any name");
    form.set("demo", "grace");
    assert_eq!(other.submit(&form).await.status, StatusCode::SEE_OTHER);
    assert!(other.get("/").await.text.contains("Hello, grace"));
    let made = world.ports.accounts.find_by_username("grace").await.unwrap().unwrap();
    assert!(made.is_demo);
    let mut third = Browser::new(&world);
    let mut form = third.get("/login").await.forms().pop().expect("the form for any name");
    form.set("demo", "no name <at all>\n");
    assert_eq!(third.submit(&form).await.status, StatusCode::FORBIDDEN);

    let world = World::new().await;
    world.account_with("demo", |account| account.is_demo = true).await;
    let mut browser = Browser::new(&world);
    let csrf = browser.get("/login").await.form("password").value("csrf").to_owned();
    let refused = browser.post("/login", &[("csrf", &csrf), ("demo", "demo")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn prompt_login_asks_who_is_logged_in_again() {
    let world = World::new().await;
    let client = world.client("Reader").await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.allow(&client, "ada").await;
    let asked = browser.get(&World::authorize(&client, "&prompt=login")).await;
    let login = browser.follow(asked).await;
    let done = browser.fill_login(&login, "ada", PASSWORD).await;
    assert!(browser.follow(done).await.told().contains_key("code"));
}

#[tokio::test]
async fn a_login_whose_request_has_gone_says_so() {
    let world = World::new().await;
    let client = world.client("Reader").await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    let asked = browser.get(&World::authorize(&client, "")).await;
    let path = asked.location().to_owned();
    let mut other = Browser::new(&world);
    let stolen = other.get(&path).await;
    assert_eq!(stolen.status, StatusCode::BAD_REQUEST);
    assert!(stolen.text.contains("This login is no longer open") && !stolen.has("password"), "{stolen:?}");
    world.clock.advance(Duration::from_secs(2 * 60 * 60));
    assert!(browser.get(&path).await.text.contains("This login is no longer open"));
}
