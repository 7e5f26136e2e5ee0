//! A developer's apps.

use http::StatusCode;

use crate::harness::{Answer, Browser, World, encode};

async fn register(browser: &mut Browser<'_>, name: &str) -> Answer {
    let mut form = browser.get("/apps/new").await.form("redirect_uris");
    form.set("name", name);
    form.set("redirect_uris", "https://mine.example/callback\r\nhttps://mine.example/other");
    form.fields.push(("grant".into(), "client_credentials".into()));
    let made = browser.submit(&form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{made:?}");
    browser.follow(made).await
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split_once(before).expect(before).1.split(after).next().unwrap()
}

#[tokio::test]
async fn a_secret_is_shown_once_and_works() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let made = register(&mut browser, "Night reader").await;
    assert!(made.text.contains("Night reader is registered"), "{made:?}");
    let id = between(&made.text, "<code class=\"copy\">", "<").to_owned();
    let secret = between(&made.text, "<code class=\"copy secret\">", "<").to_owned();
    assert!(made.text.contains("grant_type=client_credentials"), "a command to paste");
    let token = browser
        .post(
            "/oauth2/token",
            &[("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)],
        )
        .await;
    assert_eq!(token.status, StatusCode::OK, "{token:?}");
    let again = browser.get(&format!("/apps/{id}/secret")).await;
    assert_eq!(again.location(), format!("/apps/{id}"), "a reload shows nothing");
    let detail = browser.get(&format!("/apps/{id}")).await;
    assert!(
        !detail.text.contains(&secret) && detail.text.contains("https:&#x2f;&#x2f;mine.example"),
        "{detail:?}"
    );
    assert!(browser.get("/apps").await.text.contains("Night reader"));
}

#[tokio::test]
async fn a_waiting_secret_is_shown_to_one_session_once_whatever_the_browser_kept() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let made = register(&mut browser, "Reader").await;
    let id = between(&made.text, "<code class=\"copy\">", "<").to_owned();
    let mut rotate = browser.get(&format!("/apps/{id}")).await.form_to(&format!("/apps/{id}/secret"));
    rotate.action.clone_from(&format!("/apps/{id}/secret"));
    let done = browser.submit(&rotate).await;
    let mut kept = browser.clone();
    let shown = browser.follow(done).await;
    assert!(shown.text.contains("A new secret for Reader"), "{shown:?}");
    let replayed = kept.get(&format!("/apps/{id}/secret")).await;
    assert_eq!(replayed.status, StatusCode::SEE_OTHER, "the cookie alone shows nothing again");
}

#[tokio::test]
async fn a_secret_is_replaced_with_an_overlap_and_the_old_one_retired() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let made = register(&mut browser, "Reader").await;
    let id = between(&made.text, "<code class=\"copy\">", "<").to_owned();
    let old = between(&made.text, "<code class=\"copy secret\">", "<").to_owned();
    let path = format!("/apps/{id}");
    let rotate = browser.get(&path).await.form_to(&format!("{path}/secret"));
    let done = browser.submit(&rotate).await;
    let shown = browser.follow(done).await;
    let new = between(&shown.text, "<code class=\"copy secret\">", "<").to_owned();
    assert_ne!(old, new);
    async fn works(browser: &mut Browser<'_>, id: &str, secret: &str) -> bool {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        browser.post("/oauth2/token", &form).await.status == StatusCode::OK
    }
    assert!(works(&mut browser, &id, &old).await && works(&mut browser, &id, &new).await);
    let detail = browser.get(&path).await;
    assert!(detail.text.contains("ends <time") || detail.text.contains("ends in"), "{detail:?}");
    let retire = detail.form_to(&format!("{path}/secret/retire"));
    let done = browser.submit(&retire).await;
    assert!(browser.follow(done).await.text.contains("The old secret is retired"));
    world.clock.advance(std::time::Duration::from_secs(3));
    assert!(!works(&mut browser, &id, &old).await);
    assert!(works(&mut browser, &id, &new).await);
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let mut form = browser.get("/apps/new").await.form("redirect_uris");
    form.set("name", "Reader");
    form.set("redirect_uris", "javascript:alert(1)");
    form.set("site", "https://mine.example/");
    let wrong = browser.submit(&form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
    assert!(wrong.text.contains("id=\"redirect_uris-problem\""), "{wrong:?}");
    let again = wrong.form("redirect_uris");
    assert_eq!(again.value("site"), "https://mine.example/");
    assert_eq!(again.value("redirect_uris"), "javascript:alert(1)");
    let mut stale = form.clone();
    stale.set("csrf", "old");
    let stale = browser.submit(&stale).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    assert_eq!(stale.form("redirect_uris").value("name"), "Reader");
    form.unset("grant");
    form.unset("scope");
    let empty = browser.submit(&form).await;
    assert_eq!(empty.text.matches("Please choose.").count(), 2, "{empty:?}");
}

#[tokio::test]
async fn an_app_is_edited_and_deleted() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let made = register(&mut browser, "Reader").await;
    let id = between(&made.text, "<code class=\"copy\">", "<").to_owned();
    let mut form = browser.get(&format!("/apps/{id}/edit")).await.form("redirect_uris");
    assert_eq!(form.value("name"), "Reader");
    assert!(form.values("grant").contains(&"client_credentials"));
    form.set("name", "Night reader");
    form.set("policy_url", "https://mine.example/privacy");
    let done = browser.submit(&form).await;
    let detail = browser.follow(done).await;
    assert!(detail.text.contains("Saved.") && detail.text.contains("<h1>Night reader</h1>"), "{detail:?}");
    assert!(detail.text.contains("privacy"));
    let delete = detail.form_to(&format!("/apps/{id}/delete"));
    assert_eq!(browser.submit(&delete).await.status, StatusCode::BAD_REQUEST, "not ticked");
    let mut delete = delete;
    delete.set("confirm", "yes");
    let done = browser.submit(&delete).await;
    assert!(browser.follow(done).await.text.contains("Night reader is deleted"));
    assert_eq!(browser.get(&format!("/apps/{id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sec_op_01_foreign_apps_are_not_there() {
    let world = World::new().await;
    let owner = world.account("ada").await;
    world.account("eve").await;
    let theirs = world.client_with("Hers", |client| client.owner = Some(owner.id)).await;
    let nobodys = world.client("Nobody's").await;
    let mut eve = Browser::new(&world);
    eve.log_in("eve").await;
    let csrf = eve.get("/apps/new").await.form("redirect_uris").value("csrf").to_owned();
    for id in [theirs.id.as_str(), nobodys.id.as_str(), "nonsense", "%00"] {
        let id = if id.starts_with('%') { id.to_owned() } else { encode(id) };
        for path in [format!("/apps/{id}"), format!("/apps/{id}/edit"), format!("/apps/{id}/secret")] {
            assert_eq!(eve.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for action in ["edit", "secret", "secret/retire", "delete"] {
            let path = format!("/apps/{id}/{action}");
            let fields = [("csrf", csrf.as_str()), ("confirm", "yes"), ("name", "Stolen")];
            assert_eq!(eve.post(&path, &fields).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert_eq!(world.ports.clients.find(&theirs.id).await.unwrap().unwrap().name, "Hers");
    let mut ada = Browser::new(&world);
    ada.log_in("ada").await;
    assert_eq!(ada.get(&format!("/apps/{}", theirs.id)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn where_only_administrators_register_apps_others_do_not() {
    use valetkey_provider::config::AppRegistration;
    let world = World::with(|policy| policy.app_registration = AppRegistration::Administrators).await;
    world.account("ada").await;
    world.administrator("root").await;
    let mut ada = Browser::new(&world);
    ada.log_in("ada").await;
    assert_eq!(ada.get("/apps").await.status, StatusCode::FORBIDDEN);
    assert!(!ada.get("/account").await.text.contains("href=\"/apps\""));
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    assert_eq!(root.get("/apps").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_guides_route_makes_a_client_in_demo_mode_only() {
    let world = World::new().await;
    assert_eq!(Browser::new(&world).get("/client").await.status, StatusCode::NOT_FOUND);
    let world = World::with(|policy| policy.demo = true).await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.get("/client").await.location(), "/");
    browser.log_in("ada").await;
    for answer in [browser.get("/client").await, browser.post("/client", &[]).await] {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let told: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(told["client_id"], told["client_key"]);
        assert!(told["client_secret"].as_str().unwrap().starts_with("vk_cs_"));
    }
    browser.headers = vec![("sec-fetch-site", "cross-site".into())];
    assert_eq!(browser.get("/client").await.status, StatusCode::FORBIDDEN);
}
