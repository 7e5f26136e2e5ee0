//! Registered names: grant types, response types and modes, client authentication methods.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// A `grant_type` value (RFC 6749 §4.5). Open: an embedder's own grant has a name of its own.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantType(Cow<'static, str>);

impl GrantType {
    /// RFC 6749 §4.1.
    pub const AUTHORIZATION_CODE: Self = Self(Cow::Borrowed("authorization_code"));
    /// RFC 6749 §4.2 (a name for registration, RFC 7591 §2; it has no token request).
    pub const IMPLICIT: Self = Self(Cow::Borrowed("implicit"));
    /// RFC 6749 §4.3.
    pub const PASSWORD: Self = Self(Cow::Borrowed("password"));
    /// RFC 6749 §4.4.
    pub const CLIENT_CREDENTIALS: Self = Self(Cow::Borrowed("client_credentials"));
    /// RFC 6749 §6.
    pub const REFRESH_TOKEN: Self = Self(Cow::Borrowed("refresh_token"));
    /// RFC 8693 §2.1.
    pub const TOKEN_EXCHANGE: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:grant-type:token-exchange"));

    /// A grant type by its name.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GrantType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Reads the registered name; `None` for any other.
            #[must_use]
            pub fn parse(raw: &str) -> Option<Self> {
                match raw {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The registered name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

names! {
    /// A `response_type` (RFC 6749 §3.1.1).
    ResponseType {
        /// An authorization code.
        Code = "code",
        /// An access token from the authorization endpoint: the implicit grant.
        Token = "token",
    }
}

names! {
    /// A `response_mode` (OAuth 2.0 Multiple Response Types §2.1; Form Post Response Mode).
    ResponseMode {
        /// In the redirect URI's query.
        Query = "query",
        /// In the redirect URI's fragment.
        Fragment = "fragment",
        /// As a form that the browser posts.
        FormPost = "form_post",
    }
}

names! {
    /// A `token_endpoint_auth_method` (RFC 7591 §2).
    AuthMethod {
        /// A public client: it only names itself.
        None = "none",
        /// HTTP Basic (RFC 6749 §2.3.1).
        ClientSecretBasic = "client_secret_basic",
        /// In the form body (RFC 6749 §2.3.1).
        ClientSecretPost = "client_secret_post",
    }
}

names! {
    /// What access tokens look like.
    TokenFormat {
        /// A signed JWT (RFC 9068).
        Jwt = "jwt",
        /// A handle, whose meaning only this server knows.
        Opaque = "opaque",
    }
}
