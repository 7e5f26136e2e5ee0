//! Strict reading of `application/x-www-form-urlencoded` text: a query or a body.
//!
//! A doubled parameter is refused (RFC 6749 §3.1 and §3.2, both endpoints alike), so that no two readers of one request
//! can disagree about it; an empty one counts as absent, as the same paragraphs ask. Encoding faults are refused
//! instead of repaired.

use std::borrow::Cow;

use crate::ErrorCode;

/// The parameters of one request, in the order sent. Borrows from the request whatever needed no decoding.
///
/// ```
/// use valetkey_oauth2::Form;
/// let form = Form::parse(b"scope=read+write&state=&resource=https%3A%2F%2Fa.example", &["resource"]).unwrap();
/// assert_eq!(form.get("scope"), Some("read write"));
/// assert_eq!(form.get("state"), None);
/// assert!(Form::parse(b"scope=a&scope=b", &["resource"]).is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Form<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Why a text is no form.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FormError {
    /// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the form is not well encoded")]
    Malformed,
    /// A parameter that was sent twice.
    #[error("the parameter {0:?} was sent twice")]
    Doubled(String),
    /// More than [`Form::MOST`] parameters.
    #[error("the form has too many parameters")]
    TooMany,
}

impl FormError {
    /// What the client hears of it.
    #[must_use]
    pub const fn wire(&self) -> (ErrorCode, &'static str) {
        let description = match self {
            Self::Malformed => "Encode the parameters as application/x-www-form-urlencoded, in UTF-8.",
            Self::Doubled(_) => "Send each parameter once only.",
            Self::TooMany => "Send no more than 100 parameters.",
        };
        (ErrorCode::InvalidRequest, description)
    }
}

impl<'a> Form<'a> {
    /// How many parameters one form may have.
    pub const MOST: usize = 100;

    /// Reads a query (without its question mark) or a body. `repeatable` names the parameters that may come more
    /// than once.
    ///
    /// # Errors
    /// [`FormError`] says what is wrong.
    pub fn parse(text: &'a [u8], repeatable: &[&str]) -> Result<Self, FormError> {
        let mut fields: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::new();
        for field in text.split(|byte| *byte == b'&').filter(|field| !field.is_empty()) {
            if fields.len() == Self::MOST {
                return Err(FormError::TooMany);
            }
            let mut halves = field.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default()).ok_or(FormError::Malformed)?;
            let value = decode(halves.next().unwrap_or_default()).ok_or(FormError::Malformed)?;
            if fields.iter().any(|(known, _)| *known == name) && !repeatable.contains(&name.as_ref()) {
                return Err(FormError::Doubled(name.into_owned()));
            }
            if fields.capacity() == 0 {
                fields.reserve_exact(12);
            }
            fields.push((name, value));
        }
        Ok(Self { fields })
    }

    /// The value of that parameter; `None` if it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(own, value)| own == name && !value.is_empty())
            .map(|(_, value)| value.as_ref())
    }

    /// Every value of a parameter that may come more than once; empty ones left out.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter_map(move |(own, value)| (own == name && !value.is_empty()).then_some(value))
    }

    /// Every parameter as sent, the empty ones too.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Whether there is no parameter at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// Decodes one half of a field; `None` if it is not well encoded.
pub(crate) fn decode(raw: &[u8]) -> Option<Cow<'_, str>> {
    if !raw.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return std::str::from_utf8(raw).ok().map(Cow::Borrowed);
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => (digit(*rest.next()?)? << 4) | digit(*rest.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Appends a name or a value, encoded. A space becomes `%20`, which every reader takes, also those of a fragment.
pub(crate) fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                into.push(char::from(byte));
            }
            _ => {
                into.push('%');
                for half in [byte >> 4, byte & 15] {
                    into.push(char::from(if half < 10 { b'0' + half } else { b'A' + half - 10 }));
                }
            }
        }
    }
}

/// Appends parameters, `&` between them.
pub(crate) fn write(params: &[(&str, &str)], into: &mut String) {
    for (at, (name, value)) in params.iter().enumerate() {
        if at > 0 {
            into.push('&');
        }
        encode(name, into);
        into.push('=');
        encode(value, into);
    }
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}
