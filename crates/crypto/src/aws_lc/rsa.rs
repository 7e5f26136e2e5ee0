//! Which RSA keys are fit for use, wherever they come from.

use crate::CryptoError;

/// Below this many bits an RSA key is refused (RFC 7518 §3.3).
const MIN_BITS: usize = 2048;
/// Above this, verifying becomes a way to keep us busy.
const MAX_BITS: usize = 8192;

/// Refuses moduli and exponents that no sound key has.
pub(super) fn check(n: &[u8], e: &[u8]) -> Result<(), CryptoError> {
    let (Some(&first), Some(&last)) = (n.first(), n.last()) else { return Err(CryptoError::KeyRejected) };
    if first == 0 || e.first().is_none_or(|&octet| octet == 0) {
        return Err(CryptoError::KeyRejected);
    }
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    if bits > MAX_BITS || last & 1 == 0 {
        return Err(CryptoError::KeyRejected);
    }
    let exponent_is_odd = e.last().is_some_and(|octet| octet & 1 == 1);
    if bits < MIN_BITS || e == [1] || !exponent_is_odd || e.len() > 4 {
        return Err(CryptoError::WeakKey);
    }
    Ok(())
}
