//! How the protocol parameters travel (RFC 5849 §3.5): in the `Authorization` header, a form-encoded body or the query,
//! and in one of these only.
//!
//! This file takes a request apart; what its parameters say is [`crate::message`]'s.

use std::borrow::Cow;
use std::fmt;

use crate::limits::Limits;
use crate::malformed::Malformed;
use crate::params::{self, Param, Place};
use crate::percent::{self, Plus};

/// A request as it was received. Printed for debugging, it shows nothing that a client has sent but method, host and media
/// type.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The request target: path and query, or an absolute URI. Only its query is read here.
    pub target: &'a str,
    /// Every `Authorization` header there is.
    pub authorization: &'a [&'a [u8]],
    /// The `Host` header: it is no part of what is verified, and only helps to say what the client signed.
    pub host: Option<&'a str>,
    /// The `Content-Type` header.
    pub content_type: Option<&'a [u8]>,
    /// The body, or what is known of it.
    pub body: Body<'a>,
}

/// The body of a request, or what somebody else saw of it. Printed for debugging, it shows its length.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// All of it.
    Octets(&'a [u8]),
    /// Base64 of its hashes, as a guard that read it says; it is no form.
    Hashes(&'a [&'a str]),
}

impl fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("content_type", &self.content_type.map(String::from_utf8_lossy))
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octets(octets) => write!(f, "Octets({})", octets.len()),
            Self::Hashes(hashes) => f.debug_tuple("Hashes").field(hashes).finish(),
        }
    }
}

impl Body<'_> {
    /// Whether it is known that there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Octets([]))
    }
}

impl<'a> Received<'a> {
    /// A request without headers and body.
    #[must_use]
    pub const fn new(method: &'a str, target: &'a str) -> Self {
        Self { method, target, authorization: &[], host: None, content_type: None, body: Body::Octets(&[]) }
    }

    /// With these `Authorization` headers.
    #[must_use]
    pub const fn authorization(mut self, values: &'a [&'a [u8]]) -> Self {
        self.authorization = values;
        self
    }

    /// With that `Host` header.
    #[must_use]
    pub const fn host(mut self, host: Option<&'a str>) -> Self {
        self.host = host;
        self
    }

    /// With that body.
    #[must_use]
    pub const fn body(mut self, content_type: Option<&'a [u8]>, octets: &'a [u8]) -> Self {
        self.content_type = content_type;
        self.body = Body::Octets(octets);
        self
    }

    /// The body, if its parameters are signed (§3.4.1.3.1).
    #[must_use]
    pub fn form(&self) -> Option<&'a [u8]> {
        match self.body {
            Body::Octets(octets) if params::is_form(self.content_type) => Some(octets),
            _ => None,
        }
    }
}

/// Whether a request carries OAuth 1 at all, rightly or wrongly. It decodes next to nothing.
///
/// ```
/// use valetkey_oauth1::{Received, is_signed};
/// assert!(is_signed(&Received::new("GET", "/photos?oauth_consumer_key=a")));
/// assert!(is_signed(&Received::new("GET", "/photos").authorization(&[b"oauth realm=\"x\""])));
/// // The resource owner on the way to the authorization page:
/// assert!(!is_signed(&Received::new("GET", "/authorize?oauth_token=a")));
/// ```
#[must_use]
pub fn is_signed(received: &Received<'_>) -> bool {
    received.authorization.iter().any(|value| is_ours(value))
        || params::query_of(received.target).is_some_and(|query| names_us(query.as_bytes()))
        || received.form().is_some_and(names_us)
}

fn names_us(form: &[u8]) -> bool {
    const OURS: [&[u8]; 3] = [b"oauth_consumer_key", b"oauth_signature", b"oauth_signature_method"];
    params::fields(form).any(|(name, _)| {
        OURS.contains(&name)
            || (name.contains(&b'%')
                && percent::decode(name, Plus::Space).is_ok_and(|name| OURS.contains(&&*name)))
    })
}

/// Whether a request has a parameter of that name where a signature covers it. It looks at names alone; of a header that is
/// broken it says yes, so that whoever reads all of it finds that out.
///
/// ```
/// use valetkey_oauth1::{Received, has_parameter};
/// let header: &[&[u8]] = &[b"OAuth realm=\"oauth_body_hash\", oauth%5Fnonce=\"a\""];
/// let received = Received::new("GET", "/photos?size=1").authorization(header);
/// assert!(has_parameter(&received, b"oauth_nonce") && has_parameter(&received, b"size"));
/// assert!(!has_parameter(&received, b"oauth_body_hash"));
/// ```
#[must_use]
pub fn has_parameter(received: &Received<'_>, name: &[u8]) -> bool {
    let is_it = |raw: &[u8], plus| {
        raw == name || (raw.contains(&b'%') && percent::decode(raw, plus).is_ok_and(|raw| *raw == *name))
    };
    let in_form = |text: &[u8]| params::fields(text).any(|(raw, _)| is_it(raw, Plus::Space));
    let in_header = |value: &&[u8]| {
        let mut rest = scheme(value, "OAuth").unwrap_or_default();
        loop {
            match next_of_list(rest) {
                Some(Some((raw, _, after))) if !is_it(raw, Plus::Literal) => rest = after,
                Some(None) => return false,
                Some(Some(_)) | None => return true,
            }
        }
    };
    received.authorization.iter().any(in_header)
        || params::query_of(received.target).is_some_and(|query| in_form(query.as_bytes()))
        || received.form().is_some_and(in_form)
}

/// The pieces of a request.
pub(crate) struct Pieces<'a> {
    pub(crate) params: Vec<Param<'a>>,
    pub(crate) place: Place,
    pub(crate) realm: Option<Cow<'a, str>>,
}

/// Collects all parameters (§3.4.1.3.1) and finds the one place of the protocol's own (§3.5).
pub(crate) fn collect<'a>(received: &Received<'a>, limits: &Limits) -> Result<Pieces<'a>, Malformed> {
    let mut params: Vec<Param<'a>> = Vec::with_capacity(16);
    let mut realm = None;
    let header = header_of(received)?;
    if let Some(value) = header {
        realm = read_header(value, limits, &mut params)?;
    }
    let query = params::query_of(received.target).unwrap_or_default().as_bytes();
    let forms = [(query, Place::Query), (received.form().unwrap_or_default(), Place::Body)];
    for (text, place) in forms {
        for param in params::form(text, place) {
            let param = param.map_err(|fault| Malformed::Encoding(place, fault))?;
            push(param, limits, &mut params)?;
        }
    }
    let mut places = params.iter().filter(|param| param.is_protocol()).map(|param| param.place);
    let place = match places.next() {
        Some(first) if places.any(|place| place != first) => return Err(Malformed::TwoPlaces),
        Some(first) => first,
        None if header.is_some() => Place::Header,
        None if received.authorization.is_empty() => return Err(Malformed::NotSigned),
        None => return Err(Malformed::OtherScheme),
    };
    let has_token = |value: &&[u8]| scheme(value, "Bearer").is_some() || scheme(value, "DPoP").is_some();
    if header.is_none() && received.authorization.iter().any(has_token) {
        return Err(Malformed::TwoCredentials);
    }
    Ok(Pieces { params, place, realm })
}

fn push<'a>(param: Param<'a>, limits: &Limits, into: &mut Vec<Param<'a>>) -> Result<(), Malformed> {
    if into.len() >= limits.parameters {
        return Err(Malformed::TooMany);
    }
    into.push(param);
    Ok(())
}

/// The one `Authorization` header, if it is ours.
fn header_of<'a>(received: &Received<'a>) -> Result<Option<&'a [u8]>, Malformed> {
    match received.authorization {
        [] => Ok(None),
        [value] => Ok(scheme(value, "OAuth")),
        _ => Err(Malformed::SeveralHeaders),
    }
}

fn is_ours(value: &[u8]) -> bool {
    scheme(value, "OAuth").is_some()
}

/// What follows the name of that scheme.
fn scheme<'a>(value: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let value = value.trim_ascii_start();
    let (head, rest) = value.split_at_checked(name.len())?;
    let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
    (ends && head.eq_ignore_ascii_case(name.as_bytes())).then_some(rest)
}

/// Reads the parameters of the header (§3.5.1, RFC 7235 §2.1) and gives the realm.
fn read_header<'a>(
    mut rest: &'a [u8],
    limits: &Limits,
    into: &mut Vec<Param<'a>>,
) -> Result<Option<Cow<'a, str>>, Malformed> {
    let place = Place::Header;
    let mut realm = None;
    while let Some((name, value, after)) = next_of_list(rest).ok_or(Malformed::BrokenHeader)? {
        rest = after;
        if name.eq_ignore_ascii_case(b"realm") {
            let value = value.unescaped().ok_or(Malformed::BrokenHeader)?;
            if realm.replace(value).is_some() {
                return Err(Malformed::BrokenHeader);
            }
            continue;
        }
        let decoded =
            |raw| percent::decode(raw, Plus::Literal).map_err(|fault| Malformed::Encoding(place, fault));
        let value = value.plain().ok_or(Malformed::BrokenHeader)?;
        push(Param { name: decoded(name)?, value: decoded(value)?, place }, limits, into)?;
    }
    Ok(realm)
}

/// A value of the header: a token or the inside of a quoted string.
pub(crate) struct HeaderValue<'a> {
    raw: &'a [u8],
    has_escapes: bool,
}

impl<'a> HeaderValue<'a> {
    /// The value of a parameter, which is percent-encoded and so has no backslash.
    pub(crate) fn plain(&self) -> Option<&'a [u8]> {
        (!self.has_escapes).then_some(self.raw)
    }

    /// The text that a quoted string means (RFC 7230 §3.2.6).
    pub(crate) fn unescaped(&self) -> Option<Cow<'a, str>> {
        let text = std::str::from_utf8(self.raw).ok()?;
        if !self.has_escapes {
            return Some(Cow::Borrowed(text));
        }
        let mut characters = text.chars();
        let mut plain = String::with_capacity(text.len());
        while let Some(character) = characters.next() {
            plain.push(if character == '\\' { characters.next()? } else { character });
        }
        Some(Cow::Owned(plain))
    }
}

/// One parameter of a header's list, and what comes after it.
pub(crate) type Item<'a> = (&'a [u8], HeaderValue<'a>, &'a [u8]);

/// The next `name=value` of a list between commas, empty elements skipped: `Some(None)` at the end, `None` when broken.
pub(crate) fn next_of_list(list: &[u8]) -> Option<Option<Item<'_>>> {
    let skipped = list.iter().position(|octet| !is_space(*octet) && *octet != b',').unwrap_or(list.len());
    let list = list.get(skipped..)?;
    if list.is_empty() {
        return Some(None);
    }
    let (name, rest) = list.split_at(list.iter().position(|octet| !is_name(*octet))?);
    if name.is_empty() {
        return None;
    }
    let rest = skip_spaces(skip_spaces(rest).strip_prefix(b"=")?);
    let (value, rest) = match rest.strip_prefix(b"\"") {
        Some(inside) => quoted(inside)?,
        None => {
            let is_end = |octet: &u8| is_space(*octet) || matches!(octet, b',' | b'"');
            let (raw, rest) = rest.split_at(rest.iter().position(is_end).unwrap_or(rest.len()));
            (HeaderValue { raw, has_escapes: false }, rest)
        }
    };
    let rest = skip_spaces(rest);
    (rest.is_empty() || rest.starts_with(b",")).then_some(Some((name, value, rest)))
}

/// The inside of a quoted string, and what comes after its end.
fn quoted(inside: &[u8]) -> Option<(HeaderValue<'_>, &[u8])> {
    let mut has_escapes = false;
    let mut at = 0;
    loop {
        let is_special = |octet: &u8| matches!(octet, b'"' | b'\\');
        at += inside.get(at..)?.iter().position(is_special)?;
        if *inside.get(at)? == b'"' {
            break;
        }
        has_escapes = true;
        at += 2;
    }
    Some((HeaderValue { raw: inside.get(..at)?, has_escapes }, inside.get(at + 1..)?))
}

/// What a token is made of (RFC 7230 §3.2.6).
fn is_name(octet: u8) -> bool {
    // The underscore stands in every name of ours.
    octet.is_ascii_alphanumeric() || octet == b'_' || b"!#$%&'*+-.^`|~".contains(&octet)
}

fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

fn skip_spaces(text: &[u8]) -> &[u8] {
    text.get(text.iter().position(|octet| !is_space(*octet)).unwrap_or(text.len())..).unwrap_or_default()
}
