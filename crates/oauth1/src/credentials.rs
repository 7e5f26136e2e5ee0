//! What proves a request (RFC 5849 §1.1, §3.4): shared secrets, or an RSA key pair.
//!
//! Client credentials and token credentials meet here: their secrets make one key. RSA keys are parsed once and kept.

use std::fmt;
use std::sync::Arc;

use valetkey_crypto::{CryptoError, KeyPair, PublicKey, Scheme, Secret, Verify, Zeroizing, aws_lc};

use crate::percent;

/// The shared secrets of a client and, where there is one, of a token.
#[derive(Clone, Copy, Debug)]
pub struct Secrets<'a> {
    /// The client shared-secret.
    pub client: &'a Secret,
    /// The token shared-secret; none counts as empty (§2.1).
    pub token: Option<&'a Secret>,
}

impl Secrets<'_> {
    /// Both secrets encoded, with an ampersand between them even when one is empty: the key of the HMAC methods
    /// (§3.4.2), and the whole signature of `PLAINTEXT` (§3.4.4).
    #[must_use]
    pub fn joined(&self) -> Zeroizing<String> {
        let token = self.token.map_or("", Secret::expose);
        // Room for the worst case, so that no copy is left behind by growing.
        let mut key = String::with_capacity(3 * (self.client.expose().len() + token.len()) + 1);
        percent::encode_into(self.client.expose().as_bytes(), &mut key);
        key.push('&');
        percent::encode_into(token.as_bytes(), &mut key);
        Zeroizing::new(key)
    }
}

/// What a client signs with.
#[derive(Clone, Copy, Debug)]
pub enum SigningKey<'a> {
    /// Shared secrets.
    Secrets(Secrets<'a>),
    /// An RSA private key.
    Rsa(&'a RsaSigningKey),
}

impl<'a> From<Secrets<'a>> for SigningKey<'a> {
    fn from(secrets: Secrets<'a>) -> Self {
        Self::Secrets(secrets)
    }
}

impl<'a> From<&'a RsaSigningKey> for SigningKey<'a> {
    fn from(key: &'a RsaSigningKey) -> Self {
        Self::Rsa(key)
    }
}

/// What a server verifies with.
#[derive(Clone, Copy, Debug)]
pub enum VerifyingKey<'a> {
    /// Shared secrets.
    Secrets(Secrets<'a>),
    /// An RSA public key.
    Rsa(&'a RsaPublicKey),
}

impl<'a> From<Secrets<'a>> for VerifyingKey<'a> {
    fn from(secrets: Secrets<'a>) -> Self {
        Self::Secrets(secrets)
    }
}

impl<'a> From<&'a RsaPublicKey> for VerifyingKey<'a> {
    fn from(key: &'a RsaPublicKey) -> Self {
        Self::Rsa(key)
    }
}

/// The hash under an RSA signature.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RsaHash {
    /// SHA-1 (§3.4.3).
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl RsaHash {
    const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    const fn scheme(self) -> Scheme {
        match self {
            Self::Sha1 => Scheme::RsaPkcs1Sha1,
            Self::Sha256 => Scheme::RsaPkcs1Sha256,
            Self::Sha512 => Scheme::RsaPkcs1Sha512,
        }
    }
}

/// A client's RSA public key of at least 2048 bits, ready for every hash.
#[derive(Clone)]
pub struct RsaPublicKey {
    key: PublicKey,
    verifiers: Arc<[Box<dyn Verify>; 3]>,
}

impl RsaPublicKey {
    /// Reads PEM: a `PUBLIC KEY`.
    ///
    /// # Errors
    /// [`CryptoError::KeyRejected`] and [`CryptoError::WeakKey`].
    pub fn from_pem(pem: &str) -> Result<Self, CryptoError> {
        Self::new(aws_lc::rsa_public_key_from_pem(pem)?)
    }

    /// Takes the components of a JWK (RFC 7518 §6.3.1), decoded: modulus and exponent, big-endian.
    ///
    /// # Errors
    /// [`CryptoError::KeyRejected`] and [`CryptoError::WeakKey`].
    pub fn from_components(n: &[u8], e: &[u8]) -> Result<Self, CryptoError> {
        Self::new(PublicKey::Rsa { n: n.to_vec(), e: e.to_vec() })
    }

    /// Takes a public key that was read elsewhere.
    ///
    /// # Errors
    /// [`CryptoError::KeyRejected`] when it is no RSA key; [`CryptoError::WeakKey`].
    pub fn new(key: PublicKey) -> Result<Self, CryptoError> {
        let [sha1, sha256, sha512] = RsaHash::ALL.map(|hash| aws_lc::verifier(hash.scheme(), &key));
        let verifiers = Arc::new([sha1?, sha256?, sha512?]);
        Ok(Self { key, verifiers })
    }

    /// The components.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Checks a signature (RFC 8017 §8.2.2).
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`], for every reason alike.
    pub fn verify(&self, hash: RsaHash, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let [sha1, sha256, sha512] = &*self.verifiers;
        match hash {
            RsaHash::Sha1 => sha1,
            RsaHash::Sha256 => sha256,
            RsaHash::Sha512 => sha512,
        }
        .verify(message, signature)
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RsaPublicKey").field(&self.key).finish()
    }
}

/// A client's RSA private key. SHA-1 is signed only with the feature `rsa-sha1-signing`.
#[derive(Clone)]
pub struct RsaSigningKey {
    pairs: Arc<[Option<Box<dyn KeyPair>>; 3]>,
    public: PublicKey,
}

impl RsaSigningKey {
    /// Reads PEM: a `PRIVATE KEY` (PKCS#8) or an `RSA PRIVATE KEY` (PKCS#1).
    ///
    /// # Errors
    /// [`CryptoError::KeyRejected`] and [`CryptoError::WeakKey`].
    pub fn from_pem(pem: &str) -> Result<Self, CryptoError> {
        Self::from_pkcs8(&aws_lc::rsa_private_key_from_pem(pem)?)
    }

    /// Reads PKCS#8 DER.
    ///
    /// # Errors
    /// [`CryptoError::KeyRejected`] and [`CryptoError::WeakKey`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        let pair = |hash: RsaHash| aws_lc::key_pair(hash.scheme(), der);
        let sha256 = pair(RsaHash::Sha256)?;
        let public = sha256.public_key().clone();
        // Without the feature SHA-1 has no signer; whoever asks for it is told then.
        let pairs = [pair(RsaHash::Sha1).ok(), Some(sha256), Some(pair(RsaHash::Sha512)?)];
        Ok(Self { pairs: Arc::new(pairs), public })
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs (RFC 8017 §8.2.1).
    ///
    /// # Errors
    /// [`CryptoError::KeyRejected`] for SHA-1 without the feature; [`CryptoError::Backend`].
    pub fn sign(&self, hash: RsaHash, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let [sha1, sha256, sha512] = &*self.pairs;
        let pair = match hash {
            RsaHash::Sha1 => sha1,
            RsaHash::Sha256 => sha256,
            RsaHash::Sha512 => sha512,
        };
        pair.as_ref().ok_or(CryptoError::KeyRejected)?.sign(message)
    }
}

impl fmt::Debug for RsaSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaSigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}
