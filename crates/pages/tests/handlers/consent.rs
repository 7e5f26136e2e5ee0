//! The consent page.

use http::StatusCode;
use valetkey_oauth2::RedirectUri;
use valetkey_ports::ClientKind;

use crate::harness::{Answer, Browser, PASSWORD, World};

async fn consent_page(browser: &mut Browser<'_>, url: &str) -> Answer {
    let asked = browser.get(url).await;
    let mut page = browser.follow(asked).await;
    if page.has("password") {
        page = browser.fill_login(&page, "ada", PASSWORD).await;
        page = browser.follow(page).await;
    }
    assert!(page.has("decision"), "{page:?}");
    page
}

#[tokio::test]
async fn sec_ui_22_the_page_tells_the_truth_about_who_asks() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world
        .client_with("Pay\u{202e}lap\u{0} <b>x</b>", |client| {
            client.site = Some("https://\u{430}pple.example/".into());
        })
        .await;
    let mut browser = Browser::new(&world);
    let page = consent_page(&mut browser, &World::authorize(&client, "&scope=profile+email")).await;
    assert!(!page.text.contains('\u{202e}') && !page.text.contains("<b>x</b>"), "{page:?}");
    assert!(page.text.contains("Paylap &lt;b&gt;x"), "{page:?}");
    for part in [
        "client.example",
        "xn--pple-43d.example",
        ">ada<",
        "See your user name",
        "See your e-mail",
        "30 days",
    ] {
        assert!(page.text.contains(part), "{part}: {page:?}");
    }
    assert!(page.text.contains("Not checked by this site"));
    assert!(!page.text.contains("class=\"alert warning\""));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://client.example;"), "{policy}");
}

#[tokio::test]
async fn a_native_client_is_warned_of() {
    let world = World::new().await;
    world.account("ada").await;
    for (uri, shown) in [("http://127.0.0.1/cb", "127.0.0.1"), ("com.example.app:/cb", "com.example.app:")] {
        let client = world
            .client_with("App", |client| {
                client.kind = ClientKind::Native;
                client.redirect_uris = vec![RedirectUri::parse(uri).unwrap()];
                client.auth_methods = vec![valetkey_oauth2::AuthMethod::None];
                client.secrets.clear();
            })
            .await;
        let challenge =
            "&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let mut browser = Browser::new(&world);
        let page = consent_page(&mut browser, &World::authorize(&client, challenge)).await;
        assert!(page.text.contains("class=\"alert warning\"") && page.text.contains(shown), "{page:?}");
    }
}

#[tokio::test]
async fn where_nothing_is_ticked_the_client_hears_no() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Reader").await;
    let mut browser = Browser::new(&world);
    for left in [&[][..], &["admin"]] {
        let page = consent_page(&mut browser, &World::authorize(&client, "&scope=profile+email")).await;
        let mut form = page.form("decision");
        form.unset("scope");
        form.fields.extend(left.iter().map(|name| ("scope".to_owned(), (*name).to_owned())));
        form.set("decision", "allow");
        let done = browser.submit(&form).await;
        assert_eq!(browser.follow(done).await.told()["error"], "access_denied");
    }
}

#[tokio::test]
async fn what_is_unticked_is_not_given_and_what_was_given_is_marked() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Reader").await;
    let url = World::authorize(&client, "&scope=profile+email");
    let mut browser = Browser::new(&world);
    let page = consent_page(&mut browser, &url).await;
    let mut form = page.form("decision");
    assert_eq!(form.values("scope"), ["profile", "email"]);
    form.unset("scope");
    form.fields.push(("scope".into(), "profile".into()));
    form.fields.push(("scope".into(), "admin".into()));
    form.set("decision", "allow");
    let done = browser.submit(&form).await;
    let told = browser.follow(done).await.told();
    assert_eq!(world.redeem(&client, &told["code"]).await["scope"], "profile");
    let page = consent_page(&mut browser, &url).await;
    assert_eq!(page.text.matches("allowed before").count(), 1, "{page:?}");
    let page = consent_page(&mut browser, &World::authorize(&client, "&scope=profile&prompt=consent")).await;
    assert!(page.text.contains("allowed before"));
}

#[tokio::test]
async fn a_no_is_told_to_the_client() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Reader").await;
    let mut browser = Browser::new(&world);
    let page = consent_page(&mut browser, &World::authorize(&client, "")).await;
    let told = browser.decide(&page, "deny").await.told();
    assert_eq!(told["error"], "access_denied");
    assert_eq!(told["state"], "s1");
    assert_eq!(told["iss"], "http://127.0.0.1:8080");
}

#[tokio::test]
async fn sec_ui_23_a_consent_works_once() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Reader").await;
    let mut browser = Browser::new(&world);
    let page = consent_page(&mut browser, &World::authorize(&client, "")).await;
    assert!(browser.decide(&page, "allow").await.told().contains_key("code"));
    for decision in ["allow", "deny"] {
        let second = browser.decide(&page, decision).await;
        assert_eq!(second.status, StatusCode::BAD_REQUEST, "{second:?}");
        assert!(second.text.contains("This login is no longer open"), "{second:?}");
    }
}

#[tokio::test]
async fn sec_ui_25_silence_needs_an_earlier_consent() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Reader").await;
    let silent = World::authorize(&client, "&prompt=none");
    let mut browser = Browser::new(&world);
    assert_eq!(browser.get(&silent).await.told()["error"], "login_required");
    browser.log_in("ada").await;
    assert_eq!(browser.get(&silent).await.told()["error"], "consent_required");
    browser.allow(&client, "ada").await;
    assert!(browser.get(&silent).await.told().contains_key("code"));
}

#[tokio::test]
async fn without_a_session_the_page_sends_back_to_where_the_login_is_found_due() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Reader").await;
    let mut browser = Browser::new(&world);
    let page = consent_page(&mut browser, &World::authorize(&client, "")).await;
    let mut form = page.form("decision");
    form.set("decision", "allow");
    browser.cookies.remove("vk_session_8080");
    let path = format!("/consent?flow={}", form.value("flow"));
    assert!(browser.get(&path).await.location().starts_with("/oauth2/authorize?flow="));
    let answer = browser.submit(&form).await;
    let login = browser.follow(answer).await;
    assert!(login.has("password"), "{login:?}");
}

#[tokio::test]
async fn somebody_else_can_take_over_the_request() {
    let world = World::new().await;
    world.account("ada").await;
    world.account("grace").await;
    let client = world.client("Reader").await;
    let mut browser = Browser::new(&world);
    let page = consent_page(&mut browser, &World::authorize(&client, "")).await;
    let (_, rest) = page.text.split_once("<a href=\"&#x2f;login").expect("not you?");
    let login = browser.get(&format!("/login{}", rest.split('"').next().unwrap())).await;
    let done = browser.fill_login(&login, "grace", PASSWORD).await;
    let page = browser.follow(done).await;
    assert!(page.has("decision") && page.text.contains("grace"), "{page:?}");
    assert!(browser.decide(&page, "allow").await.told().contains_key("code"));
}

#[tokio::test]
async fn sec_ui_02_a_consent_is_given_by_our_form_only() {
    let world = World::new().await;
    world.account("ada").await;
    let client = world.client("Reader").await;
    let mut browser = Browser::new(&world);
    let page = consent_page(&mut browser, &World::authorize(&client, "")).await;
    let mut form = page.form("decision");
    form.set("decision", "allow");
    form.set("csrf", "x");
    let refused = browser.submit(&form).await;
    let again = browser.follow(refused).await;
    assert!(again.has("decision"), "asked again, nothing given: {again:?}");
}
