//! Introspection (RFC 7662).

use valetkey_oauth2::{Resource, TokenFormat};

use crate::{
    browser::Browser,
    world::{World, client_id, policy},
};

#[tokio::test]
async fn a_client_reads_its_own_tokens() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let tokens = Browser::new(&world, &anna).dance(&app, &[("scope", "read")]).await;
    let json = world.introspect(&app, &tokens.text("access_token")).await;
    assert_eq!(json["active"], true);
    assert_eq!((json["scope"].as_str(), json["client_id"].as_str()), (Some("read"), Some(app.id())));
    assert_eq!(json["sub"], anna.id.to_string());
    assert_eq!(
        (json["token_type"].as_str(), json["iss"].as_str()),
        (Some("Bearer"), Some("https://id.example"))
    );
    assert_eq!(json["aud"], "https://id.example");
    assert_eq!(json["exp"].as_i64().unwrap() - json["iat"].as_i64().unwrap(), 600);
    let json = world.introspect(&app, &tokens.text("refresh_token")).await;
    assert_eq!(json["active"], true);
    assert!(json.get("token_type").is_none());
}

#[tokio::test]
async fn sec_tk_15_only_whose_business_it_is_learns_about_a_token() {
    let mut rules = policy();
    rules.resources[0].introspectors = vec![client_id("photos-api")];
    let world = World::with(rules).await;
    let (app, other, anna) = (world.web().await, world.web().await, world.person("anna").await);
    let draft = crate::world::web("Photos");
    let api = world
        .register(valetkey_provider::registry::ClientDraft { client_id: Some("photos-api".into()), ..draft })
        .await;
    let right = world.tweak(&world.web().await, |client| client.may_introspect = true).await;
    let mut browser = Browser::new(&world, &anna);
    let photos =
        browser.dance(&app, &[("resource", "https://api.example/photos")]).await.text("access_token");
    let mail = browser.dance(&app, &[("resource", "https://api.example/mail")]).await.text("access_token");
    assert!(world.is_active(&app, &photos).await);
    assert!(world.is_active(&api, &photos).await && !world.is_active(&api, &mail).await);
    assert!(world.is_active(&right, &photos).await && world.is_active(&right, &mail).await);
    assert!(!world.is_active(&other, &photos).await);
    world.post("/oauth2/introspect", &[("token", &photos)]).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn sec_tk_16_whatever_is_not_alive_looks_the_same() {
    let world = World::new().await;
    let (app, other, anna) = (world.web().await, world.web().await, world.person("anna").await);
    let opaque =
        world.tweak(&world.web().await, |client| client.token_format = Some(TokenFormat::Opaque)).await;
    let mut browser = Browser::new(&world, &anna);
    let foreign = browser.dance(&other, &[]).await.text("access_token");
    let expired = browser.dance(&app, &[]).await.text("access_token");
    let expired_opaque = browser.dance(&opaque, &[]).await.text("access_token");
    world.advance(600);
    let foreign_live = browser.dance(&other, &[]).await.text("access_token");
    let revoked = browser.dance(&app, &[]).await.text("access_token");
    world.post_as(&app, "/oauth2/revoke", &[("token", &revoked)]).await.ok();
    let tampered = format!("{}x", &revoked[..revoked.len() - 1]);
    for token in
        [&*foreign, &foreign_live, &expired, &expired_opaque, &revoked, &tampered, "x", "vk_at_x", "a.b.c"]
    {
        let answer = world.post_as(&app, "/oauth2/introspect", &[("token", token)]).await.ok();
        assert_eq!(answer.body, r#"{"active":false}"#, "{token}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    world.post_as(&app, "/oauth2/introspect", &[]).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_token_dies_at_its_second() {
    let world = World::new().await;
    let app = world.web().await;
    let token = world.token(&app, &[("grant_type", "client_credentials")]).await.ok().text("access_token");
    world.advance(599);
    assert!(world.is_active(&app, &token).await);
    world.advance(1);
    assert!(!world.is_active(&app, &token).await);
}

#[tokio::test]
async fn sec_tk_20_the_latest_mark_wins_whichever_it_is() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let actor = valetkey_provider::people::Actor::COMMAND_LINE;
    let engine = world.engine();
    let mut browser = Browser::new(&world, &anna);
    for end in 0..3 {
        let before = browser.dance(&app, &[]).await;
        world.advance(5);
        match end {
            0 => assert!(engine.revoke_client_tokens(&app.client.id, &actor).await.unwrap().is_done()),
            1 => assert!(engine.end_account(&anna.id, &actor).await.unwrap()),
            _ => assert!(engine.withdraw(&anna.id, &app.client.id, &actor).await.unwrap()),
        }
        for token in ["access_token", "refresh_token"] {
            assert!(!world.is_active(&app, &before.text(token)).await, "{end} {token}");
        }
        let after = browser.dance(&app, &[]).await;
        assert!(world.is_active(&app, &after.text("access_token")).await, "{end}");
    }
}

#[tokio::test]
async fn sec_tk_11_every_token_names_its_audience() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let own = browser.dance(&app, &[]).await.text("access_token");
    assert_eq!(crate::world::claims(&own)["aud"], "https://id.example");
    let photos = Resource::parse("https://api.example/photos").unwrap();
    let other = browser.dance(&app, &[("resource", photos.as_str())]).await.text("access_token");
    assert_eq!(crate::world::claims(&other)["aud"], photos.as_str());
}

#[tokio::test]
async fn sec_tk_26_a_token_carries_no_personal_data() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let token = Browser::new(&world, &anna).dance(&app, &[]).await.text("access_token");
    let claims = crate::world::claims(&token);
    let mut names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "client_id", "exp", "gid", "iat", "iss", "jti", "scope", "sub"]);
    assert!(!claims.to_string().contains("anna"));
}
