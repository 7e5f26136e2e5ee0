//! Key pairs: made, loaded, and used for signing.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaKeyPair, RsaSignatureEncoding,
};
use zeroize::Zeroizing;

use super::rsa;
use crate::{CryptoError, Curve, KeyPair, PublicKey, Scheme, Sign};

/// Makes a new key pair for `scheme` and gives it as PKCS#8 DER (RFC 5208), wiped when dropped.
///
/// RSA keys have 2048 bits for SHA-1 and SHA-256, 3072 for SHA-384, 4096 for SHA-512.
///
/// ```
/// use valetkey_crypto::{Scheme, aws_lc};
///
/// let pkcs8 = aws_lc::generate(Scheme::EcdsaP256Sha256)?;
/// let pair = aws_lc::key_pair(Scheme::EcdsaP256Sha256, &pkcs8)?;
/// let verifier = aws_lc::verifier(Scheme::EcdsaP256Sha256, pair.public_key())?;
/// verifier.verify(b"message", &pair.sign(b"message")?)?;
/// # Ok::<(), valetkey_crypto::CryptoError>(())
/// ```
///
/// # Errors
/// [`CryptoError::Backend`] when the backend cannot make one.
pub fn generate(scheme: Scheme) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    if let Some((algorithm, _)) = ecdsa(scheme) {
        let document = EcdsaKeyPair::generate(algorithm)
            .and_then(|pair| pair.to_pkcs8v1())
            .map_err(|_| CryptoError::Backend)?;
        return Ok(Zeroizing::new(document.as_ref().to_vec()));
    }
    if let Some(size) = rsa_size(scheme) {
        let pair = RsaKeyPair::generate(size).map_err(|_| CryptoError::Backend)?;
        let der: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| CryptoError::Backend)?;
        return Ok(Zeroizing::new(der.as_ref().to_vec()));
    }
    let document =
        Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(|_| CryptoError::Backend)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

/// Loads a key pair for `scheme` from PKCS#8 DER.
///
/// # Errors
/// [`CryptoError::KeyRejected`] when it is malformed, inconsistent, or of another type or curve;
/// [`CryptoError::WeakKey`] for RSA below 2048 bits; [`CryptoError::KeyRejected`] also for [`Scheme::RsaPkcs1Sha1`] in a
/// build without the feature `rsa-sha1-signing`.
pub fn key_pair(scheme: Scheme, pkcs8: &[u8]) -> Result<Box<dyn KeyPair>, CryptoError> {
    if let Some((algorithm, curve)) = ecdsa(scheme) {
        return Ok(Box::new(Ecdsa::load(algorithm, curve, pkcs8)?));
    }
    if let Some(encoding) = rsa_encoding(scheme) {
        return Ok(Box::new(Rsa::load(encoding, pkcs8)?));
    }
    match scheme {
        Scheme::Ed25519 => Ok(Box::new(Ed25519::load(pkcs8)?)),
        #[cfg(feature = "rsa-sha1-signing")]
        Scheme::RsaPkcs1Sha1 => Ok(Box::new(super::rsa_sha1::RsaSha1::load(pkcs8)?)),
        _ => Err(CryptoError::KeyRejected),
    }
}

fn ecdsa(scheme: Scheme) -> Option<(&'static EcdsaSigningAlgorithm, Curve)> {
    match scheme {
        Scheme::EcdsaP256Sha256 => Some((&signature::ECDSA_P256_SHA256_FIXED_SIGNING, Curve::P256)),
        Scheme::EcdsaP384Sha384 => Some((&signature::ECDSA_P384_SHA384_FIXED_SIGNING, Curve::P384)),
        Scheme::EcdsaP521Sha512 => Some((&signature::ECDSA_P521_SHA512_FIXED_SIGNING, Curve::P521)),
        _ => None,
    }
}

fn rsa_encoding(scheme: Scheme) -> Option<&'static RsaSignatureEncoding> {
    match scheme {
        Scheme::RsaPkcs1Sha256 => Some(&signature::RSA_PKCS1_SHA256),
        Scheme::RsaPkcs1Sha384 => Some(&signature::RSA_PKCS1_SHA384),
        Scheme::RsaPkcs1Sha512 => Some(&signature::RSA_PKCS1_SHA512),
        Scheme::RsaPssSha256 => Some(&signature::RSA_PSS_SHA256),
        Scheme::RsaPssSha384 => Some(&signature::RSA_PSS_SHA384),
        Scheme::RsaPssSha512 => Some(&signature::RSA_PSS_SHA512),
        _ => None,
    }
}

fn rsa_size(scheme: Scheme) -> Option<KeySize> {
    match scheme {
        Scheme::RsaPkcs1Sha1 | Scheme::RsaPkcs1Sha256 | Scheme::RsaPssSha256 => Some(KeySize::Rsa2048),
        Scheme::RsaPkcs1Sha384 | Scheme::RsaPssSha384 => Some(KeySize::Rsa3072),
        Scheme::RsaPkcs1Sha512 | Scheme::RsaPssSha512 => Some(KeySize::Rsa4096),
        _ => None,
    }
}

struct Ecdsa {
    pair: EcdsaKeyPair,
    public: PublicKey,
}

impl Ecdsa {
    fn load(
        algorithm: &'static EcdsaSigningAlgorithm,
        curve: Curve,
        pkcs8: &[u8],
    ) -> Result<Self, CryptoError> {
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8).map_err(|_| CryptoError::KeyRejected)?;
        // The uncompressed form of SEC 1 §2.3.3: 04, then both coordinates.
        let (x, y) = pair
            .public_key()
            .as_ref()
            .strip_prefix(&[4])
            .and_then(|point| point.split_at_checked(curve.coordinate_len()))
            .ok_or(CryptoError::KeyRejected)?;
        let public = PublicKey::Ec { curve, x: x.to_vec(), y: y.to_vec() };
        Ok(Self { pair, public })
    }
}

impl Sign for Ecdsa {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(|_| CryptoError::Backend)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl KeyPair for Ecdsa {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }
}

struct Ed25519 {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl Ed25519 {
    fn load(pkcs8: &[u8]) -> Result<Self, CryptoError> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| CryptoError::KeyRejected)?;
        let x = pair.public_key().as_ref().try_into().map_err(|_| CryptoError::KeyRejected)?;
        Ok(Self { pair, public: PublicKey::Ed25519 { x } })
    }
}

impl Sign for Ed25519 {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature = self.pair.try_sign(message).map_err(|_| CryptoError::Backend)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl KeyPair for Ed25519 {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }
}

struct Rsa {
    pair: RsaKeyPair,
    encoding: &'static RsaSignatureEncoding,
    public: PublicKey,
}

impl Rsa {
    fn load(encoding: &'static RsaSignatureEncoding, pkcs8: &[u8]) -> Result<Self, CryptoError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| CryptoError::KeyRejected)?;
        let key = pair.public_key();
        let n = key.modulus().big_endian_without_leading_zero().to_vec();
        let e = key.exponent().big_endian_without_leading_zero().to_vec();
        rsa::check(&n, &e)?;
        Ok(Self { pair, encoding, public: PublicKey::Rsa { n, e } })
    }
}

impl Sign for Rsa {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(self.encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| CryptoError::Backend)?;
        Ok(signature)
    }
}

impl KeyPair for Rsa {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }
}
