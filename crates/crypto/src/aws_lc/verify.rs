//! Public keys, parsed once and used for verifying.

use aws_lc_rs::signature::{
    self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};

use super::rsa;
use crate::{CryptoError, Curve, PublicKey, Scheme, Verify};

/// Parses `key` for verifying signatures of `scheme`.
///
/// # Errors
/// [`CryptoError::KeyRejected`] when the key is of another type or curve than the scheme, or not on its curve;
/// [`CryptoError::WeakKey`] for RSA below 2048 bits or with a bad exponent, and for Ed25519 points of small order.
pub fn verifier(scheme: Scheme, key: &PublicKey) -> Result<Box<dyn Verify>, CryptoError> {
    let parsed = match (key, scheme) {
        (PublicKey::Ec { curve: Curve::P256, x, y }, Scheme::EcdsaP256Sha256) => {
            ec(&signature::ECDSA_P256_SHA256_FIXED, Curve::P256, x, y)?
        }
        (PublicKey::Ec { curve: Curve::P384, x, y }, Scheme::EcdsaP384Sha384) => {
            ec(&signature::ECDSA_P384_SHA384_FIXED, Curve::P384, x, y)?
        }
        (PublicKey::Ec { curve: Curve::P521, x, y }, Scheme::EcdsaP521Sha512) => {
            ec(&signature::ECDSA_P521_SHA512_FIXED, Curve::P521, x, y)?
        }
        (PublicKey::Ed25519 { x }, Scheme::Ed25519) => ed25519(x)?,
        (PublicKey::Rsa { n, e }, scheme) => {
            let parameters = rsa_parameters(scheme).ok_or(CryptoError::KeyRejected)?;
            rsa::check(n, e)?;
            RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(parameters)
                .map_err(|_| CryptoError::KeyRejected)?
        }
        _ => return Err(CryptoError::KeyRejected),
    };
    Ok(Box::new(Parsed(parsed)))
}

fn ec(
    algorithm: &'static dyn VerificationAlgorithm,
    curve: Curve,
    x: &[u8],
    y: &[u8],
) -> Result<ParsedPublicKey, CryptoError> {
    if x.len() != curve.coordinate_len() || y.len() != curve.coordinate_len() {
        return Err(CryptoError::KeyRejected);
    }
    let point = [&[4], x, y].concat();
    ParsedPublicKey::new(algorithm, point).map_err(|_| CryptoError::KeyRejected)
}

fn ed25519(x: &[u8; 32]) -> Result<ParsedPublicKey, CryptoError> {
    let mut unsigned = *x;
    unsigned[31] &= 0x7f;
    if SMALL_ORDER.contains(&unsigned) {
        return Err(CryptoError::WeakKey);
    }
    ParsedPublicKey::new(&signature::ED25519, x).map_err(|_| CryptoError::KeyRejected)
}

fn rsa_parameters(scheme: Scheme) -> Option<&'static RsaParameters> {
    match scheme {
        Scheme::RsaPkcs1Sha1 => Some(&signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        Scheme::RsaPkcs1Sha256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Scheme::RsaPkcs1Sha384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Scheme::RsaPkcs1Sha512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Scheme::RsaPssSha256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Scheme::RsaPssSha384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Scheme::RsaPssSha512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

struct Parsed(ParsedPublicKey);

impl Verify for Parsed {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        self.0.verify_sig(message, signature).map_err(|_| CryptoError::BadSignature)
    }
}

const fn ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut point = [middle; 32];
    point[0] = first;
    point[31] = last;
    point
}

/// The y coordinates of all points whose order divides 8, and the two that exceed the field and mean the same;
/// under such a "key" one signature fits many messages.
const SMALL_ORDER: [[u8; 32]; 7] = [
    ends(0x00, 0x00, 0x00),
    ends(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    ends(0xec, 0xff, 0x7f),
    ends(0xed, 0xff, 0x7f),
    ends(0xee, 0xff, 0x7f),
];
