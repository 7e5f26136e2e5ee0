//! The administration, and who may do what.

use http::StatusCode;
use valetkey_pages::Role;

use crate::harness::{Browser, World};

#[tokio::test]
async fn sec_op_02_every_page_asks_for_its_role() {
    let world = World::with(|policy| policy.demo = true).await;
    world.account("ada").await;
    world.administrator("root").await;
    let mut nobody = Browser::new(&world);
    nobody.get("/login").await;
    let (mut ada, mut root) = (Browser::new(&world), Browser::new(&world));
    ada.log_in("ada").await;
    root.log_in("root").await;
    let csrf = [
        nobody.get("/login").await.form("password").value("csrf").to_owned(),
        ada.get("/account").await.form_to("/logout").value("csrf").to_owned(),
        root.get("/account").await.form_to("/logout").value("csrf").to_owned(),
    ];
    let mut seen = 0;
    // The logout comes last: whoever has logged out is nobody.
    let mut routes: Vec<_> = world.pages.routes().collect();
    routes.sort_by_key(|(path, ..)| *path == "/logout");
    for (pattern, methods, role) in routes {
        let path = pattern.replace("{id}", "nothing").replace("{link}", "nothing");
        for method in methods.split(", ") {
            let mut status = Vec::new();
            for (browser, csrf) in [&mut nobody, &mut ada, &mut root].into_iter().zip(&csrf) {
                let answer = if method == "GET" {
                    browser.get(&path).await
                } else {
                    browser.post(&path, &[("csrf", csrf)]).await
                };
                let turned_away = answer.status == StatusCode::FORBIDDEN
                    || answer.status == StatusCode::SEE_OTHER
                        && (answer.location().starts_with("/login") || pattern == "/client");
                status.push(turned_away);
            }
            let expected = match role {
                Role::Anybody => [false, false, false],
                Role::Person | Role::Developer => [true, false, false],
                Role::Administrator => [true, true, false],
            };
            assert_eq!(status, expected, "{method} {path}");
            seen += 1;
        }
    }
    assert!(seen > 35, "{seen}");
    for path in world.pages.routes().map(|(path, ..)| path) {
        let is_admin = path.starts_with("/admin");
        let own = world.pages.routes().find(|(own, ..)| *own == path).unwrap().2;
        assert_eq!(is_admin, own == Role::Administrator, "{path}");
    }
}

#[tokio::test]
async fn every_admin_page_is_shown() {
    let world = World::new().await;
    world.administrator("root").await;
    let client = world.client("Night reader").await;
    world.account("ada").await;
    let mut ada = Browser::new(&world);
    ada.allow(&client, "ada").await;
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    for (path, part) in [
        ("/admin", "How it is going"),
        ("/admin/clients", "Night reader"),
        ("/admin/clients?q=night", "Night reader"),
        ("/admin/accounts", "ada"),
        ("/admin/accounts?q=AD", "ada"),
        ("/admin/sessions", "ada"),
        ("/admin/keys", "active"),
        ("/admin/refusals", "Recent refusals"),
        ("/admin/events", "Let Night reader in"),
    ] {
        let page = root.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {page:?}");
        assert!(page.text.contains(part), "{path}: {page:?}");
    }
    assert!(!root.get("/admin/clients?q=xyz").await.text.contains("Night reader"));
}

#[tokio::test]
async fn a_client_is_switched_off_and_on() {
    let world = World::new().await;
    world.administrator("root").await;
    world.account("ada").await;
    let client = world.client("Night reader").await;
    let mut ada = Browser::new(&world);
    let told = ada.allow(&client, "ada").await;
    let token = world.redeem(&client, &told["code"]).await;
    let token = token["access_token"].as_str().unwrap().to_owned();
    let watcher = world.client("Watcher").await;
    assert!(world.is_active(&watcher, &token).await);
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    let base = format!("/admin/clients/{}", client.id);
    let page = root.get("/admin/clients").await;
    let done = root.submit(&page.form_to(&format!("{base}/disable"))).await;
    let page = root.follow(done).await;
    assert!(page.text.contains("Night reader is switched off"), "{page:?}");
    world.clock.advance(std::time::Duration::from_secs(3));
    assert!(!world.is_active(&watcher, &token).await);
    let asked = ada.get(&World::authorize(&client, "")).await;
    assert!(asked.text.contains("We do not know this app"), "{asked:?}");
    let done = root.submit(&page.form_to(&format!("{base}/enable"))).await;
    assert!(root.follow(done).await.text.contains("switched on again"));
    let page = root.get("/admin/clients").await;
    let done = root.submit(&page.form_to(&format!("{base}/revoke-tokens"))).await;
    assert!(root.follow(done).await.text.contains("All tokens of Night reader are revoked"));
    world.clock.advance(std::time::Duration::from_secs(3));
    assert!(!world.is_active(&watcher, &token).await);
}

#[tokio::test]
async fn sec_ui_19_an_account_that_is_switched_off_is_out_at_once() {
    let world = World::new().await;
    let me = world.administrator("root").await;
    let account = world.account("ada").await;
    let mut ada = Browser::new(&world);
    ada.log_in("ada").await;
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    let base = format!("/admin/accounts/{}", account.id);
    let page = root.get("/admin/accounts").await;
    let done = root.submit(&page.form_to(&format!("{base}/end-sessions"))).await;
    assert!(root.follow(done).await.text.contains("All sessions of ada are ended"));
    assert_eq!(ada.get("/account").await.status, StatusCode::SEE_OTHER);
    ada.log_in("ada").await;
    let page = root.get("/admin/accounts").await;
    let done = root.submit(&page.form_to(&format!("{base}/disable"))).await;
    let page = root.follow(done).await;
    assert!(page.text.contains("ada is switched off"), "{page:?}");
    assert_eq!(ada.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(ada.log_in("ada").await.status, StatusCode::UNAUTHORIZED);
    root.submit(&page.form_to(&format!("{base}/enable"))).await;
    assert_eq!(Browser::new(&world).log_in("ada").await.status, StatusCode::SEE_OTHER);
    let csrf = page.form_to("/logout").value("csrf").to_owned();
    let own = root.post(&format!("/admin/accounts/{}/disable", me.id), &[("csrf", &csrf)]).await;
    assert_eq!(own.status, StatusCode::BAD_REQUEST, "nobody locks themselves out");
}

#[tokio::test]
async fn keys_are_rotated() {
    let world = World::new().await;
    world.administrator("root").await;
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    let form = root.get("/admin/keys").await.form_to("/admin/keys/rotate");
    let done = root.submit(&form).await;
    let page = root.follow(done).await;
    assert!(page.text.contains("is published.") && page.text.contains("published, not yet used"), "{page:?}");
}

#[tokio::test]
async fn a_refusal_is_found_by_its_request_id() {
    let world = World::new().await;
    world.administrator("root").await;
    let engine = world.provider.engine().clone();
    let writer = tokio::spawn(async move { engine.write_refusals().await });
    let refused = Browser::new(&world).get("/oauth2/authorize?client_id=nobody").await;
    let (_, rest) = refused.text.split_once("Request id: <code>").expect("a request id");
    let id = rest.split('<').next().unwrap().to_owned();
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    let mut page = root.get(&format!("/admin/refusals?request_id={id}")).await;
    for _ in 0..100 {
        if page.text.contains("there is no client") {
            break;
        }
        tokio::task::yield_now().await;
        page = root.get(&format!("/admin/refusals?request_id={id}")).await;
    }
    assert!(page.text.contains("there is no client") && page.text.contains(&id), "{page:?}");
    assert!(root.get("/admin/refusals?request_id=0000").await.text.contains("Nothing has been refused"));
    writer.abort();
}
