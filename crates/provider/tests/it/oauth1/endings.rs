//! What ends token credentials: by themselves, from above, and for a while.

use std::time::Duration;

use valetkey_oauth2::Timestamp;
use valetkey_ports::Client;
use valetkey_provider::{
    people::Actor,
    registry::{ClientDraft, OAuth1Draft},
};

use super::{Consumer, Pair, consumer, token};
use crate::{
    browser::{Browser, Decision},
    world::{World, policy},
};

async fn refused(world: &World, by: &Consumer, pair: &Pair, problem: &str) {
    world.may_not(&world.resource(by, pair)).await.unsigned(401, problem);
}

#[tokio::test]
async fn a_grant_that_is_revoked_takes_its_token_along_and_no_other() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let (pair, other) = (world.three_legs(&by, &anna).await, world.three_legs(&by, &anna).await);
    let grant = world.may(&world.resource(&by, &pair)).await.grant.unwrap();
    assert!(world.ports.grants.revoke(&grant, &by.app.client.id, world.now()).await.unwrap());
    refused(&world, &by, &pair, "token_revoked").await;
    world.may(&world.resource(&by, &other)).await;
    // What is dead for good is purged, and is not known then.
    valetkey_provider::jobs::purge(world.engine()).await;
    refused(&world, &by, &pair, "token_rejected").await;
    world.may(&world.resource(&by, &other)).await;
}

#[tokio::test]
async fn a_person_puts_an_app_out_and_may_let_it_in_again_at_once() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let apps = world.engine().connected_apps(&anna.id).await.unwrap();
    assert_eq!((apps.len(), apps[0].grants, apps[0].name.as_str()), (1, 1, "Consumer"));
    // What is on its way ends too.
    let first = world.temporary(&by).await;
    let mut browser = Browser::new(&world, &anna);
    let verifier = browser.verifier(&first).await;
    assert!(world.engine().withdraw(&anna.id, &by.app.client.id, &Actor::of(&anna)).await.unwrap());
    refused(&world, &by, &pair, "token_revoked").await;
    world.sign(&world.last_leg(&by, &first, &verifier)).await.unsigned(401, "token_revoked");
    assert!(world.engine().connected_apps(&anna.id).await.unwrap().is_empty());
    // The person is asked again, and what begins then lives.
    let pages = browser.pages.len();
    let again = world.temporary(&by).await;
    let verifier = browser.verifier(&again).await;
    assert_eq!(browser.pages[pages..], ["consent"]);
    let (fresh, _) = token(&world.sign(&world.last_leg(&by, &again, &verifier)).await);
    world.may(&world.resource(&by, &fresh)).await;
    refused(&world, &by, &pair, "token_revoked").await;
}

#[tokio::test]
async fn one_consent_is_for_both_protocols_and_ends_both() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let draft = ClientDraft {
        oauth1: OAuth1Draft { is_on: true, ..OAuth1Draft::default() },
        ..crate::world::web("Both")
    };
    let by = world.consumer_of(draft).await;
    let mut browser = Browser::new(&world, &anna);
    let first = world.temporary(&by).await;
    let verifier = browser.verifier(&first).await;
    let (pair, _) = token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
    let answer = browser.dance(&by.app, &[]).await;
    assert_eq!(browser.pages, ["login", "consent"]);
    assert!(world.engine().withdraw(&anna.id, &by.app.client.id, &Actor::of(&anna)).await.unwrap());
    refused(&world, &by, &pair, "token_revoked").await;
    assert!(!world.is_active(&by.app, &answer.text("access_token")).await);
}

#[tokio::test]
async fn an_account_or_a_client_that_is_ended_takes_its_tokens_along() {
    let world = World::new().await;
    let engine = world.engine();
    let all = &Actor::COMMAND_LINE;
    for ending in 0..6 {
        let (by, person) = (world.usual().await, world.person(&format!("person{ending}")).await);
        let pair = world.three_legs(&by, &person).await;
        let first = world.temporary(&by).await;
        let verifier = Browser::new(&world, &person).verifier(&first).await;
        let client = &by.app.client.id;
        let (problem, last) = match ending {
            0 => {
                assert!(engine.end_account(&person.id, &Actor::of(&person)).await.unwrap());
                ("token_revoked", "token_revoked")
            }
            1 => {
                assert!(engine.disable_account(&person.id, all).await.unwrap());
                refused(&world, &by, &pair, "token_revoked").await;
                assert!(engine.enable_account(&person.id, all).await.unwrap());
                ("token_revoked", "token_revoked")
            }
            2 => {
                assert!(engine.delete_account(&person.id, &Actor::of(&person)).await.unwrap());
                ("token_revoked", "token_revoked")
            }
            3 => {
                assert!(engine.revoke_client_tokens(client, all).await.unwrap().is_done());
                ("token_revoked", "")
            }
            4 => {
                assert!(engine.delete_client(client, all).await.unwrap().is_done());
                ("consumer_key_unknown", "consumer_key_unknown")
            }
            _ => {
                engine.end_all_tokens(all).await.unwrap();
                ("token_revoked", "token_revoked")
            }
        };
        refused(&world, &by, &pair, problem).await;
        let answer = world.sign(&world.last_leg(&by, &first, &verifier)).await;
        if last.is_empty() {
            // Whether or not a token is given: it opens nothing.
            if answer.status.is_success() {
                refused(&world, &by, &token(&answer).0, "token_revoked").await;
            }
        } else {
            answer.unsigned(401, last);
        }
    }
}

#[tokio::test]
async fn a_client_that_is_switched_off_is_refused_until_it_is_on_again() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let engine = world.engine();
    let id = &by.app.client.id;
    assert!(engine.disable_client(id, &Actor::COMMAND_LINE).await.unwrap().is_done());
    refused(&world, &by, &pair, "consumer_key_refused").await;
    world.sign(&world.first_leg(&by)).await.unsigned(401, "consumer_key_refused");
    assert!(engine.enable_client(id, &Actor::COMMAND_LINE).await.unwrap().is_done());
    world.may(&world.resource(&by, &pair)).await;
    // Without OAuth 1 it is as if there were no such key.
    let without = ClientDraft {
        oauth1: OAuth1Draft::default(),
        grant_types: vec!["authorization_code".into()],
        ..ClientDraft::from(&by.app.client)
    };
    engine.update_client(id, &without, &Actor::COMMAND_LINE).await.unwrap().unwrap().unwrap();
    refused(&world, &by, &pair, "consumer_key_unknown").await;
    world.sign(&world.first_leg(&by)).await.unsigned(401, "consumer_key_unknown");
}

#[tokio::test]
async fn a_token_lives_as_long_as_the_client_or_the_server_says() {
    let mut rules = policy();
    rules.oauth1.token_lifetime = Some(Duration::from_secs(7200));
    let world = World::with(rules).await;
    let anna = world.person("anna").await;
    let shorter = OAuth1Draft { token_lifetime: Some(Duration::from_secs(3600)), ..OAuth1Draft::default() };
    let (by, own) = (world.usual().await, world.consumer(shorter).await);
    let (pair, short) = (world.three_legs(&by, &anna).await, world.three_legs(&own, &anna).await);
    let begun = world.now();
    let access = world.may(&world.resource(&own, &short)).await;
    assert_eq!(access.expires_at, Some(begun.plus(Duration::from_secs(3600))));
    world.advance(3599);
    world.may(&world.resource(&own, &short)).await;
    world.advance(1);
    refused(&world, &own, &short, "token_expired").await;
    world.may(&world.resource(&by, &pair)).await;
    world.advance(3600);
    refused(&world, &by, &pair, "token_expired").await;
    valetkey_provider::jobs::purge(world.engine()).await;
    refused(&world, &by, &pair, "token_rejected").await;
}

#[tokio::test]
async fn a_token_without_a_lifetime_lives_on_past_the_login() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    for _ in 0..10 {
        world.advance(365 * 24 * 60 * 60);
        valetkey_provider::jobs::purge(world.engine()).await;
        world.may(&world.resource(&by, &pair)).await;
    }
}

#[tokio::test]
async fn the_end_of_oauth_1_is_announced_and_then_holds() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let end = world.now().plus(Duration::from_secs(3600));
    let by = world.usual().await;
    let pair = world.three_legs(&by, &anna).await;
    let first = world.temporary(&by).await;
    let sunset =
        |until: Timestamp| move |client: &mut Client| client.oauth1.as_mut().unwrap().sunset = Some(until);
    world.tweak(&by.app, sunset(end)).await;
    let access = world.may(&world.resource(&by, &pair)).await;
    let named: Vec<&str> = access.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(named, ["deprecation", "sunset", "link"]);
    let answer = world.sign(&world.first_leg(&by)).await;
    assert!(answer.header("sunset").is_some() && answer.header("deprecation").unwrap().starts_with('@'));
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    let answer = world.sign(&world.last_leg(&by, &first, &verifier)).await;
    assert!(answer.header("sunset").is_some());
    token(&answer);
    world.advance(3600);
    for answer in [world.may_not(&world.resource(&by, &pair)).await, world.sign(&world.first_leg(&by)).await]
    {
        answer.unsigned(401, "consumer_key_refused");
        assert!(answer.header("sunset").is_some() && answer.header("link").unwrap().contains("sunset"));
    }
}

#[tokio::test]
async fn a_no_after_a_yes_leaves_the_yes() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let more = super::temporary(&world.sign(&world.first_leg(&by).realm("write")).await);
    let mut browser = Browser { decision: Decision::Deny, ..Browser::new(&world, &anna) };
    browser.decide(&more).await;
    world.may(&world.resource(&by, &pair)).await;
}

#[tokio::test]
async fn a_draft_without_a_callback_can_only_carry_by_hand() {
    let world = World::new().await;
    let draft = ClientDraft {
        redirect_uris: Vec::new(),
        ..consumer(OAuth1Draft { may_use_oob: true, ..OAuth1Draft::default() })
    };
    let by = world.consumer_of(draft).await;
    world.sign(&world.first_leg(&by)).await.badly_made("invalid_request", "parameter_rejected");
    let ask = world.ask(&by, "POST", super::REQUEST_TOKEN).param("oauth_callback", "oob");
    super::temporary(&world.sign(&ask).await);
}

#[tokio::test]
async fn sec_o1_12_an_app_that_begins_anew_at_each_login_keeps_the_latest_tokens() {
    let mut rules = policy();
    rules.oauth1.tokens_per_person = 2;
    let world = World::with(rules).await;
    let (by, other) = (world.usual().await, world.usual().await);
    let (anna, bert) = (world.person("anna").await, world.person("bert").await);
    let (elsewhere, berts) = (world.three_legs(&other, &anna).await, world.three_legs(&by, &bert).await);
    let mut pairs = Vec::new();
    for _ in 0..300 {
        world.advance(1);
        pairs.push(world.three_legs(&by, &anna).await);
    }
    let mut live = 0;
    for pair in &pairs {
        live += usize::from(world.verify(&world.resource(&by, pair).request()).await.is_ok());
    }
    assert!((2..250).contains(&live), "{live} of 300 live");
    for (by, pair) in [(&by, &pairs[299]), (&by, &berts), (&other, &elsewhere)] {
        world.may(&world.resource(by, pair)).await;
    }
}
