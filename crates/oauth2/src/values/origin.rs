//! A web origin (RFC 6454), as browsers send it.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// Scheme, host and port of a browser-based app, in the form of the `Origin` header.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// Why a text is no origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an origin is scheme, host and port only, such as https://app.example")]
pub struct InvalidOrigin;

impl Origin {
    /// Reads an origin: `https`, or `http`, and nothing after the port.
    ///
    /// # Errors
    /// [`InvalidOrigin`] for anything else.
    pub fn parse(raw: &str) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(raw).map_err(|_| InvalidOrigin)?;
        if !matches!(url.scheme(), "https" | "http") || url.origin().ascii_serialization() != raw {
            return Err(InvalidOrigin);
        }
        Ok(Self(raw.to_owned()))
    }

    /// The origin of an http or https URL.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        matches!(url.scheme(), "https" | "http").then(|| Self(url.origin().ascii_serialization()))
    }

    /// The text, as the `Origin` header carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Origin {
    type Error = InvalidOrigin;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}
