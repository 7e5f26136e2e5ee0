//! The error codes that are registered (IANA, OAuth Extensions Error Registry). Nothing else goes on the wire.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// A registered error code.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant),+
        }

        impl ErrorCode {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// Reads a code; `None` for one that is not known here.
            #[must_use]
            pub fn parse(raw: &str) -> Option<Self> {
                match raw {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3.1.
    InvalidRequest = "invalid_request",
    /// RFC 6749 §5.2.
    InvalidClient = "invalid_client",
    /// RFC 6749 §5.2.
    InvalidGrant = "invalid_grant",
    /// RFC 6749 §4.1.2.1, §5.2.
    UnauthorizedClient = "unauthorized_client",
    /// RFC 6749 §5.2.
    UnsupportedGrantType = "unsupported_grant_type",
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope = "invalid_scope",
    /// RFC 6749 §4.1.2.1.
    AccessDenied = "access_denied",
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType = "unsupported_response_type",
    /// RFC 6749 §4.1.2.1.
    ServerError = "server_error",
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable = "temporarily_unavailable",
    /// RFC 8707 §2.
    InvalidTarget = "invalid_target",
    /// OpenID Connect Core 1.0 §3.1.2.6.
    LoginRequired = "login_required",
    /// OpenID Connect Core 1.0 §3.1.2.6.
    ConsentRequired = "consent_required",
    /// OpenID Connect Core 1.0 §3.1.2.6.
    InteractionRequired = "interaction_required",
    /// OpenID Connect Core 1.0 §3.1.2.6.
    AccountSelectionRequired = "account_selection_required",
    /// OpenID Connect Core 1.0 §3.1.2.6; RFC 9101 §7.
    RequestNotSupported = "request_not_supported",
    /// OpenID Connect Core 1.0 §3.1.2.6; RFC 9101 §7.
    RequestUriNotSupported = "request_uri_not_supported",
    /// RFC 6750 §3.1.
    InvalidToken = "invalid_token",
    /// RFC 6750 §3.1.
    InsufficientScope = "insufficient_scope",
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType = "unsupported_token_type",
    /// RFC 7591 §3.2.2.
    InvalidRedirectUri = "invalid_redirect_uri",
    /// RFC 7591 §3.2.2.
    InvalidClientMetadata = "invalid_client_metadata",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
