//! One word for a set of choices, per server.

use serde::{Deserialize, Serialize};

use super::{Policy, Switch};

/// A set of choices under one name.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What OAuth 2.1 asks for.
    #[default]
    OAuth21,
    /// The same, and the grants that OAuth 2.1 left behind, for clients that are registered for them.
    Legacy,
}

impl Profile {
    /// Every profile.
    pub const ALL: &[Self] = &[Self::OAuth21, Self::Legacy];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OAuth21 => "oauth21",
            Self::Legacy => "legacy",
        }
    }

    /// What it turns on, each with the paragraph that asks for it or warns of it.
    #[must_use]
    pub const fn explain(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::OAuth21 => &[
                ("PKCE with S256 for every code", "OAuth 2.1 section 4.1.1; RFC 9700 section 2.1.1"),
                ("redirect URIs compared octet by octet", "RFC 9700 section 2.1"),
                ("iss in every authorization response", "RFC 9207; RFC 9700 section 4.4"),
                ("refresh tokens rotate, and reuse ends the grant", "RFC 9700 section 4.14.2"),
                ("no implicit grant, no password grant", "RFC 9700 sections 2.1.2 and 2.4"),
                ("no tokens in URLs", "RFC 9700 section 4.3.2"),
            ],
            Self::Legacy => &[
                ("all of oauth21, and:", ""),
                (
                    "the implicit grant for clients registered for it",
                    "RFC 6749 section 4.2; RFC 9700 section 2.1.2 warns",
                ),
                (
                    "the password grant for clients registered for it",
                    "RFC 6749 section 4.3; RFC 9700 section 2.4 warns",
                ),
            ],
        }
    }

    /// Sets a policy's switches; what is set by itself afterwards holds.
    pub const fn apply(self, policy: &mut Policy) {
        let switch = match self {
            Self::OAuth21 => Switch::Off,
            Self::Legacy => Switch::PerClient,
        };
        policy.implicit = switch;
        policy.password_grant = switch;
    }
}
