//! One word for a set of choices, per server.

use serde::{Deserialize, Serialize};

use super::{Policy, Switch};

/// OAuth 1's signature methods that only the profile `legacy`, or a client's own switch, turns on.
pub(super) const LEGACY_METHODS: [&str; 2] = ["RSA-SHA1", "PLAINTEXT"];

/// A set of choices under one name.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What OAuth 2.1 asks for.
    #[default]
    OAuth21,
    /// The same, and what came before it: the grants that OAuth 2.1 left behind, for clients that are registered for
    /// them, and every signature method of OAuth 1.
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
                (
                    "RSA-SHA1 signatures from every OAuth 1 client with an RSA key",
                    "RFC 5849 section 3.4.3; sections 4.1 and 4.11 warn",
                ),
                (
                    "PLAINTEXT from every OAuth 1 client, over TLS",
                    "RFC 5849 section 3.4.4, which asks for TLS",
                ),
            ],
        }
    }

    /// Sets a policy's switches; what is set by itself afterwards holds.
    pub fn apply(self, policy: &mut Policy) {
        let switch = match self {
            Self::OAuth21 => Switch::Off,
            Self::Legacy => Switch::PerClient,
        };
        policy.implicit = switch;
        policy.password_grant = switch;
        let methods = &mut policy.oauth1.methods;
        methods.retain(|name| !LEGACY_METHODS.contains(&name.as_str()));
        if self == Self::Legacy {
            methods.extend(LEGACY_METHODS.map(str::to_owned));
        }
    }
}
