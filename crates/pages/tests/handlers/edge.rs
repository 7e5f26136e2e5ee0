//! What every answer keeps to.

use http::StatusCode;

use crate::harness::{Browser, World};

#[tokio::test]
async fn sec_ui_01_sec_ui_26_sec_az_06_sec_az_07_every_page_keeps_to_itself() {
    let world = World::new().await;
    world.administrator("root").await;
    let mut browser = Browser::new(&world);
    browser.log_in("root").await;
    let paths: Vec<_> = world.pages.routes().filter(|(_, methods, _)| methods.starts_with("GET")).collect();
    for (path, ..) in paths {
        let path = path.replace("{id}", "x").replace("{link}", "x");
        let page = browser.get(&path).await;
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        if page.status == StatusCode::SEE_OTHER {
            continue;
        }
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{path}: {policy}");
        for part in ["frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{path}: {policy}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(!page.text.contains("src=\"http") && !page.text.contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn sec_ui_02_only_a_post_changes_something_and_only_with_its_token() {
    let world = World::new().await;
    world.administrator("root").await;
    let mut browser = Browser::new(&world);
    browser.log_in("root").await;
    let routes: Vec<_> = world.pages.routes().collect();
    for (path, methods, _) in routes {
        let path = path.replace("{id}", "x").replace("{link}", "x");
        let posted = browser.post(&path, &[("csrf", "forged")]).await;
        match methods {
            "GET" => assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED, "{path}"),
            // An app or link that is not there is not there for a forger either.
            _ if path.contains("/x") => {
                assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&posted.status), "{path}");
            }
            _ => assert_eq!(posted.status, StatusCode::FORBIDDEN, "{path}"),
        }
        if methods == "POST" {
            let looked = browser.get(&path).await;
            assert_eq!(looked.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(looked.header("allow"), "POST");
        }
    }
    assert_eq!(browser.get("/account").await.status, StatusCode::OK, "still logged in");
}

#[tokio::test]
async fn sec_op_08_only_the_one_form_of_a_path_leads_somewhere() {
    let world = World::new().await;
    for path in
        ["/nowhere", "/login/", "//login", "/Login", "/login;x", "/account/../login", "/%6cogin", "/apps//x"]
    {
        let page = Browser::new(&world).get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains("There is nothing here"), "{path}");
        assert!(!world.pages.serves(path), "{path}");
    }
}

#[tokio::test]
async fn a_form_that_says_something_twice_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let answer = browser.post("/login", &[("username", "a"), ("username", "b")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("nothing was done"), "{answer:?}");
}

#[tokio::test]
async fn pages_speak_the_browsers_language() {
    let world = World::new().await;
    let client = world.client("Leser").await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.headers = vec![("accept-language", "de-AT,de;q=0.9,en;q=0.5".into())];
    let asked = browser.get(&World::authorize(&client, "")).await;
    let login = browser.follow(asked).await;
    assert!(login.text.contains("lang=\"de\"") && login.text.contains("Anmelden"), "{login:?}");
    let done = browser.fill_login(&login, "ada", crate::harness::PASSWORD).await;
    let consent = browser.follow(done).await;
    assert!(consent.text.contains("Deinen Benutzer- und Anzeigenamen sehen"), "{consent:?}");
    let refused = browser.get("/oauth2/authorize?client_id=nobody").await;
    assert!(refused.text.contains("lang=\"de\""), "{refused:?}");
}

#[tokio::test]
async fn what_pages_link_to_may_be_kept_and_nothing_else() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/login").await;
    let (_, rest) = page.text.split_once("<link rel=\"stylesheet\" href=\"").unwrap();
    let path = rest.split('"').next().unwrap();
    let asset = browser.get(path).await;
    assert_eq!(asset.status, StatusCode::OK);
    assert_eq!(asset.header("content-type"), "text/css; charset=utf-8");
    assert!(asset.header("cache-control").contains("immutable"));
    browser.headers = vec![("if-none-match", asset.header("etag").to_owned())];
    assert_eq!(browser.get(path).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(browser.get("/assets/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_lie_below_the_issuers_own_path() {
    let world = World::at("http://127.0.0.1:8080/auth", |_| {}).await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.get("/login").await.status, StatusCode::NOT_FOUND);
    let asked = browser.get("/auth/account").await;
    assert!(asked.location().starts_with("/auth/login?next="), "{asked:?}");
    let page = browser.follow(asked).await;
    for attribute in ["href=\"/", "action=\"/"] {
        let all = page.text.matches(attribute).count();
        assert_eq!(all, page.text.matches(&format!("{attribute}auth/")).count(), "{page:?}");
        assert!(all > 0);
    }
    let done = browser.fill_login(&page, "ada", crate::harness::PASSWORD).await;
    assert_eq!(done.location(), "/auth/account");
    assert_eq!(browser.follow(done).await.status, StatusCode::OK);
}

#[tokio::test]
async fn sec_az_06_an_authorization_response_by_form_is_a_page_of_ours() {
    let world = World::new().await;
    let client = world.client("Reader").await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.allow(&client, "ada").await;
    let page = browser.get(&World::authorize(&client, "&response_mode=form_post")).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    assert!(page.text.contains("Going back to client.example"), "{page:?}");
    assert_eq!(page.form("code").action, crate::harness::CALLBACK);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'nonce-") && !policy.contains("unsafe"), "{policy}");
}
