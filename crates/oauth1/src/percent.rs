//! Percent encoding (RFC 5849 §3.6): everything but the unreserved characters, with upper-case digits.
//!
//! Decoding is strict: what another reader might read otherwise is refused, never repaired.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What §3.6 encodes: all but `ALPHA`, `DIGIT`, `-`, `.`, `_`, `~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a plus sign stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Plus {
    /// Itself, as in the `Authorization` header (§3.5.1).
    Literal,
    /// A space, as in queries and form bodies (§3.4.1.3.1).
    Space,
}

/// Why a text is not well encoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadEncoding {
    /// A percent sign without two hexadecimal digits.
    #[error("a percent sign stands without two hexadecimal digits")]
    Escape,
    /// An octet beyond ASCII that is not encoded.
    #[error("a character beyond ASCII is not percent-encoded")]
    NotAscii,
    /// Decoded octets that are no UTF-8, where a text is meant.
    #[error("the decoded octets are not UTF-8")]
    NotUtf8,
}

/// Encodes a text or octets.
///
/// ```
/// use valetkey_oauth1::percent::encode;
/// assert_eq!(encode("r b"), "r%20b");
/// assert_eq!(encode("Ladies + Gentlemen ☃"), "Ladies%20%2B%20Gentlemen%20%E2%98%83");
/// assert_eq!(encode("-._~"), "-._~");
/// ```
#[must_use]
pub fn encode<T: AsRef<[u8]> + ?Sized>(octets: &T) -> Cow<'_, str> {
    percent_encode(octets.as_ref(), RESERVED).into()
}

/// Encodes to the end of `into`.
pub fn encode_into(octets: &[u8], into: &mut String) {
    into.extend(percent_encode(octets, RESERVED));
}

/// Decodes to octets.
///
/// # Errors
/// [`BadEncoding::Escape`] and [`BadEncoding::NotAscii`].
pub fn decode(raw: &[u8], plus: Plus) -> Result<Cow<'_, [u8]>, BadEncoding> {
    if !raw.is_ascii() {
        return Err(BadEncoding::NotAscii);
    }
    let is_coded = |octet: &u8| *octet == b'%' || (*octet == b'+' && plus == Plus::Space);
    let Some(first) = raw.iter().position(is_coded) else { return Ok(Cow::Borrowed(raw)) };
    let (plain, coded) = raw.split_at(first);
    let mut octets = Vec::with_capacity(raw.len());
    octets.extend_from_slice(plain);
    let mut rest = coded.iter();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let mut half = || rest.next().copied().and_then(digit).ok_or(BadEncoding::Escape);
                half()? << 4 | half()?
            }
            b'+' if plus == Plus::Space => b' ',
            other => *other,
        });
    }
    Ok(Cow::Owned(octets))
}

/// Decodes to a text.
///
/// # Errors
/// [`BadEncoding`], for octets that are no UTF-8 too.
///
/// ```
/// use valetkey_oauth1::percent::{BadEncoding, Plus, decode_text};
/// assert_eq!(decode_text("2+q%21", Plus::Space).unwrap(), "2 q!");
/// assert_eq!(decode_text("2+q", Plus::Literal).unwrap(), "2+q");
/// assert_eq!(decode_text("100%", Plus::Literal), Err(BadEncoding::Escape));
/// assert_eq!(decode_text("%FF", Plus::Literal), Err(BadEncoding::NotUtf8));
/// ```
pub fn decode_text(raw: &str, plus: Plus) -> Result<Cow<'_, str>, BadEncoding> {
    text(decode(raw.as_bytes(), plus)?)
}

/// Octets as the text that they must be.
pub(crate) fn text(octets: Cow<'_, [u8]>) -> Result<Cow<'_, str>, BadEncoding> {
    match octets {
        Cow::Borrowed(octets) => {
            std::str::from_utf8(octets).map(Cow::Borrowed).map_err(|_| BadEncoding::NotUtf8)
        }
        Cow::Owned(octets) => String::from_utf8(octets).map(Cow::Owned).map_err(|_| BadEncoding::NotUtf8),
    }
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
