//! The three legs of RFC 5849 §2, with every signature method (§3.4) and in every place (§3.5).

use bytes::Bytes;
use http::{Request, header};
use valetkey_oauth1::Place;
use valetkey_oauth2::Secret;
use valetkey_provider::registry::{ClientDraft, OAuth1Draft};

use super::{
    ACCESS_TOKEN, Ask, Consumer, FORM, ME, REQUEST_TOKEN, consumer, get, header_of, signing, temporary, token,
};
use crate::{
    browser::{Browser, sent},
    world::{CALLBACK, World, scope},
};

const PLACES: [Place; 3] = [Place::Header, Place::Query, Place::Body];

#[tokio::test]
async fn three_legs_with_every_method_in_every_place() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    for method in ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "RSA-SHA256", "RSA-SHA512", "PLAINTEXT"] {
        let by = Consumer { method, ..world.consumer(signing(&[method])).await };
        for place in PLACES {
            let first = temporary(&world.sign(&world.first_leg(&by).at(place)).await);
            let verifier = Browser::new(&world, &anna).verifier(&first).await;
            let answer = world.sign(&world.last_leg(&by, &first, &verifier).at(place)).await;
            let (pair, realms) = token(&answer);
            assert_eq!(realms, "profile");
            let http = if place == Place::Body { "POST" } else { "GET" };
            let access = world.may(&world.resource(&by, &pair).http(http).at(place)).await;
            assert_eq!(access.client.id, by.app.client.id, "{method} {place:?}");
            assert_eq!(access.account, Some(anna.id));
            assert_eq!(access.subject(), anna.id.to_string());
            assert_eq!(access.scope, scope("profile"));
            assert_eq!((access.issued_at, access.expires_at), (world.now(), None));
            assert!(access.grant.is_some() && access.headers.is_empty());
        }
    }
}

/// A signature over the base string of this very request, made with OpenSSL and the private half of the key of the
/// test vectors, since nothing here signs RSA with SHA-1.
#[tokio::test]
async fn rsa_sha1_verifies_where_a_client_is_registered_for_it() {
    const SIGNATURE: &str = include_str!("../../vectors/rsa-sha1-request-token.txt");
    let world = World::new().await;
    let draft = |methods: &[&str], id: &str| ClientDraft {
        client_id: Some(id.into()),
        ..consumer(OAuth1Draft { may_sign_alone: true, ..signing(methods) })
    };
    world.consumer_of(draft(&["RSA-SHA1"], "rsa-sha1-app")).await;
    let stamp = world.now().seconds().to_string();
    let request = |nonce: &str| {
        let header = header_of(&[
            ("oauth_consumer_key", "rsa-sha1-app"),
            ("oauth_signature_method", "RSA-SHA1"),
            ("oauth_timestamp", &stamp),
            ("oauth_nonce", nonce),
            ("oauth_callback", CALLBACK),
            ("oauth_signature", SIGNATURE.trim()),
        ]);
        let request = Request::post(REQUEST_TOKEN).header(header::AUTHORIZATION, header);
        request.body(Bytes::new()).unwrap()
    };
    temporary(&world.tls(request("fixed-nonce")).await);
    world.tls(request("another-nonce")).await.unsigned(401, "signature_invalid");
    world.tls(request("fixed-nonce")).await.unsigned(401, "nonce_used");
    // The same key without the switch: the signature is right, and refused all the same.
    let strict = World::new().await;
    strict.consumer_of(draft(&["RSA-SHA256"], "rsa-sha1-app")).await;
    strict
        .tls(request("fixed-nonce"))
        .await
        .badly_made("invalid_signature_method", "signature_method_rejected");
}

#[tokio::test]
async fn the_credential_endpoints_take_get_and_post_with_or_without_a_body() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let asks: [fn(Ask) -> Ask; 4] =
        [|ask| ask.http("GET"), |ask| ask, |ask| ask.body(FORM, ""), |ask| ask.body("text/plain", "")];
    for shape in asks {
        let first = temporary(&world.sign(&shape(world.first_leg(&by))).await);
        let verifier = Browser::new(&world, &anna).verifier(&first).await;
        token(&world.sign(&shape(world.last_leg(&by, &first, &verifier))).await);
    }
    for path in [REQUEST_TOKEN, ACCESS_TOKEN] {
        for method in ["PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"] {
            let request = Request::builder().method(method).uri(path).body(Bytes::new()).unwrap();
            let answer = world.tls(request).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("allow")),
                (405, Some("GET, POST")),
                "{answer:?}"
            );
            assert_eq!(answer.members()["error"], "invalid_request");
        }
    }
}

#[tokio::test]
async fn a_form_and_a_query_of_the_clients_own_are_signed_with_the_rest() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let ask = |place| {
        let first = world.first_leg(&by).at(place).body(FORM, "b=2+%26&b=1&e=");
        Ask { path: format!("{REQUEST_TOKEN}?z=%E2%98%83&a=1&a="), ..first }
    };
    for place in PLACES {
        temporary(&world.sign(&ask(place)).await);
    }
    let pair = world.three_legs(&by, &anna).await;
    let signed = Ask { path: format!("{ME}?a=1&b=2"), ..world.resource(&by, &pair) };
    let altered = |from: &str, to: &str| {
        let mut request = signed.request();
        *request.uri_mut() = request.uri().to_string().replace(from, to).parse().unwrap();
        request
    };
    let refused = super::refusal(world.verify(&altered("b=2", "b=3")).await);
    assert_eq!(refused.status.as_u16(), 401);
    // In another order and otherwise encoded it is the same request.
    world.verify(&altered("a=1&b=2", "b=%32&a=1")).await.unwrap();
}

#[tokio::test]
async fn the_callback_keeps_its_own_query_and_gets_the_two_parameters_and_nothing_else() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let registered = "https://app.example/cb?tenant=a%2Fb&x=";
    let draft = ClientDraft {
        redirect_uris: vec![CALLBACK.into(), registered.into()],
        ..consumer(OAuth1Draft::default())
    };
    let by = world.consumer_of(draft).await;
    let asked = world.ask(&by, "POST", REQUEST_TOKEN).param("oauth_callback", registered);
    let first = temporary(&world.sign(&asked).await);
    let answer = Browser::new(&world, &anna).decide(&first).await;
    assert_eq!(answer.status.as_u16(), 303);
    let location = answer.header("location").unwrap();
    let verifier = sent(location).params["oauth_verifier"].clone();
    assert_eq!(location, format!("{registered}&oauth_token={}&oauth_verifier={verifier}", first.token),);
    assert!(verifier.len() >= 40, "a verifier that a redirect carries cannot be guessed");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
}

#[tokio::test]
async fn a_native_consumer_may_listen_on_any_loopback_port() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let draft = ClientDraft {
        kind: "native".into(),
        redirect_uris: vec!["http://127.0.0.1/cb".into()],
        ..consumer(OAuth1Draft::default())
    };
    let by = world.consumer_of(draft).await;
    let asked = world.ask(&by, "POST", REQUEST_TOKEN).param("oauth_callback", "http://127.0.0.1:49152/cb");
    let first = temporary(&world.sign(&asked).await);
    let answer = Browser::new(&world, &anna).decide(&first).await;
    let to = answer.header("location").unwrap();
    assert!(to.starts_with("http://127.0.0.1:49152/cb?oauth_token="), "{to}");
    let elsewhere =
        world.ask(&by, "POST", REQUEST_TOKEN).param("oauth_callback", "http://localhost:49152/cb");
    world.sign(&elsewhere).await.badly_made("invalid_request", "parameter_rejected");
}

#[tokio::test]
async fn realms_are_named_ignored_where_they_are_nobodys_and_else_the_default() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let by = world.usual().await;
    for (realm, granted) in [
        (None, "profile"),
        (Some(""), "profile"),
        (Some("Photos"), "profile"),
        (Some("https://id.example/ \"quoted\""), "profile"),
        (Some("read write"), "read write"),
        (Some("write,read"), "read write"),
        (Some("Photos read"), "read"),
    ] {
        let ask = world.first_leg(&by);
        let ask = realm.map_or(ask.clone(), |realm| ask.realm(realm));
        let first = temporary(&world.sign(&ask).await);
        let verifier = Browser::new(&world, &anna).verifier(&first).await;
        let answer = world.sign(&world.last_leg(&by, &first, &verifier)).await;
        let (pair, realms) = token(&answer);
        let mut words: Vec<&str> = realms.split(' ').collect();
        words.sort_unstable();
        assert_eq!(words.join(" "), granted, "{realm:?}");
        assert_eq!(world.may(&world.resource(&by, &pair)).await.scope, scope(granted));
    }
    // One of ours that is not the client's.
    let beyond = world.sign(&world.first_leg(&by).realm("read admin")).await;
    beyond.badly_made("invalid_realm", "permission_denied");
    let own = ClientDraft { default_scope: "read".into(), ..consumer(OAuth1Draft::default()) };
    let own = world.consumer_of(own).await;
    let pair = world.three_legs(&own, &anna).await;
    assert_eq!(world.may(&world.resource(&own, &pair)).await.scope, scope("read"));
}

#[tokio::test]
async fn a_realm_in_query_or_body_is_the_applications_own_parameter() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let ask = Ask { path: format!("{REQUEST_TOKEN}?realm=read"), ..world.first_leg(&by) };
    let first = temporary(&world.sign(&ask.at(Place::Query)).await);
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    assert_eq!(token(&world.sign(&world.last_leg(&by, &first, &verifier)).await).1, "profile");
}

#[tokio::test]
async fn what_a_client_or_the_server_no_longer_allows_is_not_to_be_had() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = temporary(&world.sign(&world.first_leg(&by).realm("read write")).await);
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    let (pair, _) = token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
    world.tweak(&by.app, |client| client.scope = scope("profile read")).await;
    assert_eq!(world.may(&world.resource(&by, &pair)).await.scope, scope("read"));
}

#[tokio::test]
async fn a_client_that_may_signs_alone_and_for_itself() {
    let world = World::new().await;
    let alone = OAuth1Draft { may_sign_alone: true, ..OAuth1Draft::default() };
    let by = world.consumer(alone).await;
    let access = world.may(&world.ask(&by, "GET", ME)).await;
    assert_eq!((access.account, access.grant, access.expires_at), (None, None, None));
    assert_eq!(access.subject(), by.app.id());
    assert_eq!(access.scope, scope("profile read write"));
    // An empty token is none (RFC 5849 §3.1).
    world.may(&world.ask(&by, "GET", ME).param("oauth_token", "")).await;
    let usual = world.usual().await;
    world.may_not(&world.ask(&usual, "GET", ME)).await.unsigned(401, "parameter_absent");
    world
        .may_not(&world.ask(&usual, "GET", ME).param("oauth_token", ""))
        .await
        .unsigned(401, "parameter_absent");
}

#[tokio::test]
async fn plaintext_may_come_without_nonce_and_timestamp() {
    let world = World::new().await;
    let (by, anna) = (world.consumer(signing(&["PLAINTEXT"])).await, world.person("anna").await);
    let by = Consumer { method: "PLAINTEXT", ..by };
    let pair = world.three_legs(&by, &anna).await;
    let bare = |method: &str| {
        let secrets = format!("{}&{}", by.secret.expose(), pair.secret.expose());
        header_of(&[
            ("oauth_consumer_key", by.app.id()),
            ("oauth_token", &pair.token),
            ("oauth_signature_method", method),
            ("oauth_signature", &secrets),
        ])
    };
    for _ in 0..2 {
        world.verify(&get(ME, &bare("PLAINTEXT"))).await.unwrap();
    }
    let refused = super::refusal(world.verify(&get(ME, &bare("HMAC-SHA1"))).await);
    assert_eq!(refused.status.as_u16(), 400);
    assert_eq!(refused.report.unwrap().absent, ["oauth_timestamp", "oauth_nonce"]);
}

#[tokio::test]
async fn a_secret_of_any_characters_signs() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    for secret in ["a b+c/d=&%", "\u{e4}\u{1f980}", "6f1ed002ab5595859014ebf0951522d9"] {
        let draft = OAuth1Draft { secret: Some(Secret::new(secret)), ..OAuth1Draft::default() };
        let by = world.consumer(draft).await;
        let pair = world.three_legs(&by, &anna).await;
        world.may(&world.resource(&by, &pair)).await;
    }
}
