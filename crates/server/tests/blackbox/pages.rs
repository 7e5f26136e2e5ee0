//! What every page keeps to (UI, OP-01, OP-02, RG).

use crate::harness::{Browser, Client, ClientOptions, Pkce, Query, Server, form, text};

const OPEN: &[&str] = &["/", "/login", "/signup", "/oauth2/authorize", "/nowhere"];
const OWN: &[&str] =
    &["/account", "/account/apps", "/account/password", "/account/sessions", "/apps", "/apps/new"];
const OPERATOR: &[&str] = &[
    "/admin",
    "/admin/clients",
    "/admin/accounts",
    "/admin/sessions",
    "/admin/keys",
    "/admin/refusals",
    "/admin/events",
];

#[tokio::test]
async fn sec_ui_01_sec_ui_26_no_page_is_framed_and_nothing_foreign_runs() {
    let server = Server::start().await;
    let account = server.account();
    let mut browser = Browser::new(&server);
    browser.log_in(&account).await;
    for path in OPEN.iter().chain(OWN) {
        let page = browser.get(path).await;
        let page = browser.follow(page).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-"), "{path}: {policy}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
    }
}

#[tokio::test]
async fn sec_ui_02_forms_of_foreign_sites_do_nothing() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let tokens = server.tokens(&client, &account).await;
    let mut browser = Browser::new(&server);
    browser.log_in(&account).await;
    let page = browser.get("/account/apps").await;
    let revoke = Browser::form_with(&page, "client_id");

    let mut bare = revoke.clone();
    bare.set("csrf", &[]);
    let mut wrong = revoke.clone();
    wrong.set("csrf", &["x"]);
    for form in [bare, wrong] {
        let answer = browser.submit(&form).await;
        assert!([400, 403].contains(&answer.status), "{answer:?}");
    }
    let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    for header in foreign {
        let answer = browser.post_from("/account/apps/revoke", &revoke.fields, &[header]).await;
        assert!([400, 403].contains(&answer.status), "{answer:?}");
    }
    let answer = browser.get(&format!("/account/apps/revoke?client_id={}", client.id)).await;
    assert!([404, 405].contains(&answer.status), "{answer:?}");
    assert!(server.is_active(&client, text(&tokens, "access_token")).await);

    // Another person's token is nobody else's.
    let other = server.account();
    let mut thief = Browser::new(&server);
    thief.log_in(&other).await;
    let answer = thief.submit(&revoke).await;
    assert!([400, 403].contains(&answer.status), "{answer:?}");
    browser.submit(&revoke).await;
    assert!(!server.is_active(&client, text(&tokens, "access_token")).await);
}

#[tokio::test]
async fn sec_ui_03_a_login_form_belongs_to_the_browser_that_opened_it() {
    let server = Server::start().await;
    let account = server.account();
    let mut attacker = Browser::new(&server);
    let page = attacker.get("/login").await;
    let mut login = Browser::form_with(&page, "password");
    login.set("username", &[&account.username]);
    login.set("password", &[&account.password]);
    let mut victim = Browser::new(&server);
    let answer = victim.submit(&login).await;
    assert!([400, 403].contains(&answer.status), "{answer:?}");
    let home = victim.get("/account").await;
    assert!(home.is_redirect(), "nobody was logged in: {home:?}");
}

#[tokio::test]
async fn sec_ui_22_the_consent_page_tells_the_truth() {
    let server = Server::start().await;
    let account = server.account();
    let name = "Pay\u{202e}lap\u{0007} <b>x</b>";
    let words = [
        "client",
        "create",
        "--name",
        name,
        "--grant",
        "authorization_code",
        "--scope",
        "profile",
        "--redirect-uri",
        "https://client.example/callback",
    ];
    let Ok(made) = server.try_cli(&words, "") else { return };
    let client = Client {
        id: text(&made, "client_id").to_owned(),
        secret: None,
        redirect_uri: "https://client.example/callback".into(),
    };
    let mut browser = Browser::new(&server);
    let asked = browser.get(&Query::new(&client, &Pkce::new()).path()).await;
    let login = browser.follow(asked).await;
    let done = browser.fill_login(&login, &account).await;
    let page = browser.follow(done).await;
    assert!(!page.text.contains('\u{202e}') && !page.text.contains("<b>x</b>"), "{page:?}");
    assert!(page.text.contains("client.example") && page.text.contains(&account.username), "{page:?}");
}

#[tokio::test]
async fn sec_ui_23_a_consent_form_works_once() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut browser = Browser::new(&server);
    let asked = browser.get(&Query::new(&client, &Pkce::new()).path()).await;
    let login = browser.follow(asked).await;
    let done = browser.fill_login(&login, &account).await;
    let page = browser.follow(done).await;
    let decided = browser.decide(&page, "allow").await;
    let first = browser.follow(decided).await;
    assert!(first.redirected().contains_key("code"));
    let decided = browser.decide(&page, "allow").await;
    let second = browser.follow(decided).await;
    assert!(!second.location().contains("code="), "{second:?}");
}

#[tokio::test]
async fn sec_ui_24_a_client_that_has_changed_asks_again() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut browser = Browser::new(&server);
    let path = || Query::new(&client, &Pkce::new()).path();
    browser.allow(&path(), &account).await.redirected();
    let asked = browser.get(&path()).await;
    assert!(browser.follow(asked).await.is_redirect(), "remembered");
    server.cli(&["client", "update", &client.id, "--name", "Somebody else"], "");
    server.settled().await;
    let asked = browser.get(&path()).await;
    let page = browser.follow(asked).await;
    assert!(page.text.contains("name=\"decision\""), "{page:?}");
}

#[tokio::test]
async fn sec_ui_25_silence_needs_an_earlier_consent() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut browser = Browser::new(&server);
    let silent = Query::new(&client, &Pkce::new()).with("prompt", "none").path();
    let told = browser.get(&silent).await.redirected();
    assert_eq!(told["error"], "login_required");
    browser.log_in(&account).await;
    let told = browser.get(&silent).await.redirected();
    assert_eq!(told["error"], "consent_required");
}

#[tokio::test]
async fn sec_ui_28_cors_without_credentials_and_not_for_pages() {
    let server = Server::start().await;
    let foreign = |path: &str| server.http.get(server.at(path)).header("origin", "https://evil.example");
    for path in ["/login", "/account", "/apps", "/admin", "/consent"] {
        let answer = crate::harness::Answer::of(foreign(path)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
    let documents = ["oauth-authorization-server", "jwks.json", "oauth-protected-resource"];
    for path in documents.map(|name| format!("/.well-known/{name}")) {
        let path = path.as_str();
        let answer = crate::harness::Answer::of(foreign(path)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
    }
    let preflight = server
        .http
        .request(reqwest::Method::OPTIONS, server.at("/oauth2/token"))
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "POST");
    let answer = crate::harness::Answer::of(preflight).await;
    assert_ne!(answer.header("access-control-allow-origin"), "https://evil.example");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn sec_ui_29_after_logout_back_shows_nothing() {
    let server = Server::start().await;
    let account = server.account();
    let mut browser = Browser::new(&server);
    browser.log_in(&account).await;
    let kept = browser.cookies.clone();
    let page = browser.get("/account").await;
    assert!(page.header("cache-control").contains("no-store"));
    let page = browser.get("/logout").await;
    let logout = Browser::form_with(&page, "csrf");
    let done = browser.post("/logout", &logout.fields).await;
    assert!(done.header("clear-site-data").contains("cache"), "{done:?}");
    browser.cookies = kept;
    assert!(browser.get("/account").await.is_redirect(), "the session is dead, whoever kept its cookie");
}

#[tokio::test]
async fn sec_op_01_foreign_apps_are_not_found() {
    let server = Server::start().await;
    let (owner, other, client) = (server.account(), server.account(), server.web());
    let mut browser = Browser::new(&server);
    browser.log_in(&owner).await;
    let page = browser.get("/apps/new").await;
    let mut new = Browser::form_with(&page, "redirect_uris");
    new.set("name", &["Mine"]);
    new.set("redirect_uris", &["https://mine.example/callback"]);
    new.set("type", &["confidential"]);
    new.set("grant", &["authorization_code"]);
    new.set("scope", &["profile"]);
    let made = browser.submit(&new).await;
    let made = browser.follow(made).await;
    let (_, rest) = made.text.split_once("<code class=\"copy\">").expect("a client id");
    let mine = rest.split('<').next().expect("a client id").to_owned();

    let mut thief = Browser::new(&server);
    thief.log_in(&other).await;
    let csrf =
        Browser::form_with(&thief.get("/apps/new").await, "csrf").value("csrf").expect("a token").to_owned();
    for id in [mine.as_str(), client.id.as_str()] {
        for path in [format!("/apps/{id}"), format!("/apps/{id}/edit")] {
            assert_eq!(thief.get(&path).await.status, 404, "{path}");
        }
        for action in ["edit", "secret", "secret/retire", "delete"] {
            let path = format!("/apps/{id}/{action}");
            let fields = form(&[("csrf", &csrf), ("confirm", "yes"), ("name", "Stolen")]);
            assert_eq!(thief.post(&path, &fields).await.status, 404, "{path}");
        }
    }
    assert_eq!(browser.get(&format!("/apps/{mine}")).await.status, 200);
}

#[tokio::test]
async fn sec_op_02_sec_op_16_the_operators_pages_are_the_operators() {
    let server = Server::start().await;
    let account = server.account();
    for path in OPERATOR {
        assert!(server.get(path).await.is_redirect(), "{path}");
    }
    let mut browser = Browser::new(&server);
    browser.log_in(&account).await;
    for path in OPERATOR {
        assert!([403, 404].contains(&browser.get(path).await.status), "{path}");
    }
    let csrf = Browser::form_with(&browser.get("/account/password").await, "csrf");
    for path in ["/admin/keys/rotate", "/admin/accounts/x/disable", "/admin/clients/x/disable"] {
        assert!([403, 404].contains(&browser.post(path, &csrf.fields).await.status), "{path}");
    }
}

#[tokio::test]
async fn sec_rg_02_sec_rg_05_a_form_sets_only_what_its_sender_may_set() {
    let server = Server::start().await;
    let account = server.account();
    let mut browser = Browser::new(&server);
    browser.log_in(&account).await;
    let page = browser.get("/apps/new").await;
    let mut new = Browser::form_with(&page, "redirect_uris");
    new.set("name", &["Night reader"]);
    new.set("type", &["confidential"]);
    new.set("grant", &["authorization_code"]);
    let long = "x".repeat(5000);
    for (name, value) in [
        ("redirect_uris", "javascript:alert(1)"),
        ("redirect_uris", "https://user@client.example/"),
        ("redirect_uris", "https://client.example/#fragment"),
        ("redirect_uris", "https://*.example/"),
        ("site", "javascript:alert(1)"),
        ("logo_url", "data:image/svg+xml,x"),
        ("policy_url", "file:///etc/passwd"),
        ("name", ""),
        ("name", &long),
    ] {
        let mut bad = new.clone();
        bad.set("redirect_uris", &["https://client.example/callback"]);
        bad.set(name, &[value]);
        let answer = browser.submit(&bad).await;
        assert!([400, 422, 200].contains(&answer.status), "{name}={value}: {answer:?}");
        assert!(!answer.text.contains("class=\"copy secret\""), "{name}={value} was taken");
    }
    let mut greedy = new.clone();
    greedy.set("redirect_uris", &["https://client.example/callback"]);
    for (name, value) in
        [("owner", "somebody"), ("is_verified", "true"), ("client_id", "chosen-by-me"), ("trusted", "1")]
    {
        greedy.set(name, &[value]);
    }
    let answer = browser.submit(&greedy).await;
    let answer = browser.follow(answer).await;
    assert!(!answer.text.contains("chosen-by-me"), "{answer:?}");
}

#[tokio::test]
async fn sec_rg_03_sec_rg_10_the_consent_page_says_where_it_goes_and_warns_of_loopback() {
    let server = Server::start().await;
    let account = server.account();
    let consent = async |client: &Client| {
        let mut browser = Browser::new(&server);
        let asked = browser.get(&Query::new(client, &Pkce::new()).path()).await;
        let login = browser.follow(asked).await;
        let done = browser.fill_login(&login, &account).await;
        browser.follow(done).await
    };
    let web = consent(&server.web()).await;
    assert!(web.text.contains("client.example"), "{web:?}");
    assert!(!web.text.contains("class=\"alert warning\""), "{web:?}");
    let (grants, redirect_uris) = (&["authorization_code"], &["http://127.0.0.1/callback"]);
    let native = ClientOptions { grants, redirect_uris, is_public: true, ..ClientOptions::default() };
    let native = consent(&server.client(&native)).await;
    assert!(
        native.text.contains("class=\"alert warning\"") && native.text.contains("127.0.0.1"),
        "{native:?}"
    );
}
