//! The contracts of signing and verifying, and the plain words for keys.
//!
//! Objects are made by the backend ([`crate::aws_lc`]): parsing and checking a key happens there once, using it costs
//! only the operation itself.

use crate::CryptoError;

/// Makes signatures or MACs.
pub trait Sign: Send + Sync {
    /// Signs `message`.
    ///
    /// ECDSA signatures are the fixed form r‖s (RFC 7518 §3.4), never DER.
    ///
    /// # Errors
    /// [`CryptoError::Backend`] when the backend cannot sign.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError>;
}

/// Checks signatures or MACs.
pub trait Verify: Send + Sync {
    /// Checks that `signature` was made over `message` with the matching key.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`], for every reason alike.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError>;
}

/// A private key with its public half at hand.
pub trait KeyPair: Sign {
    /// The public half.
    fn public_key(&self) -> &PublicKey;
}

/// A signature scheme: key type, padding and hash, so that none of them is ever chosen by a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scheme {
    /// ECDSA on P-256 with SHA-256, fixed form.
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384, fixed form.
    EcdsaP384Sha384,
    /// ECDSA on P-521 with SHA-512, fixed form.
    EcdsaP521Sha512,
    /// Ed25519 (RFC 8032 §5.1).
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-1, for what an old protocol prescribes (RFC 5849 §3.4.3). No JOSE algorithm is this.
    RsaPkcs1Sha1,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2).
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256 and a salt of the hash's length (RFC 8017 §8.1).
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512.
    RsaPssSha512,
}

/// A curve of the NIST family.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Curve {
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
}

impl Curve {
    /// The length of one coordinate in octets, leading zeros included (RFC 7518 §6.2.1.2).
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// The public components of a key.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum PublicKey {
    /// A point on a NIST curve; both coordinates in full length.
    Ec {
        /// The curve.
        curve: Curve,
        /// The x coordinate, big-endian.
        x: Vec<u8>,
        /// The y coordinate, big-endian.
        y: Vec<u8>,
    },
    /// An Ed25519 public key.
    Ed25519 {
        /// The encoded point (RFC 8032 §5.1.2).
        x: [u8; 32],
    },
    /// An RSA public key; both numbers big-endian without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
}
