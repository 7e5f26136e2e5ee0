//! The request parameters that a signature covers (RFC 5849 §3.4.1.3): collected, decoded, sorted, encoded anew.
//!
//! Parameters of the application may be any octets, come twice, and be empty; all of that is kept.

use std::borrow::Cow;

use crate::percent::{self, BadEncoding, Plus};

/// Where a parameter came from (§3.5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Place {
    /// The `Authorization` header (§3.5.1).
    Header,
    /// A form-encoded body (§3.5.2).
    Body,
    /// The query of the request URI (§3.5.3).
    Query,
}

/// One parameter, decoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Param<'a> {
    /// Its name.
    pub name: Cow<'a, [u8]>,
    /// Its value, maybe empty.
    pub value: Cow<'a, [u8]>,
    /// Where it stood.
    pub place: Place,
}

impl Param<'_> {
    /// Name and value as octets.
    #[must_use]
    pub fn pair(&self) -> (&[u8], &[u8]) {
        (&self.name, &self.value)
    }

    /// Whether the protocol owns its name (§3.1).
    #[must_use]
    pub fn is_protocol(&self) -> bool {
        self.name.starts_with(b"oauth_")
    }
}

/// Whether a body of that type is a form whose parameters are signed (§3.4.1.3.1): single-part and form-encoded.
///
/// ```
/// use valetkey_oauth1::params::is_form;
/// assert!(is_form(Some(b"Application/X-WWW-Form-URLencoded; charset=UTF-8")));
/// assert!(!is_form(Some(b"multipart/form-data; boundary=x")));
/// assert!(!is_form(None));
/// ```
#[must_use]
pub fn is_form(content_type: Option<&[u8]>) -> bool {
    content_type.is_some_and(|value| {
        let essence = value.split(|octet| *octet == b';').next().unwrap_or_default();
        essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    })
}

/// The query of a request target or a URI: what stands between the first `?` and a `#`.
#[must_use]
pub fn query_of(target: &str) -> Option<&str> {
    let target = target.split_once('#').map_or(target, |(before, _)| before);
    target.split_once('?').map(|(_, query)| query)
}

/// Reads a query or a form body (§3.4.1.3.1), one parameter after the other.
pub fn form<'a>(
    text: &'a [u8],
    place: Place,
) -> impl Iterator<Item = Result<Param<'a>, BadEncoding>> + use<'a> {
    fields(text).map(move |(name, value)| {
        Ok(Param {
            name: percent::decode(name, Plus::Space)?,
            value: percent::decode(value, Plus::Space)?,
            place,
        })
    })
}

/// The raw halves of each field.
pub(crate) fn fields(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|octet| *octet == b'&').filter(|field| !field.is_empty()).map(|field| {
        let at = field.iter().position(|octet| *octet == b'=').unwrap_or(field.len());
        let (name, value) = field.split_at(at);
        (name, value.get(1..).unwrap_or_default())
    })
}

/// The parameters encoded and sorted, in one buffer.
pub(crate) struct Sorted {
    text: String,
    /// Where each parameter lies: start, end of its name, end of its value.
    spans: Vec<(usize, usize, usize)>,
}

impl Sorted {
    /// Steps 1 and 2 of §3.4.1.3.2. `oauth_signature` is left out (§3.4.1.3.1).
    pub(crate) fn new<'p>(pairs: impl Iterator<Item = (&'p [u8], &'p [u8])>) -> Self {
        let mut text = String::with_capacity(512);
        let mut spans = Vec::with_capacity(pairs.size_hint().1.unwrap_or(16));
        for (name, value) in pairs.filter(|(name, _)| *name != b"oauth_signature") {
            let start = text.len();
            percent::encode_into(name, &mut text);
            let middle = text.len();
            percent::encode_into(value, &mut text);
            spans.push((start, middle, text.len()));
        }
        let mut sorted = Self { text, spans: Vec::new() };
        spans.sort_unstable_by(|left, right| sorted.pair(*left).cmp(&sorted.pair(*right)));
        sorted.spans = spans;
        sorted
    }

    /// Encoded names and values, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.spans.iter().map(|span| self.pair(*span))
    }

    /// How many octets the encoded parameters have.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + 2 * self.spans.len()
    }

    fn pair(&self, (start, middle, end): (usize, usize, usize)) -> (&str, &str) {
        (self.text.get(start..middle).unwrap_or_default(), self.text.get(middle..end).unwrap_or_default())
    }
}

/// Normalizes parameters into one string (§3.4.1.3.2).
///
/// ```
/// use valetkey_oauth1::params::normalize;
/// let pairs = [("a3", "a"), ("c@", ""), ("a3", "2 q"), ("oauth_signature", "left out")];
/// assert_eq!(normalize(pairs.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()))), "a3=2%20q&a3=a&c%40=");
/// ```
#[must_use]
pub fn normalize<'p>(pairs: impl Iterator<Item = (&'p [u8], &'p [u8])>) -> String {
    let sorted = Sorted::new(pairs);
    let mut text = String::with_capacity(sorted.len());
    for (at, (name, value)) in sorted.pairs().enumerate() {
        if at > 0 {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}
