//! The one strict codec: base64url without padding (RFC 7515 §2), in its one canonical spelling.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::JoseError;

/// Encodes.
///
/// ```
/// assert_eq!(valetkey_jose::base64url::encode(&[3, 236, 255, 224, 193]), "A-z_4ME");
/// ```
#[must_use]
pub fn encode(octets: &[u8]) -> String {
    CODEC.encode(octets)
}

/// Encodes to the end of `out`.
pub fn encode_to(octets: &[u8], out: &mut String) {
    CODEC.encode_string(octets, out);
}

/// Decodes.
///
/// # Errors
/// [`JoseError::BadBase64`] for padding, whitespace, the other alphabet, an impossible length, and trailing bits that
/// are not zero: one text for one octet string, so that nothing can be varied without breaking it.
pub fn decode(text: &str) -> Result<Vec<u8>, JoseError> {
    CODEC.decode(text).map_err(|_| JoseError::BadBase64)
}

/// How many characters `octets` octets take.
#[must_use]
pub const fn encoded_len(octets: usize) -> usize {
    octets / 3 * 4 + [0, 2, 3][octets % 3]
}

const CODEC: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_for_one_octet_string() {
        assert_eq!(decode("A-z_4ME").unwrap(), [3, 236, 255, 224, 193]);
        for other in ["A-z_4MF", "A-z_4ME=", "A+z/4ME", "A-z_4ME\n", " A-z_4ME", "A-z_4", "A"] {
            assert_eq!(decode(other), Err(JoseError::BadBase64), "{other:?}");
        }
    }

    #[test]
    fn the_length_is_known_beforehand() {
        for length in 0..50 {
            assert_eq!(encode(&vec![7; length]).len(), encoded_len(length));
        }
    }
}
