//! Every wrong turn of who signs, with its answer: what is not proved is 401, and says in one word why.

use valetkey_oauth2::Secret;
use valetkey_provider::registry::OAuth1Draft;

use super::{ACCESS_TOKEN, Consumer, ME, Pair, REQUEST_TOKEN, signing, temporary, token};
use crate::{
    browser::Browser,
    world::{App, CALLBACK, World, web},
};

/// The same consumer, with another secret than it has.
fn wrong(by: &Consumer) -> Consumer {
    Consumer { secret: Secret::new("wrong"), ..by.clone() }
}

#[tokio::test]
async fn sec_o1_01_a_callback_is_needed_and_must_be_registered_octet_by_octet() {
    let world = World::new().await;
    let by = world.usual().await;
    let none = world.ask(&by, "POST", REQUEST_TOKEN);
    world.sign(&none).await.badly_made("invalid_request", "parameter_absent");
    for callback in [
        "https://evil.example/cb",
        "https://app.example/cb/",
        "https://app.example/cb?x=1",
        "https://app.example/cb#f",
        "https://APP.example/cb",
        "https://app.example:443/cb",
        "https://app.example@evil.example/cb",
        "http://app.example/cb",
        "oob",
        "OOB",
        "none",
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "/cb",
        "https://app.example/cb\u{e9}",
        "https://app.example/c b",
    ] {
        let ask = world.ask(&by, "POST", REQUEST_TOKEN).param("oauth_callback", callback);
        let answer = world.sign(&ask).await;
        answer.badly_made("invalid_request", "parameter_rejected");
        assert!(callback.len() < 10 || !answer.body.contains(callback), "nothing is echoed: {answer:?}");
    }
}

#[tokio::test]
async fn unknown_keys_wrong_secrets_and_unknown_tokens_are_told_by_their_words() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let nobody = {
        let client =
            valetkey_ports::Client { id: crate::world::client_id("nobody"), ..by.app.client.clone() };
        Consumer { app: App { client, secret: None }, ..by.clone() }
    };
    world.sign(&world.first_leg(&nobody)).await.unsigned(401, "consumer_key_unknown");
    world.sign(&world.first_leg(&wrong(&by))).await.unsigned(401, "signature_invalid");
    let only_2 = Consumer { app: world.register(web("Other")).await, ..by.clone() };
    world.sign(&world.first_leg(&only_2)).await.unsigned(401, "consumer_key_unknown");
    let unknown = Pair { token: "unknown".into(), secret: Secret::new("x") };
    world.sign(&world.last_leg(&by, &unknown, "v")).await.unsigned(401, "token_rejected");
    world.may_not(&world.resource(&by, &unknown)).await.unsigned(401, "token_rejected");
    let pair = world.three_legs(&by, &anna).await;
    let forged = Pair { secret: Secret::new("wrong"), ..pair.clone() };
    world.may_not(&world.resource(&by, &forged)).await.unsigned(401, "signature_invalid");
    world.may_not(&world.resource(&wrong(&by), &pair)).await.unsigned(401, "signature_invalid");
    // No token at all where one is needed, and one where none is.
    let ask = world.first_leg(&by).token(&pair);
    world.sign(&ask).await.badly_made("invalid_request", "parameter_rejected");
    let ask = world.ask(&by, "POST", ACCESS_TOKEN).param("oauth_verifier", "v");
    world.sign(&ask).await.badly_made("invalid_request", "parameter_absent");
    world.may(&world.resource(&by, &pair)).await;
}

#[tokio::test]
async fn a_token_is_its_clients_alone() {
    let world = World::new().await;
    let (by, other, anna) = (world.usual().await, world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    world.may_not(&world.resource(&other, &pair)).await.unsigned(401, "token_rejected");
    let first = world.temporary(&by).await;
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    world.sign(&world.last_leg(&other, &first, &verifier)).await.unsigned(401, "token_rejected");
    // The attempt has used nothing up.
    token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
}

#[tokio::test]
async fn temporary_credentials_open_no_resource_and_a_token_is_not_traded() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    world.may_not(&world.resource(&by, &first)).await.unsigned(401, "token_rejected");
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    world.may_not(&world.resource(&by, &first)).await.unsigned(401, "token_rejected");
    let (pair, _) = token(&world.sign(&world.last_leg(&by, &first, &verifier)).await);
    world.sign(&world.last_leg(&by, &pair, &verifier)).await.unsigned(401, "token_rejected");
    world.may_not(&world.resource(&by, &first)).await.unsigned(401, "token_rejected");
    world.may(&world.resource(&by, &pair)).await;
}

#[tokio::test]
async fn sec_o1_02_five_wrong_verifiers_end_temporary_credentials() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let trial = async |wrong: usize| {
        let first = world.temporary(&by).await;
        let verifier = Browser::new(&world, &anna).verifier(&first).await;
        for count in 0..wrong {
            let ask = world.last_leg(&by, &first, &format!("wrong{count}"));
            world.sign(&ask).await.unsigned(401, "verifier_invalid");
        }
        world.sign(&world.last_leg(&by, &first, &verifier)).await
    };
    token(&trial(4).await);
    trial(5).await.unsigned(401, "permission_denied");
}

#[tokio::test]
async fn sec_o1_02_temporary_credentials_die_after_their_time() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let first = world.temporary(&by).await;
    let verifier = Browser::new(&world, &anna).verifier(&first).await;
    world.advance(3599);
    let other = world.temporary(&by).await;
    let others = Browser::new(&world, &anna).verifier(&other).await;
    world.advance(1);
    world.sign(&world.last_leg(&by, &first, &verifier)).await.unsigned(401, "token_expired");
    token(&world.sign(&world.last_leg(&by, &other, &others)).await);
    // What is purged is not known any more, and what is not over stays.
    valetkey_provider::jobs::purge(world.engine()).await;
    world.sign(&world.last_leg(&by, &first, &verifier)).await.unsigned(401, "token_rejected");
    world.sign(&world.last_leg(&by, &other, &others)).await.unsigned(401, "token_used");
}

#[tokio::test]
async fn sec_o1_08_a_signature_method_must_be_known_and_the_clients() {
    let world = World::new().await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    let plain = Consumer { method: "PLAINTEXT", ..by.clone() };
    world
        .sign(&world.first_leg(&plain))
        .await
        .badly_made("invalid_signature_method", "signature_method_rejected");
    world
        .may_not(&world.resource(&plain, &pair))
        .await
        .badly_made("invalid_signature_method", "signature_method_rejected");
    // A method of the server's, but not of this client's.
    let strict = world.consumer(signing(&["HMAC-SHA256"])).await;
    world
        .sign(&world.first_leg(&strict))
        .await
        .badly_made("invalid_signature_method", "signature_method_rejected");
    temporary(&world.sign(&world.first_leg(&strict).by("HMAC-SHA256")).await);
    // One that nobody has, in other letters.
    for name in ["HMAC-MD5", "hmac-sha1", "", "HMAC-SHA1 "] {
        let header = super::header_of(&[
            ("oauth_consumer_key", by.app.id()),
            ("oauth_signature_method", name),
            ("oauth_timestamp", &world.now().seconds().to_string()),
            ("oauth_nonce", "n"),
            ("oauth_signature", "AAAA"),
        ]);
        let answer = world.tls(super::get(&format!("{REQUEST_TOKEN}?oauth_no=1"), &header)).await;
        assert_eq!(answer.status.as_u16(), 400, "{answer:?}");
        let refused = super::refusal(world.verify(&super::get(ME, &header)).await);
        assert_eq!(refused.status.as_u16(), 400, "{name:?}: {refused:?}");
    }
    // One that wants a key that the client has not.
    let keyless = Consumer { key: world.consumer(signing(&["RSA-SHA256"])).await.key, ..by };
    world.sign(&world.first_leg(&keyless).by("RSA-SHA256")).await.unsigned(401, "signature_invalid");
}

#[tokio::test]
async fn sec_o1_09_a_shared_secret_does_not_stand_in_for_a_key_nor_a_key_for_a_secret() {
    let world = World::new().await;
    let rsa = world.consumer(signing(&["RSA-SHA256", "HMAC-SHA256"])).await;
    // The public key is public: it must be no HMAC secret.
    let confused = Consumer { secret: Secret::new(super::KEY), method: "HMAC-SHA256", ..rsa.clone() };
    world.sign(&world.first_leg(&confused)).await.unsigned(401, "signature_invalid");
    let empty = Consumer { secret: Secret::new(""), method: "HMAC-SHA256", ..rsa.clone() };
    world.sign(&world.first_leg(&empty)).await.unsigned(401, "signature_invalid");
    temporary(&world.sign(&world.first_leg(&rsa).by("RSA-SHA256")).await);
    // Who has no secret at all cannot be met with an empty one.
    let only = world.consumer(signing(&["RSA-SHA256"])).await;
    let empty = Consumer { secret: Secret::new(""), method: "HMAC-SHA256", ..only };
    world.sign(&world.first_leg(&empty)).await.unsigned(401, "signature_invalid");
}

#[tokio::test]
async fn sec_o1_13_neither_protocol_takes_the_others_tokens() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut draft = web("Both");
    draft.oauth1 = OAuth1Draft { is_on: true, ..OAuth1Draft::default() };
    draft.may_introspect = true;
    let by = world.consumer_of(draft).await;
    let pair = world.three_legs(&by, &anna).await;
    let second = Browser::new(&world, &anna).dance(&by.app, &[]).await;
    // Of OAuth 2, whatever secret is tried with it.
    for name in ["access_token", "refresh_token"] {
        for secret in ["", by.secret.expose(), by.app.secret.as_ref().unwrap().expose()] {
            let bearer = Pair { token: second.text(name), secret: Secret::new(secret) };
            world.may_not(&world.resource(&by, &bearer)).await.unsigned(401, "token_rejected");
            world.sign(&world.last_leg(&by, &bearer, "v")).await.unsigned(401, "token_rejected");
        }
    }
    // Of OAuth 1.
    let first = world.temporary(&by).await;
    for token in [&pair.token, &first.token] {
        assert!(!world.is_active(&by.app, token).await);
        world.refresh(&by.app, token).await.refused(400, "invalid_grant");
        world.redeem(&by.app, token).await.refused(400, "invalid_grant");
        world.post_as(&by.app, "/oauth2/revoke", &[("token", token)]).await.ok();
    }
    world.may(&world.resource(&by, &pair)).await;
    // A bearer token in place of a signature, and beside one.
    let bearer = format!("Bearer {}", second.text("access_token"));
    let refused = super::refusal(world.verify(&super::get(ME, &bearer)).await);
    assert_eq!((refused.status.as_u16(), refused.report), (401, None));
    let signed = world.resource(&by, &pair).at(valetkey_oauth1::Place::Query).request();
    let both = super::get(&signed.uri().to_string(), &bearer);
    assert_eq!(super::refusal(world.verify(&both).await).status.as_u16(), 400);
    // A secret of one protocol is none of the other's.
    let swapped = Consumer { secret: by.app.secret.clone().unwrap(), ..by.clone() };
    world.sign(&world.first_leg(&swapped)).await.unsigned(401, "signature_invalid");
    let swapped = App { secret: Some(by.secret.clone()), ..by.app.clone() };
    let form = [("grant_type", "client_credentials")];
    world.token(&swapped, &form).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn guesses_at_a_secret_block_the_client_at_their_source_and_nowhere_else() {
    let mut rules = crate::world::policy();
    rules.limits.per_source_tokens = 5;
    let world = World::with(rules).await;
    let (by, anna) = (world.usual().await, world.person("anna").await);
    let pair = world.three_legs(&by, &anna).await;
    // A token that is gone is no guess, whoever has it: it stops nobody's other requests.
    let gone = Pair { token: "gone".into(), secret: Secret::new("x") };
    for _ in 0..5 {
        world.may_not(&world.resource(&by, &gone)).await.unsigned(401, "token_rejected");
    }
    let flooding = world.verify(&world.resource(&by, &gone).request()).await;
    assert!(matches!(flooding, Err(valetkey_provider::Failure::TooMany(_))), "{flooding:?}");
    world.may(&world.resource(&by, &pair)).await;
    // Neither is a body that was changed on the way.
    for _ in 0..5 {
        let ask = world.resource(&by, &pair).http("POST").param("oauth_body_hash", "AAAA");
        world.may_not(&ask).await.unsigned(401, "parameter_rejected");
    }
    world.may(&world.resource(&by, &pair)).await;
    world.advance(60);
    for _ in 0..5 {
        world.sign(&world.first_leg(&wrong(&by))).await.unsigned(401, "signature_invalid");
    }
    let blocked = world.sign(&world.first_leg(&by)).await;
    assert_eq!(blocked.status.as_u16(), 429, "{blocked:?}");
    assert_eq!(blocked.header("retry-after"), Some("60"));
    let elsewhere = valetkey_provider::Peer { is_secure: true, ..crate::world::peer_at("192.0.2.7") };
    let answer = world.provider.handle(&world.first_leg(&by).request(), &elsewhere).await;
    temporary(&crate::world::read(&answer));
    world.advance(60);
    temporary(&world.sign(&world.first_leg(&by)).await);
}

#[tokio::test]
async fn what_goes_wrong_is_written_down_with_its_client_and_its_reason() {
    let world = World::new().await;
    let by = world.usual().await;
    world.sign(&world.first_leg(&wrong(&by))).await.unsigned(401, "signature_invalid");
    let ask = world.ask(&by, "POST", REQUEST_TOKEN).param("oauth_callback", "https://evil.example/");
    world.sign(&ask).await.badly_made("invalid_request", "parameter_rejected");
    let engine = world.engine().clone();
    let _ = tokio::time::timeout(std::time::Duration::from_millis(50), engine.write_refusals()).await;
    let found = world.ports.refusals.list(None, &valetkey_ports::Page::first(10)).await.unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    for refusal in &found {
        assert_eq!(refusal.endpoint, "oauth1 request_token");
        assert_eq!(refusal.client.as_deref(), Some(by.app.id()));
    }
    let said = format!("{found:?}");
    assert!(said.contains("the signature does not match") && said.contains("evil.example"), "{said}");
    assert!(!said.contains(by.secret.expose()) && !said.contains("wrong&"), "{said}");
    assert!(!said.contains(CALLBACK) || found.iter().any(|refusal| refusal.signature.is_some()));
}
