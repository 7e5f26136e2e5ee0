//! Every scheme signs, verifies, and refuses what is not its own.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::LazyLock;

use proptest::prelude::*;
use valetkey_crypto::{CryptoError, KeyPair, PublicKey, Scheme, Verify, aws_lc};

const SCHEMES: [Scheme; 10] = [
    Scheme::EcdsaP256Sha256,
    Scheme::EcdsaP384Sha384,
    Scheme::EcdsaP521Sha512,
    Scheme::Ed25519,
    Scheme::RsaPkcs1Sha256,
    Scheme::RsaPkcs1Sha384,
    Scheme::RsaPkcs1Sha512,
    Scheme::RsaPssSha256,
    Scheme::RsaPssSha384,
    Scheme::RsaPssSha512,
];

struct Pair {
    scheme: Scheme,
    private: Box<dyn KeyPair>,
    verifier: Box<dyn Verify>,
}

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    // One RSA key of 2048 bits serves all six schemes: making the longer ones takes seconds.
    let rsa = aws_lc::generate(Scheme::RsaPkcs1Sha256).unwrap();
    let pair = |scheme| {
        let pkcs8 = if is_rsa(scheme) { rsa.clone() } else { aws_lc::generate(scheme).unwrap() };
        let private = aws_lc::key_pair(scheme, &pkcs8).unwrap();
        let verifier = aws_lc::verifier(scheme, private.public_key()).unwrap();
        Pair { scheme, private, verifier }
    };
    SCHEMES.into_iter().map(pair).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_signed_verifies_and_no_changed_octet_does(
        which in 0..SCHEMES.len(),
        message in proptest::collection::vec(any::<u8>(), 1..200),
        at in any::<prop::sample::Index>(),
        change in 1_u8..,
    ) {
        let pair = &PAIRS[which];
        let signature = pair.private.sign(&message).unwrap();
        prop_assert_eq!(pair.verifier.verify(&message, &signature), Ok(()));

        let mut changed = signature.clone();
        changed[at.index(signature.len())] ^= change;
        prop_assert_eq!(pair.verifier.verify(&message, &changed), Err(CryptoError::BadSignature));

        let mut changed = message.clone();
        changed[at.index(message.len())] ^= change;
        prop_assert_eq!(pair.verifier.verify(&changed, &signature), Err(CryptoError::BadSignature));
    }
}

#[test]
fn no_scheme_accepts_a_signature_of_another() {
    for signer in PAIRS.iter() {
        let signature = signer.private.sign(b"message").unwrap();
        for other in PAIRS.iter().filter(|other| other.scheme != signer.scheme) {
            assert!(other.verifier.verify(b"message", &signature).is_err());
        }
    }
}

#[test]
fn a_key_serves_no_scheme_of_another_type_or_curve() {
    for pair in PAIRS.iter() {
        for scheme in SCHEMES {
            let fits = scheme == pair.scheme || (is_rsa(scheme) && is_rsa(pair.scheme));
            let outcome = aws_lc::verifier(scheme, pair.private.public_key());
            assert_eq!(outcome.is_ok(), fits, "{:?} for {scheme:?}", pair.scheme);
        }
    }
    for made in SCHEMES.into_iter().filter(|scheme| !is_rsa(*scheme)) {
        let pkcs8 = aws_lc::generate(made).unwrap();
        for asked in SCHEMES.into_iter().filter(|asked| *asked != made) {
            assert_eq!(aws_lc::key_pair(asked, &pkcs8).err(), Some(CryptoError::KeyRejected));
        }
        assert_eq!(aws_lc::key_pair(made, &pkcs8[..pkcs8.len() - 1]).err(), Some(CryptoError::KeyRejected));
    }
    assert_eq!(aws_lc::key_pair(Scheme::Ed25519, b"").err(), Some(CryptoError::KeyRejected));
}

#[test]
fn signatures_have_the_fixed_form() {
    for (scheme, length) in [
        (Scheme::EcdsaP256Sha256, 64),
        (Scheme::EcdsaP384Sha384, 96),
        (Scheme::EcdsaP521Sha512, 132),
        (Scheme::Ed25519, 64),
        (Scheme::RsaPssSha256, 256),
    ] {
        let pair = PAIRS.iter().find(|pair| pair.scheme == scheme).unwrap();
        for _ in 0..20 {
            assert_eq!(pair.private.sign(b"message").unwrap().len(), length);
        }
    }
}

#[test]
fn ed25519_keys_of_small_order_are_refused_with_either_sign() {
    // Under the neutral element, R = [s]B and any s sign every message.
    for (first, last) in [(0, 0), (1, 0), (0, 0x80), (1, 0x80)] {
        let mut x = [0; 32];
        (x[0], x[31]) = (first, last);
        let outcome = aws_lc::verifier(Scheme::Ed25519, &PublicKey::Ed25519 { x });
        assert_eq!(outcome.err(), Some(CryptoError::WeakKey));
    }
}

fn is_rsa(scheme: Scheme) -> bool {
    !matches!(
        scheme,
        Scheme::EcdsaP256Sha256 | Scheme::EcdsaP384Sha384 | Scheme::EcdsaP521Sha512 | Scheme::Ed25519
    )
}
