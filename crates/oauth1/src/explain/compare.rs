//! Two base strings beside each other: the first difference, and the part in which it lies.

use std::borrow::Cow;

use crate::params::{Param, Place};
use crate::percent::{self, Plus};

/// The part of a base string (RFC 5849 §3.4.1.1) in which two differ.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Part {
    /// The whole: there are no three parts between ampersands.
    Shape,
    /// The HTTP method.
    Method,
    /// The base string URI.
    Uri,
    /// The parameter of that name.
    Parameter(String),
    /// The order of the parameters.
    Order,
}

/// The first difference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// Where it lies.
    pub part: Part,
    /// What we have there; empty when nothing.
    pub ours: String,
    /// What the client has there; empty when nothing.
    pub theirs: String,
    /// What to fix.
    pub advice: &'static str,
}

/// Compares our base string with the client's. `params` are the request's, so that it can be said where one came from;
/// they may be left out.
///
/// ```
/// use valetkey_oauth1::explain::{Part, compare};
/// let ours = "GET&https%3A%2F%2Fa.example%2F&a%3D1%2520b";
/// let theirs = "GET&http%3A%2F%2Fa.example%2F&a%3D1%2520b";
/// let difference = compare(ours, theirs, &[]).unwrap();
/// assert_eq!(difference.part, Part::Uri);
/// assert!(difference.advice.contains("https"));
/// assert_eq!(compare(ours, ours, &[]), None);
/// ```
#[must_use]
pub fn compare(ours: &str, theirs: &str, params: &[Param<'_>]) -> Option<Difference> {
    if ours == theirs {
        return None;
    }
    let found = |part, ours: &str, theirs: &str, advice| {
        Some(Difference { part, ours: ours.to_owned(), theirs: theirs.to_owned(), advice })
    };
    let (Some([method, uri, rest]), Some([their_method, their_uri, their_rest])) =
        (thirds(ours), thirds(theirs))
    else {
        let advice = "Join method, URI and parameters by two ampersands, after encoding each: no other ampersand \
                      stays unencoded.";
        return found(Part::Shape, ours, theirs, advice);
    };
    if method != their_method {
        let advice = if method.eq_ignore_ascii_case(their_method) {
            "Write the HTTP method in upper case."
        } else {
            "Sign the HTTP method that is sent; a redirect or an override header may have changed it."
        };
        return found(Part::Method, method, their_method, advice);
    }
    if uri != their_uri {
        return found(Part::Uri, &decoded(uri), &decoded(their_uri), uri_advice(uri, their_uri));
    }
    parameters(rest, their_rest, params)
}

fn thirds(text: &str) -> Option<[&str; 3]> {
    let mut parts = text.split('&');
    let thirds = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(thirds)
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent::decode_text(text, Plus::Literal).unwrap_or(Cow::Borrowed(text))
}

fn uri_advice(ours: &str, theirs: &str) -> &'static str {
    if has_lower_escapes(theirs) && upper_escapes(theirs) == ours {
        return "Write percent escapes in upper case: %2F, not %2f.";
    }
    let (ours, theirs) = (decoded(ours), decoded(theirs));
    if decoded(&theirs) == ours && theirs.starts_with("http%3A") | theirs.starts_with("https%3A") {
        return "Encode the URI once; it is encoded twice.";
    }
    if theirs.contains('?') {
        return "Leave the query out of the URI: its parameters are signed among the others.";
    }
    let (Some((scheme, rest)), Some((their_scheme, their_rest))) =
        (ours.split_once("://"), theirs.split_once("://"))
    else {
        return "Sign the absolute URI, from http:// or https:// on.";
    };
    let authority = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    let (host, their_host) = (authority(rest), authority(their_rest));
    if scheme != their_scheme && !scheme.eq_ignore_ascii_case(their_scheme) {
        return "Sign the scheme that the public URL has, http or https; behind a proxy they are easily confused.";
    }
    if scheme != their_scheme || (host != their_host && host.eq_ignore_ascii_case(&their_host)) {
        return "Write scheme and host in lower case.";
    }
    let name = |host: &str| host.rsplit_once(':').map_or(host.to_owned(), |(name, _)| name.to_owned());
    if host != their_host {
        return if name(&host).eq_ignore_ascii_case(&name(&their_host)) || name(&host) == their_host {
            "Sign the port of the public URL, and leave it out when it is 80 for http or 443 for https."
        } else {
            "Sign the host of the public URL; a proxy may have changed it on the way."
        };
    }
    if ours.trim_end_matches('/') == theirs.trim_end_matches('/') {
        return "Sign the path with the slash at its end exactly as it is sent; an empty path is a slash.";
    }
    "Sign the path exactly as it is sent, with its percent escapes."
}

fn parameters(ours: &str, theirs: &str, params: &[Param<'_>]) -> Option<Difference> {
    let (our_text, their_text) = (decoded(ours), decoded(theirs));
    let (our_pairs, their_pairs) = (pairs(&our_text), pairs(&their_text));
    let mut left: Vec<(&str, &str)> = their_pairs.clone();
    let mut missing = None;
    for pair in &our_pairs {
        match left.iter().position(|other| other == pair) {
            Some(at) => drop(left.remove(at)),
            None => missing = missing.or(Some(*pair)),
        }
    }
    let name_of = |name: &str| decoded(name).into_owned();
    let shown = |(name, value): (&str, &str)| format!("{name}={value}");
    let Some(pair) = missing else {
        let Some(extra) = left.first() else {
            let (part, advice) = if our_pairs == their_pairs {
                (Part::Shape, "Write percent escapes in upper case, and encode the joined parameters once.")
            } else {
                (
                    Part::Order,
                    "Sort the parameters by their encoded names, then by their encoded values, as octets.",
                )
            };
            let (ours, theirs) = (our_text.into_owned(), their_text.into_owned());
            return Some(Difference { part, ours, theirs, advice });
        };
        let part = Part::Parameter(name_of(extra.0));
        return Some(Difference {
            part,
            ours: String::new(),
            theirs: shown(*extra),
            advice: extra_advice(extra.0),
        });
    };
    let is_same =
        |other: &&(&str, &str)| decoded(other.0) == decoded(pair.0) || upper_escapes(other.0) == pair.0;
    let twin = left.iter().find(is_same);
    let advice = match twin {
        Some(twin) => value_advice(pair, *twin),
        None => missing_advice(pair.0, params),
    };
    let theirs = twin.map_or_else(String::new, |twin| shown(*twin));
    Some(Difference { part: Part::Parameter(name_of(pair.0)), ours: shown(pair), theirs, advice })
}

fn pairs(text: &str) -> Vec<(&str, &str)> {
    let fields = text.split('&').filter(|field| !field.is_empty());
    fields.map(|field| field.split_once('=').unwrap_or((field, ""))).collect()
}

fn value_advice(ours: (&str, &str), theirs: (&str, &str)) -> &'static str {
    let (our_text, their_text) = (format!("{}={}", ours.0, ours.1), format!("{}={}", theirs.0, theirs.1));
    if upper_escapes(&their_text) == our_text {
        "Write percent escapes in upper case: %2F, not %2f."
    } else if their_text.replace('+', "%20") == our_text {
        "Encode a space as %20 in the base string, never as a plus sign."
    } else if decoded(&their_text) == our_text || decoded(theirs.1) == ours.1 {
        "Encode names and values once before they are joined; here they are encoded twice."
    } else if decoded(&our_text) == their_text || decoded(ours.1) == theirs.1 {
        "Encode names and values before they are joined: everything but letters, digits, -, ., _ and ~."
    } else if decoded(&our_text) == decoded(&their_text) {
        "Encode exactly what RFC 5849 section 3.6 says: everything but letters, digits, -, ., _ and ~."
    } else {
        "Sign the value that is sent: it was changed after signing or on the way."
    }
}

fn missing_advice(name: &str, params: &[Param<'_>]) -> &'static str {
    let name = decoded(name);
    let place = params.iter().find(|param| *param.name == *name.as_bytes()).map(|param| param.place);
    match place {
        Some(Place::Query) => "Sign the parameters of the query too.",
        Some(Place::Body) => {
            "Sign the parameters of the body too: its type is application/x-www-form-urlencoded."
        }
        Some(Place::Header) => {
            "Sign every parameter of the Authorization header but realm and oauth_signature."
        }
        None => "Sign every parameter that is sent.",
    }
}

fn extra_advice(name: &str) -> &'static str {
    match name {
        "realm" => "Leave realm out of the signature.",
        "oauth_signature" => "Leave oauth_signature out of the signature.",
        name if name.starts_with("oauth_") => "Send every protocol parameter that is signed.",
        _ => {
            "Sign only what is sent: a body is signed only when its type is application/x-www-form-urlencoded."
        }
    }
}

fn has_lower_escapes(text: &str) -> bool {
    upper_escapes(text) != text
}

/// The text with the digits of its escapes in upper case.
fn upper_escapes(text: &str) -> String {
    let mut left = 0;
    text.chars()
        .map(|character| {
            let is_digit = left > 0;
            left = if character == '%' { 2 } else { left - i32::from(is_digit) };
            if is_digit { character.to_ascii_uppercase() } else { character }
        })
        .collect()
}
