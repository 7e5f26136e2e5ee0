//! Tokens: as they come, and signed with the right key, so that what lies behind the signature is reached as well.
//!
//! An input is a token, or a header and a payload divided by a line feed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use valetkey_crypto::mac::{MacHash, MacKey};
use valetkey_jose::{Algorithm, Expectations, KeySet, SecretKey, base64url, jwt};

const SECRET: &[u8; 32] = b"a secret of thirty-two octets...";
const ISSUER: &str = "https://as.example";
const AUDIENCE: &str = "https://api.example";
const NOW: i64 = 1_700_000_000;

fuzz_target!(|input: &[u8]| {
    let keys = KeySet::from_iter([SecretKey::new(Algorithm::Hs256, SECRET).unwrap().verifying_key()]);
    let expect = Expectations::access_token(ISSUER, AUDIENCE, NOW).algorithms(Algorithm::SYMMETRIC);
    if let Ok(token) = std::str::from_utf8(input) {
        check(token, &keys, &expect);
    }
    let Some(at) = input.iter().position(|octet| *octet == b'\n') else { return };
    let signed = format!("{}.{}", base64url::encode(&input[..at]), base64url::encode(&input[at + 1..]));
    let tag = MacKey::new(MacHash::Sha256, SECRET).tag(signed.as_bytes());
    check(&format!("{signed}.{}", base64url::encode(&tag)), &keys, &expect);
});

fn check(token: &str, keys: &KeySet, expect: &Expectations<'_>) {
    let Ok(verified) = jwt::verify(token, keys, expect) else { return };
    assert_eq!(verified.header().algorithm, Algorithm::Hs256);
    assert_eq!(verified.iss.as_deref(), Some(ISSUER));
    assert!(verified.aud.contains(AUDIENCE));
    assert!(verified.exp.unwrap() > NOW);
    assert!(verified.sub.is_some() && verified.client_id.is_some() && verified.jti.is_some());
    // What was believed can be written again, and is believed again. (Fractions among the other claims may lose their last
    // digit in the parser: nothing here reads them.)
    let again =
        SecretKey::new(Algorithm::Hs256, SECRET).unwrap().sign_jwt("at+jwt", verified.content()).unwrap();
    if again.len() <= valetkey_jose::jws::MAX_LEN {
        let (mut again, mut before) =
            (jwt::verify(&again, keys, expect).unwrap().into_content(), verified.into_content());
        again.rest.clear();
        before.rest.clear();
        assert_eq!(again, before);
    }
}
