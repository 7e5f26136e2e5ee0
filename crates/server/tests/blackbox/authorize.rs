//! The authorization endpoint and its redirects (AZ).

use crate::harness::{Browser, ClientOptions, Pkce, Query, Server};

const EVIL: &str = "https://evil.example/callback";

#[tokio::test]
async fn sec_az_01_only_the_registered_octets_are_redirected_to() {
    let server = Server::start().await;
    let client = server.web();
    let own = client.redirect_uri.as_str();
    let look_alikes = [
        EVIL.to_owned(),
        format!("{own}/"),
        format!("{own}?a=b"),
        format!("{own}/../callback"),
        own.replace("https", "HTTPS"),
        own.replace("client.example", "client.example:443"),
        own.replace("client.example", "CLIENT.example"),
        own.replace("client.example", "client.example.evil.example"),
        own.replace("client.example", "client.example@evil.example"),
        own.replace("/callback", "/%63allback"),
        own.replace("/callback", "//callback"),
    ];
    for look_alike in look_alikes {
        let query = Query::new(&client, &Pkce::new()).with("redirect_uri", &look_alike);
        let answer = server.get(&query.path()).await;
        assert_eq!(answer.status, 400, "{look_alike}: {answer:?}");
        assert_eq!(answer.location(), "", "{look_alike}");
    }
}

#[tokio::test]
async fn sec_az_01_a_native_clients_loopback_may_vary_its_port_and_nothing_else() {
    let server = Server::start().await;
    let grants = &["authorization_code"];
    let redirect_uris = &["http://127.0.0.1/callback"];
    let client =
        server.client(&ClientOptions { grants, redirect_uris, is_public: true, ..ClientOptions::default() });
    let fits = Query::new(&client, &Pkce::new()).with("redirect_uri", "http://127.0.0.1:49152/callback");
    assert!(server.get(&fits.path()).await.is_redirect());
    for other in
        ["http://127.0.0.1:49152/other", "http://127.0.0.2:49152/callback", "https://127.0.0.1:1/callback"]
    {
        let query = Query::new(&client, &Pkce::new()).with("redirect_uri", other);
        assert_eq!(server.get(&query.path()).await.status, 400, "{other}");
    }
}

#[tokio::test]
async fn sec_az_02_what_cannot_be_trusted_ends_on_a_page() {
    let server = Server::start().await;
    let client = server.web();
    let good = || Query::new(&client, &Pkce::new());
    let bad = [
        good().without("client_id"),
        good().with("client_id", "nobody"),
        good().with("redirect_uri", EVIL),
        good().with("redirect_uri", "not a uri"),
        good().with("redirect_uri", EVIL).and("prompt", "none"),
        good().with("redirect_uri", EVIL).with("response_type", "nonsense"),
        good().with("client_id", "nobody").with("scope", "nonsense"),
        good().and("redirect_uri", EVIL),
        good().and("client_id", "nobody"),
    ];
    for query in bad {
        let answer = server.get(&query.path()).await;
        assert_eq!((answer.status, answer.location()), (400, ""), "{query:?}: {answer:?}");
        assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
        assert!(!answer.text.contains("evil.example\""), "no link to where it must not go");
    }
}

#[tokio::test]
async fn sec_az_02_a_posted_request_is_trusted_no_more() {
    let server = Server::start().await;
    let client = server.web();
    let query = Query::new(&client, &Pkce::new()).with("redirect_uri", EVIL);
    let pairs: Vec<(&str, &str)> =
        query.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = server.post("/oauth2/authorize", &pairs).await;
    assert_eq!((answer.status, answer.location()), (400, ""), "{answer:?}");
}

#[tokio::test]
async fn sec_az_03_schemes_that_run_something_are_never_registered() {
    let server = Server::start().await;
    let scripts = [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,hello",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://client.example/x",
        "about:blank",
        "plain://callback",
    ];
    for uri in scripts {
        let words =
            ["client", "create", "--name", "X", "--grant", "authorization_code", "--redirect-uri", uri];
        assert!(server.try_cli(&words, "").is_err(), "{uri}");
    }
}

#[tokio::test]
async fn sec_az_04_plain_http_only_to_loopback() {
    let server = Server::start().await;
    for uri in [
        "http://client.example/callback",
        "http://10.0.0.1/callback",
        "http://127.0.0.1.evil.example/callback",
    ] {
        let words =
            ["client", "create", "--name", "X", "--grant", "authorization_code", "--redirect-uri", uri];
        assert!(server.try_cli(&words, "").is_err(), "{uri}");
    }
}

#[tokio::test]
async fn sec_az_05_forms_with_credentials_are_answered_with_303() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut browser = Browser::new(&server);
    let asked = browser.get(&Query::new(&client, &Pkce::new()).path()).await;
    let page = browser.follow(asked).await;
    let logged_in = browser.fill_login(&page, &account).await;
    assert_eq!(logged_in.status, 303, "{logged_in:?}");
    let page = browser.follow(logged_in).await;
    let consented = browser.decide(&page, "allow").await;
    assert_eq!(consented.status, 303, "{consented:?}");
}

#[tokio::test]
async fn sec_az_06_sec_az_07_pages_send_no_referer_and_are_not_stored() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut browser = Browser::new(&server);
    let asked = browser.get(&Query::new(&client, &Pkce::new()).path()).await;
    let login = browser.follow(asked.clone()).await;
    let logged_in = browser.fill_login(&login, &account).await;
    let consent = browser.follow(logged_in.clone()).await;
    let end = browser.decide(&consent, "allow").await;
    let refused = server.get("/oauth2/authorize").await;
    for answer in [&asked, &login, &logged_in, &consent, &end, &refused] {
        assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{answer:?}");
    }
}

#[tokio::test]
async fn sec_az_08_every_response_names_the_issuer() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let good = || Query::new(&client, &Pkce::new());
    assert_eq!(server.metadata["authorization_response_iss_parameter_supported"], true);
    let allowed = Browser::new(&server).allow(&good().path(), &account).await.redirected();
    assert_eq!(allowed["iss"], server.issuer());
    for query in [
        good().with("scope", "moon"),
        good().with("response_type", "nonsense"),
        good().with("prompt", "none"),
    ] {
        let told = server.get(&query.path()).await.redirected();
        assert_eq!(told["iss"], server.issuer(), "{told:?}");
        assert_eq!(told["state"], "st ate/&=\u{e4}");
    }
    let posted =
        Browser::new(&server).allow(&good().with("response_mode", "form_post").path(), &account).await;
    assert!(posted.text.contains("name=\"iss\""), "{posted:?}");
    let fragment =
        Browser::new(&server).allow(&good().with("response_mode", "fragment").path(), &account).await;
    let (_, fragment) = fragment.location().split_once('#').expect("a fragment");
    assert!(fragment.contains("iss=") && fragment.contains("code="), "{fragment}");
}

#[tokio::test]
async fn sec_az_09_no_token_from_the_authorization_endpoint() {
    let server = Server::start().await;
    let client = server.web();
    for kind in ["token", "id_token", "id_token token", "code token", "code id_token"] {
        let query = Query::new(&client, &Pkce::new()).with("response_type", kind);
        let answer = server.get(&query.path()).await;
        assert!(answer.location().contains("error=unsupported_response_type"), "{kind}: {answer:?}");
        assert!(!answer.location().contains("access_token"));
    }
    assert_eq!(server.metadata["response_types_supported"], serde_json::json!(["code"]));
}

#[tokio::test]
async fn sec_az_10_a_response_mode_that_is_not_offered_is_refused() {
    let server = Server::start().await;
    let client = server.web();
    let query = Query::new(&client, &Pkce::new()).with("response_mode", "carrier_pigeon");
    let told = server.get(&query.path()).await.redirected();
    assert_eq!(told["error"], "invalid_request");
}

#[tokio::test]
async fn sec_az_11_a_parameter_sent_twice_is_refused() {
    let server = Server::start().await;
    let client = server.web();
    for name in ["scope", "state", "response_type", "code_challenge", "code_challenge_method", "prompt"] {
        let query = Query::new(&client, &Pkce::new());
        let value = query
            .0
            .iter()
            .find(|(own, _)| own == name)
            .map_or("none", |(_, value)| value.as_str())
            .to_owned();
        let query = if name == "prompt" { query.and(name, "none") } else { query };
        let answer = server.get(&query.and(name, &value).path()).await;
        let is_refused = answer.status == 400 || answer.location().contains("error=invalid_request");
        assert!(is_refused, "{name}: {answer:?}");
    }
    let form = [("grant_type", "client_credentials"), ("grant_type", "client_credentials")];
    server.token(&client, &form).await.is_refusal(400, "invalid_request");
}

#[tokio::test]
async fn sec_az_12_the_browser_carries_a_handle_and_cannot_change_the_request() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut browser = Browser::new(&server);
    let asked = browser.get(&Query::new(&client, &Pkce::new()).path()).await;
    assert!(!asked.location().contains("redirect_uri"), "{asked:?}");
    let page = browser.follow(asked).await;
    let logged_in = browser.fill_login(&page, &account).await;
    let page = browser.follow(logged_in).await;
    let mut form = Browser::form_with(&page, "decision");
    form.set("decision", &["allow"]);
    form.set("redirect_uri", &[EVIL]);
    form.set("client_id", &["nobody"]);
    let end = browser.submit(&form).await;
    assert!(!end.location().contains("evil.example"), "{end:?}");
    // Another browser holds no right to the same handle.
    let flow = form.value("flow").expect("a flow").to_owned();
    let mut other = Browser::new(&server);
    other.log_in(&account).await;
    let stolen = other.get(&format!("/consent?flow={flow}")).await;
    assert!(!stolen.text.contains("name=\"decision\""), "{stolen:?}");
}

#[tokio::test]
async fn sec_az_13_what_a_request_says_is_escaped() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let script = "\"><script>alert(1)</script>";
    let query = Query::new(&client, &Pkce::new()).with("state", script).with("response_mode", "form_post");
    let page = Browser::new(&server).allow(&query.path(), &account).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(!page.text.contains("<script>alert"), "{page:?}");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
    for path in [
        "/oauth2/authorize?client_id=%3Cscript%3Ealert(1)%3C/script%3E",
        "/login?flow=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        let page = server.get(path).await;
        assert!(!page.text.contains("<script>alert"), "{page:?}");
    }
}

#[tokio::test]
async fn sec_az_14_long_values_get_a_4xx_and_state_comes_back_as_it_was() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let state = "s\u{fc}\u{df} +%20&\"'<>".repeat(120);
    let query = Query::new(&client, &Pkce::new()).with("state", &state);
    let told = Browser::new(&server).allow(&query.path(), &account).await.redirected();
    assert_eq!(told["state"], state);
    for (name, length) in
        [("state", 60_000), ("scope", 60_000), ("client_id", 60_000), ("redirect_uri", 60_000)]
    {
        let query = Query::new(&client, &Pkce::new()).with(name, &"x".repeat(length));
        let answer = server.get(&query.path()).await;
        assert!(
            (400..500).contains(&answer.status) || answer.location().contains("error="),
            "{name}: {}",
            answer.status
        );
    }
    for odd in ["%", "%zz", "%00", "a=%ff%fe", "&&&&", "=x"] {
        let answer = server.get(&format!("/oauth2/authorize?{odd}")).await;
        assert_eq!(answer.status, 400, "{odd}: {answer:?}");
    }
}

#[tokio::test]
async fn sec_az_15_no_more_scope_than_the_client_may_have() {
    let server = Server::start().await;
    let client = server.client(&ClientOptions { scope: "profile", ..ClientOptions::default() });
    for scope in ["profile email", "profile moon", "moon"] {
        let told =
            server.get(&Query::new(&client, &Pkce::new()).with("scope", scope).path()).await.redirected();
        assert_eq!(told["error"], "invalid_scope", "{scope}");
    }
}

#[tokio::test]
async fn sec_az_15_a_consent_form_cannot_add_scopes() {
    let server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let pkce = Pkce::new();
    let mut browser = Browser::new(&server);
    let asked = browser.get(&Query::new(&client, &pkce).path()).await;
    let page = browser.follow(asked).await;
    let logged_in = browser.fill_login(&page, &account).await;
    let page = browser.follow(logged_in).await;
    let mut form = Browser::form_with(&page, "decision");
    form.set("decision", &["allow"]);
    form.set("scope", &["profile", "email"]);
    let sent = browser.submit(&form).await;
    let end = browser.follow(sent).await;
    if let Some(code) = end.is_redirect().then(|| end.redirected()).and_then(|told| told.get("code").cloned())
    {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &client.redirect_uri),
            ("code_verifier", &pkce.verifier),
        ];
        let tokens = server.token(&client, &form).await.ok();
        assert_eq!(tokens["scope"], "profile");
    }
}

#[tokio::test]
async fn sec_az_17_a_client_that_anyone_could_claim_to_be_asks_every_time() {
    let server = Server::start().await;
    let account = server.account();
    let (grants, redirect_uris) = (&["authorization_code"], &["http://127.0.0.1/callback"]);
    let native =
        server.client(&ClientOptions { grants, redirect_uris, is_public: true, ..ClientOptions::default() });
    let mut browser = Browser::new(&server);
    let first = browser.allow(&Query::new(&native, &Pkce::new()).path(), &account).await;
    assert!(first.redirected().contains_key("code"));
    let asked = browser.get(&Query::new(&native, &Pkce::new()).path()).await;
    let again = browser.follow(asked).await;
    assert!(again.text.contains("name=\"decision\""), "{again:?}");
    let silent = browser.get(&Query::new(&native, &Pkce::new()).with("prompt", "none").path()).await;
    let silent = browser.follow(silent).await.redirected();
    assert_eq!(silent["error"], "consent_required");
}

#[tokio::test]
async fn sec_az_18_after_login_one_only_goes_to_places_on_this_server() {
    let server = Server::start().await;
    for name in ["next", "return_to", "continue", "redirect", "flow"] {
        for target in ["https://evil.example/", "//evil.example/", "/\\evil.example/"] {
            let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
            let account = server.account();
            let mut browser = Browser::new(&server);
            let page = browser.get(&format!("/login?{name}={target}")).await;
            if page.status != 200 {
                continue;
            }
            let end = browser.fill_login(&page, &account).await;
            assert!(!end.location().contains("evil.example"), "{name}: {end:?}");
        }
    }
}
