//! The token endpoint's answers (RFC 6749 §5.1 and §5.2).

use super::json::Object;
use crate::{ErrorCode, Scope};

/// A successful answer (RFC 6749 §5.1). It is sent with `Cache-Control: no-store`.
#[derive(Clone, Copy, Debug)]
pub struct TokenResponse<'a> {
    /// The access token.
    pub access_token: &'a str,
    /// How it is used: `Bearer` (RFC 6750), say.
    pub token_type: &'a str,
    /// How many seconds it lives from now.
    pub expires_in: u64,
    /// The refresh token, if one is given.
    pub refresh_token: Option<&'a str>,
    /// The scope; required where it differs from what was asked.
    pub scope: Option<&'a Scope>,
    /// Members that an extension adds. One that is named like a member above is left out: a doubled member would mean
    /// something else to every reader.
    pub extra: &'a [(&'a str, serde_json::Value)],
}

/// What no extension may say (RFC 6749 §5.1).
const OWN: &[&str] = &["access_token", "token_type", "expires_in", "refresh_token", "scope"];

impl TokenResponse<'_> {
    /// Writes the answer's JSON.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        // The grammar knows no empty scope (RFC 6749 §3.3).
        let scope = self.scope.filter(|scope| !scope.is_empty()).map(Scope::as_str);
        let texts = [Some(self.access_token), self.refresh_token, scope];
        let length: usize = texts.iter().flatten().map(|text| text.len()).sum();
        let mut object = Object::with_capacity(length + 128);
        object
            .string("access_token", self.access_token)
            .string("token_type", self.token_type)
            .number("expires_in", self.expires_in)
            .maybe_string("refresh_token", self.refresh_token)
            .maybe_string("scope", scope);
        for (name, value) in self.extra.iter().filter(|(name, _)| !OWN.contains(name)) {
            object.value(name, value);
        }
        object.finish()
    }
}

/// Writes a refusal (RFC 6749 §5.2). Characters that appendix A.8 does not know become question marks.
#[must_use]
pub fn write_error(code: ErrorCode, description: &str, uri: Option<&str>) -> Vec<u8> {
    let mut object = Object::with_capacity(64 + description.len());
    object.string("error", code.as_str());
    if !description.is_empty() {
        object.string("error_description", &clean(description));
    }
    object.maybe_string("error_uri", uri).finish()
}

/// A description with nothing in it but what RFC 6749 appendix A.8 allows: printable ASCII without quotation mark
/// and backslash.
#[must_use]
pub fn clean(description: &str) -> String {
    let legal = |character: char| matches!(character, ' ' | '!' | '#'..='[' | ']'..='~');
    description.chars().map(|character| if legal(character) { character } else { '?' }).collect()
}
