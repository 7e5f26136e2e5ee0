//! `WWW-Authenticate: OAuth` (RFC 5849 §3.5.1), with a problem report where there is one.

use crate::carriage::next_of_list;
use crate::percent::{self, Plus};
use crate::problem::Report;
use crate::sign::quote;

/// A challenge.
///
/// ```
/// use valetkey_oauth1::{Problem, challenge::Challenge};
/// let plain = Challenge { realm: Some("http://server.example.com/".into()), report: None };
/// assert_eq!(plain.write(), r#"OAuth realm="http://server.example.com/""#);
///
/// let used = Challenge { realm: Some("api".into()), report: Some(Problem::NonceUsed.into()) };
/// assert_eq!(used.write(), r#"OAuth realm="api", oauth_problem="nonce_used""#);
/// assert_eq!(Challenge::parse(&used.write()), Some(used));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// The protection realm (RFC 7235 §2.2).
    pub realm: Option<String>,
    /// What was wrong with the request.
    pub report: Option<Report>,
}

impl Challenge {
    /// Writes the header's value. Reports are percent-encoded as parameters are (§3.5.1).
    #[must_use]
    pub fn write(&self) -> String {
        let mut value = String::from("OAuth");
        let mut separator = " ";
        if let Some(realm) = &self.realm {
            value.push_str(" realm=\"");
            quote(realm, &mut value);
            value.push('"');
            separator = ", ";
        }
        for (name, text) in self.report.iter().flat_map(Report::pairs) {
            value.push_str(separator);
            value.push_str(name);
            value.push_str("=\"");
            percent::encode_into(text.as_bytes(), &mut value);
            value.push('"');
            separator = ", ";
        }
        value
    }

    /// Reads a header's value; `None` when it is of another scheme or broken. What is unknown in it is ignored.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (scheme, mut rest) = match value.trim().split_once(' ') {
            Some((scheme, rest)) => (scheme, rest.as_bytes()),
            None => (value.trim(), &b""[..]),
        };
        if !scheme.eq_ignore_ascii_case("OAuth") {
            return None;
        }
        let mut realm = None;
        let mut pairs: Vec<(String, String)> = Vec::new();
        while let Some((name, value, after)) = next_of_list(rest)? {
            rest = after;
            let name = std::str::from_utf8(name).ok()?;
            let value = value.unescaped()?;
            if name.eq_ignore_ascii_case("realm") {
                realm = Some(value.into_owned());
            } else {
                // Some servers leave the advice unencoded.
                let text = percent::decode_text(&value, Plus::Literal).unwrap_or_else(|_| value.clone());
                pairs.push((name.to_owned(), text.into_owned()));
            }
        }
        let report = Report::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        Some(Self { realm, report })
    }
}
