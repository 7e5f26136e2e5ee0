//! Fixed-width base62, for handles: 32 bytes are 43 digits, 16 bytes are 22, 4 bytes are 6.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes `bytes`, read as one big-endian number, as `width` digits (zeros in front).
pub(super) fn encode(bytes: &[u8], width: usize, into: &mut String) {
    let mut limbs = [0_u32; 8];
    let used = bytes.len().div_ceil(4).min(8);
    for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks(4)) {
        *limb = chunk.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte));
    }
    // Five digits a round: 62^5 is the largest power that fits a limb.
    let mut digits = [b'0'; 48];
    let mut at = digits.len();
    while digits.len() - at < width {
        let mut rest = 0_u64;
        for limb in limbs[..used].iter_mut().rev() {
            let value = (rest << 32) | u64::from(*limb);
            *limb = u32::try_from(value / 916_132_832).unwrap_or(u32::MAX);
            rest = value % 916_132_832;
        }
        for _ in 0..5 {
            if at == 0 {
                break;
            }
            at -= 1;
            digits[at] = DIGITS[usize::try_from(rest % 62).unwrap_or(0)];
            rest /= 62;
        }
    }
    let from = digits.len() - width;
    into.extend(digits[from..].iter().map(|digit| char::from(*digit)));
}

/// Reads digits back into exactly `N` bytes (a multiple of four, at most 32); `None` for a foreign character or a number
/// that does not fit.
pub(super) fn decode<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut limbs = [0_u32; 8];
    let used = limbs.get_mut(..N / 4)?;
    let (first, rest) = text.split_at_checked(text.len() % 5)?;
    for digits in std::iter::once(first).chain(rest.chunks(5)) {
        let (mut carry, mut scale) = (0_u64, 1_u64);
        for character in digits {
            carry = carry * 62 + u64::from(digit(*character)?);
            scale *= 62;
        }
        for limb in used.iter_mut() {
            let value = u64::from(*limb) * scale + carry;
            let [a, b, c, d, ..] = value.to_le_bytes();
            *limb = u32::from_le_bytes([a, b, c, d]);
            carry = value >> 32;
        }
        if carry != 0 {
            return None;
        }
    }
    let mut bytes = [0_u8; N];
    for (chunk, limb) in bytes.rchunks_mut(4).zip(limbs) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'A'..=b'Z' => Some(character - b'A' + 10),
        b'a'..=b'z' => Some(character - b'a' + 36),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_and_has_the_width() {
        for (bytes, width) in [([0_u8; 32], 43), ([255; 32], 43), ([7; 32], 43)] {
            let mut text = String::new();
            encode(&bytes, width, &mut text);
            assert_eq!(text.len(), width);
            assert_eq!(decode::<32>(text.as_bytes()), Some(bytes));
        }
        let mut text = String::new();
        encode(&[255; 16], 22, &mut text);
        assert_eq!(decode::<16>(text.as_bytes()), Some([255; 16]));
        let mut text = String::new();
        encode(&u32::MAX.to_be_bytes(), 6, &mut text);
        assert_eq!(text, "4gfFC3");
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused() {
        assert_eq!(decode::<32>(&[b'z'; 43]), None);
        assert_eq!(decode::<4>(b"zzzzzz"), None);
        assert_eq!(decode::<4>(b"00-000"), None);
    }
}
