//! The examples of the specifications, from `vectors/`, each file named by its document and section.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::Value;
use valetkey_jose::{Algorithm, JoseError, Jwk, KeySet, SecretKey, VerifyingKey, base64url, jws};

#[test]
fn every_example_verifies_and_every_changed_one_is_refused() {
    let mut seen = 0;
    for (name, vector) in vectors() {
        let Some(token) = vector["jws"].as_str() else { continue };
        let algorithm = Algorithm::parse(vector["alg"].as_str().unwrap()).unwrap();
        let keys = KeySet::from_iter([key(algorithm, &vector["jwk"])]);

        let verified = jws::verify(token, &keys, &[algorithm]).unwrap_or_else(|why| panic!("{name}: {why}"));
        let payload = token.split('.').nth(1).unwrap();
        assert_eq!(base64url::encode(verified.content()), payload, "{name}");

        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut changed = base64url::decode(signature).unwrap();
        changed[7] ^= 1;
        let changed = format!("{signed}.{}", base64url::encode(&changed));
        assert_eq!(jws::verify(&changed, &keys, &[algorithm]), Err(JoseError::BadSignature), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 9);
}

#[test]
fn every_example_of_a_thumbprint_is_met() {
    let mut seen = 0;
    for (name, vector) in vectors() {
        let Some(thumbprint) = vector["thumbprint"].as_str() else { continue };
        let jwk = Jwk::parse(vector["jwk"].to_string().as_bytes()).unwrap();
        assert_eq!(jwk.thumbprint(), thumbprint, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn a_public_key_is_written_as_it_was_read() {
    for (name, vector) in vectors() {
        let Ok(jwk) = Jwk::parse(vector["jwk"].to_string().as_bytes()) else { continue };
        let written = serde_json::to_value(&jwk).unwrap();
        for (member, value) in vector["jwk"].as_object().unwrap() {
            assert_eq!(&written[member], value, "{name}: {member}");
        }
    }
}

fn key(algorithm: Algorithm, jwk: &Value) -> VerifyingKey {
    let jwk = jwk.to_string();
    if algorithm.is_symmetric() {
        return SecretKey::parse(algorithm, jwk.as_bytes()).unwrap().verifying_key();
    }
    VerifyingKey::from_jwk(&Jwk::parse(jwk.as_bytes()).unwrap()).unwrap()
}

fn vectors() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let mut vectors: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let text = std::fs::read(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), serde_json::from_slice(&text).unwrap())
        })
        .collect();
    vectors.sort_by(|(left, _), (right, _)| left.cmp(right));
    vectors
}
