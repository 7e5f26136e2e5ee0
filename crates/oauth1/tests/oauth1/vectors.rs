//! Published examples, and requests that another implementation signed.

use serde::Deserialize;
use valetkey_crypto::Secret;
use valetkey_oauth1::sign::{Outgoing, Signer, Stamp};
use valetkey_oauth1::verify::{self, BodyHashRule};
use valetkey_oauth1::{
    BaseUri, KeyKind, Place, RsaPublicKey, Secrets, SignatureMethod as _, VerifyingKey, base_string, methods,
    params, percent,
};

use crate::{METHODS, PRIVATE, PUBLIC, Sent, vector};

#[derive(Deserialize)]
struct Example {
    name: String,
    method: String,
    url: String,
    authorization: Option<String>,
    content_type: Option<String>,
    body: Option<String>,
    client_secret: Option<String>,
    token_secret: Option<String>,
    normalized: Option<String>,
    base_string: Option<String>,
}

fn check(file: &str) {
    let examples: Vec<Example> = serde_json::from_str(&vector(file)).unwrap();
    assert!(!examples.is_empty());
    for example in examples {
        let name = &example.name;
        let sent = Sent {
            method: example.method,
            url: example.url,
            authorization: example.authorization.into_iter().map(String::into_bytes).collect(),
            content_type: example.content_type,
            body: example.body.unwrap_or_default().into_bytes(),
        };
        sent.parse(|message| {
            let message = message.unwrap_or_else(|fault| panic!("{name}: {fault}"));
            if let Some(normalized) = &example.normalized {
                let pairs = message.params().iter().map(params::Param::pair);
                assert_eq!(params::normalize(pairs), *normalized, "{name}");
            }
            if let Some(base_string) = &example.base_string {
                assert_eq!(message.base_string(&sent.uri()), *base_string, "{name}");
            }
            let method = METHODS.find(message.signature_method()).unwrap();
            assert_eq!(verify::body_hash(&message, method, BodyHashRule::Required), Ok(()), "{name}");
            let Some(client) = example.client_secret.map(Secret::new) else { return };
            let token = example.token_secret.map(Secret::new);
            let key = Secrets { client: &client, token: token.as_ref() };
            let outcome = verify::signature(&message, &sent.uri(), method, Some(key.into()));
            assert!(outcome.is_ok(), "{name}: {outcome:?}");
        });
    }
}

#[test]
fn the_examples_of_rfc_5849_verify() {
    check("rfc5849.json");
}

#[test]
fn the_examples_of_oauth_core_1_0a_verify() {
    check("oauth-core-1.0a-appendix-A.json");
}

#[test]
fn the_examples_of_twitter_verify() {
    check("twitter-creating-a-signature.json");
}

#[test]
fn the_hashes_of_the_body_hash_extension_are_right() {
    check("oauth-bodyhash-appendix-A.json");
}

#[derive(Deserialize)]
struct TestCases {
    encoding: Vec<(String, String)>,
    normalization: Vec<(String, String)>,
    base_strings: Vec<(String, String, String)>,
    hmac_sha1: Vec<(String, String, Option<String>, String)>,
}

#[test]
fn the_test_cases_of_the_community_hold() {
    let cases: TestCases = serde_json::from_str(&vector("oauth-wiki-test-cases.json")).unwrap();
    for (plain, encoded) in &cases.encoding {
        assert_eq!(percent::encode(plain), *encoded);
        assert_eq!(percent::decode_text(encoded, percent::Plus::Literal).unwrap(), *plain);
    }
    let read = |text: &str| -> Vec<(Vec<u8>, Vec<u8>)> {
        let params = params::form(text.as_bytes(), Place::Query).map(Result::unwrap);
        params.map(|param| (param.name.to_vec(), param.value.to_vec())).collect()
    };
    fn pairs(read: &[(Vec<u8>, Vec<u8>)]) -> impl Iterator<Item = (&[u8], &[u8])> {
        read.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }
    for (text, normalized) in &cases.normalization {
        assert_eq!(params::normalize(pairs(&read(text))), *normalized);
    }
    for (method, url, expected) in &cases.base_strings {
        let uri = BaseUri::parse(url).unwrap();
        let params = read(params::query_of(url).unwrap());
        assert_eq!(base_string::write(method, &uri, pairs(&params)), *expected);
    }
    for (base_string, client, token, signature) in cases.hmac_sha1 {
        let (client, token) = (Secret::new(client), token.map(Secret::new));
        let key = Secrets { client: &client, token: token.as_ref() };
        assert_eq!(methods::HMAC_SHA1.sign(&base_string, key.into()).unwrap(), signature);
        assert_eq!(methods::HMAC_SHA1.verify(&base_string, &signature, key.into()), Ok(()));
    }
}

#[derive(Deserialize)]
struct Oauthlib {
    requests: Vec<Request>,
}

#[derive(Deserialize)]
struct Request {
    name: String,
    signature_method: String,
    place: String,
    method: String,
    url: String,
    content_type: Option<String>,
    body: Option<String>,
    realm: Option<String>,
    consumer_key: String,
    consumer_secret: String,
    token: Option<String>,
    token_secret: Option<String>,
    nonce: String,
    timestamp: i64,
    sent: Answer,
    base_string: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    url: String,
    authorization: Option<String>,
    body: Option<String>,
    content_type: Option<String>,
}

#[test]
fn what_oauthlib_signed_verifies_and_we_sign_alike() {
    let file: Oauthlib = serde_json::from_str(&vector("oauthlib.json")).unwrap();
    assert_eq!(file.requests.len(), 42);
    for request in file.requests {
        let name = &request.name;
        let method = METHODS.find(&request.signature_method).unwrap();
        let client = Secret::new(request.consumer_secret.clone());
        let token = request.token_secret.clone().map(Secret::new);
        let secrets = Secrets { client: &client, token: token.as_ref() };
        let is_rsa = method.key_kind() == KeyKind::Rsa;
        let key: VerifyingKey<'_> = if is_rsa { (&*PUBLIC).into() } else { secrets.into() };
        let sent = Sent {
            method: request.method.clone(),
            url: request.sent.url,
            authorization: request.sent.authorization.into_iter().map(String::into_bytes).collect(),
            content_type: request.sent.content_type,
            body: request.sent.body.or(request.body.clone()).unwrap_or_default().into_bytes(),
        };
        let (place, signature) = sent.parse(|message| {
            let message = message.unwrap_or_else(|fault| panic!("{name}: {fault}"));
            if let Some(base_string) = &request.base_string {
                assert_eq!(message.base_string(&sent.uri()), *base_string, "{name}");
            }
            let rules = verify::Rules { body_hash: BodyHashRule::Required, ..verify::Rules::default() };
            let outcome = verify::verify(&message, &sent.uri(), method, Some(key), request.timestamp, &rules);
            assert!(outcome.is_ok(), "{name}: {outcome:?}");
            assert_eq!(message.realm(), request.realm.as_deref(), "{name}");
            (message.place(), message.signature().to_owned())
        });
        assert_eq!(format!("{place:?}").to_lowercase(), request.place, "{name}");

        if name.starts_with("RSA-SHA1") && cfg!(not(feature = "rsa-sha1-signing")) {
            continue;
        }
        // Their hash of a body is always SHA-1, ours the method's own: theirs is handed on.
        let extra: Vec<(&str, String)> = sent.parse(|message| {
            let message = message.unwrap();
            let values = [
                ("oauth_callback", message.callback()),
                ("oauth_verifier", message.verifier()),
                ("oauth_body_hash", message.body_hash()),
            ];
            values.iter().filter_map(|(name, value)| value.map(|value| (*name, value.to_owned()))).collect()
        });
        let signing = if is_rsa { (&*PRIVATE).into() } else { secrets.into() };
        let mut signer = Signer::new(method, &request.consumer_key, signing).place(place).version();
        if let Some(token) = &request.token {
            signer = signer.token(token);
        }
        signer = signer.without_body_hash();
        for (name, value) in &extra {
            signer = signer.parameter(name, value);
        }
        let mut outgoing = Outgoing::new(&request.method, &request.url);
        outgoing.content_type = request.content_type.as_deref();
        outgoing.body = request.body.as_deref().unwrap_or_default().as_bytes();
        let signed = signer.sign(&outgoing, &Stamp::new(request.timestamp, &request.nonce)).unwrap();
        let ours = Sent::new(&outgoing, signed).parse(|message| message.unwrap().signature().to_owned());
        assert_eq!(ours, signature, "{name}");
    }
}

#[test]
fn a_public_key_below_2048_bits_is_refused() {
    assert!(RsaPublicKey::from_pem(&vector("rsa-1024-public.pem")).is_err());
}
