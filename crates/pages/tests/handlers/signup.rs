//! New accounts: by themselves, and the first administrator.

use http::StatusCode;

use crate::harness::{Browser, PASSWORD, World};

#[tokio::test]
async fn a_new_person_goes_on_to_the_app_that_asked() {
    let world = World::new().await;
    let client = world.client("Night reader").await;
    let mut browser = Browser::new(&world);
    let asked = browser.get(&World::authorize(&client, "")).await;
    let login = browser.follow(asked).await;
    let (_, rest) = login.text.split_once("href=\"&#x2f;signup").expect("a way to sign up");
    let path = format!("/signup{}", rest.split('"').next().unwrap());
    let signup = browser.get(&path).await;
    assert!(signup.text.contains("Night reader"), "{signup:?}");
    let mut form = signup.form("password");
    form.set("username", "grace");
    form.set("password", "short");
    let weak = browser.submit(&form).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text.contains("At least 15 characters, please"), "{weak:?}");
    let mut form = weak.form("password");
    assert_eq!(form.value("username"), "grace");
    form.set("password", "three small herons wade");
    let done = browser.submit(&form).await;
    let consent = browser.follow(done).await;
    assert!(browser.decide(&consent, "allow").await.told().contains_key("code"));
}

#[tokio::test]
async fn a_new_account_is_welcomed_once() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    let mut form = browser.get("/signup").await.form("password");
    form.set("username", "ADA");
    form.set("password", "three small herons wade");
    let taken = browser.submit(&form).await;
    assert!(taken.text.contains("This username cannot be used"), "{taken:?}");
    form.set("username", "grace");
    let done = browser.submit(&form).await;
    let home = browser.follow(done).await;
    assert!(home.text.contains("Your account is made") && home.text.contains("Hello, grace"), "{home:?}");
    assert!(!browser.get("/").await.text.contains("Your account is made"), "said once");
}

#[tokio::test]
async fn where_nobody_may_sign_up_there_is_no_such_page() {
    let world = World::with(|policy| policy.sign_up = false).await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.get("/signup").await.status, StatusCode::NOT_FOUND);
    assert!(!browser.get("/login").await.text.contains("signup"));
    let csrf = browser.get("/login").await.form("password").value("csrf").to_owned();
    let posted =
        browser.post("/signup", &[("csrf", &csrf), ("username", "eve"), ("password", PASSWORD)]).await;
    assert_eq!(posted.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sec_ui_13_the_first_administrator_comes_by_a_link_that_works_once() {
    let world = World::new().await;
    let link = world.provider.engine().setup_link().await.unwrap();
    let path = format!("/setup/{}", link.expose());
    let mut first = Browser::new(&world);
    let mut second = Browser::new(&world);
    let fill = |page: &crate::harness::Answer, name: &str| {
        let mut form = page.form("password");
        form.set("username", name);
        form.set("password", "a long enough first password");
        form
    };
    let one = fill(&first.get(&path).await, "operator");
    let two = fill(&second.get(&path).await, "intruder");
    assert_eq!(one.action, path);
    let done = first.submit(&one).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
    let admin = first.follow(done).await;
    assert!(admin.text.contains("How it is going"), "{admin:?}");
    assert_eq!(second.submit(&two).await.status, StatusCode::NOT_FOUND);
    assert_eq!(second.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(second.get("/setup/guessed").await.status, StatusCode::NOT_FOUND);
}
