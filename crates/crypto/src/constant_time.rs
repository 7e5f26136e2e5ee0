//! Comparison that tells no tales by its duration.

use subtle::ConstantTimeEq;

/// Whether two octet strings are equal, in a time that depends on their lengths only.
///
/// Strings of different lengths are unequal at once: lengths of secrets are no secrets here.
///
/// ```
/// use valetkey_crypto::ct_eq;
///
/// assert!(ct_eq(b"handle", b"handle"));
/// assert!(!ct_eq(b"handle", b"handlE"));
/// assert!(!ct_eq(b"handle", b"hand"));
/// ```
#[must_use]
pub fn ct_eq(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}
