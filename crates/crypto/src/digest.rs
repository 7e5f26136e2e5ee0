//! Hash functions, each to an array of its own length.

use crate::aws_lc;

/// SHA-1, for what an old protocol prescribes (RFC 5849); never where the choice is ours.
#[must_use]
pub fn sha1(message: &[u8]) -> [u8; 20] {
    aws_lc::sha1(message)
}

/// SHA-256.
///
/// ```
/// let hash = valetkey_crypto::digest::sha256(b"abc");
/// assert_eq!(hash[..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
#[must_use]
pub fn sha256(message: &[u8]) -> [u8; 32] {
    aws_lc::sha256(message)
}

/// SHA-384.
#[must_use]
pub fn sha384(message: &[u8]) -> [u8; 48] {
    aws_lc::sha384(message)
}

/// SHA-512.
#[must_use]
pub fn sha512(message: &[u8]) -> [u8; 64] {
    aws_lc::sha512(message)
}
