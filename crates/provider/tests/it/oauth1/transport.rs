//! What must not be overheard (RFC 5849 §2.1, §2.3, §3.4.4), and bodies that a signature covers by their hash.

use valetkey_oauth1::{Methods, Place, verify::hash_of};
use valetkey_oauth2::Issuer;
use valetkey_provider::registry::OAuth1Draft;

use super::{ACCESS_TOKEN, Ask, Consumer, FORM, REQUEST_TOKEN, signing, temporary, token};
use crate::{
    browser::Browser,
    world::{World, peer, policy, read},
};

/// Over a channel that others may listen to.
async fn overheard(world: &World, ask: &Ask) -> crate::world::Answer {
    read(&world.provider.handle(&ask.request(), &peer()).await)
}

#[tokio::test]
async fn sec_o1_08_credentials_and_plaintext_want_a_channel_that_nobody_overhears() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    overheard(&world, &world.first_leg(&by)).await.badly_made("insecure_transport_protocol", "");
    let first = world.temporary(&by).await;
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    let last = world.last_leg(&by, &first, &verifier);
    overheard(&world, &last).await.badly_made("insecure_transport_protocol", "");
    let (pair, _) = token(&world.sign(&last).await);
    // A resource may be asked for in the open by a signature, but not by the secrets themselves.
    let open = async |ask: &Ask| {
        let request = ask.request();
        let values: Vec<&[u8]> = vec![request.headers()["authorization"].as_bytes()];
        let received = valetkey_oauth1::Received::new("GET", super::ME).authorization(&values);
        world.engine().verify_signature(&received, false, &peer()).await
    };
    open(&world.resource(&by, &pair)).await.unwrap();
    let plain = Consumer { method: "PLAINTEXT", ..world.consumer(signing(&["PLAINTEXT"])).await };
    let pair = world.three_legs(&plain, &anna).await;
    let refused = super::refusal(open(&world.resource(&plain, &pair)).await);
    read(&refused.answer("valetkey")).badly_made("insecure_transport_protocol", "");
    world.may(&world.resource(&plain, &pair)).await;
}

#[tokio::test]
async fn an_operator_may_do_without_and_a_machine_of_ones_own_needs_none() {
    let mut open = policy();
    open.oauth1.enforce_ssl = false;
    let world = World::with(open).await;
    let by = world.usual().await;
    temporary(&overheard(&world, &world.first_leg(&by)).await);
    let mut local = policy();
    local.issuer = Issuer::parse("http://localhost:8080").unwrap();
    let world = World::with(local).await;
    let by = world.usual().await;
    // Signed for the address that clients know, which is not the one of the other tests.
    let header = {
        let methods = Methods::all();
        let secrets = valetkey_oauth1::Secrets { client: &by.secret, token: None };
        let url = format!("http://localhost:8080{REQUEST_TOKEN}");
        valetkey_oauth1::Signer::new(methods.find("HMAC-SHA256").unwrap(), by.app.id(), secrets.into())
            .callback(crate::world::CALLBACK)
            .sign(
                &valetkey_oauth1::sign::Outgoing::new("GET", &url),
                &valetkey_oauth1::sign::Stamp::new(world.now().seconds(), "n"),
            )
            .unwrap()
            .authorization
            .unwrap()
    };
    temporary(&world.send(super::get(REQUEST_TOKEN, &header)).await);
    overheard(&world, &world.first_leg(&by)).await.unsigned(401, "signature_invalid");
}

#[tokio::test]
async fn where_oauth_1_is_off_there_is_nothing() {
    let mut off = policy();
    off.oauth1.is_on = false;
    let world = World::with(off).await;
    for path in [REQUEST_TOKEN, ACCESS_TOKEN, "/oauth1/authorize", "/oauth1/verify"] {
        assert!(!world.provider.serves(path));
        assert_eq!(world.post(path, &[]).await.status.as_u16(), 404);
    }
}

#[tokio::test]
async fn sec_o1_10_a_body_hash_is_checked_where_it_comes() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let json = "{\"a\":1}";
    for method in ["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"] {
        let ask = world.resource(&by, &pair).http("POST").body("application/json", json).by(method);
        world.may(&ask).await;
        // Another body under the same signature.
        let ask = world.resource(&by, &pair).http("POST").body("application/json", json).by(method);
        let mut altered = ask.request();
        *altered.body_mut() = "{\"a\":2}".into();
        let refused = super::refusal(world.verify(&altered).await);
        read(&refused.answer("valetkey")).unsigned(401, "parameter_rejected");
        // No body at all under it.
        let mut taken = ask.request();
        *taken.body_mut() = bytes::Bytes::new();
        assert!(world.verify(&taken).await.is_err());
        world.verify(&ask.request()).await.unwrap();
    }
    // SHA-1, as the extension says, with a method that hashes otherwise; in the query, where no signer adds one by itself.
    let sha1 = hash_of(Methods::all().find("HMAC-SHA1").unwrap(), b"");
    let ask = world.resource(&by, &pair).by("HMAC-SHA256").param("oauth_body_hash", &sha1);
    world.may(&ask).await;
    for hash in ["", "AAAA", "not base64", "2jmj7l5rSw0yVb/vlWAYkK/YBwl="] {
        let ask = world.resource(&by, &pair).param("oauth_body_hash", hash);
        world.may_not(&ask).await.unsigned(401, "parameter_rejected");
    }
    // A form is signed itself: a hash has no place there.
    let ask = world.resource(&by, &pair).http("POST").body(FORM, "a=1").param("oauth_body_hash", &sha1);
    world.may_not(&ask).await.badly_made("invalid_request", "parameter_rejected");
}

#[tokio::test]
async fn sec_o1_10_an_operator_may_want_every_body_covered() {
    let mut strict = policy();
    strict.oauth1.requires_body_hash = true;
    let world = World::with(strict).await;
    let draft = OAuth1Draft { may_sign_alone: true, ..OAuth1Draft::default() };
    let by = world.consumer(draft).await;
    let json = || world.ask(&by, "POST", super::ME).body("application/json", "{}");
    world.may(&json()).await;
    let bare = world.ask(&by, "POST", super::ME);
    let mut uncovered = bare.request();
    *uncovered.body_mut() = "{}".into();
    let refused = super::refusal(world.verify(&uncovered).await);
    read(&refused.answer("valetkey")).badly_made("invalid_request", "parameter_absent");
    // What has no body, or a form, needs no hash.
    world.verify(&bare.request()).await.unwrap();
    world.may(&world.ask(&by, "POST", super::ME).at(Place::Body).body(FORM, "a=1")).await;
    temporary(&world.sign(&world.first_leg(&by).at(Place::Body)).await);
}
