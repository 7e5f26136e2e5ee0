//! The authorization request (RFC 6749 §4.1.1 and §4.2.1), read in two stages.
//!
//! [`Target`] is who asks and where the answer goes: its errors are a page, for there is nobody yet to whom one may
//! redirect (RFC 6749 §4.1.2.1). [`Parameters`] is everything else: its errors go to the client, once the target has been found
//! registered. [`state_of`] and [`response_mode_of`] read what such an error answer needs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Challenge, ClientId, ErrorCode, Form, InvalidRedirectUri, PkceError, RedirectUri, Resource, ResponseMode,
    ResponseType, Scope, resources, scopes,
};

/// A request that passed both stages, and whose target is registered. It is stored while its person decides.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes: as sent, or the one that is registered.
    pub redirect_uri: RedirectUri,
    /// Whether the request named it; if so, the token request must too (RFC 6749 §4.1.3).
    pub redirect_uri_was_sent: bool,
    /// What is asked.
    pub parameters: Parameters,
}

/// Who asks, and where the answer goes, as sent. Nothing is known yet of either.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes, if the request says so.
    pub redirect_uri: Option<RedirectUri>,
}

/// Why a request cannot be answered by a redirect.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TargetError {
    /// No `client_id`.
    #[error("the request names no client")]
    ClientIdMissing,
    /// A `client_id` that cannot be one.
    #[error("the client_id is malformed")]
    ClientIdMalformed,
    /// A `redirect_uri` that cannot be one.
    #[error("the redirect_uri is malformed: {0}")]
    RedirectUriMalformed(InvalidRedirectUri),
}

impl TargetError {
    /// What the page says of it.
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        let description = match self {
            Self::ClientIdMissing => "Send the client_id.",
            Self::ClientIdMalformed => "Send the client_id as it was registered.",
            Self::RedirectUriMalformed(_) => {
                "Send the redirect_uri as it was registered, an absolute URI without a fragment."
            }
        };
        (ErrorCode::InvalidRequest, description)
    }
}

impl Target {
    /// Reads the first stage.
    ///
    /// # Errors
    /// [`TargetError`]: a page, never a redirect.
    pub fn parse(form: &Form<'_>) -> Result<Self, TargetError> {
        let client_id = form.get("client_id").ok_or(TargetError::ClientIdMissing)?;
        let client_id = ClientId::parse(client_id).map_err(|_| TargetError::ClientIdMalformed)?;
        let redirect_uri = form.get("redirect_uri").map(RedirectUri::parse).transpose();
        let redirect_uri = redirect_uri.map_err(TargetError::RedirectUriMalformed)?;
        Ok(Self { client_id, redirect_uri })
    }
}

/// What is asked.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// What the answer shall hold.
    pub response_type: ResponseType,
    /// How it shall travel, if the request says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_mode: Option<ResponseMode>,
    /// The client's own text, given back byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What the token shall open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The proof key (RFC 7636).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
    /// Whom the token shall be for (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// Which pages the person shall or shall not see (OpenID Connect Core 1.0 §3.1.2.1).
    #[serde(default, skip_serializing_if = "Prompt::is_empty")]
    pub prompt: Prompt,
    /// How many seconds ago the person may have logged in at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// Whom the client believes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// The person's languages, the dearest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ui_locales: Option<String>,
    /// Kept for an ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// The longest `state` that is taken, in bytes.
pub const STATE_BYTES: usize = 4096;

/// The longest of the other free texts, in bytes.
const TEXT_BYTES: usize = 1024;

impl Parameters {
    /// Reads the second stage.
    ///
    /// # Errors
    /// The code and the sentence that the client hears, at its redirect URI.
    pub fn parse(form: &Form<'_>) -> Result<Self, (ErrorCode, &'static str)> {
        let invalid = |description| (ErrorCode::InvalidRequest, description);
        if form.get("request").is_some() {
            return Err((
                ErrorCode::RequestNotSupported,
                "Send the parameters themselves, not a request object.",
            ));
        }
        if form.get("request_uri").is_some() {
            return Err((
                ErrorCode::RequestUriNotSupported,
                "Send the parameters themselves, not a request_uri.",
            ));
        }
        let response_type = form.get("response_type").ok_or(invalid("Send the response_type."))?;
        let response_type = ResponseType::parse(response_type)
            .ok_or((ErrorCode::UnsupportedResponseType, "Ask for response_type=code."))?;
        let response_mode = match form.get("response_mode") {
            Some(raw) => Some(
                ResponseMode::parse(raw)
                    .ok_or(invalid("Ask for response_mode query, fragment or form_post, or leave it out."))?,
            ),
            None => None,
        };
        if (response_type, response_mode) == (ResponseType::Token, Some(ResponseMode::Query)) {
            return Err(invalid(
                "A token never travels in a query: ask for response_mode=fragment or form_post.",
            ));
        }
        let state = form.get("state");
        if state.is_some_and(|state| state.len() > STATE_BYTES) {
            return Err(invalid("Send a state of at most 4096 bytes."));
        }
        let text = |name, description| match form.get(name) {
            Some(text) if text.len() > TEXT_BYTES => Err(invalid(description)),
            text => Ok(text.map(str::to_owned)),
        };
        Ok(Self {
            response_type,
            response_mode,
            state: state.map(str::to_owned),
            scope: scopes::parse(form).map_err(scopes::Refusal::wire)?,
            challenge: challenge(form).map_err(PkceError::wire)?,
            resources: resources::parse(form).map_err(resources::Refusal::wire)?,
            prompt: form
                .get("prompt")
                .map_or(Some(Prompt::default()), Prompt::parse)
                .ok_or(invalid("Send prompt=none alone, without another prompt."))?,
            max_age: form
                .get("max_age")
                .map(seconds)
                .map_or(Some(None), |age| age.map(Some))
                .ok_or(invalid("Send max_age as a whole number of seconds."))?,
            login_hint: text("login_hint", "Send a login_hint of at most 1024 bytes.")?,
            ui_locales: text("ui_locales", "Send ui_locales of at most 1024 bytes.")?,
            nonce: text("nonce", "Send a nonce of at most 1024 bytes.")?,
        })
    }

    /// How the answer travels: as asked, or as the response type has it (OAuth 2.0 Multiple Response Type Encoding
    /// Practices §2.1).
    #[must_use]
    pub fn delivery_mode(&self) -> ResponseMode {
        self.response_mode.unwrap_or(default_mode(self.response_type))
    }
}

/// The `state`, readable even where the rest is not.
#[must_use]
pub fn state_of<'f>(form: &'f Form<'_>) -> Option<&'f str> {
    form.get("state")
}

/// How an error answer travels: as asked, as far as that can be read, else as the response type has it. What asks for
/// a token is never answered in the query.
#[must_use]
pub fn response_mode_of(form: &Form<'_>) -> ResponseMode {
    let wants_token = form
        .get("response_type")
        .is_some_and(|types| types.split(' ').any(|one| matches!(one, "token" | "id_token")));
    let default = default_mode(if wants_token { ResponseType::Token } else { ResponseType::Code });
    match form.get("response_mode").and_then(ResponseMode::parse) {
        Some(ResponseMode::Query) | None => default,
        Some(other) => other,
    }
}

const fn default_mode(response_type: ResponseType) -> ResponseMode {
    match response_type {
        ResponseType::Code => ResponseMode::Query,
        ResponseType::Token => ResponseMode::Fragment,
    }
}

fn challenge(form: &Form<'_>) -> Result<Option<Challenge>, PkceError> {
    match (form.get("code_challenge"), form.get("code_challenge_method")) {
        (Some(challenge), method) => Challenge::parse(challenge, method).map(Some),
        (None, Some(_)) => Err(PkceError::ChallengeMissing),
        (None, None) => Ok(None),
    }
}

fn seconds(raw: &str) -> Option<u64> {
    raw.bytes().all(|byte| byte.is_ascii_digit()).then(|| raw.parse().ok()).flatten()
}

/// Which pages the person shall see, or `none` (OpenID Connect Core 1.0 §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prompt {
    /// No page at all: what would need one is an error.
    pub none: bool,
    /// Log in again.
    pub login: bool,
    /// Decide again.
    pub consent: bool,
    /// Choose an account.
    pub select_account: bool,
}

impl Prompt {
    /// Reads the space-delimited list; `None` where `none` stands beside another. Words that are not known are ignored.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let mut prompt = Self::default();
        let mut words = 0;
        for word in raw.split(' ').filter(|word| !word.is_empty()) {
            words += 1;
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => {}
            }
        }
        (!prompt.none || words == 1).then_some(prompt)
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.none, "none"),
            (self.login, "login"),
            (self.consent, "consent"),
            (self.select_account, "select_account"),
        ];
        let words: Vec<&str> =
            words.iter().filter(|(is_asked, _)| *is_asked).map(|(_, word)| *word).collect();
        f.write_str(&words.join(" "))
    }
}

impl TryFrom<String> for Prompt {
    type Error = &'static str;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw).ok_or("prompt=none stands alone")
    }
}

impl From<Prompt> for String {
    fn from(prompt: Prompt) -> Self {
        prompt.to_string()
    }
}
