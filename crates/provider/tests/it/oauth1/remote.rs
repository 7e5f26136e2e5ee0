//! What a guard in another process asks: `POST /oauth1/verify`.

use std::time::Duration;

use serde_json::{Value, json};
use valetkey_oauth1::{Methods, Place, verify::hash_of};
use valetkey_provider::registry::{ClientDraft, OAuth1Draft};

use super::{Ask, Consumer, FORM, ME, Pair, signing};
use crate::world::{App, ISSUER, World, client_id, policy, scope, web};

const VERIFY: &str = "/oauth1/verify";

/// What the guard passes on of a request, with other members in place of or beside its own.
fn passed_on(ask: &Ask, more: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let request = ask.request();
    let mut form = vec![("method", ask.http.to_owned()), ("uri", request.uri().to_string())];
    if let Some(value) = request.headers().get("authorization") {
        form.push(("authorization", value.to_str().unwrap().to_owned()));
    }
    form.retain(|(name, _)| more.iter().all(|(own, _)| own != name));
    form.extend(more.iter().cloned());
    form
}

async fn asked(world: &World, guard: &App, form: &[(&str, String)]) -> crate::world::Answer {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    world.post_as(guard, VERIFY, &form).await
}

async fn answered(world: &World, guard: &App, ask: &Ask) -> Value {
    asked(world, guard, &passed_on(ask, &[])).await.ok().json()
}

async fn guard(world: &World) -> App {
    world.register(ClientDraft { may_introspect: true, ..web("Guard") }).await
}

async fn signed_in(world: &World) -> (App, Consumer, Pair) {
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    (guard(world).await, by, pair)
}

#[track_caller]
fn refused(answer: &Value, status: u16, problem: &str) {
    assert_eq!((&answer["active"], &answer["status"]), (&json!(false), &json!(status)), "{answer}");
    assert_eq!(answer["oauth_problem"].as_str().unwrap_or_default(), problem, "{answer}");
    let challenge = answer["www_authenticate"].as_str().unwrap();
    assert!(challenge.starts_with("OAuth realm=\"valetkey\""), "{challenge}");
    assert!(problem.is_empty() || challenge.contains(problem), "{challenge}");
    // Nothing of who it might have been.
    let names: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    for name in ["client_id", "sub", "scope", "username", "gid"] {
        assert!(!names.contains(&name), "{answer}");
    }
}

#[tokio::test]
async fn the_answer_has_introspections_form() {
    let world = World::new().await;
    let (guard, by, pair) = signed_in(&world).await;
    let ask = world.resource(&by, &pair);
    let answer = asked(&world, &guard, &passed_on(&ask, &[])).await.ok();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let access = world.may(&world.resource(&by, &pair)).await;
    assert_eq!(
        answer.json(),
        json!({
            "active": true,
            "client_id": by.app.id(),
            "sub": access.subject(),
            "username": "anna",
            "scope": "profile",
            "iss": ISSUER,
            "token_type": "OAuth1",
            "iat": world.now().seconds(),
            "gid": access.grant.unwrap().to_string(),
            "headers": {},
        })
    );
    // It has used the nonce up, here as there.
    refused(&answered(&world, &guard, &ask).await, 401, "nonce_used");
    world.may_not(&ask).await.unsigned(401, "nonce_used");
}

#[tokio::test]
async fn a_client_that_signs_alone_is_its_own_subject_and_a_lifetime_is_told() {
    let world = World::new().await;
    let guard = guard(&world).await;
    let hour = Some(Duration::from_secs(3600));
    let draft = OAuth1Draft { may_sign_alone: true, token_lifetime: hour, ..OAuth1Draft::default() };
    let by = world.consumer(draft).await;
    let answer = answered(&world, &guard, &world.ask(&by, "GET", ME)).await;
    assert_eq!((&answer["active"], &answer["sub"]), (&json!(true), &json!(by.app.id())));
    assert!(answer.get("username").is_none() && answer.get("gid").is_none() && answer.get("exp").is_none());
    let pair = world.three_legs(&by, &world.person("anna").await).await;
    let answer = answered(&world, &guard, &world.resource(&by, &pair)).await;
    assert_eq!(answer["exp"], json!(world.now().seconds() + 3600));
}

#[tokio::test]
async fn who_may_ask_is_who_may_introspect() {
    let mut rules = policy();
    rules.resources[0].introspectors = vec![client_id("photos-api")];
    let world = World::with(rules).await;
    let (_, by, pair) = signed_in(&world).await;
    let named = world.register(ClientDraft { client_id: Some("photos-api".into()), ..web("Photos") }).await;
    let answer = answered(&world, &named, &world.resource(&by, &pair)).await;
    assert_eq!(answer["active"], true);
    let ask = world.resource(&by, &pair);
    let form = passed_on(&ask, &[]);
    // Nobody, a stranger, one without a secret, one with a wrong secret, and the consumer itself.
    let form_of: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    world.post(VERIFY, &form_of).await.refused(401, "invalid_client");
    let stranger = world.web().await;
    asked(&world, &stranger, &form).await.refused(401, "invalid_client");
    let public = world.tweak(&world.spa().await, |client| client.may_introspect = true).await;
    asked(&world, &public, &form).await.refused(401, "invalid_client");
    let wrong = App { secret: Some(valetkey_oauth2::Secret::new("wrong")), ..named.clone() };
    asked(&world, &wrong, &form).await.refused(401, "invalid_client");
    let consumer = App { secret: Some(by.secret.clone()), ..by.app.clone() };
    asked(&world, &consumer, &form).await.refused(401, "invalid_client");
    // None of these questions has used the nonce up.
    assert_eq!(answered(&world, &named, &ask).await["active"], true);
}

#[tokio::test]
async fn sec_tk_11_an_api_that_a_resource_names_hears_of_what_is_for_that_resource() {
    let mut rules = policy();
    rules.resources[0].introspectors = vec![client_id("photos-api")];
    rules.resources[0].scope = Some(scope("read write"));
    let (photos, mail) = (rules.resources[0].uri.clone(), rules.resources[1].uri.clone());
    let world = World::with(rules).await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let api = world.register(ClientDraft { client_id: Some("photos-api".into()), ..web("Photos") }).await;
    let ask = world.first_leg(&by).realm("profile read");
    let first = super::temporary(&world.sign(&ask).await);
    let verifier = crate::browser::Browser::new(&world, &anna).verifier(&first).await;
    let (pair, _) = super::token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
    let answer = answered(&world, &api, &world.resource(&by, &pair)).await;
    assert_eq!((&answer["active"], &answer["scope"]), (&json!(true), &json!("read")), "{answer}");
    // Whoever may ask about everything hears everything.
    let gateway = guard(&world).await;
    assert_eq!(answered(&world, &gateway, &world.resource(&by, &pair)).await["scope"], "profile read");
    for (resource, is_for_it) in [(photos, true), (mail, false)] {
        world.tweak(&by.app, |client| client.resources = vec![resource]).await;
        let answer = answered(&world, &api, &world.resource(&by, &pair)).await;
        match is_for_it {
            true => assert_eq!(answer["active"], true),
            false => refused(&answer, 401, "consumer_key_rejected"),
        }
        assert_eq!(answered(&world, &gateway, &world.resource(&by, &pair)).await["active"], true);
    }
}

#[tokio::test]
async fn a_refusal_brings_what_the_guard_has_to_answer() {
    let world = World::new().await;
    let (guard, by, pair) = signed_in(&world).await;
    let wrong = Consumer { secret: valetkey_oauth2::Secret::new("wrong"), ..by.clone() };
    refused(&answered(&world, &guard, &world.resource(&wrong, &pair)).await, 401, "signature_invalid");
    let old = world.resource(&by, &pair).stamped(world.now().seconds() - 301, "n");
    refused(&answered(&world, &guard, &old).await, 401, "timestamp_refused");
    let form = passed_on(&world.resource(&by, &pair), &[("authorization", "OAuth realm=\"x\"".into())]);
    refused(&asked(&world, &guard, &form).await.ok().json(), 400, "parameter_absent");
    let mut form = passed_on(&world.resource(&by, &pair), &[]);
    form.retain(|(name, _)| *name != "authorization");
    refused(&asked(&world, &guard, &form).await.ok().json(), 401, "");
    form.push(("authorization", "Bearer x".into()));
    refused(&asked(&world, &guard, &form).await.ok().json(), 401, "");
    // Another address than the one that was signed for.
    let form = passed_on(&world.resource(&by, &pair), &[("uri", "/api/you".into())]);
    refused(&asked(&world, &guard, &form).await.ok().json(), 401, "signature_invalid");
    let form = passed_on(&world.resource(&by, &pair), &[("uri", format!("https://other.example{ME}"))]);
    refused(&asked(&world, &guard, &form).await.ok().json(), 401, "signature_invalid");
    let form = passed_on(&world.resource(&by, &pair), &[("method", "POST".into())]);
    refused(&asked(&world, &guard, &form).await.ok().json(), 401, "signature_invalid");
    // However many wrong ones an API passes on, it is not the one who guessed.
    for _ in 0..200 {
        answered(&world, &guard, &world.resource(&wrong, &pair)).await;
    }
    assert_eq!(answered(&world, &guard, &world.resource(&by, &pair)).await["active"], true);
}

#[tokio::test]
async fn the_uri_may_be_absolute_or_a_path_of_this_server() {
    let world = World::new().await;
    let (guard, by, pair) = signed_in(&world).await;
    let query = |ask: Ask| Ask { path: format!("{ME}?b=2&a=%20"), ..ask };
    for place in [Place::Header, Place::Query] {
        let ask = query(world.resource(&by, &pair).at(place));
        assert_eq!(answered(&world, &guard, &ask).await["active"], true, "{place:?}");
        // As the guard's clients write it, whatever case and port.
        for base in [ISSUER, "HTTPS://ID.example:443"] {
            let ask = query(world.resource(&by, &pair).at(place));
            let uri = format!("{base}{}", ask.request().uri());
            let form = passed_on(&ask, &[("uri", uri.clone())]);
            assert_eq!(asked(&world, &guard, &form).await.ok().json()["active"], true, "{uri}");
        }
    }
    for uri in [
        "",
        "api/me",
        "ftp://id.example/api/me",
        "https://",
        "https://id.example:x/api/me",
        "/api/\u{e9}",
        "/a b",
    ] {
        let form = passed_on(&world.resource(&by, &pair), &[("uri", uri.into())]);
        asked(&world, &guard, &form).await.refused(400, "invalid_request");
    }
    for missing in ["uri", "method"] {
        let mut form = passed_on(&world.resource(&by, &pair), &[]);
        form.retain(|(name, _)| *name != missing);
        asked(&world, &guard, &form).await.refused(400, "invalid_request");
    }
    let mut doubled = passed_on(&world.resource(&by, &pair), &[]);
    doubled.push(("method", "GET".into()));
    asked(&world, &guard, &doubled).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_form_is_passed_on_and_so_are_hashes_of_other_bodies() {
    let world = World::new().await;
    let (guard, by, pair) = signed_in(&world).await;
    let form = || world.resource(&by, &pair).http("POST").body(FORM, "a=1&b=%20+");
    let said = |form: &str| vec![("form", form.to_owned())];
    let ask = form();
    assert_eq!(
        asked(&world, &guard, &passed_on(&ask, &said("a=1&b=%20+"))).await.ok().json()["active"],
        true
    );
    refused(
        &asked(&world, &guard, &passed_on(&form(), &said("a=2"))).await.ok().json(),
        401,
        "signature_invalid",
    );
    refused(&asked(&world, &guard, &passed_on(&form(), &[])).await.ok().json(), 401, "signature_invalid");
    // The protocol's parameters in the form.
    let ask = form().at(Place::Body);
    let body = String::from_utf8(ask.request().body().to_vec()).unwrap();
    assert_eq!(asked(&world, &guard, &passed_on(&ask, &said(&body))).await.ok().json()["active"], true);
    // Other bodies by their hashes: the method's own, or SHA-1.
    let methods = Methods::all();
    let hash = |method: &str, body: &str| hash_of(methods.find(method).unwrap(), body.as_bytes());
    for (method, name) in
        [("HMAC-SHA1", "body_sha1"), ("HMAC-SHA256", "body_sha256"), ("HMAC-SHA512", "body_sha512")]
    {
        let json = || world.resource(&by, &pair).http("POST").body("application/json", "{}").by(method);
        let right = vec![(name, hash(method, "{}"))];
        assert_eq!(
            asked(&world, &guard, &passed_on(&json(), &right)).await.ok().json()["active"],
            true,
            "{method}"
        );
        let wrong = vec![(name, hash(method, "[]"))];
        refused(
            &asked(&world, &guard, &passed_on(&json(), &wrong)).await.ok().json(),
            401,
            "parameter_rejected",
        );
        let all: Vec<(&str, String)> =
            [("body_sha1", "HMAC-SHA1"), ("body_sha256", "HMAC-SHA256"), ("body_sha512", "HMAC-SHA512")]
                .map(|(name, method)| (name, hash(method, "{}")))
                .to_vec();
        assert_eq!(
            asked(&world, &guard, &passed_on(&json(), &all)).await.ok().json()["active"],
            true,
            "{method}"
        );
        // A hash that nobody saw covers nothing.
        refused(
            &asked(&world, &guard, &passed_on(&json(), &[])).await.ok().json(),
            401,
            "parameter_rejected",
        );
    }
}

#[tokio::test]
async fn plaintext_is_taken_for_addresses_that_nobody_overhears() {
    let world = World::new().await;
    let (by, anna) = (world.consumer(signing(&["PLAINTEXT"])).await, world.person("anna").await);
    let by = Consumer { method: "PLAINTEXT", ..by };
    let (guard, pair) = (guard(&world).await, world.three_legs(&by, &anna).await);
    let at = async |uri: &str| {
        let form = passed_on(&world.resource(&by, &pair), &[("uri", uri.to_owned())]);
        asked(&world, &guard, &form).await.ok().json()
    };
    assert_eq!(at("https://api.example/photos").await["active"], true);
    refused(&at("http://api.example/photos").await, 400, "");
}

#[tokio::test]
async fn the_end_that_is_set_is_told_with_every_answer() {
    let world = World::new().await;
    let (guard, by, pair) = signed_in(&world).await;
    let end = world.now().plus(Duration::from_secs(60));
    world.tweak(&by.app, |client| client.oauth1.as_mut().unwrap().sunset = Some(end)).await;
    let before = answered(&world, &guard, &world.resource(&by, &pair)).await;
    assert_eq!(before["active"], true);
    world.advance(60);
    let after = answered(&world, &guard, &world.resource(&by, &pair)).await;
    refused(&after, 401, "consumer_key_refused");
    for answer in [before, after] {
        let names: Vec<&String> = answer["headers"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["deprecation", "link", "sunset"]);
    }
}

#[tokio::test]
async fn questions_are_posted_as_forms() {
    let world = World::new().await;
    let guard = guard(&world).await;
    let mut get = crate::world::signed(&guard, VERIFY, &[]);
    *get.method_mut() = http::Method::GET;
    let answer = world.send(get).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("POST")));
    let mut json = crate::world::signed(&guard, VERIFY, &[]);
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    world.send(json).await.refused(415, "invalid_request");
    let mut query = crate::world::signed(&guard, VERIFY, &[]);
    *query.uri_mut() = format!("{VERIFY}?method=GET").parse().unwrap();
    world.send(query).await.refused(400, "invalid_request");
}
