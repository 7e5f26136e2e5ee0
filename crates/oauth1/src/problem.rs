//! The `oauth_problem` extension: words by which a server says what is wrong with a request, and their companions.
//!
//! It was never a standard, yet old clients read it, and one of them sets its clock by it. A report holds words and
//! ranges only: nothing of ours.

use crate::percent;

macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// A word of the extension.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Problem {
            $($(#[$doc])* $variant),+
        }

        impl Problem {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// Reads a word; `None` for one that is not known here.
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

problems! {
    /// `oauth_version` is not one that the server speaks.
    VersionRejected = "version_rejected",
    /// A required parameter is missing.
    ParameterAbsent = "parameter_absent",
    /// A parameter came twice, in two places, or with a value that cannot be.
    ParameterRejected = "parameter_rejected",
    /// The timestamp lies outside the window.
    TimestampRefused = "timestamp_refused",
    /// The nonce was used before.
    NonceUsed = "nonce_used",
    /// The signature method is not accepted.
    SignatureMethodRejected = "signature_method_rejected",
    /// The signature does not fit.
    SignatureInvalid = "signature_invalid",
    /// No client has that key.
    ConsumerKeyUnknown = "consumer_key_unknown",
    /// The client may not do this.
    ConsumerKeyRejected = "consumer_key_rejected",
    /// The client may not do this now.
    ConsumerKeyRefused = "consumer_key_refused",
    /// The temporary credentials were exchanged already.
    TokenUsed = "token_used",
    /// The token's time is over.
    TokenExpired = "token_expired",
    /// The token was revoked.
    TokenRevoked = "token_revoked",
    /// The token is unknown, or another client's.
    TokenRejected = "token_rejected",
    /// The verifier is wrong.
    VerifierInvalid = "verifier_invalid",
    /// Something else must be allowed first.
    AdditionalAuthorizationRequired = "additional_authorization_required",
    /// The resource owner has not answered yet.
    PermissionUnknown = "permission_unknown",
    /// The resource owner said no.
    PermissionDenied = "permission_denied",
    /// The resource owner is refused for now.
    UserRefused = "user_refused",
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Problem {
    /// The status that RFC 5849 §3.2 gives such a refusal: 400 for requests that are badly made, 401 for the rest.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::VersionRejected
            | Self::ParameterAbsent
            | Self::ParameterRejected
            | Self::SignatureMethodRejected => 400,
            _ => 401,
        }
    }
}

/// A problem with its companions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// What is wrong.
    pub problem: Problem,
    /// A sentence for people (`oauth_problem_advice`).
    pub advice: Option<String>,
    /// Names of parameters that are missing (`oauth_parameters_absent`).
    pub absent: Vec<String>,
    /// Names of parameters that are refused (`oauth_parameters_rejected`); their values are not repeated.
    pub rejected: Vec<String>,
    /// The timestamps that would be accepted now, first and last (`oauth_acceptable_timestamps`).
    pub timestamps: Option<(i64, i64)>,
    /// The versions that are accepted, first and last (`oauth_acceptable_versions`).
    pub versions: Option<(String, String)>,
}

impl From<Problem> for Report {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            advice: None,
            absent: Vec::new(),
            rejected: Vec::new(),
            timestamps: None,
            versions: None,
        }
    }
}

impl Report {
    /// Adds a sentence for people.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Names and values as they go into a challenge, a form-encoded body or a callback, not yet encoded.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("oauth_problem", self.problem.as_str().to_owned())];
        if let Some(advice) = &self.advice {
            pairs.push(("oauth_problem_advice", advice.clone()));
        }
        if !self.absent.is_empty() {
            pairs.push(("oauth_parameters_absent", join(&self.absent, "")));
        }
        if !self.rejected.is_empty() {
            pairs.push(("oauth_parameters_rejected", join(&self.rejected, "=")));
        }
        if let Some((first, last)) = self.timestamps {
            pairs.push(("oauth_acceptable_timestamps", format!("{first}-{last}")));
        }
        if let Some((first, last)) = &self.versions {
            pairs.push(("oauth_acceptable_versions", format!("{first}-{last}")));
        }
        pairs
    }

    /// Writes a form-encoded body.
    ///
    /// ```
    /// use valetkey_oauth1::{Problem, Report};
    /// let mut report = Report::from(Problem::ParameterAbsent);
    /// report.absent = vec!["oauth_nonce".into(), "oauth_timestamp".into()];
    /// assert_eq!(report.write(), "oauth_problem=parameter_absent&oauth_parameters_absent=oauth_nonce%26oauth_timestamp");
    /// ```
    #[must_use]
    pub fn write(&self) -> String {
        let pairs = self.pairs();
        let fields: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", percent::encode(value))).collect();
        fields.join("&")
    }

    /// Reads a report from decoded parameters; `None` when there is no problem among them, or one that is unknown.
    #[must_use]
    pub fn from_pairs<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Option<Self> {
        let mut problem = None;
        let mut report = Self::from(Problem::ParameterAbsent);
        for (name, value) in pairs {
            match name {
                "oauth_problem" => problem = Problem::parse(value),
                "oauth_problem_advice" => report.advice = Some(value.to_owned()),
                "oauth_parameters_absent" => report.absent = split(value),
                "oauth_parameters_rejected" => report.rejected = split(value),
                "oauth_acceptable_timestamps" => {
                    report.timestamps = value
                        .split_once('-')
                        .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
                }
                "oauth_acceptable_versions" => {
                    report.versions =
                        value.split_once('-').map(|(first, last)| (first.to_owned(), last.to_owned()));
                }
                _ => {}
            }
        }
        problem.map(|problem| Self { problem, ..report })
    }
}

fn join(names: &[String], after: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{}{after}", percent::encode(name))).collect();
    names.join("&")
}

/// Names between ampersands; a value after an equals sign is left out.
fn split(names: &str) -> Vec<String> {
    let name = |field: &str| {
        let name = field.split('=').next().unwrap_or_default();
        percent::decode_text(name, percent::Plus::Literal).map(Into::into).ok()
    };
    // A field without a name names nothing.
    names.split('&').filter_map(name).filter(|name: &String| !name.is_empty()).collect()
}
