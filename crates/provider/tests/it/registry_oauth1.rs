//! What clients are given for OAuth 1.

use std::time::Duration;

use valetkey_oauth2::{GrantType, Secret};
use valetkey_ports::{Client, OAuth1Client};
use valetkey_provider::{
    Policy,
    people::Actor,
    registry::{Changed, ClientDraft, OAuth1Draft, Problem, Registered, parse_moment},
};

use crate::world::{App, World, policy, web};

const KEY: &str = include_str!("../../../oauth1/tests/vectors/rsa-2048-public.pem");
const WEAK_KEY: &str = include_str!("../../../oauth1/tests/vectors/rsa-1024-public.pem");
const PRIVATE_KEY: &str = include_str!("../../../oauth1/tests/vectors/rsa-2048-pkcs8.pem");

/// An app that speaks OAuth 1 and nothing else.
fn consumer(oauth1: OAuth1Draft) -> ClientDraft {
    ClientDraft { grant_types: Vec::new(), oauth1: OAuth1Draft { is_on: true, ..oauth1 }, ..web("Consumer") }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn register(world: &World, draft: &ClientDraft, actor: &Actor) -> Result<Registered, Vec<Problem>> {
    world.engine().register(draft, actor).await.unwrap()
}

async fn made(world: &World, oauth1: OAuth1Draft) -> Registered {
    register(world, &consumer(oauth1), &Actor::COMMAND_LINE).await.unwrap()
}

async fn change(world: &World, client: &Client, draft: &ClientDraft) -> Registered {
    let changed = world.engine().update_client(&client.id, draft, &Actor::COMMAND_LINE).await;
    changed.unwrap().unwrap().unwrap()
}

async fn refused(world: &World, draft: &ClientDraft, actor: &Actor) -> Vec<&'static str> {
    let problems = register(world, draft, actor).await.unwrap_err();
    for problem in &problems {
        assert!(problem.message.ends_with('.'), "{problem:?}");
    }
    problems.iter().map(|problem| problem.field).collect()
}

fn own(client: &Client) -> &OAuth1Client {
    client.oauth1.as_ref().unwrap()
}

/// The shared secrets that the client has now, opened.
async fn secrets(world: &World, client: &Client) -> Vec<Secret> {
    let kept = world.ports.clients.find(&client.id).await.unwrap().unwrap();
    let open = |kept: &valetkey_ports::SharedSecret| {
        world.engine().open_client_secret(&client.id, &kept.sealed).unwrap()
    };
    own(&kept).live_secrets(world.now()).map(open).collect()
}

#[tokio::test]
async fn sec_o1_11_a_consumers_secret_is_shown_once_and_kept_sealed() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let done = register(&world, &consumer(OAuth1Draft::default()), &Actor::of(&dev)).await.unwrap();
    let secret = done.oauth1_secret.unwrap();
    assert!(done.warnings.is_empty(), "{:?}", done.warnings);
    assert_eq!(secrets(&world, &done.client).await, std::slice::from_ref(&secret));
    let kept = world.ports.clients.find(&done.client.id).await.unwrap().unwrap();
    let record = serde_json::to_string(&kept).unwrap();
    assert!(!record.contains(secret.expose()), "{record}");
    // Sealed for this client: in another's row it opens nothing.
    let other = made(&world, OAuth1Draft::default()).await.client;
    let sealed = &own(&kept).secrets[0].sealed;
    assert!(world.engine().open_client_secret(&other.id, sealed).is_err());
}

#[tokio::test]
async fn a_client_speaks_one_protocol_or_the_other_or_both() {
    let world = World::new().await;
    let only_1 = made(&world, OAuth1Draft::default()).await;
    assert!(only_1.client.grant_types.is_empty() && only_1.client.secrets.is_empty());
    assert!(only_1.secret.is_none() && only_1.oauth1_secret.is_some());
    let only_2 = register(&world, &web("Other"), &Actor::COMMAND_LINE).await.unwrap();
    assert!(only_2.client.oauth1.is_none());
    assert!(only_2.secret.is_some() && only_2.oauth1_secret.is_none());
    let draft = ClientDraft { oauth1: OAuth1Draft { is_on: true, ..OAuth1Draft::default() }, ..web("Both") };
    let both = register(&world, &draft, &Actor::COMMAND_LINE).await.unwrap();
    assert_ne!(both.secret.unwrap(), both.oauth1_secret.unwrap());
    // What speaks OAuth 1 alone has nothing to show to the token endpoint.
    let app = App { client: only_1.client.clone(), secret: only_1.oauth1_secret };
    world.token(&app, &[("grant_type", "client_credentials")]).await.refused(401, "invalid_client");
    let rotated = world.engine().rotate_secret(&app.client.id, Duration::ZERO, &Actor::COMMAND_LINE);
    assert!(rotated.await.unwrap().is_none());
}

#[tokio::test]
async fn each_protocol_can_be_added_and_taken_away_later() {
    let world = World::new().await;
    let app = register(&world, &web("App"), &Actor::COMMAND_LINE).await.unwrap().client;
    let mut draft = ClientDraft::from(&app);
    draft.oauth1.is_on = true;
    let both = change(&world, &app, &draft).await;
    assert!(both.secret.is_none() && both.oauth1_secret.is_some());
    assert_eq!((&both.client.secrets, &both.client.grant_types), (&app.secrets, &app.grant_types));
    // What is kept reads back as the draft that changes nothing.
    let same = change(&world, &app, &ClientDraft::from(&both.client)).await;
    assert_eq!(same.client, both.client);
    assert!(same.oauth1_secret.is_none());
    // Without grant types OAuth 1 alone is left, and the secret for OAuth 2 is gone.
    let less = ClientDraft { grant_types: Vec::new(), ..ClientDraft::from(&both.client) };
    let only_1 = change(&world, &app, &less).await.client;
    assert!(only_1.secrets.is_empty());
    assert_eq!(own(&only_1).secrets, own(&both.client).secrets);
    // Back again: a new secret.
    let more = ClientDraft { grant_types: texts(&["authorization_code"]), ..ClientDraft::from(&only_1) };
    let again = change(&world, &app, &more).await;
    assert!(again.secret.is_some() && again.client.secrets != app.secrets);
    // Switched off and on: the old secret never comes back.
    let mut off = ClientDraft::from(&again.client);
    off.oauth1.is_on = false;
    let without = change(&world, &app, &off).await.client;
    assert!(without.oauth1.is_none());
    let mut on = ClientDraft::from(&without);
    on.oauth1.is_on = true;
    assert_ne!(change(&world, &app, &on).await.oauth1_secret, both.oauth1_secret);
    // With neither there would be nothing left.
    let mut nothing = ClientDraft::from(&only_1);
    nothing.oauth1.is_on = false;
    let id = change(&world, &app, &less).await.client.id;
    let problems = world.engine().update_client(&id, &nothing, &Actor::COMMAND_LINE).await.unwrap().unwrap();
    assert_eq!(problems.unwrap_err()[0].field, "grant_types");
}

#[tokio::test]
async fn everything_that_was_said_is_kept_and_reads_back() {
    let world = World::new().await;
    let said = OAuth1Draft {
        methods: texts(&["HMAC-SHA256", "RSA-SHA256"]),
        rsa_keys: vec![KEY.to_owned()],
        may_use_oob: true,
        may_sign_alone: true,
        token_lifetime: Some(Duration::from_secs(3600)),
        sunset: "2027-06-30T12:00:00Z".to_owned(),
        ..OAuth1Draft::default()
    };
    let client = made(&world, said.clone()).await.client;
    let kept = own(&client);
    assert_eq!(kept.methods.as_deref(), Some(&texts(&["HMAC-SHA256", "RSA-SHA256"])[..]));
    assert_eq!(kept.sunset, parse_moment("2027-06-30T12:00:00Z"));
    assert_eq!((kept.may_use_oob, kept.may_sign_alone), (true, true));
    assert_eq!(kept.token_lifetime, Some(Duration::from_secs(3600)));
    let back = OAuth1Draft::from(&client);
    assert_eq!(back, OAuth1Draft { is_on: true, rsa_keys: vec![KEY.trim().to_owned()], ..said });
    // A change to the rest leaves it alone.
    let renamed = ClientDraft { name: "Renamed".into(), ..ClientDraft::from(&client) };
    assert_eq!(change(&world, &client, &renamed).await.client.oauth1, client.oauth1);
}

#[tokio::test]
async fn what_cannot_be_is_named_field_by_field() {
    let world = World::new().await;
    let many: Vec<String> = (0..6).map(|number| format!("{KEY}{number}")).collect();
    let long = Some(Duration::from_secs(11 * 365 * 24 * 60 * 60));
    let (is_on, default) = (true, OAuth1Draft::default);
    for (draft, field) in [
        (OAuth1Draft { methods: texts(&["HMAC-MD5"]), ..default() }, "oauth1_methods"),
        (OAuth1Draft { methods: texts(&["hmac-sha1"]), ..default() }, "oauth1_methods"),
        (OAuth1Draft { methods: texts(&["RSA-SHA256"]), ..default() }, "oauth1_rsa_keys"),
        (
            OAuth1Draft { methods: texts(&["HMAC-SHA1"]), rsa_keys: texts(&[KEY]), ..default() },
            "oauth1_methods",
        ),
        (OAuth1Draft { rsa_keys: texts(&["no key"]), ..default() }, "oauth1_rsa_keys"),
        (OAuth1Draft { rsa_keys: texts(&[PRIVATE_KEY]), ..default() }, "oauth1_rsa_keys"),
        (OAuth1Draft { rsa_keys: vec!["x".repeat(5000)], ..default() }, "oauth1_rsa_keys"),
        (OAuth1Draft { rsa_keys: many, ..default() }, "oauth1_rsa_keys"),
        (OAuth1Draft { sunset: "next year".into(), ..default() }, "oauth1_sunset"),
        (OAuth1Draft { token_lifetime: Some(Duration::ZERO), ..default() }, "oauth1_token_lifetime"),
        (OAuth1Draft { token_lifetime: long, ..default() }, "oauth1_token_lifetime"),
        (OAuth1Draft { secret: Some(Secret::new("")), ..default() }, "oauth1_secret"),
        (OAuth1Draft { secret: Some(Secret::new("x".repeat(1025))), ..default() }, "oauth1_secret"),
    ] {
        assert_eq!(
            refused(&world, &consumer(draft.clone()), &Actor::COMMAND_LINE).await,
            [field],
            "{draft:?}"
        );
    }
    let browser = ClientDraft {
        kind: "browser".into(),
        oauth1: OAuth1Draft { is_on, ..default() },
        ..consumer(default())
    };
    assert_eq!(refused(&world, &browser, &Actor::COMMAND_LINE).await, ["oauth1"]);
}

#[tokio::test]
async fn without_a_callback_there_must_be_another_way() {
    let world = World::new().await;
    let nowhere = ClientDraft { redirect_uris: Vec::new(), ..consumer(OAuth1Draft::default()) };
    assert_eq!(refused(&world, &nowhere, &Actor::COMMAND_LINE).await, ["redirect_uris"]);
    for oauth1 in [
        OAuth1Draft { may_use_oob: true, ..OAuth1Draft::default() },
        OAuth1Draft { may_sign_alone: true, ..OAuth1Draft::default() },
    ] {
        let draft = ClientDraft { redirect_uris: Vec::new(), ..consumer(oauth1) };
        assert!(register(&world, &draft, &Actor::COMMAND_LINE).await.is_ok(), "{draft:?}");
    }
}

#[tokio::test]
async fn sec_o1_09_weak_methods_are_a_clients_own_switch_and_short_keys_are_refused() {
    let world = World::new().await;
    let short = OAuth1Draft { rsa_keys: texts(&[WEAK_KEY]), ..OAuth1Draft::default() };
    let problems = register(&world, &consumer(short), &Actor::COMMAND_LINE).await.unwrap_err();
    assert_eq!(problems[0].field, "oauth1_rsa_keys");
    assert!(problems[0].message.contains("2048"), "{problems:?}");
    let with = |methods: &[&str]| OAuth1Draft {
        methods: texts(methods),
        rsa_keys: texts(&[KEY]),
        ..OAuth1Draft::default()
    };
    let done = made(&world, with(&["RSA-SHA1"])).await;
    assert_eq!(done.warnings.len(), 1, "{:?}", done.warnings);
    assert!(done.warnings[0].contains("RSA-SHA1"), "{:?}", done.warnings);
    let done = made(&world, with(&["HMAC-SHA1", "HMAC-SHA256", "RSA-SHA256", "RSA-SHA512"])).await;
    let about_methods = |warning: &String| warning.contains("signature method");
    assert!(!done.warnings.iter().any(about_methods), "{:?}", done.warnings);
    // Nobody has them without having asked for them.
    let usual = made(&world, OAuth1Draft::default()).await.client;
    assert!(own(&usual).methods.is_none());
    let offered = &world.engine().policy().oauth1.methods;
    assert!(offered.iter().all(|name| name != "RSA-SHA1" && name != "PLAINTEXT"), "{offered:?}");
}

#[tokio::test]
async fn sec_o1_08_plaintext_is_a_clients_own_switch() {
    let world = World::new().await;
    let plain = OAuth1Draft { methods: texts(&["PLAINTEXT"]), ..OAuth1Draft::default() };
    let done = made(&world, plain.clone()).await;
    assert!(done.warnings.iter().any(|warning| warning.contains("PLAINTEXT")), "{:?}", done.warnings);
    let mut strict = policy();
    strict.oauth1.switchable_methods.clear();
    let world = World::with(strict).await;
    assert_eq!(refused(&world, &consumer(plain), &Actor::COMMAND_LINE).await, ["oauth1_methods"]);
}

#[tokio::test]
async fn who_signs_with_rsa_only_has_no_shared_secret_unless_it_asks() {
    let world = World::new().await;
    let rsa =
        OAuth1Draft { methods: texts(&["RSA-SHA256"]), rsa_keys: texts(&[KEY]), ..OAuth1Draft::default() };
    let done = made(&world, rsa.clone()).await;
    assert!(done.oauth1_secret.is_none() && own(&done.client).secrets.is_empty());
    let asked = world.engine().rotate_oauth1_secret(&done.client.id, Duration::ZERO, &Actor::COMMAND_LINE);
    let asked = asked.await.unwrap().unwrap();
    // A later change leaves what was asked for.
    let renamed = ClientDraft { name: "Renamed".into(), ..ClientDraft::from(&done.client) };
    change(&world, &done.client, &renamed).await;
    assert_eq!(secrets(&world, &done.client).await, [asked]);
    // Moving from shared secrets to RSA gives them up, and moving back makes a new one.
    let client = made(&world, OAuth1Draft::default()).await.client;
    let moved = ClientDraft { oauth1: OAuth1Draft { is_on: true, ..rsa }, ..ClientDraft::from(&client) };
    let moved = change(&world, &client, &moved).await;
    assert!(moved.oauth1_secret.is_none() && own(&moved.client).secrets.is_empty());
    let mut back = ClientDraft::from(&moved.client);
    back.oauth1.methods.clear();
    let back = change(&world, &client, &back).await;
    assert_eq!(secrets(&world, &client).await, [back.oauth1_secret.unwrap()]);
}

#[tokio::test]
async fn a_given_secret_is_taken_whatever_characters_it_has() {
    let world = World::new().await;
    for given in ["kd94hf93k423kf44", "a b+c/d=&%\u{e4}\u{1f980}\n\t", "x", " padded "] {
        let secret = Secret::new(given);
        let draft = OAuth1Draft { secret: Some(secret.clone()), ..OAuth1Draft::default() };
        let done = made(&world, draft).await;
        assert!(done.oauth1_secret.is_none());
        assert_eq!(secrets(&world, &done.client).await, std::slice::from_ref(&secret), "{given:?}");
        // Given again, nothing changes; another takes its place at once.
        world.advance(60);
        let with = |secret: Secret| {
            let mut draft = ClientDraft::from(&done.client);
            draft.oauth1.secret = Some(secret);
            draft
        };
        assert_eq!(change(&world, &done.client, &with(secret)).await.client, done.client);
        let other = Secret::new(format!("{given}!"));
        change(&world, &done.client, &with(other.clone())).await;
        assert_eq!(secrets(&world, &done.client).await, [other]);
    }
}

#[tokio::test]
async fn sec_rg_05_a_developer_gives_no_secret_and_no_longer_life() {
    let mut rules = policy();
    rules.oauth1.token_lifetime = Some(Duration::from_secs(3600));
    let world = World::with(rules).await;
    let dev = Actor::of(&world.person("dev").await);
    let secret = Some(Secret::new("6f1ed002ab5595859014ebf0951522d9"));
    let given = consumer(OAuth1Draft { secret, ..OAuth1Draft::default() });
    assert_eq!(refused(&world, &given, &dev).await, ["oauth1_secret"]);
    let with = |seconds| {
        let token_lifetime = Some(Duration::from_secs(seconds));
        consumer(OAuth1Draft { token_lifetime, ..OAuth1Draft::default() })
    };
    assert_eq!(refused(&world, &with(3601), &dev).await, ["oauth1_token_lifetime"]);
    let app = register(&world, &with(3600), &dev).await.unwrap().client;
    // What an operator allowed is kept by a change of the developer's.
    let longer = ClientDraft { name: app.name.clone(), ..with(7200) };
    change(&world, &app, &longer).await;
    let site = ClientDraft { site: "https://app.example".into(), ..longer };
    let changed = world.engine().update_client(&app.id, &site, &dev).await.unwrap().unwrap().unwrap();
    assert_eq!(own(&changed.client).token_lifetime, Some(Duration::from_secs(7200)));
}

#[tokio::test]
async fn a_program_on_peoples_devices_speaks_it_only_if_an_operator_says_so() {
    let world = World::new().await;
    let dev = Actor::of(&world.person("dev").await);
    let native = ClientDraft {
        kind: "native".into(),
        redirect_uris: texts(&["http://127.0.0.1/cb"]),
        ..consumer(OAuth1Draft { may_use_oob: true, ..OAuth1Draft::default() })
    };
    assert_eq!(refused(&world, &native, &dev).await, ["oauth1"]);
    let done = register(&world, &native, &Actor::COMMAND_LINE).await.unwrap();
    assert!(done.warnings.iter().any(|warning| warning.contains("proves nothing")), "{:?}", done.warnings);
    assert!(done.oauth1_secret.is_some() && done.secret.is_none());
    // Alone it would act with a secret that everybody has.
    let mut alone = native;
    alone.oauth1.may_sign_alone = true;
    assert_eq!(refused(&world, &alone, &Actor::COMMAND_LINE).await, ["oauth1_may_sign_alone"]);
}

#[tokio::test]
async fn two_shared_secrets_live_at_the_most_while_one_is_replaced() {
    let world = World::new().await;
    let done = made(&world, OAuth1Draft::default()).await;
    let (client, first) = (done.client, done.oauth1_secret.unwrap());
    let engine = world.engine();
    let rotate = async |hours: u64| {
        let overlap = Duration::from_secs(hours * 3600);
        engine.rotate_oauth1_secret(&client.id, overlap, &Actor::COMMAND_LINE).await.unwrap().unwrap()
    };
    let second = rotate(24).await;
    assert_eq!(secrets(&world, &client).await, [first, second.clone()]);
    world.advance(3600);
    let third = rotate(1).await;
    assert_eq!(secrets(&world, &client).await, [second, third.clone()]);
    world.advance(3600);
    assert_eq!(secrets(&world, &client).await, std::slice::from_ref(&third));
    let fourth = rotate(1).await;
    assert_eq!(secrets(&world, &client).await, [third, fourth.clone()]);
    assert!(engine.retire_oauth1_secret(&client.id, &Actor::COMMAND_LINE).await.unwrap().is_done());
    assert_eq!(secrets(&world, &client).await, [fourth]);
    let fifth = rotate(0).await;
    assert_eq!(secrets(&world, &client).await, [fifth]);
    assert_eq!(world.events().await.iter().filter(|kind| *kind == "secret_rotated").count(), 5);
}

#[tokio::test]
async fn sec_op_01_somebody_elses_oauth_1_secret_is_not_there() {
    let world = World::new().await;
    let (dev, other) = (world.person("dev").await, world.person("other").await);
    let app = register(&world, &consumer(OAuth1Draft::default()), &Actor::of(&dev)).await.unwrap().client;
    let engine = world.engine();
    let foreign = Actor::of(&other);
    assert!(engine.rotate_oauth1_secret(&app.id, Duration::ZERO, &foreign).await.unwrap().is_none());
    assert_eq!(engine.retire_oauth1_secret(&app.id, &foreign).await.unwrap(), Changed::NotFound);
    assert_eq!(world.ports.clients.find(&app.id).await.unwrap().unwrap(), app);
    // Nor is there one where OAuth 1 is not spoken, or where the configuration declares it.
    let only_2 = world.web().await.client;
    let rotated = engine.rotate_oauth1_secret(&only_2.id, Duration::ZERO, &Actor::COMMAND_LINE);
    assert!(rotated.await.unwrap().is_none());
    let declared = ClientDraft { name: "Declared".into(), ..consumer(OAuth1Draft::default()) };
    let declared = register(&world, &declared, &Actor::CONFIGURATION).await.unwrap().client;
    let rotated = engine.rotate_oauth1_secret(&declared.id, Duration::ZERO, &Actor::COMMAND_LINE);
    assert!(rotated.await.unwrap().is_none());
    let retired = engine.retire_oauth1_secret(&declared.id, &Actor::COMMAND_LINE);
    assert_eq!(retired.await.unwrap(), Changed::ReadOnly);
}

#[tokio::test]
async fn where_oauth_1_is_off_nobody_is_registered_for_it() {
    let world = World::with(Policy { ..policy() }).await;
    let client = made(&world, OAuth1Draft::default()).await.client;
    let mut off = policy();
    off.oauth1.is_on = false;
    let provider = crate::world::build(off, world.ports.clone()).await;
    let refused = provider.engine().register(&consumer(OAuth1Draft::default()), &Actor::COMMAND_LINE).await;
    assert_eq!(refused.unwrap().unwrap_err()[0].field, "oauth1");
    // Who has it keeps it, for when it is on again.
    let renamed = ClientDraft { name: "Renamed".into(), ..ClientDraft::from(&client) };
    let kept = provider.engine().update_client(&client.id, &renamed, &Actor::COMMAND_LINE).await;
    assert_eq!(kept.unwrap().unwrap().unwrap().client.oauth1, client.oauth1);
}

#[tokio::test]
async fn a_server_with_a_date_of_its_own_says_that_a_later_one_is_idle() {
    let mut rules = policy();
    rules.oauth1.sunset = parse_moment("2027-01-01");
    let world = World::with(rules).await;
    let with = |sunset: &str| OAuth1Draft { sunset: sunset.into(), ..OAuth1Draft::default() };
    assert!(made(&world, with("2026-12-31")).await.warnings.is_empty());
    let later = made(&world, with("2027-01-02")).await.warnings;
    assert!(later.iter().any(|warning| warning.contains("before the app's own date")), "{later:?}");
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let world = World::new().await;
    let client = made(&world, OAuth1Draft::default()).await.client;
    let (epoch, events) = (world.ports.meta.epoch().await.unwrap(), world.events().await);
    world.advance(60);
    let same = change(&world, &client, &ClientDraft::from(&client)).await;
    assert_eq!(same.client, client);
    assert_eq!((world.ports.meta.epoch().await.unwrap(), world.events().await), (epoch, events));
}

#[tokio::test]
async fn an_app_that_asks_about_tokens_keeps_a_secret_for_that() {
    let world = World::new().await;
    let draft = ClientDraft { may_introspect: true, ..consumer(OAuth1Draft::default()) };
    let done = register(&world, &draft, &Actor::COMMAND_LINE).await.unwrap();
    let app = App { client: done.client, secret: done.secret };
    assert!(!world.is_active(&app, "nothing").await);
    // Otherwise a given one would be of no use.
    let secret = Some(Secret::new("6f1ed002ab5595859014ebf0951522d9"));
    let useless = ClientDraft { client_secret: secret, ..consumer(OAuth1Draft::default()) };
    assert_eq!(refused(&world, &useless, &Actor::COMMAND_LINE).await, ["client_secret"]);
    assert!(!app.client.may_use(&GrantType::AUTHORIZATION_CODE));
}
