//! The authorization server's own name.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use url::Url;

/// An issuer identifier (RFC 8414 §2): an `https` URL without query and fragment, kept as configured. `http` is
/// accepted here for loopback and checked by whoever starts the server.
#[derive(Clone, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Issuer {
    text: Arc<str>,
    secure: bool,
    loopback: bool,
}

/// Why a text is no issuer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidIssuer {
    /// Not an absolute http or https URL with a host.
    #[error("an issuer is an absolute https URL")]
    NotAbsolute,
    /// A query, fragment, user name or password.
    #[error("an issuer has no query, fragment or user information")]
    Extra,
    /// A slash at its end: the metadata's `issuer` must be equal octet by octet, and most clients expect none.
    #[error("write the issuer without a slash at its end")]
    TrailingSlash,
    /// Its text differs from its normal form (upper case host, default port, dot segments).
    #[error("write the issuer in its normal form")]
    NotNormal,
}

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// [`InvalidIssuer`] says what is wrong.
    pub fn parse(raw: &str) -> Result<Self, InvalidIssuer> {
        let url = Url::parse(raw).map_err(|_| InvalidIssuer::NotAbsolute)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(InvalidIssuer::NotAbsolute);
        }
        if url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(InvalidIssuer::Extra);
        }
        if raw.ends_with('/') {
            return Err(InvalidIssuer::TrailingSlash);
        }
        let normal = url.as_str();
        if normal != raw && normal.strip_suffix('/') != Some(raw) {
            return Err(InvalidIssuer::NotNormal);
        }
        let loopback = super::redirect_uri::is_loopback(&url, true);
        Ok(Self { text: raw.into(), secure: url.scheme() == "https", loopback })
    }

    /// The text, as `iss` carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether its host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// An address under this issuer; `path` begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The path below the host: empty, or beginning with a slash.
    #[must_use]
    pub fn path(&self) -> &str {
        let after = self.text.find("://").map_or(0, |at| at + 3);
        self.text.get(after..).and_then(|rest| rest.find('/').and_then(|at| rest.get(at..))).unwrap_or("")
    }

    /// Scheme, host and port: what a browser calls the origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        let path = self.path().len();
        self.text.get(..self.text.len() - path).unwrap_or(&self.text)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl TryFrom<String> for Issuer {
    type Error = InvalidIssuer;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw)
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.text.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_kept_as_written() {
        let issuer = Issuer::parse("https://id.example/tenant").unwrap();
        assert_eq!(issuer.as_str(), "https://id.example/tenant");
        assert_eq!((issuer.origin(), issuer.path()), ("https://id.example", "/tenant"));
        assert!(issuer.is_secure() && !issuer.is_loopback());
        let local = Issuer::parse("http://127.0.0.1:7000").unwrap();
        assert_eq!((local.origin(), local.path()), ("http://127.0.0.1:7000", ""));
        assert!(local.is_loopback());
    }

    #[test]
    fn what_would_not_compare_equal_is_refused() {
        assert_eq!(Issuer::parse("https://id.example/"), Err(InvalidIssuer::TrailingSlash));
        assert_eq!(Issuer::parse("https://ID.example"), Err(InvalidIssuer::NotNormal));
        assert_eq!(Issuer::parse("https://id.example:443"), Err(InvalidIssuer::NotNormal));
        assert_eq!(Issuer::parse("https://id.example?x"), Err(InvalidIssuer::Extra));
        assert_eq!(Issuer::parse("id.example"), Err(InvalidIssuer::NotAbsolute));
    }
}
