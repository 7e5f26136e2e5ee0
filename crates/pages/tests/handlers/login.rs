//! Logging in, and out again.

use http::StatusCode;

use crate::harness::{Browser, World};

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
    let done = browser.fill_login(&login, "ada", crate::harness::PASSWORD).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let consent = browser.follow(done).await;
    let told = browser.decide(&consent, "allow").await.told();
    assert_eq!(told["state"], "s1");
    let token = world.redeem(&client, &told["code"]).await;
    assert_eq!(token["token_type"], "Bearer", "{token}");
}
