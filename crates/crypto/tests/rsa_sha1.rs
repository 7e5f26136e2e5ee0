//! RSA with SHA-1 and keys in PEM, as OAuth 1 needs them. The keys and the signature were made with OpenSSL.

use valetkey_crypto::{CryptoError, PublicKey, Scheme, aws_lc};

const PUBLIC: &str = include_str!("vectors/rsa-2048-public.pem");
const PKCS8: &str = include_str!("vectors/rsa-2048-pkcs8.pem");
const PKCS1: &str = include_str!("vectors/rsa-2048-pkcs1.pem");
const WEAK: &str = include_str!("vectors/rsa-1024-public.pem");
/// `openssl dgst -sha1 -sign` over the word "message".
const SIGNATURE: &[u8] = include_bytes!("vectors/rsa-2048-sha1-signature.bin");

#[test]
fn a_signature_of_another_tool_verifies_under_the_key_in_pem() {
    let key = aws_lc::rsa_public_key_from_pem(PUBLIC).unwrap();
    let verifier = aws_lc::verifier(Scheme::RsaPkcs1Sha1, &key).unwrap();
    assert_eq!(verifier.verify(b"message", SIGNATURE), Ok(()));
    assert_eq!(verifier.verify(b"massage", SIGNATURE), Err(CryptoError::BadSignature));
    let sha256 = aws_lc::verifier(Scheme::RsaPkcs1Sha256, &key).unwrap();
    assert_eq!(sha256.verify(b"message", SIGNATURE), Err(CryptoError::BadSignature));
}

#[test]
fn both_private_forms_hold_the_same_key() {
    let public = aws_lc::rsa_public_key_from_pem(PUBLIC).unwrap();
    for pem in [PKCS8, PKCS1] {
        let pkcs8 = aws_lc::rsa_private_key_from_pem(pem).unwrap();
        let pair = aws_lc::key_pair(Scheme::RsaPkcs1Sha256, &pkcs8).unwrap();
        assert_eq!(pair.public_key(), &public);
    }
}

#[test]
fn keys_below_2048_bits_and_texts_without_a_key_are_refused() {
    assert_eq!(aws_lc::rsa_public_key_from_pem(WEAK), Err(CryptoError::WeakKey));
    for text in ["", "no key", PKCS8, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
        assert_eq!(aws_lc::rsa_public_key_from_pem(text), Err(CryptoError::KeyRejected), "{text}");
    }
    assert!(aws_lc::rsa_private_key_from_pem(PUBLIC).is_err());
    let small = PublicKey::Rsa { n: vec![0xc1; 128], e: vec![1, 0, 1] };
    assert!(matches!(aws_lc::verifier(Scheme::RsaPkcs1Sha1, &small), Err(CryptoError::WeakKey)));
}

#[test]
fn what_is_generated_for_it_is_an_rsa_key() {
    let pkcs8 = aws_lc::generate(Scheme::RsaPkcs1Sha1).unwrap();
    let pair = aws_lc::key_pair(Scheme::RsaPkcs1Sha256, &pkcs8).unwrap();
    assert!(matches!(pair.public_key(), PublicKey::Rsa { n, .. } if n.len() == 256));
}

#[cfg(feature = "rsa-sha1-signing")]
#[test]
fn with_the_feature_we_sign_what_the_other_tool_signed() {
    let pkcs8 = aws_lc::rsa_private_key_from_pem(PKCS8).unwrap();
    let pair = aws_lc::key_pair(Scheme::RsaPkcs1Sha1, &pkcs8).unwrap();
    assert_eq!(pair.public_key(), &aws_lc::rsa_public_key_from_pem(PUBLIC).unwrap());
    assert_eq!(pair.sign(b"message").unwrap(), SIGNATURE);
}

#[cfg(not(feature = "rsa-sha1-signing"))]
#[test]
fn without_the_feature_nothing_signs_it() {
    let pkcs8 = aws_lc::rsa_private_key_from_pem(PKCS8).unwrap();
    assert!(matches!(aws_lc::key_pair(Scheme::RsaPkcs1Sha1, &pkcs8), Err(CryptoError::KeyRejected)));
}
