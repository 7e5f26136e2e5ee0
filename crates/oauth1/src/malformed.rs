//! Why a request is no request of OAuth 1 (RFC 5849 §3.2): what the client may hear of it, and the status.

use crate::{
    params::Place,
    percent::BadEncoding,
    problem::{Problem, Report},
};

/// Why a request is no OAuth 1 request. All are answered with 400, but those that carry none at all.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Malformed {
    /// There is no trace of OAuth 1.
    #[error("the request is not signed")]
    NotSigned,
    /// The `Authorization` header is of another scheme, and nothing else is there.
    #[error("the Authorization header is of another scheme")]
    OtherScheme,
    /// OAuth 1 comes together with a bearer token or a proof of one.
    #[error("the request carries two kinds of credentials")]
    TwoCredentials,
    /// There is more than one `Authorization` header.
    #[error("there is more than one Authorization header")]
    SeveralHeaders,
    /// The `Authorization` header does not follow §3.5.1.
    #[error("the Authorization header is broken")]
    BrokenHeader,
    /// A parameter is badly encoded.
    #[error("a parameter of the {0:?} is badly encoded: {1}")]
    Encoding(Place, BadEncoding),
    /// There are more parameters than [`crate::Limits::parameters`].
    #[error("there are too many parameters")]
    TooMany,
    /// Protocol parameters stand in two places (§3.5).
    #[error("protocol parameters stand in two places")]
    TwoPlaces,
    /// A protocol parameter came twice (§3.1).
    #[error("the protocol parameter {0:?} came twice")]
    Doubled(String),
    /// Required parameters are missing: all of them.
    #[error("protocol parameters are missing: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// `oauth_version` is not `1.0` (§3.1).
    #[error("oauth_version is not 1.0")]
    Version,
    /// The value of that parameter cannot be: too long, empty, or of the wrong characters.
    #[error("the value of {0} is refused")]
    Rejected(&'static str),
}

impl Malformed {
    /// What the client may hear of it in the words of the extension, where there is one.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        let rejected = |names: Vec<String>| Report { rejected: names, ..Problem::ParameterRejected.into() };
        match self {
            Self::Missing(names) => Some(Report {
                absent: names.iter().map(ToString::to_string).collect(),
                ..Problem::ParameterAbsent.into()
            }),
            Self::Version => Some(Report {
                versions: Some(("1.0".into(), "1.0".into())),
                ..Problem::VersionRejected.into()
            }),
            Self::Doubled(name) => Some(rejected(vec![name.clone()])),
            Self::Rejected(name) => Some(rejected(vec![(*name).to_owned()])),
            Self::TwoPlaces | Self::Encoding(..) | Self::TooMany => Some(rejected(Vec::new())),
            Self::NotSigned
            | Self::OtherScheme
            | Self::TwoCredentials
            | Self::SeveralHeaders
            | Self::BrokenHeader => None,
        }
    }

    /// One fixed sentence that says what to do.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::NotSigned | Self::OtherScheme => "Sign the request as RFC 5849 says.",
            Self::TwoCredentials => "Send one kind of credentials only.",
            Self::SeveralHeaders => "Send one Authorization header.",
            Self::BrokenHeader => "Write the Authorization header as RFC 5849 section 3.5.1 says.",
            Self::Encoding(..) => "Percent-encode names and values as RFC 5849 section 3.6 says, in UTF-8.",
            Self::TooMany => "Send fewer parameters.",
            Self::TwoPlaces => {
                "Send the protocol parameters in the header, the body or the query, not in two."
            }
            Self::Doubled(_) => "Send each protocol parameter once.",
            Self::Missing(_) => "Send the missing protocol parameters.",
            Self::Version => "Leave oauth_version out, or set it to 1.0.",
            Self::Rejected(_) => "Correct the value of that parameter.",
        }
    }

    /// The status that RFC 5849 §3.2 asks for: 401 where there are no credentials of ours, else 400.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotSigned | Self::OtherScheme => 401,
            _ => 400,
        }
    }
}
