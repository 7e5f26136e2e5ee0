//! Shared secrets: two while one is replaced, and never in clear in the store (RFC 5849 §4.5).

use std::time::Duration;

use valetkey_oauth2::{HandleHash, Secret};
use valetkey_ports::{Stage, TemporaryCredentials};
use valetkey_provider::people::Actor;

use super::{Consumer, Pair, temporary};
use crate::{
    browser::Browser,
    world::{CALLBACK, World},
};

#[tokio::test]
async fn both_secrets_sign_while_one_is_replaced_and_the_retired_one_no_longer() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let engine = world.engine();
    let rotate = async |overlap: u64| {
        let overlap = Duration::from_secs(overlap);
        let new = engine.rotate_oauth1_secret(&by.app.client.id, overlap, &Actor::COMMAND_LINE).await;
        Consumer { secret: new.unwrap().unwrap(), ..by.clone() }
    };
    let second = rotate(3600).await;
    world.may(&world.resource(&by, &pair)).await;
    world.may(&world.resource(&second, &pair)).await;
    // One nonce, whichever secret signs it.
    let ask = world.resource(&by, &pair);
    world.may(&ask).await;
    let same = super::Ask { by: second.clone(), ..ask };
    world.may_not(&same).await.unsigned(401, "nonce_used");
    world.advance(3599);
    world.may(&world.resource(&by, &pair)).await;
    world.advance(1);
    world.may_not(&world.resource(&by, &pair)).await.unsigned(401, "signature_invalid");
    world.may(&world.resource(&second, &pair)).await;
    // Ended before its time.
    let third = rotate(3600).await;
    temporary(&world.sign(&world.first_leg(&second)).await);
    assert!(engine.retire_oauth1_secret(&by.app.client.id, &Actor::COMMAND_LINE).await.unwrap().is_done());
    world.sign(&world.first_leg(&second)).await.unsigned(401, "signature_invalid");
    temporary(&world.sign(&world.first_leg(&third)).await);
    // Without an overlap the old one ends at once.
    let fourth = rotate(0).await;
    world.sign(&world.first_leg(&third)).await.unsigned(401, "signature_invalid");
    world.may(&world.resource(&fourth, &pair)).await;
}

async fn kept(world: &World, pair: &Pair) -> TemporaryCredentials {
    world.ports.temporary.find(&HandleHash::of(&pair.token)).await.unwrap().unwrap()
}

#[tokio::test]
async fn sec_o1_11_no_secret_no_token_and_no_verifier_lies_in_clear_in_the_store() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    let temporary = kept(&world, &first).await;
    let (pair, _) = super::token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
    let (held, _) = world.ports.credentials.find(&HandleHash::of(&pair.token)).await.unwrap().unwrap();
    let client = world.ports.clients.find(&by.app.client.id).await.unwrap().unwrap();
    let records = [
        serde_json::to_string(&temporary).unwrap(),
        serde_json::to_string(&held.credentials).unwrap(),
        serde_json::to_string(&client).unwrap(),
        format!("{temporary:?} {held:?} {client:?}"),
    ];
    let secrets = [
        &*first.token,
        first.secret.expose(),
        &verifier,
        &pair.token,
        pair.secret.expose(),
        by.secret.expose(),
    ];
    for record in &records {
        for secret in secrets {
            assert!(secret.len() >= 40 && !record.contains(secret), "{secret} in {record}");
        }
    }
    // Sealed for its own row: in another's it opens nothing.
    let engine = world.engine();
    assert_eq!(
        engine.open_token_secret(&held.credentials.hash, &held.credentials.secret).unwrap(),
        pair.secret
    );
    assert!(engine.open_token_secret(&temporary.hash, &held.credentials.secret).is_err());
    assert!(engine.open_token_secret(&held.credentials.hash, &temporary.secret).is_err());
    // And under the master key: another one opens nothing either.
    let other = valetkey_crypto::Sealer::new(&valetkey_crypto::MasterKey::new([6; 32]));
    let purpose = "oauth1 token secret";
    assert!(
        other.open(purpose, held.credentials.hash.as_bytes(), held.credentials.secret.as_bytes()).is_err()
    );
    assert!(
        engine
            .sealer()
            .open(purpose, held.credentials.hash.as_bytes(), held.credentials.secret.as_bytes())
            .is_ok()
    );
}

#[tokio::test]
async fn sec_o1_11_what_is_kept_of_a_verifier_cannot_be_guessed_without_the_master_key() {
    let world = World::new().await;
    let draft = super::OAuth1Draft { may_use_oob: true, ..super::OAuth1Draft::default() };
    let (by, anna) = (world.consumer(draft).await, world.person("anna").await);
    let ask = world.ask(&by, "POST", super::REQUEST_TOKEN).param("oauth_callback", "oob");
    let first = temporary(&world.sign(&ask).await);
    let page = Browser::new(&world, &anna).decide(&first).await;
    let code = page.body.split_once("<code>").unwrap().1.split('<').next().unwrap().to_owned();
    let Stage::Allowed(allowance) = kept(&world, &first).await.stage else { panic!("nobody has allowed it") };
    // Forty bits are few: a plain hash of them would be found in minutes.
    assert_ne!(allowance.verifier, HandleHash::of(&code));
    assert_ne!(allowance.verifier, HandleHash::of(&format!("{}{code}", first.token)));
    assert!(!page.body.contains(first.secret.expose()));
}

#[tokio::test]
async fn every_token_secret_and_verifier_is_another() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let first = world.temporary(&by).await;
        let verifier = Browser::new(&world, &anna).verifier(&first).await;
        let (pair, _) = super::token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
        for text in [
            first.token,
            first.secret.expose().to_owned(),
            verifier,
            pair.token,
            pair.secret.expose().to_owned(),
        ] {
            assert!(seen.insert(text));
        }
    }
}

#[tokio::test]
async fn what_other_people_read_in_a_refusal_is_no_secret() {
    let world = World::new().await;
    let by = world.usual().await;
    let wrong = Consumer { secret: Secret::new("wrong"), ..by.clone() };
    let answer = world.sign(&world.first_leg(&wrong)).await;
    answer.unsigned(401, "signature_invalid");
    let said = format!("{answer:?}");
    for internal in [by.secret.expose(), CALLBACK, "POST&", "base_string", by.app.id()] {
        assert!(!said.contains(internal), "{internal} in {said}");
    }
}
