//! The signature algorithms of JWA (RFC 7518 §3.1, RFC 8037 §3.1). `none` has no name here.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use valetkey_crypto::Scheme;
use valetkey_crypto::mac::MacHash;

use crate::JoseError;

/// A registered `alg` value for signatures and MACs.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    /// ECDSA, P-256, SHA-256.
    Es256,
    /// ECDSA, P-384, SHA-384.
    Es384,
    /// ECDSA, P-521, SHA-512.
    Es512,
    /// EdDSA, here on Ed25519 only.
    EdDsa,
    /// RSASSA-PKCS1-v1_5, SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5, SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5, SHA-512.
    Rs512,
    /// RSASSA-PSS, SHA-256.
    Ps256,
    /// RSASSA-PSS, SHA-384.
    Ps384,
    /// RSASSA-PSS, SHA-512.
    Ps512,
    /// HMAC, SHA-256.
    Hs256,
    /// HMAC, SHA-384.
    Hs384,
    /// HMAC, SHA-512.
    Hs512,
}

impl Algorithm {
    /// Every algorithm with a public key: the allow-list for tokens that others verify.
    pub const ASYMMETRIC: &[Self] = &[
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
    ];

    /// Every algorithm with a shared secret.
    pub const SYMMETRIC: &[Self] = &[Self::Hs256, Self::Hs384, Self::Hs512];

    /// The algorithms that an RSA key can serve.
    pub(crate) const RSA: &[Self] =
        &[Self::Rs256, Self::Rs384, Self::Rs512, Self::Ps256, Self::Ps384, Self::Ps512];

    /// Reads a registered name, octet by octet.
    ///
    /// # Errors
    /// [`JoseError::UnsupportedAlgorithm`] for every other name, `none` in all its spellings included.
    ///
    /// ```
    /// use valetkey_jose::Algorithm;
    ///
    /// assert_eq!(Algorithm::parse("ES256"), Ok(Algorithm::Es256));
    /// assert!(Algorithm::parse("none").is_err());
    /// ```
    pub fn parse(name: &str) -> Result<Self, JoseError> {
        Self::ASYMMETRIC
            .iter()
            .chain(Self::SYMMETRIC)
            .copied()
            .find(|algorithm| algorithm.name() == name)
            .ok_or(JoseError::UnsupportedAlgorithm)
    }

    /// The registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// Whether it signs with a shared secret.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        self.mac_hash().is_some()
    }

    pub(crate) const fn scheme(self) -> Option<Scheme> {
        match self {
            Self::Es256 => Some(Scheme::EcdsaP256Sha256),
            Self::Es384 => Some(Scheme::EcdsaP384Sha384),
            Self::Es512 => Some(Scheme::EcdsaP521Sha512),
            Self::EdDsa => Some(Scheme::Ed25519),
            Self::Rs256 => Some(Scheme::RsaPkcs1Sha256),
            Self::Rs384 => Some(Scheme::RsaPkcs1Sha384),
            Self::Rs512 => Some(Scheme::RsaPkcs1Sha512),
            Self::Ps256 => Some(Scheme::RsaPssSha256),
            Self::Ps384 => Some(Scheme::RsaPssSha384),
            Self::Ps512 => Some(Scheme::RsaPssSha512),
            Self::Hs256 | Self::Hs384 | Self::Hs512 => None,
        }
    }

    pub(crate) const fn mac_hash(self) -> Option<MacHash> {
        match self {
            Self::Hs256 => Some(MacHash::Sha256),
            Self::Hs384 => Some(MacHash::Sha384),
            Self::Hs512 => Some(MacHash::Sha512),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&name).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Scheme};

    #[test]
    fn no_algorithm_is_rsa_with_sha_1() {
        for algorithm in Algorithm::ASYMMETRIC.iter().chain(Algorithm::SYMMETRIC) {
            assert_ne!(algorithm.scheme(), Some(Scheme::RsaPkcs1Sha1), "{algorithm}");
        }
        for name in ["RS1", "RSA-SHA1", "HS1"] {
            assert!(Algorithm::parse(name).is_err(), "{name}");
        }
    }
}
