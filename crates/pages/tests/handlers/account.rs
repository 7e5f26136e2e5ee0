//! A person's own pages.

use http::StatusCode;

use crate::harness::{Browser, PASSWORD, World};

const NEW: &str = "four small herons wade";

#[tokio::test]
async fn the_account_says_what_happened_lately() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let page = browser.get("/account").await;
    assert!(page.text.contains("Logged in") && page.text.contains("127.0.0.1"), "{page:?}");
}

#[tokio::test]
async fn sec_ui_19_sec_ui_21_a_new_password_needs_the_old_one_and_ends_the_rest() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Reader").await;
    let (mut here, mut there) = (Browser::new(&world), Browser::new(&world));
    let told = here.allow(&client, "ada").await;
    let token = world.redeem(&client, &told["code"]).await;
    let token = token["access_token"].as_str().unwrap();
    there.log_in("ada").await;
    let mut form = here.get("/account/password").await.form("new_password");
    form.set("new_password", NEW);
    form.set("current_password", "not the one it is now");
    let wrong = here.submit(&form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("This is not your current password"), "{wrong:?}");
    assert_eq!(there.get("/account").await.status, StatusCode::OK);
    form.set("current_password", PASSWORD);
    form.set("new_password", "short");
    assert!(here.submit(&form).await.text.contains("At least 15 characters, please"));
    form.set("new_password", NEW);
    let mut before = here.clone();
    let done = here.submit(&form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
    assert!(here.follow(done).await.text.contains("Your password is changed"));
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER, "the other browser is out");
    assert_eq!(before.get("/account").await.status, StatusCode::SEE_OTHER, "sec_ui_04: a new session");
    assert!(!world.is_active(&client, token).await);
    let mut again = Browser::new(&world);
    assert_eq!(again.log_in("ada").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_only() {
    let world = World::new().await;
    world.account("ada").await;
    world.account("eve").await;
    let mut here = Browser::new(&world);
    let mut there = Browser::new(&world);
    there.headers =
        vec![("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into())];
    here.log_in("ada").await;
    there.log_in("ada").await;
    let page = here.get("/account/sessions").await;
    assert!(page.text.contains("Firefox · Linux"), "{page:?}");
    let end = page.form("session");
    assert_ne!(end.value("session"), "all_others");
    let mut eve = Browser::new(&world);
    eve.log_in("eve").await;
    let csrf = eve.get("/account/sessions").await.form_to("/logout").value("csrf").to_owned();
    let stolen =
        eve.post("/account/sessions/end", &[("csrf", &csrf), ("session", end.value("session"))]).await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);
    assert_eq!(there.get("/account").await.status, StatusCode::OK);
    let done = here.submit(&end).await;
    assert!(here.follow(done).await.text.contains("The session is ended"));
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    there.log_in("ada").await;
    let mut all = here.get("/account/sessions").await.form("session");
    all.set("session", "all_others");
    here.submit(&all).await;
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_connected_app_is_seen_and_put_out() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Night reader").await;
    let mut browser = Browser::new(&world);
    let told = browser.allow(&client, "ada").await;
    let token = world.redeem(&client, &told["code"]).await;
    let token = token["access_token"].as_str().unwrap();
    let page = browser.get("/account/apps").await;
    assert!(page.text.contains("Night reader") && page.text.contains("See your user name"), "{page:?}");
    let revoke = page.form("client_id");
    let mut bare = revoke.clone();
    bare.unset("csrf");
    assert_eq!(browser.submit(&bare).await.status, StatusCode::FORBIDDEN);
    assert!(world.is_active(&client, token).await);
    let done = browser.submit(&revoke).await;
    let page = browser.follow(done).await;
    assert!(page.text.contains("Night reader no longer has access"), "{page:?}");
    assert!(!world.is_active(&client, token).await);
    assert_eq!(browser.submit(&revoke).await.status, StatusCode::NOT_FOUND);
}
