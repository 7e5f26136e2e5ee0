//! Keys and key sets, as registration and a remote provider hand them over.
#![no_main]

use libfuzzer_sys::fuzz_target;
use valetkey_jose::{Jwk, Jwks, KeySet};

fuzz_target!(|input: &[u8]| {
    if let Ok(jwk) = Jwk::parse(input) {
        let written = serde_json::to_vec(&jwk).unwrap();
        for private in [&b"\"d\":"[..], b"\"k\":"] {
            assert!(!written.windows(private.len()).any(|window| window == private));
        }
        if jwk.is_for_verifying() {
            assert_eq!(Jwk::parse(&written).unwrap(), jwk);
        }
        assert_eq!(jwk.thumbprint().len(), 43);
    }
    if let Ok(jwks) = Jwks::parse(input) {
        assert!(KeySet::from(&jwks).len() <= jwks.keys.len());
    }
});
