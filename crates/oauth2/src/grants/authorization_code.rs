//! The authorization code grant's token request (RFC 6749 §4.1.3, with RFC 7636 §4.6 and RFC 8707 §2.2).
//!
//! The engine finds the code, asks [`redeem`], and only then consumes it: a wrong client, redirect URI or verifier
//! leaves the code alive for the client it belongs to. When a code turns out to be consumed, [`may_kill`] says whether
//! this caller is believed enough to end the grant.

use serde::{Deserialize, Serialize};

use crate::{
    Challenge, ClientId, ErrorCode, Form, Handle, HandleKind, RedirectUri, Resource, Scope, Timestamp,
    Verifier, resources,
};

/// What a code was issued for. It stays behind as the tombstone of a consumed code.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct IssuedCode {
    /// To whom.
    pub client_id: ClientId,
    /// Where it was sent.
    pub redirect_uri: RedirectUri,
    /// Whether the authorization request named that address; the token request must repeat it then.
    pub redirect_uri_was_sent: bool,
    /// The proof key, if there was one.
    pub challenge: Option<Challenge>,
    /// From this second on it is dead.
    pub expires_at: Timestamp,
    /// What was granted.
    pub scope: Scope,
    /// Whom it was granted for.
    pub resources: Vec<Resource>,
}

/// The token request.
#[derive(Clone, Debug)]
pub struct Params {
    /// The code.
    pub code: Handle,
    /// The address it was sent to.
    pub redirect_uri: Option<RedirectUri>,
    /// The proof key's other half.
    pub verifier: Option<Verifier>,
    /// Whom the token shall be for.
    pub resources: Vec<Resource>,
}

/// Why a code is not redeemed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No `code`.
    #[error("the request has no code")]
    CodeMissing,
    /// No code of ours looks like that.
    #[error("the code is malformed")]
    CodeMalformed,
    /// No such code; the engine says this.
    #[error("the code is unknown")]
    CodeUnknown,
    /// It has been redeemed before; the engine says this.
    #[error("the code was redeemed before")]
    CodeConsumed,
    /// It was issued to another client.
    #[error("the code belongs to another client")]
    OtherClient,
    /// Its time is over.
    #[error("the code has expired")]
    Expired,
    /// The authorization request named the redirect URI, and this one does not.
    #[error("the redirect_uri is missing")]
    RedirectUriMissing,
    /// Another redirect URI than the code was sent to.
    #[error("the redirect_uri differs")]
    RedirectUriMismatch,
    /// The code has a challenge, and no verifier came.
    #[error("the code_verifier is missing")]
    VerifierMissing,
    /// The verifier is no verifier.
    #[error("the code_verifier is malformed")]
    VerifierMalformed,
    /// The verifier does not meet the challenge.
    #[error("the code_verifier does not meet the challenge")]
    VerifierMismatch,
    /// A verifier came, and the code has no challenge: somebody has stripped it (RFC 9700 §4.8.2).
    #[error("the code has no challenge")]
    VerifierUnexpected,
    /// See [`resources::Refusal`].
    #[error(transparent)]
    Resource(#[from] resources::Refusal),
}

impl Refusal {
    /// What the client hears of it. What tells a thief whether a code was ever there is told in the same words.
    #[must_use]
    pub const fn wire(self) -> (ErrorCode, &'static str) {
        let description = match self {
            Self::CodeMissing => return (ErrorCode::InvalidRequest, "Send the code."),
            Self::Resource(refusal) => return refusal.wire(),
            Self::CodeMalformed
            | Self::CodeUnknown
            | Self::CodeConsumed
            | Self::OtherClient
            | Self::Expired => {
                "Start over: the code is unknown, expired, already used, or was issued to another client."
            }
            Self::RedirectUriMissing => "Repeat the redirect_uri of the authorization request.",
            Self::RedirectUriMismatch => "Send exactly the redirect_uri of the authorization request.",
            Self::VerifierMissing => {
                "Send the code_verifier whose challenge was in the authorization request."
            }
            Self::VerifierMalformed => "Send a code_verifier of 43 to 128 unreserved characters.",
            Self::VerifierMismatch => "Send the code_verifier that the code_challenge was made from.",
            Self::VerifierUnexpected => {
                "Send the code_challenge in the authorization request, or no code_verifier here."
            }
        };
        (ErrorCode::InvalidGrant, description)
    }
}

impl Params {
    /// Reads the token request.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(form: &Form<'_>) -> Result<Self, Refusal> {
        let code = form.get("code").ok_or(Refusal::CodeMissing)?;
        let code = Handle::parse(HandleKind::Code, code).map_err(|_| Refusal::CodeMalformed)?;
        let redirect_uri = form.get("redirect_uri").map(RedirectUri::parse).transpose();
        let verifier = form.get("code_verifier").map(Verifier::parse).transpose();
        Ok(Self {
            code,
            redirect_uri: redirect_uri.map_err(|_| Refusal::RedirectUriMismatch)?,
            verifier: verifier.map_err(|_| Refusal::VerifierMalformed)?,
            resources: resources::parse(form)?,
        })
    }
}

/// Judges a token request against the code it presents (RFC 6749 §4.1.3, RFC 7636 §4.6).
///
/// # Errors
/// [`Refusal`]; the code stays alive.
pub fn redeem(code: &IssuedCode, by: &ClientId, asked: &Params, now: Timestamp) -> Result<(), Refusal> {
    if *by != code.client_id {
        return Err(Refusal::OtherClient);
    }
    if now >= code.expires_at {
        return Err(Refusal::Expired);
    }
    match &asked.redirect_uri {
        Some(sent) if *sent != code.redirect_uri => return Err(Refusal::RedirectUriMismatch),
        None if code.redirect_uri_was_sent => return Err(Refusal::RedirectUriMissing),
        _ => {}
    }
    match (&code.challenge, &asked.verifier) {
        (Some(_), None) => return Err(Refusal::VerifierMissing),
        (Some(challenge), Some(verifier)) if !challenge.is_met_by(verifier) => {
            return Err(Refusal::VerifierMismatch);
        }
        (None, Some(_)) => return Err(Refusal::VerifierUnexpected),
        _ => {}
    }
    narrow(code, asked).map(drop)
}

/// Whom this token is for: what the request asks, within what the code was granted for.
///
/// # Errors
/// [`Refusal::Resource`]; never after [`redeem`] has said yes.
pub fn narrow(code: &IssuedCode, asked: &Params) -> Result<Vec<Resource>, Refusal> {
    resources::narrow(&code.resources, &asked.resources).map_err(Refusal::Resource)
}

/// Whether the replay of a consumed code ends its grant (RFC 6749 §4.1.2): only when whoever presents it has proved to be the
/// right client, by its authentication, or, for a public client, by the right verifier. Otherwise anybody who finds
/// an old code in a log could end a grant.
#[must_use]
pub fn may_kill(code: &IssuedCode, by: &ClientId, is_authenticated: bool, asked: &Params) -> bool {
    let has_proof = || match (&code.challenge, &asked.verifier) {
        (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
        _ => false,
    };
    *by == code.client_id && (is_authenticated || has_proof())
}
