//! Who is asking (RFC 6749 §2.3), and what clients do for themselves (§4.4).

use std::time::Duration;

use http::header;
use valetkey_oauth2::{GrantType, Handle, HandleKind, Secret};
use valetkey_provider::{people::Actor, registry::ClientDraft};

use crate::world::{Answer, App, World, basic, claims, peer_at, post, read, web};

const OWN: &[(&str, &str)] = &[("grant_type", "client_credentials")];

async fn with_header(world: &World, value: &[u8], fields: &[(&str, &str)]) -> Answer {
    let mut request = post("/oauth2/token", fields);
    request.headers_mut().insert(header::AUTHORIZATION, http::HeaderValue::from_bytes(value).unwrap());
    world.send(request).await
}

fn posted<'a>(app: &'a App, secret: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("grant_type", "client_credentials"), ("client_id", app.id()), ("client_secret", secret)]
}

#[tokio::test]
async fn a_client_acts_for_itself_by_basic_and_by_post() {
    let world = World::new().await;
    let app = world.web().await;
    let answer = world.token(&app, OWN).await.ok();
    let json = answer.json();
    assert!(json.get("refresh_token").is_none());
    assert_eq!((json["scope"].as_str(), json["expires_in"].as_u64()), (Some("profile"), Some(600)));
    let secret = app.secret.as_ref().unwrap().expose().to_owned();
    world.post("/oauth2/token", &posted(&app, &secret)).await.ok();
}

#[tokio::test]
async fn sec_ca_12_the_subject_of_a_clients_own_token_is_no_account() {
    let world = World::new().await;
    let app = world.web().await;
    let claims = claims(&world.token(&app, OWN).await.ok().text("access_token"));
    assert_eq!((claims["sub"].as_str(), claims["client_id"].as_str()), (Some(app.id()), Some(app.id())));
    assert!(app.id().parse::<valetkey_oauth2::AccountId>().is_err());
    let draft = ClientDraft { client_id: Some("01890a5d-ac96-774b-bcce-b302099a8057".into()), ..web("x") };
    let problems = world.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap_err();
    assert_eq!(problems[0].field, "client_id");
}

#[tokio::test]
async fn sec_ca_01_guessing_a_secret_is_slowed_per_client_and_source() {
    let world = World::new().await;
    let app = world.web().await;
    assert!(app.secret.as_ref().unwrap().expose().len() > 43);
    let wrong = basic(app.id(), "wrong");
    for _ in 0..120 {
        with_header(&world, wrong.as_bytes(), OWN).await.refused(401, "invalid_client");
    }
    let blocked = with_header(&world, wrong.as_bytes(), OWN).await;
    assert_eq!(blocked.status.as_u16(), 429);
    assert_eq!(world.token(&app, OWN).await.status.as_u16(), 429);
    // Elsewhere nobody is locked out.
    let mut request = post("/oauth2/token", OWN);
    request.headers_mut().insert(header::AUTHORIZATION, app.basic().parse().unwrap());
    let elsewhere = read(&world.provider.handle(&request, &peer_at("192.0.2.7")).await);
    elsewhere.ok();
    world.advance(61);
    world.token(&app, OWN).await.ok();
}

#[tokio::test]
async fn sec_ca_01_made_up_clients_are_stopped_per_source_and_write_nothing() {
    let world = World::new().await;
    let (app, other) = (world.web().await, world.web().await);
    for count in 0..120 {
        let made_up = basic(&format!("nobody-{count}"), "wrong");
        with_header(&world, made_up.as_bytes(), OWN).await.refused(401, "invalid_client");
    }
    for count in 120..140 {
        let made_up = basic(&format!("nobody-{count}"), "wrong");
        let answer = with_header(&world, made_up.as_bytes(), OWN).await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("60")));
    }
    assert_eq!(
        world.ports.attempts.purge(world.now().plus(Duration::from_secs(3600)), 1000).await.unwrap(),
        0
    );
    // Who is right passes; who is wrong is not tried twice.
    world.token(&app, OWN).await.ok();
    let wrong = with_header(&world, basic(other.id(), "wrong").as_bytes(), OWN).await;
    assert_eq!(wrong.status.as_u16(), 429);
    assert_eq!(world.token(&other, OWN).await.status.as_u16(), 429);
    world.token(&app, OWN).await.ok();
    world.advance(60);
    world.token(&other, OWN).await.ok();
    with_header(&world, basic("nobody", "wrong").as_bytes(), OWN).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn sec_co_05_unknown_tokens_are_stopped_and_lock_nobody_out() {
    let world = World::new().await;
    let (app, spa, anna) = (world.web().await, world.spa().await, world.person("anna").await);
    let mut browser = crate::browser::Browser::new(&world, &anna);
    let tokens = browser.dance(&spa, &[]).await;
    let code = browser.authorize(&spa, &[]).await.code();
    let unknown = Handle::mint(HandleKind::RefreshToken, &[9; 32]);
    for _ in 0..120 {
        world.refresh(&spa, unknown.expose()).await.refused(400, "invalid_grant");
    }
    assert_eq!(world.refresh(&spa, unknown.expose()).await.status.as_u16(), 429);
    let unknown_code = Handle::mint(HandleKind::Code, &[9; 32]);
    assert_eq!(world.redeem(&spa, unknown_code.expose()).await.status.as_u16(), 429);
    world.refresh(&spa, &tokens.text("refresh_token")).await.ok();
    world.redeem(&spa, &code).await.ok();
    // Nor a client that has shown a secret, for what it does besides.
    for _ in 0..120 {
        world.refresh(&app, unknown.expose()).await.refused(400, "invalid_grant");
    }
    assert_eq!(world.refresh(&app, unknown.expose()).await.status.as_u16(), 429);
    world.token(&app, OWN).await.ok();
}

#[tokio::test]
async fn sec_ca_02_only_the_registered_method_and_one_at_a_time() {
    let world = World::new().await;
    let app = world.web().await;
    let secret = app.secret.as_ref().unwrap().expose().to_owned();
    with_header(&world, app.basic().as_bytes(), &posted(&app, &secret)).await.refused(400, "invalid_request");
    let only_post = world
        .tweak(&app, |client| client.auth_methods = vec![valetkey_oauth2::AuthMethod::ClientSecretPost])
        .await;
    world.token(&only_post, OWN).await.refused(401, "invalid_client");
    world.post("/oauth2/token", &posted(&app, &secret)).await.ok();
    // A confidential client that only names itself has shown nothing.
    let named = [("grant_type", "client_credentials"), ("client_id", app.id())];
    world.post("/oauth2/token", &named).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn sec_ca_03_basic_is_form_decoded_and_odd_headers_are_refused() {
    let world = World::new().await;
    let given = "p:ä%+/=?&ß und 漢字, lang genug für alles was kommt 0123456789";
    let draft = ClientDraft {
        client_id: Some("an id: with odd % signs".into()),
        client_secret: Some(Secret::new(given)),
        ..web("Moved here")
    };
    let moved = world.register(draft).await;
    assert!(moved.secret.is_none());
    let moved = App { secret: Some(Secret::new(given)), ..moved };
    world.token(&moved, OWN).await.ok();
    for header in [
        &b"Basic"[..],
        b"Basic ",
        b"Basic !!!!",
        b"Basic AAAA",
        b"Basic YTpiAGM6ZA==",
        b"Basic YTolZmY6JTA=",
        b"Digest YTpi",
        b"\xff\xfe",
    ] {
        let answer = with_header(&world, header, OWN).await;
        assert!(matches!(answer.status.as_u16(), 400 | 401), "{header:?}: {answer:?}");
    }
}

#[tokio::test]
async fn sec_ca_10_a_grant_type_must_be_the_clients() {
    let world = World::new().await;
    let app = world.web().await;
    let app = world.tweak(&app, |client| client.grant_types = vec![GrantType::AUTHORIZATION_CODE]).await;
    world.token(&app, OWN).await.refused(400, "unauthorized_client");
    world.refresh(&app, "vk_rt_x").await.refused(400, "unauthorized_client");
    let unknown = [("grant_type", "urn:ietf:params:oauth:grant-type:nonsense")];
    world.token(&app, &unknown).await.refused(400, "unsupported_grant_type");
    world.token(&app, &[]).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn sec_ca_13_a_public_client_has_no_rights_of_its_own() {
    let world = World::new().await;
    let spa = world.spa().await;
    let spa = world.tweak(&spa, |client| client.grant_types.push(GrantType::CLIENT_CREDENTIALS)).await;
    let answer = world.token(&spa, OWN).await;
    assert!(!answer.status.is_success(), "{answer:?}");
    let introspected = world.post_as(&spa, "/oauth2/introspect", &[("token", "x")]).await;
    introspected.refused(401, "invalid_client");
}

#[tokio::test]
async fn sec_ca_14_every_wrong_client_hears_the_same() {
    let world = World::new().await;
    let (app, spa) = (world.web().await, world.spa().await);
    let disabled = world.web().await;
    let done = world.engine().disable_client(&disabled.client.id, &Actor::COMMAND_LINE).await.unwrap();
    assert!(done.is_done());
    let wrong = [
        basic("nobody", "wrong"),
        basic(app.id(), "wrong"),
        basic(app.id(), ""),
        basic(spa.id(), "wrong"),
        disabled.basic(),
    ];
    let mut heard = Vec::new();
    for header in &wrong {
        let answer = with_header(&world, header.as_bytes(), OWN).await;
        answer.refused(401, "invalid_client");
        assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"valetkey\""));
        heard.push(answer.body);
    }
    heard.dedup();
    assert_eq!(heard.len(), 1, "{heard:?}");
}

#[tokio::test]
async fn sec_ca_17_two_secrets_live_while_one_is_replaced() {
    let world = World::new().await;
    let app = world.web().await;
    let engine = world.engine();
    let id = app.client.id.clone();
    let hour = Duration::from_secs(3600);
    let with = |secret: &Secret| App { client: app.client.clone(), secret: Some(secret.clone()) };
    let second = engine.rotate_secret(&id, hour, &Actor::COMMAND_LINE).await.unwrap().unwrap();
    world.token(&app, OWN).await.ok();
    world.token(&with(&second), OWN).await.ok();
    world.advance(3600);
    world.token(&app, OWN).await.refused(401, "invalid_client");
    world.token(&with(&second), OWN).await.ok();
    // A third one: the second and the third.
    let third = engine.rotate_secret(&id, hour, &Actor::COMMAND_LINE).await.unwrap().unwrap();
    let fourth = engine.rotate_secret(&id, hour, &Actor::COMMAND_LINE).await.unwrap().unwrap();
    world.token(&with(&second), OWN).await.refused(401, "invalid_client");
    world.token(&with(&third), OWN).await.ok();
    world.token(&with(&fourth), OWN).await.ok();
    // The old one ends at once when told so.
    assert!(engine.retire_secret(&id, &Actor::COMMAND_LINE).await.unwrap().is_done());
    world.token(&with(&third), OWN).await.refused(401, "invalid_client");
    world.token(&with(&fourth), OWN).await.ok();
    let fifth = engine.rotate_secret(&id, Duration::ZERO, &Actor::COMMAND_LINE).await.unwrap().unwrap();
    world.token(&with(&fourth), OWN).await.refused(401, "invalid_client");
    world.token(&with(&fifth), OWN).await.ok();
    let kept = world.ports.clients.find(&id).await.unwrap().unwrap();
    assert!(!format!("{kept:?}").contains(fifth.expose()));
}

#[tokio::test]
async fn a_weak_given_secret_works_and_is_kept_like_a_password() {
    let world = World::new().await;
    let draft = ClientDraft { client_secret: Some(Secret::new("hunter2")), ..web("Moved here") };
    let registered = world.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap();
    assert_eq!(registered.warnings.len(), 1, "{:?}", registered.warnings);
    let app = App { client: registered.client, secret: Some(Secret::new("hunter2")) };
    assert!(matches!(app.client.secrets[0].hash, valetkey_ports::SecretHash::Argon2(_)));
    world.token(&app, OWN).await.ok();
    let wrong = App { secret: Some(Secret::new("hunter3")), ..app };
    world.token(&wrong, OWN).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn opaque_tokens_are_given_where_they_are_asked_for() {
    let world = World::new().await;
    let app = world.web().await;
    let format = Some(valetkey_oauth2::TokenFormat::Opaque);
    let app = world.tweak(&app, |client| client.token_format = format).await;
    let token = world.token(&app, OWN).await.ok().text("access_token");
    assert!(token.starts_with("vk_at_"));
    assert!(world.is_active(&app, &token).await);
}
