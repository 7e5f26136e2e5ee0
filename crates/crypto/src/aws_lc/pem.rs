//! RSA keys as people paste them: PEM and DER.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use zeroize::Zeroizing;

use super::rsa::check;
use crate::{CryptoError, PublicKey};

/// Reads an RSA public key from PEM: a `PUBLIC KEY` (SubjectPublicKeyInfo, RFC 5280 §4.1.2.7).
///
/// # Errors
/// [`CryptoError::KeyRejected`] when there is none in the text, or it is no RSA key; [`CryptoError::WeakKey`] below 2048
/// bits.
pub fn rsa_public_key_from_pem(pem: &str) -> Result<PublicKey, CryptoError> {
    let der =
        SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|_| CryptoError::KeyRejected)?;
    rsa_public_key_from_der(&der)
}

/// Reads an RSA public key from DER: SubjectPublicKeyInfo (RFC 5280) or `RSAPublicKey` (RFC 8017 appendix A.1.1).
///
/// # Errors
/// As of [`rsa_public_key_from_pem`].
pub fn rsa_public_key_from_der(der: &[u8]) -> Result<PublicKey, CryptoError> {
    let key = rsa::PublicKey::from_der(der).map_err(|_| CryptoError::KeyRejected)?;
    let n = key.modulus().big_endian_without_leading_zero().to_vec();
    let e = key.exponent().big_endian_without_leading_zero().to_vec();
    check(&n, &e)?;
    Ok(PublicKey::Rsa { n, e })
}

/// Reads an RSA private key from PEM, `PRIVATE KEY` (PKCS#8) or `RSA PRIVATE KEY` (PKCS#1), and gives it as PKCS#8 DER,
/// which [`key_pair`](super::key_pair) loads.
///
/// # Errors
/// [`CryptoError::KeyRejected`] when there is none in the text, it is encrypted, or it is no RSA key.
pub fn rsa_private_key_from_pem(pem: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| CryptoError::KeyRejected)?;
    let pair = match &key {
        PrivateKeyDer::Pkcs8(der) => rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(der) => rsa::KeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err(CryptoError::KeyRejected),
    }
    .map_err(|_| CryptoError::KeyRejected)?;
    let der: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| CryptoError::Backend)?;
    Ok(Zeroizing::new(der.as_ref().to_vec()))
}
