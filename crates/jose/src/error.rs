//! Why a token or a key is refused: as fine as the truth, for the log. What the wire hears is the caller's to say.

use valetkey_crypto::CryptoError;

/// A refusal.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JoseError {
    /// The token is longer than [`crate::jws::MAX_LEN`], or a `kid` longer than [`crate::jws::MAX_KID_LEN`].
    #[error("too long")]
    TooLong,
    /// Not the compact form: exactly three parts divided by dots (RFC 7515 §7.1).
    #[error("not the compact form")]
    NotCompact,
    /// Not base64url without padding in its one canonical spelling (RFC 7515 §2).
    #[error("not canonical base64url")]
    BadBase64,
    /// Not a JSON object (RFC 7515 §4, RFC 7519 §7.2).
    #[error("not a JSON object")]
    BadJson,
    /// A JSON object names a member twice (RFC 7515 §4).
    #[error("a member is doubled")]
    DuplicateMember,
    /// JSON nested deeper than [`crate::json::MAX_DEPTH`].
    #[error("nested too deeply")]
    TooDeep,
    /// A member is present and has the wrong JSON type (RFC 7519 §4.1).
    #[error("`{0}` has the wrong type")]
    WrongType(&'static str),
    /// The algorithm is not one we know; `none` is not one.
    #[error("unsupported algorithm")]
    UnsupportedAlgorithm,
    /// The algorithm is known, and not among those expected here (RFC 8725 §3.1).
    #[error("algorithm not allowed")]
    AlgorithmNotAllowed,
    /// The header demands an extension: `crit`, `b64` or `zip` (RFC 7515 §4.1.11, RFC 7797 §3, RFC 7516 §4.1.3).
    #[error("the header member `{0}` is not supported")]
    UnsupportedHeader(&'static str),
    /// The `typ` is not the one of this kind of token (RFC 8725 §3.11).
    #[error("wrong type of token")]
    WrongTyp,
    /// No key with this `kid` serves this algorithm.
    #[error("no key matches")]
    UnknownKey,
    /// The signature does not match.
    #[error("the signature does not match")]
    BadSignature,
    /// A claim that this kind of token must have is absent.
    #[error("the claim `{0}` is missing")]
    MissingClaim(&'static str),
    /// `iss` is not the expected issuer.
    #[error("wrong issuer")]
    WrongIssuer,
    /// `aud` names none of the expected audiences.
    #[error("wrong audience")]
    WrongAudience,
    /// `exp` has passed.
    #[error("expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("not valid yet")]
    NotYetValid,
    /// A key is malformed, off its curve, or lacks a member.
    #[error("the key is malformed")]
    KeyRejected,
    /// A key is too weak (RFC 7518 §3.2, §3.3).
    #[error("the key is too weak")]
    WeakKey,
    /// `kty`, `crv`, `alg`, `use` or `key_ops` of a key contradict each other or the use made of it.
    #[error("the key is for something else")]
    KeyMismatch,
    /// A key of a type, curve or algorithm that we do not know; a set leaves it out (RFC 7517 §5).
    #[error("a kind of key that is not known")]
    UnsupportedKey,
    /// A public key or key set holds a private or symmetric member (RFC 7517 §9.2).
    #[error("private key material where only public keys belong")]
    PrivateMember,
    /// More keys than [`crate::jwks::MAX_KEYS`].
    #[error("too many keys")]
    TooManyKeys,
    /// The claims could not be written as JSON.
    #[error("the claims cannot be serialized")]
    Unserializable,
    /// The cryptographic layer failed.
    #[error(transparent)]
    Crypto(CryptoError),
}

impl From<CryptoError> for JoseError {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::BadSignature => Self::BadSignature,
            CryptoError::KeyRejected => Self::KeyRejected,
            CryptoError::WeakKey => Self::WeakKey,
            other => Self::Crypto(other),
        }
    }
}
