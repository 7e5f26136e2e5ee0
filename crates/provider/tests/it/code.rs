//! Codes and PKCE (RFC 6749 §4.1, RFC 7636).

use crate::{
    browser::{Browser, authorize_uri},
    world::{VERIFIER, World, claims, post, signed},
};

fn redemption<'a>(code: &'a str, uri: &'a str, verifier: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", uri),
        ("code_verifier", verifier),
    ]
}

#[tokio::test]
async fn a_dance_ends_with_a_token_for_the_person() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let sent = browser.authorize(&app, &[("scope", "read")]).await;
    assert_eq!(sent.to, "https://app.example/cb");
    assert_eq!(browser.pages, ["login", "consent"]);
    assert_eq!(sent.params["state"], "s-1");
    assert_eq!(sent.params["iss"], "https://id.example");
    let answer = world.redeem(&app, &sent.code()).await.ok();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    let json = answer.json();
    assert_eq!((json["token_type"].as_str(), json["expires_in"].as_u64()), (Some("Bearer"), Some(600)));
    assert_eq!(json["scope"], "read");
    assert!(json["refresh_token"].as_str().unwrap().starts_with("vk_rt_"));
    let claims = claims(json["access_token"].as_str().unwrap());
    assert_eq!(claims["sub"], anna.id.to_string());
    assert_eq!(claims["aud"], "https://id.example");
    assert_eq!(claims["client_id"], app.id());
    assert_eq!(claims["iss"], "https://id.example");
    assert_eq!(claims["scope"], "read");
}

#[tokio::test]
async fn sec_co_02_a_replay_kills_everything_that_came_from_the_code() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    let first = world.redeem(&app, &code).await.ok();
    let rotated = world.refresh(&app, &first.text("refresh_token")).await.ok();
    world.redeem(&app, &code).await.refused(400, "invalid_grant");
    assert!(!world.is_active(&app, &first.text("access_token")).await);
    assert!(!world.is_active(&app, &rotated.text("access_token")).await);
    world.refresh(&app, &rotated.text("refresh_token")).await.refused(400, "invalid_grant");
    assert!(world.events().await.contains(&"code_replayed".to_owned()));
}

#[tokio::test]
async fn sec_co_02_a_replay_by_somebody_else_kills_nothing() {
    let world = World::new().await;
    let (app, other, spa) = (world.web().await, world.web().await, world.spa().await);
    let anna = world.person("anna").await;
    let mut browser = Browser::new(&world, &anna);
    let code = browser.authorize(&app, &[]).await.code();
    let tokens = world.redeem(&app, &code).await.ok();
    world.redeem(&other, &code).await.refused(400, "invalid_grant");
    assert!(world.is_active(&app, &tokens.text("access_token")).await);
    // Of a public client only who has the verifier is believed.
    let code = browser.authorize(&spa, &[]).await.code();
    let tokens = world.redeem(&spa, &code).await.ok();
    let wrong = "another-verifier-that-is-long-enough-for-the-rules-01234";
    world.token(&spa, &redemption(&code, crate::world::CALLBACK, wrong)).await.refused(400, "invalid_grant");
    world.refresh(&spa, &tokens.text("refresh_token")).await.ok();
    world.redeem(&spa, &code).await.refused(400, "invalid_grant");
    world.refresh(&spa, &tokens.text("refresh_token")).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn sec_co_03_another_clients_code_is_refused_and_stays_alive() {
    let world = World::new().await;
    let (app, other, spa) = (world.web().await, world.web().await, world.spa().await);
    let anna = world.person("anna").await;
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    world.redeem(&other, &code).await.refused(400, "invalid_grant");
    world.redeem(&spa, &code).await.refused(400, "invalid_grant");
    world.redeem(&app, &code).await.ok();
}

#[tokio::test]
async fn sec_co_04_the_redirect_uri_must_be_the_one_of_the_request() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    world.redeem_at(&app, &code, "https://app.example/other").await.refused(400, "invalid_grant");
    let without = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
    world.token(&app, &without).await.refused(400, "invalid_grant");
    world.redeem(&app, &code).await.ok();
}

#[tokio::test]
async fn a_redirect_uri_that_was_not_in_the_request_need_not_be_in_the_other() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let code = Browser::new(&world, &anna).authorize(&app, &[("redirect_uri", "")]).await.code();
    let without = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
    world.token(&app, &without).await.ok();
}

#[tokio::test]
async fn sec_co_06_a_code_lives_for_a_minute() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let code = browser.authorize(&app, &[]).await.code();
    world.advance(59);
    world.redeem(&app, &code).await.ok();
    let code = browser.authorize(&app, &[]).await.code();
    world.advance(60);
    world.redeem(&app, &code).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn sec_co_05_codes_are_256_random_bits_and_guesses_are_counted() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    assert_eq!(code.len(), "vk_ac_".len() + 43 + 6);
    for count in 0..120 {
        let bits = [u8::try_from(count).unwrap(); 32];
        let guess = valetkey_oauth2::Handle::mint(valetkey_oauth2::HandleKind::Code, &bits);
        world.redeem(&app, guess.expose()).await.refused(400, "invalid_grant");
    }
    let guess = valetkey_oauth2::Handle::mint(valetkey_oauth2::HandleKind::Code, &[200; 32]);
    let blocked = world.redeem(&app, guess.expose()).await;
    assert_eq!(blocked.status.as_u16(), 429);
    assert!(blocked.header("retry-after").unwrap().parse::<u32>().unwrap() <= 60);
    // Who brings a code that there is does not wait for those who guess.
    world.redeem(&app, &code).await.ok();
    world.advance(60);
    world.redeem(&app, guess.expose()).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn sec_co_07_a_request_without_pkce_is_refused() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(browser.authorize(&app, &without).await.error(), "invalid_request");
    assert!(browser.pages.is_empty());
    // A confidential client may be switched to do without; a public one never, nor one that need not show its secret.
    let relaxed = world.tweak(&app, |client| client.pkce = valetkey_ports::PkcePolicy::Optional).await;
    browser.authorize(&relaxed, &without).await.code();
    let silent =
        world.tweak(&app, |client| client.auth_methods.push(valetkey_oauth2::AuthMethod::None)).await;
    assert!(!silent.client.is_confidential());
    assert_eq!(browser.authorize(&silent, &without).await.error(), "invalid_request");
    let spa = world.spa().await;
    let spa = world.tweak(&spa, |client| client.pkce = valetkey_ports::PkcePolicy::Optional).await;
    assert_eq!(browser.authorize(&spa, &without).await.error(), "invalid_request");
}

#[tokio::test]
async fn sec_co_08_a_verifier_for_a_code_without_challenge_is_refused() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let app = world.tweak(&app, |client| client.pkce = valetkey_ports::PkcePolicy::Optional).await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = Browser::new(&world, &anna).authorize(&app, &without).await.code();
    world.redeem(&app, &code).await.refused(400, "invalid_grant");
    let fields =
        [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", crate::world::CALLBACK)];
    world.token(&app, &fields).await.ok();
}

#[tokio::test]
async fn sec_co_09_a_missing_or_empty_verifier_is_refused() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    let uri = crate::world::CALLBACK;
    world.token(&app, &redemption(&code, uri, "")).await.refused(400, "invalid_grant");
    let without = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", uri)];
    world.token(&app, &without).await.refused(400, "invalid_grant");
    world.redeem(&app, &code).await.ok();
}

#[tokio::test]
async fn sec_co_10_plain_and_unknown_methods_are_refused() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    for method in ["plain", "S512", "s256", ""] {
        let mut browser = Browser::new(&world, &anna);
        let sent = browser.authorize(&app, &[("code_challenge_method", method)]).await;
        assert_eq!(sent.error(), "invalid_request", "{method}");
        assert!(browser.pages.is_empty(), "{method}");
    }
}

#[tokio::test]
async fn sec_co_11_malformed_challenges_and_verifiers_are_refused() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let long = "a".repeat(129);
    for challenge in ["short", &"a".repeat(42), &long, &format!("{}=", "a".repeat(43)), &"ä".repeat(43)] {
        let sent = Browser::new(&world, &anna).authorize(&app, &[("code_challenge", challenge)]).await;
        assert_eq!(sent.error(), "invalid_request", "{challenge}");
    }
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    for verifier in ["short", &long, &format!("{VERIFIER} "), &format!("{VERIFIER}+")] {
        let fields = redemption(&code, crate::world::CALLBACK, verifier);
        world.token(&app, &fields).await.refused(400, "invalid_grant");
    }
    world.redeem(&app, &code).await.ok();
}

#[tokio::test]
async fn sec_co_12_a_challenge_that_comes_again_is_told_to_the_developer() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await.code();
    browser.authorize(&app, &[]).await.code();
    let engine = world.engine().clone();
    let writer = tokio::spawn(async move { engine.write_refusals().await });
    let told = loop {
        let page = valetkey_ports::Page::first(10);
        let list = world.ports.refusals.list(None, &page).await.unwrap();
        if !list.is_empty() {
            break list;
        }
        tokio::task::yield_now().await;
    };
    writer.abort();
    assert_eq!(told[0].code, "warning");
    assert!(told[0].reason.contains("code_challenge"), "{told:?}");
}

#[tokio::test]
async fn sec_co_15_a_repeat_after_a_lost_answer_is_refused_in_plain_words() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    world.redeem(&app, &code).await.ok();
    let again = world.redeem(&app, &code).await;
    again.refused(400, "invalid_grant");
    assert!(again.text("error_description").starts_with("Start over: "), "{again:?}");
}

#[tokio::test]
async fn a_code_does_not_outlive_what_it_came_from() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let actor = valetkey_provider::people::Actor::COMMAND_LINE;
    let mut browser = Browser::new(&world, &anna);
    let code = browser.authorize(&app, &[]).await.code();
    assert!(world.engine().withdraw(&anna.id, &app.client.id, &actor).await.unwrap());
    world.redeem(&app, &code).await.refused(400, "invalid_grant");
    let code = browser.authorize(&app, &[]).await.code();
    assert!(world.engine().disable_account(&anna.id, &actor).await.unwrap());
    world.redeem(&app, &code).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a_native_app_is_answered_at_any_port_of_its_own() {
    let world = World::new().await;
    let (app, anna) = (world.native().await, world.person("anna").await);
    let uri = "http://127.0.0.1:51004/cb";
    let mut browser = Browser::new(&world, &anna);
    let sent = browser.authorize(&app, &[("redirect_uri", uri)]).await;
    assert_eq!(sent.to, uri);
    world.redeem_at(&app, &sent.code(), "http://127.0.0.1:51005/cb").await.refused(400, "invalid_grant");
    world.redeem_at(&app, &sent.code(), uri).await.ok();
    let refused = browser.get(&authorize_uri(&app, &[("redirect_uri", "http://127.0.0.2:51004/cb")])).await;
    assert_eq!((refused.status.as_u16(), refused.header("location")), (400, None));
}

#[tokio::test]
async fn sec_ca_16_a_code_in_the_url_is_refused() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    let path = format!("/oauth2/token?code={code}");
    let fields = redemption(&code, crate::world::CALLBACK, VERIFIER);
    world.send(signed(&app, &path, &fields)).await.refused(400, "invalid_request");
    let secret = format!("/oauth2/token?client_id={}&client_secret=x", app.id());
    world.send(post(&secret, &fields)).await.refused(400, "invalid_request");
    world.redeem(&app, &code).await.ok();
}
