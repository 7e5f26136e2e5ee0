//! Seals open where they were made for, and nowhere else.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use proptest::prelude::*;
use valetkey_crypto::{CryptoError, MasterKey, Sealer};

const HANDLE: &[u8] = b"vk_rt_a handle with 256 bits in it";

#[test]
fn a_seal_opens_for_its_own_purpose_and_row_only() {
    let sealer = sealer(1);
    let sealed = sealer.seal("signing-key", b"row 1", b"secret").unwrap();
    assert_eq!(&**sealer.open("signing-key", b"row 1", &sealed).unwrap(), b"secret");
    assert_eq!(sealer.open("signing-key", b"row 2", &sealed).unwrap_err(), CryptoError::BrokenSeal);
    assert_eq!(sealer.open("client-secret", b"row 1", &sealed).unwrap_err(), CryptoError::BrokenSeal);
    assert_eq!(
        sealer.open_under("signing-key", b"", b"row 1", &sealed).unwrap_err(),
        CryptoError::BrokenSeal
    );
}

#[test]
fn one_plaintext_is_never_sealed_alike_twice() {
    let sealer = sealer(1);
    let seal = || sealer.seal("p", b"c", b"secret").unwrap();
    assert_ne!(seal(), seal());
    assert!(!seal().windows(6).any(|window| window == b"secret"));
}

#[test]
fn another_master_key_says_that_it_is_another() {
    let sealed = sealer(1).seal("p", b"c", b"secret").unwrap();
    assert_eq!(sealer(2).open("p", b"c", &sealed).unwrap_err(), CryptoError::UnknownMasterKey);
    assert_ne!(sealer(1).key_id(), sealer(2).key_id());
    assert_eq!(sealer(1).key_id().len(), 16);
}

#[test]
fn an_older_master_key_opens_and_no_longer_seals() {
    let old = sealer(1).seal("p", b"c", b"secret").unwrap();
    let old_under = sealer(1).seal_under("p", HANDLE, b"c", b"secret").unwrap();
    let rotated = sealer(2).with_older(&MasterKey::new([1; 32]));
    assert_eq!(&**rotated.open("p", b"c", &old).unwrap(), b"secret");
    assert_eq!(&**rotated.open_under("p", HANDLE, b"c", &old_under).unwrap(), b"secret");
    assert!(rotated.is_outdated(&old));
    let new = rotated.seal("p", b"c", b"secret").unwrap();
    assert!(!rotated.is_outdated(&new));
    assert_eq!(sealer(1).open("p", b"c", &new).unwrap_err(), CryptoError::UnknownMasterKey);
}

#[test]
fn a_seal_under_a_handle_needs_that_handle() {
    let sealer = sealer(1);
    let sealed = sealer.seal_under("successor", HANDLE, b"family", b"next").unwrap();
    assert_eq!(&**sealer.open_under("successor", HANDLE, b"family", &sealed).unwrap(), b"next");
    for (purpose, handle, context) in [
        ("successor", &b"another handle"[..], &b"family"[..]),
        ("successor", HANDLE, b"another family"),
        ("another", HANDLE, b"family"),
        ("successor", b"", b"family"),
    ] {
        let outcome = sealer.open_under(purpose, handle, context, &sealed);
        assert_eq!(outcome.unwrap_err(), CryptoError::BrokenSeal);
    }
    assert_eq!(sealer.open("successor", b"family", &sealed).unwrap_err(), CryptoError::BrokenSeal);
}

#[test]
fn derived_octets_are_steady_and_independent() {
    let derive = |master, purpose, context: &[u8]| sealer(master).derive(purpose, context);
    let one = derive(1, "cookie", b"a");
    assert_eq!(one, derive(1, "cookie", b"a"));
    for other in [
        derive(2, "cookie", b"a"),
        derive(1, "check", b"a"),
        derive(1, "cookie", b"b"),
        derive(1, "cookiea", b""),
        derive(1, "cooki", b"ea"),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn the_sealed_form_never_changes_between_releases() {
    // A change here means that no database opens any more.
    let vector = |name| {
        let text = include_str!("vectors/seal-version-1.txt");
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        octets(line.trim())
    };
    let sealer = sealer(1);
    assert_eq!(octets(&sealer.key_id()), vector("key_id "));
    assert_eq!(sealer.derive("check", b"")[..], vector("derive "));
    assert_eq!(&**sealer.open("p", b"c", &vector("seal ")).unwrap(), b"secret");
    assert_eq!(&**sealer.open_under("p", b"handle", b"c", &vector("seal_under ")).unwrap(), b"secret");
}

#[test]
fn a_master_key_is_32_octets_that_nobody_sees() {
    assert!(MasterKey::parse(&[1; 31]).is_err());
    assert!(MasterKey::parse(&[1; 33]).is_err());
    assert!(MasterKey::parse(&[0; 32]).is_err());
    let octets: Vec<u8> = (0..32).collect();
    let key = MasterKey::parse(&octets).unwrap();
    assert_eq!(key.expose()[..], octets);
    assert_eq!(format!("{key:?}"), "MasterKey(redacted)");
}

#[test]
fn shards_of_a_seal_are_malformed() {
    let sealer = sealer(1);
    let sealed = sealer.seal("p", b"c", b"").unwrap();
    for length in 0..sealed.len() {
        assert_eq!(sealer.open("p", b"c", &sealed[..length]).unwrap_err(), CryptoError::MalformedSeal);
    }
    assert!(sealer.open("p", b"c", &sealed).unwrap().is_empty());
}

proptest! {
    #[test]
    fn any_changed_octet_breaks_the_seal(
        plaintext in proptest::collection::vec(any::<u8>(), 0..100),
        at in any::<prop::sample::Index>(),
        change in 1_u8..,
    ) {
        let sealer = sealer(1);
        let mut sealed = sealer.seal("p", b"c", &plaintext).unwrap();
        prop_assert_eq!(&**sealer.open("p", b"c", &sealed).unwrap(), &plaintext[..]);
        let at = at.index(sealed.len());
        sealed[at] ^= change;
        prop_assert!(sealer.open("p", b"c", &sealed).is_err());
    }
}

fn sealer(octet: u8) -> Sealer {
    Sealer::new(&MasterKey::new([octet; 32]))
}

fn octets(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
