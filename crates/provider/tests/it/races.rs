//! Many at once: what may happen once happens once.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use tokio::sync::Barrier;
use valetkey_provider::Peer;

use crate::{
    browser::Browser,
    world::{Answer, CALLBACK, VERIFIER, World, peer, read, signed},
};

pub(crate) const MANY: usize = 100;

pub(crate) async fn all_at_once(world: &World, requests: Vec<Request<Bytes>>) -> Vec<Answer> {
    all_at_once_from(world, requests, &peer()).await
}

pub(crate) async fn all_at_once_from(
    world: &World,
    requests: Vec<Request<Bytes>>,
    peer: &Peer,
) -> Vec<Answer> {
    let barrier = Arc::new(Barrier::new(requests.len()));
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let (provider, barrier, peer) = (world.provider.clone(), barrier.clone(), peer.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                read(&provider.handle(&request, &peer).await)
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_co_01_of_a_hundred_redemptions_one_succeeds() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let code = Browser::new(&world, &anna).authorize(&app, &[]).await.code();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let requests = (0..MANY).map(|_| signed(&app, "/oauth2/token", &fields)).collect();
    let answers = all_at_once(&world, requests).await;
    let fresh: Vec<&Answer> = answers.iter().filter(|answer| answer.status.is_success()).collect();
    assert_eq!(fresh.len(), 1);
    for answer in answers.iter().filter(|answer| !answer.status.is_success()) {
        answer.refused(400, "invalid_grant");
    }
    // Whoever comes after that kills what the code gave.
    let token = fresh[0].text("access_token");
    world.redeem(&app, &code).await.refused(400, "invalid_grant");
    assert!(!world.is_active(&app, &token).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_tk_01_of_a_hundred_refreshes_one_rotates_and_all_get_the_same_successor() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let token = Browser::new(&world, &anna).dance(&app, &[]).await.text("refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    let requests = (0..MANY).map(|_| signed(&app, "/oauth2/token", &fields)).collect();
    let answers = all_at_once(&world, requests).await;
    let mut successors: Vec<String> = Vec::new();
    for answer in answers {
        let answer = answer.ok();
        assert!(world.is_active(&app, &answer.text("access_token")).await);
        successors.push(answer.text("refresh_token"));
    }
    successors.dedup();
    assert_eq!(successors.len(), 1);
    world.refresh(&app, &successors[0]).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sec_ui_13_of_many_with_one_setup_link_one_becomes_administrator() {
    use valetkey_oauth2::Secret;
    use valetkey_provider::people::NewAccount;
    let world = World::new().await;
    let link = world.engine().setup_link().await.unwrap();
    let barrier = Arc::new(Barrier::new(8));
    let tasks: Vec<_> = (0..8)
        .map(|count| {
            let (engine, link, barrier) = (world.engine().clone(), link.clone(), barrier.clone());
            tokio::spawn(async move {
                let new = NewAccount {
                    username: format!("admin{count}"),
                    password: Some(Secret::new("three small herons wade")),
                    ..NewAccount::default()
                };
                barrier.wait().await;
                engine.claim_setup(&link, &new, &peer()).await.unwrap().is_ok()
            })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.unwrap());
    }
    assert_eq!(made, 1);
    assert!(!world.engine().find_setup(&link).await.unwrap());
}
