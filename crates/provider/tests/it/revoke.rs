//! Revocation (RFC 7009), and everything else that ends tokens.

use valetkey_oauth2::TokenFormat;
use valetkey_provider::people::Actor;

use crate::{
    browser::Browser,
    world::{App, World},
};

async fn revoke(world: &World, app: &App, token: &str) {
    let answer = world.post_as(app, "/oauth2/revoke", &[("token", token)]).await.ok();
    assert_eq!(answer.body, "{}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn one_access_token_ends_and_the_rest_lives() {
    let world = World::new().await;
    let (jwt, anna) = (world.web().await, world.person("anna").await);
    let opaque =
        world.tweak(&world.web().await, |client| client.token_format = Some(TokenFormat::Opaque)).await;
    for app in [jwt, opaque] {
        let tokens = Browser::new(&world, &anna).dance(&app, &[]).await;
        let second = world.refresh(&app, &tokens.text("refresh_token")).await.ok();
        revoke(&world, &app, &tokens.text("access_token")).await;
        assert!(!world.is_active(&app, &tokens.text("access_token")).await);
        assert!(world.is_active(&app, &second.text("access_token")).await);
        world.refresh(&app, &second.text("refresh_token")).await.ok();
    }
}

#[tokio::test]
async fn sec_tk_18_a_refresh_token_takes_its_access_tokens_along() {
    let world = World::new().await;
    let (app, other, anna) = (world.web().await, world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let tokens = browser.dance(&app, &[]).await;
    let elsewhere = browser.dance(&app, &[]).await;
    let second = world.refresh(&app, &tokens.text("refresh_token")).await.ok();
    // Nobody ends another client's tokens; all hear the same.
    revoke(&world, &other, &second.text("refresh_token")).await;
    revoke(&world, &other, &second.text("access_token")).await;
    assert!(world.is_active(&app, &second.text("access_token")).await);
    revoke(&world, &app, "nothing").await;
    revoke(&world, &app, &second.text("refresh_token")).await;
    for token in [tokens.text("access_token"), second.text("access_token"), second.text("refresh_token")] {
        assert!(!world.is_active(&app, &token).await);
    }
    // One device's dance ends, not the other's.
    assert!(world.is_active(&app, &elsewhere.text("access_token")).await);
    world.post("/oauth2/revoke", &[("token", "x")]).await.refused(401, "invalid_client");
    world.post_as(&app, "/oauth2/revoke", &[]).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn sec_tk_18_a_public_client_ends_its_own() {
    let world = World::new().await;
    let (spa, anna) = (world.spa().await, world.person("anna").await);
    let tokens = Browser::new(&world, &anna).dance(&spa, &[]).await;
    revoke(&world, &spa, &tokens.text("refresh_token")).await;
    world.refresh(&spa, &tokens.text("refresh_token")).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn sec_tk_24_one_call_ends_all_of_an_account() {
    let world = World::new().await;
    let (app, other, anna) = (world.web().await, world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let tokens = [browser.dance(&app, &[]).await, browser.dance(&app, &[]).await];
    let third = browser.dance(&other, &[]).await;
    assert!(browser.live().await.is_some());
    assert!(world.engine().end_account(&anna.id, &Actor::COMMAND_LINE).await.unwrap());
    assert!(browser.live().await.is_none());
    for answer in &tokens {
        assert!(!world.is_active(&app, &answer.text("access_token")).await);
        world.refresh(&app, &answer.text("refresh_token")).await.refused(400, "invalid_grant");
    }
    assert!(!world.is_active(&other, &third.text("access_token")).await);
    // And again in the same second, for what was begun in between.
    browser.log_in(&anna).await;
    let again = browser.dance(&app, &[]).await;
    assert!(world.is_active(&app, &again.text("access_token")).await);
    assert!(world.engine().end_account(&anna.id, &Actor::COMMAND_LINE).await.unwrap());
    assert!(browser.live().await.is_none());
    assert!(!world.is_active(&app, &again.text("access_token")).await);
}

#[tokio::test]
async fn sec_tk_24_one_call_ends_all_of_a_client() {
    let world = World::new().await;
    let (app, right, anna) = (world.web().await, world.web().await, world.person("anna").await);
    let right = world.tweak(&right, |client| client.may_introspect = true).await;
    let tokens = Browser::new(&world, &anna).dance(&app, &[]).await;
    let own = world.token(&app, &[("grant_type", "client_credentials")]).await.ok().text("access_token");
    let actor = Actor::COMMAND_LINE;
    assert!(world.engine().revoke_client_tokens(&app.client.id, &actor).await.unwrap().is_done());
    for token in [tokens.text("access_token"), tokens.text("refresh_token"), own] {
        assert!(!world.is_active(&right, &token).await);
    }
    world.advance(1);
    let own = world.token(&app, &[("grant_type", "client_credentials")]).await.ok().text("access_token");
    assert!(world.is_active(&right, &own).await);
    assert!(world.engine().disable_client(&app.client.id, &actor).await.unwrap().is_done());
    assert!(!world.is_active(&right, &own).await);
    assert!(world.engine().enable_client(&app.client.id, &actor).await.unwrap().is_done());
    assert!(world.is_active(&right, &own).await);
    assert!(world.engine().delete_client(&app.client.id, &actor).await.unwrap().is_done());
    assert!(!world.is_active(&right, &own).await);
    world.token(&app, &[("grant_type", "client_credentials")]).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn sec_tk_24_a_second_ending_in_the_same_second_ends_codes_on_their_way_too() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let engine = world.engine();
    let actor = Actor::COMMAND_LINE;
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await.code();
    for way in 0..3 {
        let end = async || match way {
            0 => assert!(engine.end_account(&anna.id, &actor).await.unwrap()),
            1 => drop(engine.withdraw(&anna.id, &app.client.id, &actor).await.unwrap()),
            _ => assert!(engine.revoke_client_tokens(&app.client.id, &actor).await.unwrap().is_done()),
        };
        for round in 0..3 {
            end().await;
            // Dated ahead, past the mark of this second.
            let code = browser.authorize(&app, &[]).await.code();
            let tokens = browser.dance(&app, &[]).await;
            end().await;
            world.redeem(&app, &code).await.refused(400, "invalid_grant");
            assert!(!world.is_active(&app, &tokens.text("access_token")).await, "{way} {round}");
        }
        let tokens = browser.dance(&app, &[]).await;
        assert!(world.is_active(&app, &tokens.text("access_token")).await, "{way}");
        world.advance(60);
    }
}

#[tokio::test]
async fn sec_tk_24_one_call_ends_everything() {
    let world = World::new().await;
    let engine = world.engine();
    let (app, declared) = (world.web().await, world.web().await);
    let declared =
        world.tweak(&declared, |client| client.origin = valetkey_ports::ClientOrigin::Configuration).await;
    let opaque = world.tweak(&app, |client| client.token_format = Some(TokenFormat::Opaque)).await;
    let own = [("grant_type", "client_credentials")];
    let mut tokens = Vec::new();
    for app in [&opaque, &declared] {
        tokens.push((app, world.token(app, &own).await.ok().text("access_token")));
    }
    let anna = world.person("anna").await;
    // More than a batch.
    for count in 0..250 {
        world.person(&format!("person{count}")).await;
    }
    let zoe = world.person("zoe").await;
    let (mut annas, mut zoes) = (Browser::new(&world, &anna), Browser::new(&world, &zoe));
    let code = annas.authorize(&declared, &[]).await.code();
    for browser in [&mut annas, &mut zoes] {
        for app in [&opaque, &declared] {
            let answer = browser.dance(app, &[]).await;
            tokens.push((app, answer.text("access_token")));
            tokens.push((app, answer.text("refresh_token")));
        }
    }
    for (app, token) in &tokens {
        assert!(world.is_active(app, token).await);
    }
    assert!(engine.end_all_tokens(&Actor::Account(anna.id)).await.is_err());
    assert!(world.is_active(tokens[0].0, &tokens[0].1).await);
    let ended = engine.end_all_tokens(&Actor::COMMAND_LINE).await.unwrap();
    assert_eq!((ended.accounts, ended.clients), (252, 2));
    for (app, token) in &tokens {
        assert!(!world.is_active(app, token).await);
    }
    assert!(annas.live().await.is_none() && zoes.live().await.is_none());
    world.redeem(&declared, &code).await.refused(400, "invalid_grant");
    let page = valetkey_ports::Page::first(1);
    let last = world.ports.events.list(None, &page).await.unwrap().remove(0);
    assert_eq!(last.by.as_deref(), Some("command line"));
    assert_eq!(last.detail, "everything: of 252 accounts and 2 clients");
    // Life goes on.
    world.advance(2);
    let again = annas.dance(&declared, &[]).await.text("access_token");
    assert!(world.is_active(&declared, &again).await);
    let again = world.token(&declared, &own).await.ok().text("access_token");
    assert!(world.is_active(&declared, &again).await);
}

#[tokio::test]
async fn sec_tk_19_what_was_revoked_stays_so_in_another_process() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let tokens = Browser::new(&world, &anna).dance(&app, &[]).await;
    let other = Browser::new(&world, &anna).dance(&app, &[]).await;
    revoke(&world, &app, &tokens.text("access_token")).await;
    revoke(&world, &app, &other.text("refresh_token")).await;
    let provider = crate::world::build(crate::world::policy(), world.ports.clone()).await;
    let restarted = World { provider, ports: world.ports.clone(), clock: world.clock.clone() };
    for token in [tokens.text("access_token"), other.text("access_token"), other.text("refresh_token")] {
        assert!(!restarted.is_active(&app, &token).await);
    }
    restarted.refresh(&app, &tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn sec_oi_02_a_deleted_accounts_tokens_are_dead_and_its_id_never_comes_back() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let tokens = browser.dance(&app, &[]).await;
    assert!(world.engine().delete_account(&anna.id, &Actor::COMMAND_LINE).await.unwrap());
    assert!(browser.live().await.is_none());
    assert!(!world.is_active(&app, &tokens.text("access_token")).await);
    world.refresh(&app, &tokens.text("refresh_token")).await.refused(400, "invalid_grant");
    let again = world.person("anna").await;
    assert_ne!(again.id, anna.id);
    assert!(!world.is_active(&app, &tokens.text("access_token")).await);
}
