//! Properties: what was signed verifies, and nothing else does.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::LazyLock;

use proptest::prelude::*;
use valetkey_jose::{
    Algorithm, Audience, Claims, Expectations, JoseError, KeySet, SecretKey, SigningKey, VerifyingKey, jws,
    jwt,
};

const FAST: [Algorithm; 4] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDsa];

/// One key of each algorithm that makes its keys quickly.
static KEYS: LazyLock<Vec<(SigningKey, KeySet)>> = LazyLock::new(|| FAST.into_iter().map(generate).collect());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_signed_verifies(which in 0..FAST.len(), sub in ".{0,40}", scope in ".{0,40}", extra in ".{0,40}") {
        let (key, keys) = &KEYS[which];
        let mut claims = claims();
        claims.sub = Some(sub);
        claims.scope = Some(scope);
        claims.rest.insert("extra".to_owned(), extra.into());
        let token = key.sign_jwt("at+jwt", &claims).unwrap();
        let verified = jwt::verify(&token, keys, &expect()).unwrap();
        prop_assert_eq!(verified.content(), &claims);
        prop_assert_eq!(verified.header().kid.as_deref(), Some(key.kid()));
    }

    #[test]
    fn any_changed_octet_is_refused(which in 0..FAST.len(), at in any::<prop::sample::Index>(), change in 1_u8..128) {
        let (key, keys) = &KEYS[which];
        let mut token = key.sign_jwt("at+jwt", &claims()).unwrap().into_bytes();
        let at = at.index(token.len());
        token[at] ^= change;
        let token = String::from_utf8(token).unwrap();
        prop_assert!(jwt::verify(&token, keys, &expect()).is_err());
    }

    #[test]
    fn any_text_is_answered_without_a_panic(token in "[A-Za-z0-9_.-]{0,200}|.{0,60}") {
        let (_, keys) = &KEYS[0];
        prop_assert!(jwt::verify(&token, keys, &expect()).is_err());
    }

    #[test]
    fn any_header_and_payload_are_answered_without_a_panic(header in ".{0,60}", payload in ".{0,60}") {
        let encode = |text: &str| valetkey_jose::base64url::encode(text.as_bytes());
        let token = format!("{}.{}.AAAA", encode(&header), encode(&payload));
        let (_, keys) = &KEYS[0];
        prop_assert!(jwt::verify(&token, keys, &expect()).is_err());
        let _ = Claims::parse(payload.as_bytes());
    }
}

#[test]
fn every_rsa_algorithm_signs_and_verifies_and_none_stands_for_another() {
    // One small key serves all six, as a published key without `alg` does.
    let (_, pkcs8) = SigningKey::generate(Algorithm::Rs256).unwrap();
    let rsa = [
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Ps256,
        Algorithm::Ps384,
        Algorithm::Ps512,
    ];
    for signed in rsa {
        let key = SigningKey::from_pkcs8(signed, &pkcs8).unwrap();
        let token = key.sign_jwt("at+jwt", &claims()).unwrap();
        for published in rsa {
            let other = SigningKey::from_pkcs8(published, &pkcs8).unwrap();
            let keys = KeySet::from_iter([VerifyingKey::from_jwk(other.public_jwk()).unwrap()]);
            let outcome = jwt::verify(&token, &keys, &expect()).map(|_| ());
            let expected = if signed == published { Ok(()) } else { Err(JoseError::UnknownKey) };
            assert_eq!(outcome, expected, "{signed} under {published}");
        }
    }
}

#[test]
fn every_hmac_algorithm_signs_and_verifies() {
    for &algorithm in Algorithm::SYMMETRIC {
        let key = SecretKey::new(algorithm, &[9; 64]).unwrap();
        let token = key.sign_jwt("at+jwt", &claims()).unwrap();
        let keys = KeySet::from_iter([key.verifying_key()]);
        assert!(jws::verify(&token, &keys, &[algorithm]).is_ok());
        let other = KeySet::from_iter([SecretKey::new(algorithm, &[8; 64]).unwrap().verifying_key()]);
        assert_eq!(jws::verify(&token, &other, &[algorithm]), Err(JoseError::BadSignature));
    }
}

#[test]
fn a_key_is_the_same_after_it_was_kept() {
    for algorithm in FAST {
        let (key, pkcs8) = SigningKey::generate(algorithm).unwrap();
        let again = SigningKey::from_pkcs8(algorithm, &pkcs8).unwrap();
        assert_eq!(key.kid(), again.kid());
        assert_eq!(key.public_jwk(), again.public_jwk());
        for other in FAST.into_iter().filter(|other| *other != algorithm) {
            assert_eq!(SigningKey::from_pkcs8(other, &pkcs8).unwrap_err(), JoseError::KeyRejected);
        }
    }
    assert_eq!(SigningKey::generate(Algorithm::Hs256).unwrap_err(), JoseError::KeyMismatch);
}

#[test]
fn one_audience_is_written_as_text_and_several_as_an_array() {
    let write = |aud: Audience| serde_json::to_value(Claims { aud, ..Claims::default() }).unwrap();
    assert_eq!(write("a".into()), serde_json::json!({"aud": "a"}));
    assert_eq!(write(vec!["a".to_owned(), "b".to_owned()].into()), serde_json::json!({"aud": ["a", "b"]}));
    assert_eq!(write(Audience::default()), serde_json::json!({}));
}

fn generate(algorithm: Algorithm) -> (SigningKey, KeySet) {
    let (key, _) = SigningKey::generate(algorithm).unwrap();
    let keys = KeySet::from_iter([VerifyingKey::from_jwk(key.public_jwk()).unwrap()]);
    (key, keys)
}

fn claims() -> Claims {
    Claims {
        iss: Some("https://as.example".into()),
        sub: Some("user".into()),
        aud: "https://api.example".into(),
        exp: Some(1_700_000_300),
        iat: Some(1_700_000_000),
        jti: Some("1".into()),
        client_id: Some("app".into()),
        ..Claims::default()
    }
}

fn expect() -> Expectations<'static> {
    Expectations::access_token("https://as.example", "https://api.example", 1_700_000_000)
}
