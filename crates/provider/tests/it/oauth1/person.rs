//! The resource owner's part (RFC 5849 §2.2): login, consent, verifier, refusal.

use http::Method;
use valetkey_oauth1::Place;
use valetkey_provider::registry::OAuth1Draft;

use super::{Ask, Consumer, Pair, REQUEST_TOKEN, temporary, token};
use crate::{
    browser::{Browser, Decision, sent},
    world::{Answer, CALLBACK, World, scope},
};

fn page(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.header("location").is_none(), "{answer:?}");
}

fn code_on(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("<code>").unwrap_or_else(|| panic!("no code: {page:?}"));
    rest.split('<').next().unwrap().to_owned()
}

async fn out_of_band(world: &World) -> (Consumer, Pair) {
    let by = world.consumer(OAuth1Draft { may_use_oob: true, ..OAuth1Draft::default() }).await;
    let ask = world.ask(&by, "POST", REQUEST_TOKEN).param("oauth_callback", "oob");
    let pair = temporary(&world.sign(&ask).await);
    (by, pair)
}

#[tokio::test]
async fn who_is_asked_for_the_first_time_logs_in_and_consents() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.verifier(&world.temporary(&by).await).await;
    assert_eq!(browser.pages, ["login", "consent"]);
    // What is remembered is not asked again, and the answer comes at once.
    let answer = browser.decide(&world.temporary(&by).await).await;
    assert_eq!(browser.pages, ["login", "consent"]);
    assert!(answer.header("location").unwrap().starts_with(CALLBACK));
    // More than was allowed is.
    let more = temporary(&world.sign(&world.first_leg(&by).realm("profile read")).await);
    browser.verifier(&more).await;
    assert_eq!(browser.pages, ["login", "consent", "consent"]);
    assert!(world.events().await.iter().filter(|kind| *kind == "consent_given").count() == 2);
}

#[tokio::test]
async fn sec_o1_01_the_verifier_comes_with_the_callback_that_was_fixed_first() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    // A callback in the authorization request, as OAuth 1.0 had it, says nothing.
    let uri = format!("/oauth1/authorize?oauth_token={}&oauth_callback=https://evil.example/", first.token);
    let answer = Browser::new(&world, &anna).follow(&uri).await;
    let location = answer.header("location").unwrap();
    assert!(location.starts_with(&format!("{CALLBACK}?oauth_token=")), "{location}");
    let verifier = sent(location).params["oauth_verifier"].clone();
    // Without a verifier, or with another, there is no token.
    let without = world.ask(&by, "POST", super::ACCESS_TOKEN).token(&first);
    world.sign(&without).await.badly_made("invalid_request", "parameter_absent");
    world.sign(&world.last_leg(&by, &first, "guessed")).await.unsigned(401, "verifier_invalid");
    token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
}

#[tokio::test]
async fn sec_o1_01_nobody_elses_verifier_opens_temporary_credentials() {
    let world = World::new().await;
    let (by, anna, eve) = (world.usual().await, world.person("anna").await, world.person("eve").await);
    let (annas, eves) = (world.temporary(&by).await, world.temporary(&by).await);
    let verifier = Browser::new(&world, &anna).verifier(&annas).await;
    let stolen = Browser::new(&world, &eve).verifier(&eves).await;
    world.sign(&world.last_leg(&by, &annas, &stolen)).await.unsigned(401, "verifier_invalid");
    let (pair, _) = token(&world.sign(&world.last_leg(&by, &annas, &verifier)).await);
    assert_eq!(world.may(&world.resource(&by, &pair)).await.account, Some(anna.id));
}

#[tokio::test]
async fn nobody_has_decided_yet() {
    let world = World::new().await;
    let by = world.usual().await;
    let first = world.temporary(&by).await;
    world.sign(&world.last_leg(&by, &first, "early")).await.unsigned(401, "permission_unknown");
}

#[tokio::test]
async fn a_person_allows_less_than_was_asked() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = temporary(&world.sign(&world.first_leg(&by).realm("profile read write")).await);
    let mut browser = Browser { decision: Decision::Narrow("profile write"), ..Browser::new(&world, &anna) };
    let verifier = browser.verifier(&first).await;
    let (pair, realms) = token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
    assert_eq!(realms, "profile write");
    assert_eq!(world.may(&world.resource(&by, &pair)).await.scope, scope("profile write"));
}

#[tokio::test]
async fn the_client_hears_a_no_at_its_callback_and_gets_nothing() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    let mut browser = Browser { decision: Decision::Deny, ..Browser::new(&world, &anna) };
    let answer = browser.decide(&first).await;
    assert_eq!(answer.status.as_u16(), 303);
    let expected = format!("{CALLBACK}?oauth_token={}&oauth_problem=permission_denied", first.token);
    assert_eq!(answer.header("location"), Some(&*expected));
    world.sign(&world.last_leg(&by, &first, "any")).await.unsigned(401, "permission_denied");
    page(&browser.decide(&first).await, 400);
    assert!(world.events().await.contains(&"consent_denied".to_owned()));
    assert!(world.engine().connected_apps(&anna.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_verifier_is_typed_as_people_type() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let typings: [fn(&str) -> String; 5] = [
        str::to_owned,
        |code| code.to_lowercase(),
        |code| format!("{} {}", &code[..4], &code[4..]),
        |code| format!("{}-{}", &code[..4], &code[4..]).to_lowercase(),
        |code| format!(" {code} "),
    ];
    for typed in typings {
        let (by, first) = out_of_band(&world).await;
        let shown = Browser::new(&world, &anna).decide(&first).await;
        page(&shown, 200);
        let code = code_on(&shown);
        assert!(shown.body.contains("Consumer"), "the page names the app");
        assert_eq!(code.len(), 8);
        assert!(code.bytes().all(|letter| b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789".contains(&letter)), "{code}");
        assert_eq!(shown.header("cache-control"), Some("no-store"));
        for place in [Place::Header, Place::Body] {
            let ask = world.last_leg(&by, &first, &typed(&code)).at(place);
            let answer = world.sign(&ask).await;
            match place {
                Place::Header => drop(token(&answer)),
                _ => answer.unsigned(401, "token_used"),
            }
        }
    }
}

#[tokio::test]
async fn a_no_without_a_callback_is_a_page() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let (by, first) = out_of_band(&world).await;
    let mut browser = Browser { decision: Decision::Deny, ..Browser::new(&world, &anna) };
    let answer = browser.decide(&first).await;
    page(&answer, 200);
    assert!(answer.body.contains("Nothing was allowed"), "{answer:?}");
    world.sign(&world.last_leg(&by, &first, "ABCDEFGH")).await.unsigned(401, "permission_denied");
}

#[tokio::test]
async fn what_is_not_to_be_decided_upon_is_a_page_and_never_a_redirect() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    for uri in [
        "/oauth1/authorize",
        "/oauth1/authorize?oauth_token=",
        "/oauth1/authorize?oauth_token=unknown",
        "/oauth1/authorize?oauth_token=%FF%00",
        "/oauth1/authorize?oauth_token=a&oauth_token=b",
        "/oauth1/authorize?oauth_token=%E2%98%83&oauth_callback=https://evil.example/",
        "/oauth1/authorize?flow=vk_fl_x",
        "/oauth1/authorize?%",
    ] {
        page(&browser.get(uri).await, 400);
        let query = uri.split_once('?').map_or("", |(_, query)| query);
        let post = browser.request(&Method::POST, "/oauth1/authorize", query.to_owned());
        page(&world.send(post).await, 400);
    }
    let first = world.temporary(&by).await;
    let put = browser.request(
        &Method::PUT,
        &format!("/oauth1/authorize?oauth_token={}", first.token),
        String::new(),
    );
    let answer = world.send(put).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("GET, POST")));
    // An hour later they are over.
    world.advance(3600);
    page(&browser.decide(&first).await, 400);
    world.sign(&world.last_leg(&by, &first, "late")).await.unsigned(401, "token_expired");
    // A token is none to decide upon, and neither is what was decided.
    let pair = world.three_legs(&by, &anna).await;
    page(&browser.decide(&pair).await, 400);
    // Nor is what a switched-off app asks.
    let first = world.temporary(&by).await;
    world.tweak(&by.app, |client| client.disabled_at = Some(client.created_at)).await;
    page(&browser.decide(&first).await, 400);
}

#[tokio::test]
async fn a_form_that_posts_the_token_comes_to_the_same() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    let mut browser = Browser::new(&world, &anna);
    let answer = browser.post("/oauth1/authorize", &[("oauth_token", &first.token)]).await;
    assert_eq!(answer.status.as_u16(), 303);
    let answer = browser.follow(answer.header("location").unwrap()).await;
    assert!(sent(answer.header("location").unwrap()).params.contains_key("oauth_verifier"));
}

#[tokio::test]
async fn sec_o1_02_what_was_decided_is_not_decided_again() {
    let world = World::new().await;
    let (by, anna, eve) = (world.usual().await, world.person("anna").await, world.person("eve").await);
    let first = world.temporary(&by).await;
    let mut browser = Browser::new(&world, &anna);
    let verifier = browser.verifier(&first).await;
    page(&browser.decide(&first).await, 400);
    page(&Browser::new(&world, &eve).decide(&first).await, 400);
    let (pair, _) = token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
    page(&browser.decide(&first).await, 400);
    world.sign(&world.last_leg(&by, &first, &verifier)).await.unsigned(401, "token_used");
    // A second use does not end what the first one gave: the signature shows that it is the same client.
    assert_eq!(world.may(&world.resource(&by, &pair)).await.account, Some(anna.id));
}

#[tokio::test]
async fn two_browsers_that_race_for_one_decision_get_one() {
    let world = World::new().await;
    let (by, anna, eve) = (world.usual().await, world.person("anna").await, world.person("eve").await);
    let first = world.temporary(&by).await;
    let uri = format!("/oauth1/authorize?oauth_token={}", first.token);
    let (mut one, mut other) = (Browser::new(&world, &anna), Browser::new(&world, &eve));
    let to_one = one.get(&uri).await.header("location").unwrap().to_owned();
    let to_other = other.get(&uri).await.header("location").unwrap().to_owned();
    assert_ne!(to_one, to_other);
    let eves = other.follow(&to_other).await;
    let verifier = sent(eves.header("location").unwrap()).params["oauth_verifier"].clone();
    page(&one.follow(&to_one).await, 400);
    let (pair, _) = token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
    assert_eq!(world.may(&world.resource(&by, &pair)).await.account, Some(eve.id));
}

#[tokio::test]
async fn a_flow_is_one_browsers_and_another_gets_a_page() {
    let world = World::new().await;
    let (by, anna, eve) = (world.usual().await, world.person("anna").await, world.person("eve").await);
    let first = world.temporary(&by).await;
    let mut browser = Browser::new(&world, &anna);
    let begun = browser.get(&format!("/oauth1/authorize?oauth_token={}", first.token)).await;
    let handle = begun.header("location").unwrap().split_once("flow=").unwrap().1.to_owned();
    let mut stranger = Browser::new(&world, &eve);
    stranger.log_in(&eve).await;
    page(&stranger.get(&format!("/oauth2/authorize?flow={handle}")).await, 400);
    let answer = browser.follow(begun.header("location").unwrap()).await;
    assert!(sent(answer.header("location").unwrap()).params.contains_key("oauth_verifier"));
}

#[tokio::test]
async fn what_was_taken_back_while_the_person_thought_is_not_given() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let begin = async |by: &Consumer, callback: &str| {
        let ask: Ask = world.ask(by, "POST", REQUEST_TOKEN).param("oauth_callback", callback);
        let first = temporary(&world.sign(&ask).await);
        let mut browser = Browser::new(&world, &anna);
        let answer = browser.get(&format!("/oauth1/authorize?oauth_token={}", first.token)).await;
        let to = answer.header("location").unwrap().to_owned();
        (browser, to)
    };
    let by = world.usual().await;
    let (mut browser, to) = begin(&by, CALLBACK).await;
    world.tweak(&by.app, |client| client.redirect_uris.clear()).await;
    page(&browser.follow(&to).await, 400);
    let by = world.usual().await;
    let (mut browser, to) = begin(&by, CALLBACK).await;
    world.tweak(&by.app, |client| client.oauth1 = None).await;
    page(&browser.follow(&to).await, 400);
    let by = world.consumer(OAuth1Draft { may_use_oob: true, ..OAuth1Draft::default() }).await;
    let (mut browser, to) = begin(&by, "oob").await;
    world.tweak(&by.app, |client| client.oauth1.as_mut().unwrap().may_use_oob = false).await;
    page(&browser.follow(&to).await, 400);
}

#[tokio::test]
async fn sec_az_01_a_callback_that_was_taken_back_does_not_hear_a_no() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    let begin = format!("/oauth1/authorize?oauth_token={}", first.token);
    let mut browser = Browser { decision: Decision::Deny, ..Browser::new(&world, &anna) };
    let mut to = begin.clone();
    while !to.starts_with("/consent") {
        to = browser.step(&to).await.header("location").unwrap().to_owned();
    }
    world.tweak(&by.app, |client| client.redirect_uris.clear()).await;
    page(&browser.step(&to).await, 400);
    // The no stands all the same.
    world.sign(&world.last_leg(&by, &first, "guessed")).await.unsigned(401, "permission_denied");
}
