//! What a server answers in the redirection-based exchange (RFC 5849 §2): temporary credentials, the callback, token
//! credentials.
//!
//! Real clients refuse members that they do not know, so nothing is added but what the caller asks for.

use std::borrow::Cow;

use valetkey_crypto::Secret;

use crate::params::{self, Place};
use crate::percent;
use crate::problem::Report;
use crate::sign::{append, form};

/// The answer to a request for temporary credentials (§2.1): `application/x-www-form-urlencoded`, 200.
///
/// ```
/// use valetkey_crypto::Secret;
/// use valetkey_oauth1::answers::TemporaryCredentials;
/// let answer = TemporaryCredentials { token: "hdk48Djdsa".into(), secret: Secret::new("xyz4992k83j47x0b") };
/// let body = "oauth_token=hdk48Djdsa&oauth_token_secret=xyz4992k83j47x0b&oauth_callback_confirmed=true";
/// assert_eq!(answer.write(), body);
/// assert_eq!(TemporaryCredentials::parse(body.as_bytes())?, answer);
/// # Ok::<(), valetkey_oauth1::answers::InvalidAnswer>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemporaryCredentials {
    /// The identifier.
    pub token: String,
    /// The shared-secret.
    pub secret: Secret,
}

/// The answer to a request for token credentials (§2.3): `application/x-www-form-urlencoded`, 200.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenCredentials {
    /// The identifier.
    pub token: String,
    /// The shared-secret.
    pub secret: Secret,
    /// What a server adds, `oauth_authorized_realms` say.
    pub extra: Vec<(String, String)>,
}

/// Why a body is no such answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidAnswer {
    /// It is not form-encoded, in UTF-8.
    #[error("the answer is not form-encoded")]
    Malformed,
    /// A member came twice.
    #[error("the answer has {0:?} twice")]
    Doubled(String),
    /// A required member is missing or empty.
    #[error("the answer lacks {0}")]
    Missing(&'static str),
    /// `oauth_callback_confirmed` is not `true`: the server speaks OAuth 1.0 without its first correction.
    #[error("the server did not confirm the callback")]
    NotConfirmed,
}

impl TemporaryCredentials {
    /// Writes the body.
    #[must_use]
    pub fn write(&self) -> String {
        form(&[
            ("oauth_token", Cow::Borrowed(&self.token)),
            ("oauth_token_secret", Cow::Borrowed(self.secret.expose())),
            ("oauth_callback_confirmed", Cow::Borrowed("true")),
        ])
    }

    /// Reads a server's answer; members that it adds are ignored.
    ///
    /// # Errors
    /// [`InvalidAnswer`] says what is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, InvalidAnswer> {
        let mut members = members(body)?;
        let (token, secret) = take_credentials(&mut members)?;
        match take(&mut members, "oauth_callback_confirmed").as_deref() {
            Some("true") => Ok(Self { token, secret }),
            Some(_) => Err(InvalidAnswer::NotConfirmed),
            None => Err(InvalidAnswer::Missing("oauth_callback_confirmed")),
        }
    }
}

impl TokenCredentials {
    /// Writes the body.
    #[must_use]
    pub fn write(&self) -> String {
        let mut members = vec![
            ("oauth_token", Cow::Borrowed(self.token.as_str())),
            ("oauth_token_secret", Cow::Borrowed(self.secret.expose())),
        ];
        members.extend(self.extra.iter().map(|(name, value)| (name.as_str(), Cow::Borrowed(value.as_str()))));
        form(&members)
    }

    /// Reads a server's answer.
    ///
    /// # Errors
    /// [`InvalidAnswer`] says what is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, InvalidAnswer> {
        let mut members = members(body)?;
        let (token, secret) = take_credentials(&mut members)?;
        Ok(Self { token, secret, extra: members })
    }
}

/// The URL that the resource owner is sent back to with a verifier (§2.2): the callback as it was, and the two
/// parameters at the end of its query.
///
/// ```
/// use valetkey_oauth1::answers::callback;
/// let url = callback("http://client.example.net/cb?x=1", "hdk48Djdsa", "473f82d3");
/// assert_eq!(url, "http://client.example.net/cb?x=1&oauth_token=hdk48Djdsa&oauth_verifier=473f82d3");
/// ```
#[must_use]
pub fn callback(uri: &str, token: &str, verifier: &str) -> String {
    extended(uri, &[("oauth_token", Cow::Borrowed(token)), ("oauth_verifier", Cow::Borrowed(verifier))])
}

/// The URL that the resource owner is sent back to without one: RFC 5849 has no word for a refusal, so the `oauth_problem`
/// extension speaks, `permission_denied` mostly.
///
/// ```
/// use valetkey_oauth1::{Problem, answers::refused_callback};
/// let url = refused_callback("http://client.example.net/cb", "hdk48Djdsa", &Problem::PermissionDenied.into());
/// assert_eq!(url, "http://client.example.net/cb?oauth_token=hdk48Djdsa&oauth_problem=permission_denied");
/// ```
#[must_use]
pub fn refused_callback(uri: &str, token: &str, report: &Report) -> String {
    let mut params = vec![("oauth_token", Cow::Borrowed(token))];
    params.extend(report.pairs().into_iter().map(|(name, value)| (name, Cow::Owned(value))));
    extended(uri, &params)
}

fn extended(uri: &str, params: &[(&str, Cow<'_, str>)]) -> String {
    let (before, fragment) = uri.find('#').map_or((uri, ""), |at| uri.split_at(at));
    let mut url = before.to_owned();
    append(&mut url, params);
    url.push_str(fragment);
    url
}

fn members(body: &[u8]) -> Result<Vec<(String, String)>, InvalidAnswer> {
    let mut members: Vec<(String, String)> = Vec::new();
    // Some servers end the body with a line feed.
    for param in params::form(body.trim_ascii(), Place::Body) {
        let param = param.map_err(|_| InvalidAnswer::Malformed)?;
        let text = |octets| percent::text(octets).map(Cow::into_owned).map_err(|_| InvalidAnswer::Malformed);
        let (name, value) = (text(param.name)?, text(param.value)?);
        if members.iter().any(|(known, _)| *known == name) {
            return Err(InvalidAnswer::Doubled(name));
        }
        members.push((name, value));
    }
    Ok(members)
}

fn take(members: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let at = members.iter().position(|(known, _)| known == name)?;
    Some(members.remove(at).1)
}

/// The token, which must not be empty, and its secret, which may be.
fn take_credentials(members: &mut Vec<(String, String)>) -> Result<(String, Secret), InvalidAnswer> {
    let token = take(members, "oauth_token").filter(|token| !token.is_empty());
    let secret = take(members, "oauth_token_secret");
    Ok((
        token.ok_or(InvalidAnswer::Missing("oauth_token"))?,
        Secret::new(secret.ok_or(InvalidAnswer::Missing("oauth_token_secret"))?),
    ))
}
