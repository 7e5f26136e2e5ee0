//! Timestamps and nonces (RFC 5849 §3.3), rates, and what is counted.

use std::time::Duration;

use valetkey_oauth2::Timestamp;
use valetkey_ports::Page;
use valetkey_provider::{Failure, jobs::purge, registry::OAuth1Draft};

use super::{Ask, Consumer, FORM, signing, temporary};
use crate::world::{World, policy};

#[tokio::test]
async fn sec_o1_04_a_timestamp_lies_within_five_minutes_both_ways() {
    let world = World::new().await;
    let by = world.usual().await;
    let now = world.now().seconds();
    for (skew, is_legal) in
        [(0, true), (-300, true), (300, true), (-301, false), (301, false), (1_000_000, false)]
    {
        let answer = world.sign(&world.first_leg(&by).stamped(now + skew, "n")).await;
        if is_legal {
            temporary(&answer);
        } else {
            answer.unsigned(401, "timestamp_refused");
            let range = format!("{}-{}", now - 300, now + 300);
            assert_eq!(answer.members()["oauth_acceptable_timestamps"], range);
        }
    }
    // It is told before the signature is looked at: it needs no secret to be known.
    let wrong = Consumer { secret: valetkey_oauth2::Secret::new("x"), ..by.clone() };
    world.sign(&world.first_leg(&wrong).stamped(now - 301, "n")).await.unsigned(401, "timestamp_refused");
    let mut wide = policy();
    wide.oauth1.window = Duration::from_secs(600);
    let world = World::with(wide).await;
    let by = world.usual().await;
    temporary(&world.sign(&world.first_leg(&by).stamped(now - 600, "n")).await);
    world.sign(&world.first_leg(&by).stamped(now - 601, "n")).await.unsigned(401, "timestamp_refused");
}

#[tokio::test]
async fn sec_o1_03_a_nonce_is_used_once_for_its_client_token_and_timestamp() {
    let world = World::new().await;
    let (by, other, anna) = (world.usual().await, world.usual().await, world.person("anna").await);
    let now = world.now().seconds();
    let (one, two) = (world.three_legs(&by, &anna).await, world.three_legs(&by, &anna).await);
    let ask = world.resource(&by, &one).stamped(now, "n");
    world.may(&ask).await;
    world.may_not(&ask).await.unsigned(401, "nonce_used");
    // Whatever else is different about the request.
    let elsewhere = Ask { path: "/api/other?a=1".into(), ..ask.clone() };
    world
        .may_not(&elsewhere.http("POST").body(FORM, "b=1").by("HMAC-SHA256"))
        .await
        .unsigned(401, "nonce_used");
    // Another timestamp, token, client, or none: another nonce.
    world.may(&world.resource(&by, &one).stamped(now + 1, "n")).await;
    world.may(&world.resource(&by, &one).stamped(now, "N")).await;
    world.may(&world.resource(&by, &two).stamped(now, "n")).await;
    temporary(&world.sign(&world.first_leg(&by).stamped(now, "n")).await);
    temporary(&world.sign(&world.first_leg(&other).stamped(now, "n")).await);
    world.sign(&world.first_leg(&by).stamped(now, "n")).await.unsigned(401, "nonce_used");
}

#[tokio::test]
async fn sec_o1_03_a_request_that_was_heard_once_is_not_heard_again_as_long_as_it_is_fresh() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let begun = world.now();
    let ahead = world.resource(&by, &pair).stamped(begun.seconds() + 300, "ahead");
    let usual = world.resource(&by, &pair).stamped(begun.seconds(), "usual");
    let behind = world.resource(&by, &pair).stamped(begun.seconds() - 300, "behind");
    for ask in [&ahead, &usual, &behind] {
        world.may(ask).await;
    }
    let (replayed, stale) = ("nonce_used", "timestamp_refused");
    for (later, expected) in [
        (0, [replayed, replayed, replayed]),
        (1, [replayed, replayed, stale]),
        (300, [replayed, replayed, stale]),
        (301, [replayed, stale, stale]),
        (600, [replayed, stale, stale]),
        (601, [stale, stale, stale]),
    ] {
        world.clock.set(begun.plus(Duration::from_secs(later)));
        // The purge takes nothing that could still be of use.
        purge(world.engine()).await;
        for (ask, problem) in [&ahead, &usual, &behind].into_iter().zip(expected) {
            world.may_not(ask).await.unsigned(401, problem);
        }
    }
}

#[tokio::test]
async fn sec_o1_03_a_clock_that_is_ahead_forgets_nothing_for_one_that_is_not() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let begun = world.now();
    let ask = world.resource(&by, &pair).stamped(begun.seconds() - 300, "behind");
    world.may(&ask).await;
    // Another process at the store purges by its own clock; or this one's was wrong, and is set right.
    world.clock.set(begun.plus(Duration::from_secs(59)));
    world.may_not(&ask).await.unsigned(401, "timestamp_refused");
    purge(world.engine()).await;
    world.clock.set(begun);
    world.may_not(&ask).await.unsigned(401, "nonce_used");
}

#[tokio::test]
async fn sec_o1_03_nonces_are_the_stores_and_outlive_the_process() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let ask = world.resource(&by, &pair);
    world.may(&ask).await;
    // Another server at the same store.
    let provider = crate::world::build(policy(), world.ports.clone()).await;
    let other = World { provider, ports: world.ports.clone(), clock: world.clock.clone() };
    other.may_not(&ask).await.unsigned(401, "nonce_used");
    other.may(&world.resource(&by, &pair)).await;
}

#[tokio::test]
async fn sec_o1_12_what_proves_nothing_leaves_no_nonce_behind() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let ask = world.resource(&by, &pair);
    let forged =
        Ask { by: Consumer { secret: valetkey_oauth2::Secret::new("wrong"), ..by.clone() }, ..ask.clone() };
    world.may_not(&forged).await.unsigned(401, "signature_invalid");
    // Nobody without the secret uses up somebody's nonce.
    world.may(&ask).await;
    // Nor does a request that is refused for what it is about: it may be signed again as it was once that is mended.
    world.tweak(&by.app, |client| client.disabled_at = Some(client.created_at)).await;
    let ask = world.resource(&by, &pair);
    world.may_not(&ask).await.unsigned(401, "consumer_key_refused");
    world.tweak(&by.app, |client| client.disabled_at = None).await;
    world.may(&ask).await;
}

#[tokio::test]
async fn sec_o1_12_a_client_signs_so_often_a_minute_and_no_more() {
    let mut rules = policy();
    rules.oauth1.per_client_per_minute = 5;
    let world = World::with(rules).await;
    let alone = || OAuth1Draft { may_sign_alone: true, ..OAuth1Draft::default() };
    let (by, other) = (world.consumer(alone()).await, world.consumer(alone()).await);
    world.clock.set(Timestamp::from_seconds(world.now().seconds() / 60 * 60 + 10));
    for _ in 0..5 {
        temporary(&world.sign(&world.first_leg(&by)).await);
    }
    let limited = world.sign(&world.first_leg(&by)).await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, Some("50")), "{limited:?}");
    assert_eq!(limited.members()["error"], "temporarily_unavailable");
    let resource = world.verify(&world.ask(&by, "GET", super::ME).request()).await;
    assert!(matches!(resource, Err(Failure::TooMany(50))), "{resource:?}");
    temporary(&world.sign(&world.first_leg(&other)).await);
    // A change to a record, which is then read anew, begins no new count.
    world.tweak(&by.app, |client| client.name = "Renamed".into()).await;
    assert_eq!(world.sign(&world.first_leg(&by)).await.status.as_u16(), 429);
    world.advance(50);
    temporary(&world.sign(&world.first_leg(&by)).await);
}

#[tokio::test]
async fn sec_o1_12_a_client_begins_so_often_a_minute_and_goes_on_signing() {
    let mut rules = policy();
    rules.oauth1.begun_per_client_per_minute = 3;
    let world = World::with(rules).await;
    let alone = || OAuth1Draft { may_sign_alone: true, ..OAuth1Draft::default() };
    let by = world.consumer(alone()).await;
    for _ in 0..3 {
        temporary(&world.sign(&world.first_leg(&by)).await);
    }
    assert_eq!(world.sign(&world.first_leg(&by)).await.status.as_u16(), 429);
    let resource = world.verify(&world.ask(&by, "GET", super::ME).request()).await;
    assert!(resource.is_ok(), "{resource:?}");
    world.advance(60);
    temporary(&world.sign(&world.first_leg(&by)).await);
}

#[tokio::test]
async fn who_signs_how_often_is_counted_by_client_method_and_day() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let by = world.consumer(signing(&["HMAC-SHA1", "HMAC-SHA256"])).await;
    world.clock.set(Timestamp::from_seconds(1_790_000_000 / 86_400 * 86_400 + 100));
    let day = world.now().minus(Duration::from_secs(100));
    let pair = world.three_legs(&by, &anna).await;
    world.may(&world.resource(&by, &pair).by("HMAC-SHA256")).await;
    let replayed = world.resource(&by, &pair);
    world.may(&replayed).await;
    world.may_not(&replayed).await.unsigned(401, "nonce_used");
    let list = async || {
        world.engine().write_uses().await.unwrap();
        let uses = world.ports.usage.list(Some(&by.app.client.id), day).await.unwrap();
        uses.into_iter().map(|one| (one.day, one.what, one.count)).collect::<Vec<_>>()
    };
    let expected = [(day, "HMAC-SHA1".to_owned(), 3), (day, "HMAC-SHA256".to_owned(), 1)];
    assert_eq!(list().await, expected);
    // Written once, and added to.
    assert_eq!(list().await, expected);
    world.may(&world.resource(&by, &pair)).await;
    assert_eq!(list().await[0].2, 4);
    world.advance(86_400);
    world.may(&world.resource(&by, &pair)).await;
    let next = day.plus(Duration::from_secs(86_400));
    assert_eq!(list().await[2], (next, "HMAC-SHA1".to_owned(), 1));
}

#[tokio::test]
async fn the_last_use_of_a_grant_is_noted_to_the_minute() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let begun = world.now();
    let pair = world.three_legs(&by, &anna).await;
    let last = async || {
        let grants = world.ports.grants.list_account(&anna.id, &Page::first(10)).await.unwrap();
        grants[0].last_used_at.since(begun).as_secs()
    };
    assert_eq!(last().await, 0);
    for (later, noted) in [(59, 0), (60, 60), (100, 60), (120, 120)] {
        world.clock.set(begun.plus(Duration::from_secs(later)));
        world.may(&world.resource(&by, &pair)).await;
        assert_eq!(last().await, noted, "after {later} seconds");
    }
    // What is refused is no use.
    world.clock.set(begun.plus(Duration::from_secs(500)));
    world
        .may_not(&world.resource(&by, &pair).stamped(begun.seconds(), "x"))
        .await
        .unsigned(401, "timestamp_refused");
    assert_eq!(last().await, 120);
}
