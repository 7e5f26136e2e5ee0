//! Many at once: what may happen once happens once.

use bytes::Bytes;
use http::Request;
use valetkey_provider::registry::{ClientDraft, OAuth1Draft};

use super::{ME, tls, token};
use crate::{
    browser::{Browser, sent},
    races::{MANY, all_at_once, all_at_once_from},
    world::{Answer, World, web},
};

fn parted(answers: &[Answer]) -> (Vec<&Answer>, Vec<&Answer>) {
    answers.iter().partition(|answer| answer.status.is_success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_o1_03_of_a_hundred_requests_with_one_nonce_one_succeeds() {
    let world = World::new().await;
    let by = world.usual().await;
    let request = world.first_leg(&by).request();
    let answers = all_at_once_from(&world, vec![request; MANY], &tls()).await;
    let (fresh, replayed) = parted(&answers);
    assert_eq!(fresh.len(), 1);
    super::temporary(fresh[0]);
    for answer in replayed {
        answer.unsigned(401, "nonce_used");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_o1_02_of_a_hundred_trades_of_one_verifier_one_succeeds() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    let requests = (0..MANY).map(|_| world.last_leg(&by, &first, &verifier).request()).collect();
    let answers = all_at_once_from(&world, requests, &tls()).await;
    let (fresh, late) = parted(&answers);
    assert_eq!(fresh.len(), 1);
    for answer in late {
        answer.unsigned(401, "token_used");
    }
    world.may(&world.resource(&by, &token(fresh[0]).0)).await;
    let grants = world.ports.grants.list_account(&anna.id, &valetkey_ports::Page::first(10)).await.unwrap();
    assert_eq!(grants.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_o1_02_of_a_hundred_guesses_at_a_verifier_five_are_counted_and_all_fail() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    let guess = |count: usize| world.last_leg(&by, &first, &format!("guess{count}")).request();
    let answers = all_at_once_from(&world, (0..MANY).map(guess).collect(), &tls()).await;
    let mut guesses = 0;
    for answer in &answers {
        assert_eq!(answer.status.as_u16(), 401);
        match &*answer.members()["oauth_problem"] {
            "verifier_invalid" => guesses += 1,
            "permission_denied" | "token_expired" => {}
            other => panic!("{other}: {answer:?}"),
        }
    }
    assert_eq!(guesses, 5);
    world.sign(&world.last_leg(&by, &first, &verifier)).await.unsigned(401, "permission_denied");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_o1_02_of_many_who_decide_one_does() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    // Everybody has consented before, so that the request itself decides.
    world.three_legs(&by, &anna).await;
    let first = world.temporary(&by).await;
    let uri = format!("/oauth1/authorize?oauth_token={}", first.token);
    let mut requests: Vec<Request<Bytes>> = Vec::new();
    for _ in 0..20 {
        let mut browser = Browser::new(&world, &anna);
        browser.log_in(&anna).await;
        requests.push(browser.request(&http::Method::GET, &uri, String::new()));
    }
    let answers = all_at_once(&world, requests).await;
    let (sent_on, late): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status.as_u16() == 303);
    assert_eq!(sent_on.len(), 1);
    assert!(late.iter().all(|answer| answer.status.as_u16() == 400));
    let verifier = sent(sent_on[0].header("location").unwrap()).params["oauth_verifier"].clone();
    token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_o1_03_of_a_hundred_guards_that_ask_about_one_request_one_hears_yes() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let guard = world.register(ClientDraft { may_introspect: true, ..web("Guard") }).await;
    let pair = world.three_legs(&by, &anna).await;
    let request = world.resource(&by, &pair).request();
    let header = request.headers()["authorization"].to_str().unwrap();
    let form = [("method", "GET"), ("uri", ME), ("authorization", header)];
    let asking = crate::world::signed(&guard, "/oauth1/verify", &form);
    let answers = all_at_once(&world, vec![asking; MANY]).await;
    let active = answers.iter().filter(|answer| answer.json()["active"] == true).count();
    assert_eq!(active, 1);
    assert!(answers.iter().all(|answer| answer.status.is_success()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_o1_12_the_rate_of_a_client_holds_for_many_at_once() {
    let mut rules = crate::world::policy();
    rules.oauth1.per_client_per_minute = 30;
    let world = World::with(rules).await;
    let by = world.consumer(OAuth1Draft::default()).await;
    let requests = (0..MANY).map(|_| world.first_leg(&by).request()).collect();
    let answers = all_at_once_from(&world, requests, &tls()).await;
    assert_eq!(parted(&answers).0.len(), 30);
    assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() == 429).count(), MANY - 30);
}
