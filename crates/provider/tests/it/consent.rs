//! Consent: remembered, widened, narrowed, denied, withdrawn.

use http::Method;
use valetkey_provider::{
    endpoints::{Approved, flow_of},
    people::Actor,
};

use crate::{
    browser::{Browser, Decision, authorize_uri},
    world::{World, peer, scope},
};

#[tokio::test]
async fn what_was_allowed_is_remembered_and_asked_again_when_there_is_more() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[("scope", "read")]).await.code();
    browser.authorize(&app, &[("scope", "read")]).await.code();
    assert_eq!(browser.pages, ["login", "consent"]);
    browser.authorize(&app, &[("scope", "read write")]).await.code();
    assert_eq!(browser.pages, ["login", "consent", "consent"]);
    // The wider one holds for the narrower.
    browser.authorize(&app, &[("scope", "write")]).await.code();
    browser.authorize(&app, &[("scope", "write"), ("prompt", "consent")]).await.code();
    assert_eq!(browser.pages, ["login", "consent", "consent", "consent"]);
}

#[tokio::test]
async fn another_resource_is_asked_about() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[("resource", "https://api.example/photos")]).await.code();
    browser.authorize(&app, &[("resource", "https://api.example/photos")]).await.code();
    assert_eq!(browser.pages.len(), 2);
    browser.authorize(&app, &[("resource", "https://api.example/mail")]).await.code();
    assert_eq!(browser.pages.len(), 3);
}

#[tokio::test]
async fn sec_az_15_a_person_may_narrow_and_never_widen() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.decision = Decision::Narrow("read admin");
    let tokens = browser.dance(&app, &[("scope", "read write")]).await;
    assert_eq!(tokens.text("scope"), "read");
    let refreshed = world.refresh(&app, &tokens.text("refresh_token")).await.ok();
    assert_eq!(refreshed.text("scope"), "read");
    // What was unticked is asked for again.
    browser.authorize(&app, &[("scope", "write")]).await.code();
    assert_eq!(browser.pages, ["login", "consent", "consent"]);
}

#[tokio::test]
async fn a_denial_is_told_to_the_client() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.decision = Decision::Deny;
    let sent = browser.authorize(&app, &[]).await;
    assert_eq!((sent.error(), sent.params["state"].as_str()), ("access_denied", "s-1"));
    assert_eq!(sent.params["iss"], "https://id.example");
    assert!(world.events().await.contains(&"consent_denied".to_owned()));
}

#[tokio::test]
async fn sec_az_01_an_address_that_was_taken_back_does_not_hear_a_denial() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser { decision: Decision::Deny, ..Browser::new(&world, &anna) };
    let mut to = authorize_uri(&app, &[]);
    while !to.starts_with("/consent") {
        to = browser.step(&to).await.header("location").unwrap().to_owned();
    }
    world.tweak(&app, |client| client.redirect_uris.clear()).await;
    let answer = browser.step(&to).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "{answer:?}");
    assert!(world.events().await.contains(&"consent_denied".to_owned()));
}

#[tokio::test]
async fn sec_az_17_a_client_that_can_be_posed_as_is_always_asked_about() {
    let world = World::new().await;
    let (native, spa, anna) = (world.native().await, world.spa().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    for uri in ["http://127.0.0.1:4000/cb", "com.example.app:/cb"] {
        for round in 1..=2 {
            browser.pages.clear();
            browser.authorize(&native, &[("redirect_uri", uri)]).await.code();
            assert_eq!(browser.pages.last(), Some(&"consent"), "{uri}, round {round}");
        }
    }
    let sent = browser.authorize(&native, &[("prompt", "none")]).await;
    assert_eq!(sent.error(), "consent_required");
    // Answers of a browser app go to a host of its own.
    browser.authorize(&spa, &[]).await.code();
    browser.pages.clear();
    browser.authorize(&spa, &[]).await.code();
    assert!(browser.pages.is_empty());
}

#[tokio::test]
async fn an_app_that_the_operator_vouches_for_is_not_asked_about() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let app = world.tweak(&app, |client| client.is_trusted = true).await;
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await.code();
    assert_eq!(browser.pages, ["login"]);
    browser.authorize(&app, &[("prompt", "consent")]).await.code();
    assert_eq!(browser.pages, ["login", "consent"]);
}

#[tokio::test]
async fn sec_ui_24_a_client_that_looks_different_asks_again() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await.code();
    world.tweak(&app, |client| client.name = "Another name".into()).await;
    browser.authorize(&app, &[]).await.code();
    assert_eq!(browser.pages, ["login", "consent", "consent"]);
    world
        .tweak(&app, |client| {
            client.redirect_uris.push(valetkey_oauth2::RedirectUri::parse("https://b.example/cb").unwrap());
        })
        .await;
    browser.authorize(&app, &[]).await.code();
    assert_eq!(browser.pages.len(), 4);
}

#[tokio::test]
async fn sec_tk_23_a_person_puts_an_app_out_at_once() {
    let world = World::new().await;
    let (app, other, anna) = (world.web().await, world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    let jwt = browser.dance(&app, &[("scope", "read")]).await;
    world.advance(10);
    let second = browser.dance(&app, &[("scope", "read")]).await;
    let kept = browser.dance(&other, &[]).await;
    let engine = world.engine();
    let apps = engine.connected_apps(&anna.id).await.unwrap();
    assert_eq!(apps.len(), 2);
    let listed = apps.iter().find(|one| one.client == app.client.id).unwrap();
    assert_eq!((listed.grants, listed.scope.as_str()), (2, "read"));
    assert_eq!(listed.last_used.since(listed.first_used).as_secs(), 10);
    let own = Actor::Account(anna.id);
    assert!(engine.withdraw(&anna.id, &app.client.id, &own).await.unwrap());
    for token in [jwt.text("access_token"), second.text("access_token"), second.text("refresh_token")] {
        assert!(!world.is_active(&app, &token).await);
    }
    world.refresh(&app, &jwt.text("refresh_token")).await.refused(400, "invalid_grant");
    assert!(world.is_active(&other, &kept.text("access_token")).await);
    assert_eq!(engine.connected_apps(&anna.id).await.unwrap().len(), 1);
    assert!(!engine.withdraw(&anna.id, &app.client.id, &own).await.unwrap());
    // Allowing it again, in this very second, works: with the page, and with tokens that live.
    browser.pages.clear();
    let again = browser.dance(&app, &[("scope", "read")]).await;
    assert_eq!(browser.pages, ["consent"]);
    assert!(world.is_active(&app, &again.text("access_token")).await);
    assert_eq!(engine.connected_apps(&anna.id).await.unwrap().len(), 2);
    // And once more: also what was dated after the last mark ends.
    assert!(engine.withdraw(&anna.id, &app.client.id, &own).await.unwrap());
    assert!(!world.is_active(&app, &again.text("access_token")).await);
}

#[tokio::test]
async fn sec_tk_23_an_app_without_a_consent_can_be_put_out_too() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let app = world.tweak(&app, |client| client.is_trusted = true).await;
    let tokens = Browser::new(&world, &anna).dance(&app, &[]).await;
    let engine = world.engine();
    let apps = engine.connected_apps(&anna.id).await.unwrap();
    assert_eq!((apps.len(), apps[0].grants), (1, 1));
    assert!(engine.withdraw(&anna.id, &app.client.id, &Actor::Account(anna.id)).await.unwrap());
    assert!(!world.is_active(&app, &tokens.text("access_token")).await);
    assert!(engine.connected_apps(&anna.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn sec_op_01_nobody_withdraws_for_others() {
    let world = World::new().await;
    let (app, anna, ben) = (world.web().await, world.person("anna").await, world.person("ben").await);
    let tokens = Browser::new(&world, &anna).dance(&app, &[]).await;
    let engine = world.engine();
    assert!(!engine.withdraw(&anna.id, &app.client.id, &Actor::Account(ben.id)).await.unwrap());
    assert!(!engine.end_account(&anna.id, &Actor::Account(ben.id)).await.unwrap());
    assert!(!engine.delete_account(&anna.id, &Actor::Account(ben.id)).await.unwrap());
    assert!(world.is_active(&app, &tokens.text("access_token")).await);
    assert!(engine.withdraw(&anna.id, &app.client.id, &Actor::Administrator(ben.id)).await.unwrap());
    assert!(!world.is_active(&app, &tokens.text("access_token")).await);
}

#[tokio::test]
async fn sec_ui_23_a_flow_that_has_ended_or_lost_its_client_leaves_no_consent_behind() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let engine = world.engine();
    for is_denied in [true, false] {
        let app = world.web().await;
        let mut browser = Browser::new(&world, &anna);
        browser.log_in(&anna).await;
        let page = browser.get(&authorize_uri(&app, &[("scope", "read")])).await;
        let page = page.header("location").unwrap().to_owned();
        let (_, raw) = page.split_once("?flow=").unwrap();
        let request = browser.request(&Method::GET, &page, String::new());
        let (handle, flow) = flow_of(engine, &request, raw, engine.now()).await.unwrap();
        let live = browser.live().await.unwrap();
        // In another tab, while the page is open.
        if is_denied {
            engine.deny(&handle, &live, &request, &peer()).await.unwrap();
        } else {
            assert!(engine.disable_client(&app.client.id, &Actor::COMMAND_LINE).await.unwrap().is_done());
        }
        let approved = Approved { scope: scope("read") };
        assert!(engine.approve(&handle, flow, &live, &approved, &peer()).await.is_err());
        assert!(world.ports.consents.find(&anna.id, &app.client.id).await.unwrap().is_none());
    }
    assert!(!world.events().await.contains(&"consent_given".to_owned()));
}
