//! The authorization endpoint (RFC 6749 §3.1): where it answers, how, and what it refuses.

use http::Method;

use crate::{
    browser::{Browser, authorize_fields, authorize_uri, sent},
    world::{CALLBACK, World, challenge},
};

#[tokio::test]
async fn sec_az_01_only_a_registered_address_is_answered() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    for uri in [
        "https://app.example/cb/",
        "https://app.example/cb?x=1",
        "https://app.example.evil.example/cb",
        "https://APP.example/cb",
        "https://app.example:443/cb",
        "https://app.example/cb/../cb",
        "http://app.example/cb",
    ] {
        let answer = browser.get(&authorize_uri(&app, &[("redirect_uri", uri)])).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "{uri}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    }
}

#[tokio::test]
async fn sec_az_02_what_cannot_be_trusted_to_a_redirect_is_a_page() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let evil = "https://evil.example/cb";
    for more in [
        vec![("client_id", "")],
        vec![("client_id", "nobody")],
        vec![("client_id", "nobody"), ("redirect_uri", evil)],
        vec![("redirect_uri", evil)],
        vec![("redirect_uri", evil), ("prompt", "none")],
        vec![("redirect_uri", evil), ("response_type", "nonsense")],
        vec![("redirect_uri", "javascript:alert(1)")],
        vec![("redirect_uri", "https://app.example/cb#x")],
    ] {
        let answer = browser.get(&authorize_uri(&app, &more)).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "{more:?}");
        let challenge = challenge();
        let answer = browser.post("/oauth2/authorize", &authorize_fields(&app, &challenge, &more)).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "{more:?}");
        assert!(!answer.body.contains("evil.example"), "{more:?}");
    }
}

#[tokio::test]
async fn sec_az_02_a_disabled_clients_request_is_a_page() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let actor = valetkey_provider::people::Actor::COMMAND_LINE;
    assert!(world.engine().disable_client(&app.client.id, &actor).await.unwrap().is_done());
    let answer = Browser::new(&world, &anna).get(&authorize_uri(&app, &[])).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None));
}

#[tokio::test]
async fn sec_az_05_every_redirect_is_a_303() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    // Browser::go asserts the status of every hop.
    browser.go(&authorize_uri(&app, &[])).await.code();
    let challenge = challenge();
    let posted = browser.post("/oauth2/authorize", &authorize_fields(&app, &challenge, &[])).await;
    assert_eq!(posted.status.as_u16(), 303);
    let location = posted.header("location").unwrap().to_owned();
    assert!(location.starts_with("/oauth2/authorize?flow=vk_fl_"), "{location}");
    browser.go(&location).await.code();
}

#[tokio::test]
async fn sec_az_06_pages_and_redirects_leak_no_referrer() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let redirect = browser.get(&authorize_uri(&app, &[])).await;
    assert_eq!(redirect.header("referrer-policy"), Some("no-referrer"));
    let page = browser.get("/oauth2/authorize?client_id=nobody").await;
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!page.body.contains("http://") && !page.body.contains("https://"));
}

#[tokio::test]
async fn sec_az_07_nothing_of_the_authorization_endpoint_is_kept() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.log_in(&anna).await;
    for more in
        [vec![], vec![("prompt", "none")], vec![("response_mode", "form_post")], vec![("scope", "nonsense")]]
    {
        let answer = browser.get(&authorize_uri(&app, &more)).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{more:?}");
    }
    assert_eq!(browser.get("/oauth2/authorize").await.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn sec_az_08_every_answer_names_the_issuer() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    for mode in ["query", "fragment"] {
        let success = browser.authorize(&app, &[("response_mode", mode)]).await;
        assert_eq!(success.params["iss"], "https://id.example");
        success.code();
        let failure = browser.authorize(&app, &[("response_mode", mode), ("scope", "nonsense")]).await;
        assert_eq!(failure.params["iss"], "https://id.example");
        assert_eq!(failure.error(), "invalid_scope");
    }
    let page = browser.get(&authorize_uri(&app, &[("response_mode", "form_post")])).await;
    assert!(page.body.contains(r#"name="iss" value="https://id.example""#), "{page:?}");
    let page =
        browser.get(&authorize_uri(&app, &[("response_mode", "form_post"), ("scope", "nonsense")])).await;
    assert!(page.body.contains(r#"name="iss" value="https://id.example""#), "{page:?}");
    let metadata = browser.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["issuer"], "https://id.example");
}

#[tokio::test]
async fn sec_az_09_no_token_comes_from_the_authorization_endpoint() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    for response_type in ["token", "id_token token", "id_token", "code token", "none"] {
        let mut browser = Browser::new(&world, &anna);
        let sent = browser.authorize(&app, &[("response_type", response_type)]).await;
        assert_eq!(sent.error(), "unsupported_response_type", "{response_type}");
        assert!(browser.pages.is_empty());
    }
}

#[tokio::test]
async fn sec_az_10_a_response_type_must_be_the_clients_and_its_mode_fit() {
    let mut policy = crate::world::policy();
    policy.implicit = valetkey_provider::Switch::PerClient;
    let world = World::with(policy).await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let sent = browser.authorize(&app, &[("response_type", "token")]).await;
    assert_eq!(sent.error(), "unauthorized_client");
    let app =
        world.tweak(&app, |client| client.grant_types = vec![valetkey_oauth2::GrantType::IMPLICIT]).await;
    assert_eq!(browser.authorize(&app, &[]).await.error(), "unauthorized_client");
    let sent = browser.authorize(&app, &[("response_type", "token"), ("response_mode", "query")]).await;
    assert_eq!(sent.error(), "invalid_request");
    assert!(!sent.params.contains_key("access_token"));
}

#[tokio::test]
async fn sec_az_11_doubled_parameters_are_refused() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.log_in(&anna).await;
    for doubled in [
        "client_id=x",
        "redirect_uri=https%3A%2F%2Fevil.example",
        "state=2",
        "scope=read",
        "nonsense=1&nonsense=1",
    ] {
        let uri = format!("{}&{doubled}", authorize_uri(&app, &[("scope", "read")]));
        let answer = browser.get(&uri).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "{doubled}");
    }
    let uri = format!(
        "{}&resource=https%3A%2F%2Fapi.example%2Fphotos&resource=https%3A%2F%2Fapi.example%2Fmail",
        authorize_uri(&app, &[])
    );
    assert_eq!(browser.get(&uri).await.status.as_u16(), 303);
}

#[tokio::test]
async fn sec_az_12_between_the_steps_the_browser_carries_a_handle_and_nothing_else() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let first = browser.get(&authorize_uri(&app, &[("scope", "read")])).await;
    let location = first.header("location").unwrap().to_owned();
    let (path, query) = location.split_once('?').unwrap();
    assert_eq!(path, "/login");
    assert!(query.starts_with("flow=vk_fl_") && !query.contains('&'), "{query}");
    // Whatever comes along on the way back is not looked at.
    let back = browser.step(&location).await;
    let back = back.header("location").unwrap().to_owned();
    let tampered = format!("{back}&scope=write&redirect_uri=https%3A%2F%2Fevil.example&state=changed");
    let sent = browser.go(&tampered).await;
    assert_eq!((sent.to.as_str(), sent.params["state"].as_str()), (CALLBACK, "s-1"));
    assert_eq!(world.redeem(&app, &sent.code()).await.ok().text("scope"), "read");
}

#[tokio::test]
async fn sec_az_12_a_flow_belongs_to_its_browser() {
    let world = World::new().await;
    let (app, anna, ben) = (world.web().await, world.person("anna").await, world.person("ben").await);
    let mut browser = Browser::new(&world, &anna);
    browser.get(&authorize_uri(&app, &[])).await;
    let location = browser.get(&authorize_uri(&app, &[])).await.header("location").unwrap().to_owned();
    let flow = location.split_once("flow=").unwrap().1.to_owned();
    let mut other = Browser::new(&world, &ben);
    other.log_in(&ben).await;
    let answer = other.get(&format!("/oauth2/authorize?flow={flow}")).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None));
}

#[tokio::test]
async fn sec_az_13_a_form_post_page_escapes_what_it_reflects() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await;
    let state = r#""><script>alert(1)</script>'&"#;
    let page =
        browser.get(&authorize_uri(&app, &[("response_mode", "form_post"), ("state", state)])).await.ok();
    assert!(!page.body.contains("<script>alert"), "{page:?}");
    assert!(page.body.contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;"), "{page:?}");
    assert!(page.body.contains(&format!(r#"action="{CALLBACK}""#)));
    let policy = page.header("content-security-policy").unwrap();
    let nonce = page.body.split_once("nonce=\"").unwrap().1.split('"').next().unwrap();
    assert!(policy.contains(&format!("script-src 'nonce-{nonce}'")), "{policy}");
    assert!(policy.contains("form-action 'self' https://app.example;"), "{policy}");
    assert!(!page.body.contains("onload"));
}

#[tokio::test]
async fn sec_az_14_a_long_state_comes_back_byte_for_byte() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let odd = "ä%2B +&=;\u{1f980}\"'<>".repeat(60);
    assert!(odd.len() <= 4096);
    assert_eq!(browser.authorize(&app, &[("state", &odd)]).await.params["state"], odd);
    let long = "s".repeat(4096);
    let nonce = "n".repeat(200);
    let sent = browser.authorize(&app, &[("state", &long), ("nonce", &nonce)]).await;
    assert_eq!(sent.params["state"], long);
    let sent = browser.authorize(&app, &[("state", &"s".repeat(4097))]).await;
    assert_eq!(sent.error(), "invalid_request");
    for odd in ["%", "%zz", "%ff%fe", "a=%00&b=%00", "&&&", "=", "client_id"] {
        let answer = browser.get(&format!("/oauth2/authorize?{odd}")).await;
        assert_eq!(answer.status.as_u16(), 400, "{odd}");
    }
}

#[tokio::test]
async fn sec_az_15_a_scope_beyond_the_client_is_refused_whole() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let app = world.tweak(&app, |client| client.scope = crate::world::scope("profile read")).await;
    let mut browser = Browser::new(&world, &anna);
    for scope in ["read write", "read nonsense", "admin", "re\"ad"] {
        assert_eq!(browser.authorize(&app, &[("scope", scope)]).await.error(), "invalid_scope", "{scope}");
    }
    assert!(browser.pages.is_empty());
    // Nothing asked: the default, as far as the client goes.
    assert_eq!(browser.dance(&app, &[]).await.text("scope"), "profile");
}

#[tokio::test]
async fn sec_az_16_prompt_none_never_shows_a_page() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    assert_eq!(browser.authorize(&app, &[("prompt", "none")]).await.error(), "login_required");
    browser.log_in(&anna).await;
    assert_eq!(browser.authorize(&app, &[("prompt", "none")]).await.error(), "consent_required");
    assert!(browser.pages.is_empty());
    browser.authorize(&app, &[]).await.code();
    browser.authorize(&app, &[("prompt", "none")]).await.code();
    for both in ["none login", "login none", "none consent", "none nonsense"] {
        let sent = browser.authorize(&app, &[("prompt", both)]).await;
        assert_eq!(sent.error(), "invalid_request", "{both}");
    }
}

#[tokio::test]
async fn sec_az_16_prompt_login_and_max_age_ask_again() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await.code();
    let asked = |pages: &[&str]| pages.iter().filter(|page| **page == "login").count();
    assert_eq!(asked(&browser.pages), 1);
    browser.authorize(&app, &[("prompt", "login")]).await.code();
    assert_eq!(asked(&browser.pages), 2);
    browser.authorize(&app, &[("max_age", "60")]).await.code();
    assert_eq!(asked(&browser.pages), 2);
    world.advance(61);
    browser.authorize(&app, &[("max_age", "60")]).await.code();
    assert_eq!(asked(&browser.pages), 3);
    world.advance(61);
    let sent = browser.authorize(&app, &[("max_age", "60"), ("prompt", "none")]).await;
    assert_eq!(sent.error(), "login_required");
    assert_eq!(browser.authorize(&app, &[("max_age", "soon")]).await.error(), "invalid_request");
}

#[tokio::test]
async fn sec_az_12_a_flow_runs_out_after_its_hour() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let location = browser.get(&authorize_uri(&app, &[])).await.header("location").unwrap().to_owned();
    let flow = location.split_once("flow=").unwrap().1.to_owned();
    world.advance(3600);
    let answer = browser.get(&format!("/oauth2/authorize?flow={flow}")).await;
    assert_eq!(answer.status.as_u16(), 400);
}

#[tokio::test]
async fn sec_ui_23_a_flow_is_answered_once() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let location = browser.get(&authorize_uri(&app, &[])).await.header("location").unwrap().to_owned();
    let flow = location.split_once("flow=").unwrap().1.to_owned();
    browser.go(&location).await.code();
    for path in ["/oauth2/authorize", "/oauth2/authorize"] {
        let again = browser.get(&format!("{path}?flow={flow}")).await;
        assert_eq!((again.status.as_u16(), again.header("location")), (400, None));
    }
}

#[tokio::test]
async fn sec_ui_25_a_silent_request_needs_an_earlier_consent() {
    let world = World::new().await;
    let (app, other, anna) = (world.web().await, world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await.code();
    assert_eq!(browser.authorize(&other, &[("prompt", "none")]).await.error(), "consent_required");
}

#[tokio::test]
async fn sec_ui_01_no_page_can_be_framed() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await.code();
    for uri in ["/oauth2/authorize".to_owned(), authorize_uri(&app, &[("response_mode", "form_post")])] {
        let page = browser.get(&uri).await;
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn request_objects_are_refused_by_their_own_names() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    assert_eq!(browser.authorize(&app, &[("request", "x.y.z")]).await.error(), "request_not_supported");
    let sent = browser.authorize(&app, &[("request_uri", "https://app.example/r")]).await;
    assert_eq!(sent.error(), "request_uri_not_supported");
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_are_spoken() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let browser = Browser::new(&world, &anna);
    let answer = world.send(browser.request(&Method::PUT, "/oauth2/authorize", String::new())).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("GET, POST")));
}

#[tokio::test]
async fn a_fragment_answer_leaves_the_query_alone() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let app = world
        .tweak(&app, |client| {
            client.redirect_uris =
                vec![valetkey_oauth2::RedirectUri::parse("https://app.example/cb?t=1").unwrap()];
        })
        .await;
    let mut browser = Browser::new(&world, &anna);
    let answer = browser.authorize(&app, &[("response_mode", "fragment")]).await;
    assert_eq!(answer.to, "https://app.example/cb?t=1");
    let answer = browser.authorize(&app, &[]).await;
    assert_eq!((answer.to.as_str(), answer.params["t"].as_str()), ("https://app.example/cb", "1"));
    assert_eq!(sent("https://a.example/#a=1").params["a"], "1");
}
