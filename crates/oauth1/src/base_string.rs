//! The signature base string (RFC 5849 §3.4.1) and the URI in it (§3.4.1.2).
//!
//! A server behind a proxy cannot trust what it sees of scheme, host and port: there the URI is made from the public base
//! URL that was configured, and the path and query that were asked for.

use std::fmt;

use crate::params::Sorted;
use crate::percent;

/// A base string URI: scheme, authority and path, without query and fragment.
///
/// Scheme and host are lower-case, the default port is gone, an empty path is `/`; the path is as it was sent.
///
/// ```
/// use valetkey_oauth1::BaseUri;
/// assert_eq!(BaseUri::parse("HTTP://EXAMPLE.COM:80/r%20v/X?id=123")?.as_str(), "http://example.com/r%20v/X");
/// assert_eq!(BaseUri::parse("https://www.example.net:8080?q=1")?.as_str(), "https://www.example.net:8080/");
/// # Ok::<(), valetkey_oauth1::InvalidUri>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct BaseUri(String);

/// The public base URL of a server: what stands before the path that it sees.
///
/// ```
/// use valetkey_oauth1::PublicBase;
/// let base = PublicBase::parse("https://api.example/v1/")?;
/// assert_eq!(base.uri("/photos?file=1")?.as_str(), "https://api.example/v1/photos");
/// # Ok::<(), valetkey_oauth1::InvalidUri>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PublicBase(String);

/// Why a text is no URI to sign.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidUri {
    /// It does not begin with `http://` or `https://`.
    #[error("the URI is not absolute, or neither http nor https")]
    Scheme,
    /// There is no host, or it has characters that no host has.
    #[error("the URI's host is missing or malformed")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the URI's port is not a number from 1 to 65535")]
    Port,
    /// The path has a space, a control character, or one beyond ASCII: these are sent percent-encoded.
    #[error("the URI has a character that must be percent-encoded")]
    Character,
    /// A request's path does not begin with a slash.
    #[error("the request's path does not begin with a slash")]
    Path,
}

impl BaseUri {
    /// Makes it from an absolute URL; query, fragment and user information are left out.
    ///
    /// # Errors
    /// [`InvalidUri`] says what is wrong.
    pub fn parse(absolute: &str) -> Result<Self, InvalidUri> {
        let (mut uri, rest) = authority(absolute)?;
        push_path(&mut uri, rest)?;
        Ok(Self(uri))
    }

    /// The URI as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PublicBase {
    /// Reads the base URL; a path in it stands before every request's path. A query or fragment has no place in it.
    ///
    /// # Errors
    /// [`InvalidUri`] says what is wrong.
    pub fn parse(absolute: &str) -> Result<Self, InvalidUri> {
        if absolute.contains(['?', '#']) {
            return Err(InvalidUri::Character);
        }
        let mut uri = BaseUri::parse(absolute)?.0;
        uri.truncate(uri.trim_end_matches('/').len());
        Ok(Self(uri))
    }

    /// The base string URI of a request for that path and query.
    ///
    /// # Errors
    /// [`InvalidUri::Path`] and [`InvalidUri::Character`].
    pub fn uri(&self, path_and_query: &str) -> Result<BaseUri, InvalidUri> {
        if !path_and_query.is_empty() && !path_and_query.starts_with(['/', '?']) {
            return Err(InvalidUri::Path);
        }
        let mut uri = String::with_capacity(self.0.len() + path_and_query.len() + 1);
        uri.push_str(&self.0);
        push_path(&mut uri, path_and_query)?;
        Ok(BaseUri(uri))
    }

    /// Scheme, authority and path, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes the signature base string (§3.4.1.1).
///
/// ```
/// use valetkey_oauth1::{BaseUri, base_string};
/// let uri = BaseUri::parse("http://example.com/request")?;
/// let pairs: [(&[u8], &[u8]); 1] = [(b"a2", b"r b")];
/// assert_eq!(base_string::write("post", &uri, pairs.into_iter()), "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b");
/// # Ok::<(), valetkey_oauth1::InvalidUri>(())
/// ```
#[must_use]
pub fn write<'p>(method: &str, uri: &BaseUri, pairs: impl Iterator<Item = (&'p [u8], &'p [u8])>) -> String {
    let sorted = Sorted::new(pairs);
    let mut text = String::with_capacity(method.len() + 2 * uri.0.len() + 2 * sorted.len());
    if method.bytes().any(|octet| octet.is_ascii_lowercase()) {
        percent::encode_into(method.to_ascii_uppercase().as_bytes(), &mut text);
    } else {
        percent::encode_into(method.as_bytes(), &mut text);
    }
    text.push('&');
    percent::encode_into(uri.0.as_bytes(), &mut text);
    text.push('&');
    for (at, (name, value)) in sorted.pairs().enumerate() {
        if at > 0 {
            text.push_str("%26");
        }
        again(name, &mut text);
        text.push_str("%3D");
        again(value, &mut text);
    }
    text
}

/// Encodes what is encoded already: nothing but percent signs is left to do.
fn again(encoded: &str, into: &mut String) {
    for (at, run) in encoded.split('%').enumerate() {
        if at > 0 {
            into.push_str("%25");
        }
        into.push_str(run);
    }
}

/// Scheme, host and port (§3.4.1.2), and the rest of the URL.
fn authority(absolute: &str) -> Result<(String, &str), InvalidUri> {
    let (scheme, rest) = absolute.split_once("://").ok_or(InvalidUri::Scheme)?;
    let (scheme, default) = if scheme.eq_ignore_ascii_case("https") {
        ("https", 443)
    } else if scheme.eq_ignore_ascii_case("http") {
        ("http", 80)
    } else {
        return Err(InvalidUri::Scheme);
    };
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, after)| after);
    let end_of_literal = host_and_port.find(']').filter(|_| host_and_port.starts_with('['));
    let (host, port) = match end_of_literal {
        Some(end) => host_and_port.split_at(end + 1),
        None => host_and_port.split_at(host_and_port.find(':').unwrap_or(host_and_port.len())),
    };
    if !is_host(host) {
        return Err(InvalidUri::Host);
    }
    let mut uri = String::with_capacity(absolute.len() + 1);
    uri.push_str(scheme);
    uri.push_str("://");
    uri.extend(host.chars().map(|letter| letter.to_ascii_lowercase()));
    if let Some(port) = port_number(port)?.filter(|port| *port != default) {
        uri.push(':');
        uri.push_str(&port.to_string());
    }
    Ok((uri, rest))
}

fn is_host(host: &str) -> bool {
    if let Some(literal) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return literal.parse::<core::net::Ipv6Addr>().is_ok();
    }
    // RFC 3986 §3.2.2: unreserved, percent-encoded, sub-delims.
    let is_legal = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&octet);
    !host.is_empty() && host.bytes().all(is_legal)
}

/// The port after a colon; none when nothing stands there (RFC 3986 §3.2.3).
fn port_number(port: &str) -> Result<Option<u16>, InvalidUri> {
    let digits = match port.strip_prefix(':') {
        None if port.is_empty() => return Ok(None),
        None => return Err(InvalidUri::Host),
        Some("") => return Ok(None),
        Some(digits) => digits,
    };
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(InvalidUri::Port);
    }
    digits.parse().ok().filter(|port| *port != 0).map(Some).ok_or(InvalidUri::Port)
}

/// Appends the path of what comes after the authority.
fn push_path(uri: &mut String, rest: &str) -> Result<(), InvalidUri> {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    if !path.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(InvalidUri::Character);
    }
    uri.push_str(if path.is_empty() { "/" } else { path });
    Ok(())
}
