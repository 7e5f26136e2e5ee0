//! Resource indicators (RFC 8707, decision 5).

use valetkey_oauth2::{Resource, TokenFormat};

use crate::{
    browser::{Browser, authorize_uri},
    world::{VERIFIER, World, claims, policy, scope},
};

const PHOTOS: &str = "https://api.example/photos";
const MAIL: &str = "https://api.example/mail";

#[tokio::test]
async fn a_token_request_narrows_to_some_of_what_was_granted() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let both = format!("{}&resource={PHOTOS}&resource={MAIL}", authorize_uri(&app, &[]));
    let code = browser.go(&both).await.code();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", crate::world::CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", PHOTOS),
    ];
    let tokens = world.token(&app, &fields).await.ok();
    assert_eq!(claims(&tokens.text("access_token"))["aud"], PHOTOS);
    let refresh = tokens.text("refresh_token");
    let mail = [("grant_type", "refresh_token"), ("refresh_token", &*refresh), ("resource", MAIL)];
    let second = world.token(&app, &mail).await.ok();
    assert_eq!(claims(&second.text("access_token"))["aud"], MAIL);
    let third = world.refresh(&app, &second.text("refresh_token")).await.ok();
    assert_eq!(claims(&third.text("access_token"))["aud"], serde_json::json!([PHOTOS, MAIL]));
}

#[tokio::test]
async fn sec_tk_11_a_resource_must_be_known_granted_and_allowed() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    for wrong in
        ["https://api.example/", "https://api.example/photos/", "https://evil.example", "/photos", "x#y"]
    {
        let sent = browser.authorize(&app, &[("resource", wrong)]).await;
        assert_eq!(sent.error(), "invalid_target", "{wrong}");
        let own = [("grant_type", "client_credentials"), ("resource", wrong)];
        world.token(&app, &own).await.refused(400, "invalid_target");
    }
    let code = browser.authorize(&app, &[("resource", PHOTOS)]).await.code();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", crate::world::CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", MAIL),
    ];
    world.token(&app, &fields).await.refused(400, "invalid_target");
    world.redeem(&app, &code).await.ok();
    let app = world.tweak(&app, |client| client.resources = vec![Resource::parse(PHOTOS).unwrap()]).await;
    assert_eq!(browser.authorize(&app, &[("resource", MAIL)]).await.error(), "invalid_target");
    world.token(&app, &[("grant_type", "client_credentials"), ("resource", PHOTOS)]).await.ok();
}

#[tokio::test]
async fn a_resource_has_a_format_and_a_lifetime_of_its_own() {
    let mut rules = policy();
    rules.resources[0].token_format = Some(TokenFormat::Opaque);
    rules.resources[0].access_token_seconds = Some(60);
    let world = World::with(rules).await;
    let app = world.web().await;
    let answer = world.token(&app, &[("grant_type", "client_credentials"), ("resource", PHOTOS)]).await.ok();
    assert!(answer.text("access_token").starts_with("vk_at_"));
    assert_eq!(answer.json()["expires_in"], 60);
    assert_eq!(world.introspect(&app, &answer.text("access_token")).await["aud"], PHOTOS);
}

#[tokio::test]
async fn a_scope_that_means_nothing_at_the_named_resource_is_refused_or_left_out() {
    let mut rules = policy();
    rules.resources[0].scope = Some(scope("read"));
    rules.resources[1].scope = Some(scope("write"));
    let world = World::with(rules).await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let own = [("grant_type", "client_credentials"), ("resource", PHOTOS)];
    let asked = async |scope| world.token(&app, &[own[0], own[1], ("scope", scope)]).await;
    assert_eq!(asked("read").await.ok().text("scope"), "read");
    asked("write").await.refused(400, "invalid_scope");
    asked("read write").await.refused(400, "invalid_scope");
    // The default one means nothing there.
    let token = world.token(&app, &own).await.ok().text("access_token");
    assert!(claims(&token).get("scope").is_none());
    // This server itself knows them all.
    let here = [own[0], ("scope", "profile read write")];
    assert_eq!(world.token(&app, &here).await.ok().text("scope"), "profile read write");

    let mut browser = Browser::new(&world, &anna);
    let sent = browser.authorize(&app, &[("scope", "read write"), ("resource", PHOTOS)]).await;
    assert_eq!(sent.error(), "invalid_scope");
    let both =
        format!("{}&resource={PHOTOS}&resource={MAIL}", authorize_uri(&app, &[("scope", "read write")]));
    let code = browser.go(&both).await.code();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", crate::world::CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", PHOTOS),
    ];
    let tokens = world.token(&app, &fields).await.ok();
    assert_eq!(tokens.text("scope"), "read");
    let refresh = tokens.text("refresh_token");
    let at_mail = [("grant_type", "refresh_token"), ("refresh_token", &*refresh), ("resource", MAIL)];
    let named =
        async |scope| world.token(&app, &[at_mail[0], at_mail[1], at_mail[2], ("scope", scope)]).await;
    named("read").await.refused(400, "invalid_scope");
    // What was refused has not used up the token; and the grant has kept both.
    let second = named("write").await.ok();
    assert_eq!(second.text("scope"), "write");
    let third = world.refresh(&app, &second.text("refresh_token")).await.ok();
    assert_eq!(third.text("scope"), "read write");
}
