//! What OAuth 2.1 has left behind: off, per client, or on for all (decision 8).

use valetkey_oauth2::{GrantType, Secret};
use valetkey_provider::{
    Switch,
    people::{Actor, NewAccount},
};

use crate::{
    browser::Browser,
    world::{App, World, policy, web},
};

const PASSWORD: &str = "three small herons wade";

async fn with_password(world: &World) {
    let new = NewAccount {
        username: "anna".into(),
        password: Some(Secret::new(PASSWORD)),
        ..NewAccount::default()
    };
    world.engine().create_account(&new, &Actor::COMMAND_LINE).await.unwrap().unwrap();
}

async fn ask(world: &World, app: &App, password: &str) -> crate::world::Answer {
    let fields =
        [("grant_type", "password"), ("username", "Anna"), ("password", password), ("scope", "read")];
    world.token(app, &fields).await
}

#[tokio::test]
async fn sec_ca_11_the_password_grant_is_off_and_hidden() {
    let world = World::new().await;
    with_password(&world).await;
    let app = world.web().await;
    let app = world.tweak(&app, |client| client.grant_types.push(GrantType::PASSWORD)).await;
    ask(&world, &app, PASSWORD).await.refused(400, "unsupported_grant_type");
    let metadata = world.send(crate::world::post("/oauth2/token", &[])).await;
    assert!(!metadata.body.contains("password"));
}

#[tokio::test]
async fn sec_ca_11_the_password_grant_is_for_clients_that_were_switched() {
    let mut rules = policy();
    rules.password_grant = Switch::PerClient;
    let world = World::with(rules).await;
    with_password(&world).await;
    let app = world.web().await;
    ask(&world, &app, PASSWORD).await.refused(400, "unauthorized_client");
    let mut draft = web("Legacy app");
    draft.grant_types.push("password".into());
    let registered = world.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap();
    assert!(registered.warnings.iter().any(|warning| warning.contains("password")), "{registered:?}");
    let app = App { client: registered.client, secret: registered.secret };
    let answer = ask(&world, &app, PASSWORD).await.ok();
    assert_eq!(answer.text("scope"), "read");
    world.refresh(&app, &answer.text("refresh_token")).await.ok();
    ask(&world, &app, "wrong").await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn the_password_grant_can_be_on_for_all() {
    let mut rules = policy();
    rules.password_grant = Switch::All;
    let world = World::with(rules).await;
    with_password(&world).await;
    ask(&world, &world.web().await, PASSWORD).await.ok();
}

#[tokio::test]
async fn sec_ui_07_guessing_by_the_password_grant_counts_like_a_login() {
    let mut rules = policy();
    rules.password_grant = Switch::All;
    rules.limits.per_account = 3;
    let world = World::with(rules).await;
    with_password(&world).await;
    let app = world.web().await;
    for _ in 0..3 {
        ask(&world, &app, "wrong").await.refused(400, "invalid_grant");
    }
    let locked = ask(&world, &app, PASSWORD).await;
    assert_eq!(locked.status.as_u16(), 429, "{locked:?}");
    assert!(locked.header("retry-after").is_some());
}

#[tokio::test]
async fn sec_az_09_the_implicit_grant_answers_in_the_fragment_once_it_is_on() {
    for (switch, registered) in [(Switch::PerClient, true), (Switch::All, false)] {
        let mut rules = policy();
        rules.implicit = switch;
        let world = World::with(rules).await;
        let anna = world.person("anna").await;
        let mut app = world.spa().await;
        if registered {
            app = world.tweak(&app, |client| client.grant_types = vec![GrantType::IMPLICIT]).await;
        }
        let mut browser = Browser::new(&world, &anna);
        let answer = browser.authorize(&app, &[("response_type", "token"), ("scope", "read")]).await;
        assert_eq!(answer.to, crate::world::CALLBACK);
        assert_eq!(answer.params["token_type"], "Bearer");
        assert_eq!((answer.params["expires_in"].as_str(), answer.params["scope"].as_str()), ("600", "read"));
        assert_eq!(
            (answer.params["state"].as_str(), answer.params["iss"].as_str()),
            ("s-1", "https://id.example")
        );
        assert!(!answer.params.contains_key("refresh_token"));
        let right = world.tweak(&world.web().await, |client| client.may_introspect = true).await;
        assert!(world.is_active(&right, &answer.params["access_token"]).await);
    }
}

#[tokio::test]
async fn a_legacy_that_is_off_cannot_be_registered() {
    let world = World::new().await;
    for grant in ["implicit", "password"] {
        let mut draft = web("Legacy app");
        draft.grant_types.push(grant.into());
        let problems = world.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap_err();
        assert_eq!(problems[0].field, "grant_types");
    }
}
