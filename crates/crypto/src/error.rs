//! What can go wrong, as fine as the truth; none of it is meant for the wire.

/// A refusal or a fault of the cryptographic layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// A key could not be parsed, is of another type, or does not lie on its curve.
    #[error("the key is malformed or of another type")]
    KeyRejected,
    /// A key is well-formed and too weak to be used (RFC 7518 §3.2, §3.3).
    #[error("the key is too weak")]
    WeakKey,
    /// A signature or a MAC does not belong to this message and key.
    #[error("the signature does not match")]
    BadSignature,
    /// Sealed octets are too short, or of a version that is not known.
    #[error("the sealed value is malformed")]
    MalformedSeal,
    /// A value was sealed under a master key that this sealer does not hold.
    #[error("the value was sealed under another master key")]
    UnknownMasterKey,
    /// A sealed value was changed, moved to another row, or opened for another purpose.
    #[error("the seal is broken")]
    BrokenSeal,
    /// The backend failed where only lack of memory or of entropy can make it fail.
    #[error("the cryptographic backend failed")]
    Backend,
}
