//! Signing keys: published before they sign, and until their last token has died (security JW-20).

use http::{Method, Request};
use serde_json::Value;

use crate::world::{World, policy};

const DAY: u64 = 24 * 60 * 60;
const OWN: &[(&str, &str)] = &[("grant_type", "client_credentials")];

async fn kids(world: &World) -> Vec<String> {
    let request = Request::builder()
        .method(Method::GET)
        .uri("/.well-known/jwks.json")
        .body(bytes::Bytes::new())
        .unwrap();
    let answer = world.send(request).await.ok();
    assert_eq!(answer.header("content-type"), Some("application/jwk-set+json"));
    let json = answer.json();
    let keys = json["keys"].as_array().unwrap();
    for private in ["d", "p", "q", "k"] {
        assert!(keys.iter().all(|key| key.get(private).is_none()), "{json}");
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid_of(token: &str) -> String {
    let header = valetkey_jose::base64url::decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("ES256"), Some("at+jwt")));
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sec_jw_20_the_next_key_is_published_before_it_signs_and_the_last_one_stays() {
    let world = World::new().await;
    let app = world.web().await;
    let engine = world.engine();
    let issue = async || world.token(&app, OWN).await.ok().text("access_token");
    let first = kids(&world).await;
    assert_eq!(first.len(), 1);
    world.advance(89 * DAY - 1);
    engine.maintain_keys().await.unwrap();
    assert_eq!(kids(&world).await, first);
    world.advance(1);
    engine.maintain_keys().await.unwrap();
    let both = kids(&world).await;
    assert_eq!(both.len(), 2);
    assert_eq!(kid_of(&issue().await), first[0]);
    world.advance(DAY - 1);
    engine.maintain_keys().await.unwrap();
    let last_of_first = issue().await;
    assert_eq!(kid_of(&last_of_first), first[0]);
    world.advance(1);
    engine.maintain_keys().await.unwrap();
    let second = issue().await;
    assert_ne!(kid_of(&second), first[0]);
    assert!(both.contains(&kid_of(&second)));
    // Tokens of both are good as long as they live.
    assert!(world.is_active(&app, &last_of_first).await && world.is_active(&app, &second).await);
    world.advance(DAY);
    engine.maintain_keys().await.unwrap();
    assert_eq!(kids(&world).await, [kid_of(&second)]);
}

#[tokio::test]
async fn sec_jw_20_a_stolen_key_is_dropped_at_once() {
    let world = World::new().await;
    let app = world.web().await;
    let token = world.token(&app, OWN).await.ok().text("access_token");
    assert!(world.is_active(&app, &token).await);
    world.engine().rotate_keys(true, "a test").await.unwrap();
    assert!(!world.is_active(&app, &token).await);
    let after = world.token(&app, OWN).await.ok().text("access_token");
    assert!(world.is_active(&app, &after).await);
    assert_eq!(kids(&world).await, [kid_of(&after)]);
}

#[tokio::test]
async fn sec_jw_20_a_rotation_by_command_publishes_first() {
    let world = World::new().await;
    let app = world.web().await;
    let first = kids(&world).await;
    world.engine().rotate_keys(false, "a test").await.unwrap();
    assert_eq!(kids(&world).await.len(), 2);
    assert_eq!(kid_of(&world.token(&app, OWN).await.ok().text("access_token")), first[0]);
    world.advance(DAY);
    world.engine().maintain_keys().await.unwrap();
    assert_ne!(kid_of(&world.token(&app, OWN).await.ok().text("access_token")), first[0]);
}

#[tokio::test]
async fn sec_jw_21_keys_are_sealed_in_the_store_and_another_master_key_is_refused() {
    let world = World::new().await;
    let keys = world.ports.keys.list().await.unwrap();
    assert!(!keys[0].sealed.is_empty());
    assert!(!keys[0].public.contains("\"d\""));
    let other = valetkey_crypto::MasterKey::new([6; 32]);
    let built = valetkey_provider::Provider::builder()
        .policy(policy())
        .ports(world.ports.clone())
        .master_key(&other)
        .build()
        .await;
    assert!(matches!(built, Err(valetkey_provider::provider::BuildError::WrongMasterKey)));
}

#[tokio::test]
async fn sec_jw_20_caches_keep_the_keys_for_a_quarter_of_an_hour() {
    let world = World::new().await;
    let request = Request::builder().uri("/.well-known/jwks.json").body(bytes::Bytes::new()).unwrap();
    assert_eq!(world.send(request).await.header("cache-control"), Some("public, max-age=900"));
}
