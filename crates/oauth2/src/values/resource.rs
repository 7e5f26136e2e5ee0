//! A resource server's name.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use url::Url;

/// A resource indicator (RFC 8707 §2): an absolute URI without a fragment; equal when its octets are.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Resource(Arc<str>);

/// Why a text is no resource indicator.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a resource is an absolute URI without a fragment")]
pub struct InvalidResource;

impl Resource {
    /// Reads a resource indicator.
    ///
    /// # Errors
    /// [`InvalidResource`] for a relative reference, a fragment, or more than 2,048 characters.
    pub fn parse(raw: &str) -> Result<Self, InvalidResource> {
        let url = Url::parse(raw).map_err(|_| InvalidResource)?;
        let clean = raw.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) && raw.len() <= 2048;
        if !clean || url.fragment().is_some() {
            return Err(InvalidResource);
        }
        Ok(Self(raw.into()))
    }

    /// The text, as `aud` carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&super::Issuer> for Resource {
    /// The issuer itself is the resource of tokens that name no other; what an issuer may be is stricter.
    fn from(issuer: &super::Issuer) -> Self {
        Self(issuer.as_str().into())
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl TryFrom<String> for Resource {
    type Error = InvalidResource;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw)
    }
}

impl From<Resource> for String {
    fn from(resource: Resource) -> Self {
        resource.0.as_ref().to_owned()
    }
}
