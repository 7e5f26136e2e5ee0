//! Digests and MACs against published examples.

use valetkey_crypto::digest::{sha1, sha256, sha384, sha512};
use valetkey_crypto::mac::{MacHash, MacKey};
use valetkey_crypto::{CryptoError, Sign, Verify, ct_eq, random_bytes};

#[test]
fn digests_of_abc_are_those_of_fips_180() {
    assert_eq!(hex(&sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert!(hex(&sha384(b"abc")).starts_with("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"));
    assert!(hex(&sha512(b"abc")).starts_with("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"));
}

#[test]
fn macs_are_those_of_rfc_2202_and_rfc_4231() {
    let tag = |hash| hex(&MacKey::new(hash, b"Jefe").tag(b"what do ya want for nothing?"));
    assert_eq!(tag(MacHash::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    assert_eq!(tag(MacHash::Sha256), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert!(tag(MacHash::Sha384).starts_with("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"));
    assert!(tag(MacHash::Sha512).starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"));
}

#[test]
fn a_tag_is_accepted_whole_or_not_at_all() {
    for hash in [MacHash::Sha1, MacHash::Sha256, MacHash::Sha384, MacHash::Sha512] {
        let key = MacKey::new(hash, b"secret");
        let tag = key.sign(b"message").unwrap();
        assert_eq!(tag.len(), hash.tag_len());
        assert_eq!(key.verify(b"message", &tag), Ok(()));
        for length in 0..tag.len() {
            assert_eq!(key.verify(b"message", &tag[..length]), Err(CryptoError::BadSignature));
        }
        assert!(!key.is_tag(b"other", &tag));
        assert!(!MacKey::new(hash, b"Secret").is_tag(b"message", &tag));
        assert!(!format!("{key:?}").contains("secret"));
    }
}

#[test]
fn comparison_tells_equal_from_unequal() {
    assert!(ct_eq(b"", b""));
    assert!(ct_eq(b"same", b"same"));
    assert!(!ct_eq(b"same", b"samf"));
    assert!(!ct_eq(b"same", b"sam"));
    assert!(!ct_eq(b"", b"a"));
}

#[test]
fn random_octets_differ() {
    let (mut one, mut two) = ([0; 32], [0; 32]);
    random_bytes(&mut one);
    random_bytes(&mut two);
    assert_ne!(one, two);
    assert_ne!(one, [0; 32]);
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
