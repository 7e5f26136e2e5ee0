//! The checks of RFC 5849 §3.2, as pure functions of message, key and time.
//!
//! The nonce is not checked here: remembering it is a store's move, and it comes after the signature, so that nobody
//! fills the store without a key. Whether a token stands is the caller's too.

use std::ops::Deref;
use std::sync::LazyLock;
use std::time::Duration;

use valetkey_crypto::{Secret, ct_eq, digest};

use crate::base_string::BaseUri;
use crate::carriage::Body;
use crate::credentials::{RsaPublicKey, Secrets, VerifyingKey};
use crate::message::Message;
use crate::method::{KeyKind, SignatureMethod, from_base64, to_base64};
use crate::problem::{Problem, Report};

/// What a server asks of requests beyond their signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rules {
    /// How far a timestamp may lie from now, before and after.
    pub window: Duration,
    /// Whether a body that is no form needs a hash.
    pub body_hash: BodyHashRule,
}

impl Default for Rules {
    /// Five minutes; a body hash is checked where there is one.
    fn default() -> Self {
        Self { window: Duration::from_secs(300), body_hash: BodyHashRule::WhenPresent }
    }
}

/// When `oauth_body_hash` is needed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BodyHashRule {
    /// Never, but it must be right.
    WhenPresent,
    /// Wherever there is a body that is no form and the signature method covers anything.
    Required,
}

/// Why a well-formed request is not what it says.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The timestamp lies outside the window.
    #[error("the timestamp is outside {earliest} to {latest}")]
    Timestamp {
        /// The first that is accepted now.
        earliest: i64,
        /// The last that is accepted now.
        latest: i64,
    },
    /// The request names another signature method than the one that was given, or lacks what that one needs.
    #[error("the signature method is not accepted")]
    Method,
    /// A body hash is required and missing.
    #[error("the body is not covered by a hash")]
    BodyHashMissing,
    /// The body hash is another body's.
    #[error("the body hash does not match")]
    BodyHash,
    /// A form came with a body hash, which the extension forbids: its parameters are signed themselves.
    #[error("a form has a body hash")]
    BodyHashOfForm,
    /// The caller knows no key: the work was done all the same.
    #[error("there is no key for the credentials")]
    UnknownCredentials,
    /// The signature does not fit.
    #[error("the signature does not match")]
    Signature,
}

impl Refusal {
    /// What the client may hear of it in the words of the extension.
    #[must_use]
    pub fn report(&self) -> Report {
        let rejected = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        match self {
            Self::Timestamp { earliest, latest } => {
                Report { timestamps: Some((*earliest, *latest)), ..Problem::TimestampRefused.into() }
            }
            Self::Method => Problem::SignatureMethodRejected.into(),
            Self::BodyHashMissing => {
                Report { absent: rejected(&["oauth_body_hash"]), ..Problem::ParameterAbsent.into() }
            }
            Self::BodyHash | Self::BodyHashOfForm => {
                Report { rejected: rejected(&["oauth_body_hash"]), ..Problem::ParameterRejected.into() }
            }
            Self::UnknownCredentials => Problem::ConsumerKeyUnknown.into(),
            Self::Signature => Problem::SignatureInvalid.into(),
        }
    }

    /// The status of RFC 5849 §3.2.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            // A hash that does not fit is a signature that does not fit.
            Self::BodyHash => 401,
            other => other.report().problem.status(),
        }
    }
}

/// A message whose signature was good. Only [`signature`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'m> {
    message: &'m Message<'m>,
}

impl<'m> Verified<'m> {
    /// The message.
    #[must_use]
    pub fn message(&self) -> &'m Message<'m> {
        self.message
    }
}

impl<'m> Deref for Verified<'m> {
    type Target = Message<'m>;

    fn deref(&self) -> &Self::Target {
        self.message
    }
}

/// All checks in one: time, body, signature. `key` is none where client or token is unknown; that costs the same, and
/// never verifies.
///
/// # Errors
/// [`Refusal`] says what is wrong.
pub fn verify<'m>(
    message: &'m Message<'_>,
    uri: &BaseUri,
    method: &dyn SignatureMethod,
    key: Option<VerifyingKey<'_>>,
    now: i64,
    rules: &Rules,
) -> Result<Verified<'m>, Refusal> {
    timestamp(message, now, rules.window)?;
    body_hash(message, method, rules.body_hash)?;
    signature(message, uri, method, key)
}

/// Checks the timestamp, if there is one, against the window around now, both ends included (§3.3).
///
/// # Errors
/// [`Refusal::Timestamp`] with what would be accepted.
pub fn timestamp(message: &Message<'_>, now: i64, window: Duration) -> Result<(), Refusal> {
    let Some(timestamp) = message.timestamp() else { return Ok(()) };
    let window = i64::try_from(window.as_secs()).unwrap_or(i64::MAX);
    let (earliest, latest) = (now.saturating_sub(window).max(1), now.saturating_add(window));
    if (earliest..=latest).contains(&timestamp) {
        Ok(())
    } else {
        Err(Refusal::Timestamp { earliest, latest })
    }
}

/// Checks `oauth_body_hash`: SHA-1, as the extension has it, or the signature method's own hash.
///
/// # Errors
/// [`Refusal::BodyHash`], [`Refusal::BodyHashMissing`] and [`Refusal::BodyHashOfForm`].
pub fn body_hash(
    message: &Message<'_>,
    method: &dyn SignatureMethod,
    rule: BodyHashRule,
) -> Result<(), Refusal> {
    let Some(claimed) = message.body_hash() else {
        let is_needed = rule == BodyHashRule::Required
            && method.covers_request()
            && !message.is_form()
            && !message.body().is_empty();
        return if is_needed { Err(Refusal::BodyHashMissing) } else { Ok(()) };
    };
    if message.is_form() {
        return Err(Refusal::BodyHashOfForm);
    }
    let claimed = from_base64(claimed).ok_or(Refusal::BodyHash)?;
    let matches = match message.body() {
        Body::Octets(body) => {
            ct_eq(&claimed, &method.hash_body(body)) || ct_eq(&claimed, &digest::sha1(body))
        }
        // Of what another saw, the two hashes that count are told apart by their lengths.
        Body::Hashes(seen) => {
            let lengths = [digest::sha1(b"").len(), method.hash_body(b"").len()];
            lengths.contains(&claimed.len())
                && seen.iter().filter_map(|hash| from_base64(hash)).any(|hash| ct_eq(&claimed, &hash))
        }
    };
    if matches { Ok(()) } else { Err(Refusal::BodyHash) }
}

/// Base64 of the body's hash by that method, as a guard sends it on.
#[must_use]
pub fn hash_of(method: &dyn SignatureMethod, body: &[u8]) -> String {
    to_base64(&method.hash_body(body))
}

/// Checks the signature (§3.4). Without a key one that nobody has is used, and the answer is no.
///
/// # Errors
/// [`Refusal::Method`], [`Refusal::UnknownCredentials`] and [`Refusal::Signature`].
pub fn signature<'m>(
    message: &'m Message<'_>,
    uri: &BaseUri,
    method: &dyn SignatureMethod,
    key: Option<VerifyingKey<'_>>,
) -> Result<Verified<'m>, Refusal> {
    let has_stamp = message.timestamp().is_some() && message.nonce().is_some();
    if message.signature_method() != method.name() || (method.needs_stamp() && !has_stamp) {
        return Err(Refusal::Method);
    }
    let base_string = if method.covers_request() { message.base_string(uri) } else { String::new() };
    let is_known = key.is_some();
    let outcome = method.verify(&base_string, message.signature(), key.unwrap_or_else(|| dummy(method)));
    match outcome {
        _ if !is_known => Err(Refusal::UnknownCredentials),
        Ok(()) => Ok(Verified { message }),
        Err(_) => Err(Refusal::Signature),
    }
}

/// A key of the method's kind that nobody signs with, for [`signature`] without one.
fn dummy(method: &dyn SignatureMethod) -> VerifyingKey<'static> {
    static SECRET: LazyLock<Secret> = LazyLock::new(|| Secret::new("0123456789abcdef0123456789abcdef"));
    let secrets = VerifyingKey::Secrets(Secrets { client: &SECRET, token: Some(&SECRET) });
    match (method.key_kind(), DUMMY_RSA.as_ref()) {
        (KeyKind::Rsa, Some(key)) => VerifyingKey::Rsa(key),
        _ => secrets,
    }
}

/// Its private half was thrown away when it was made; were it found, nothing would verify by it.
static DUMMY_RSA: LazyLock<Option<RsaPublicKey>> = LazyLock::new(|| {
    let modulus: Option<Vec<u8>> = (0..DUMMY_MODULUS.len() / 2)
        .map(|at| u8::from_str_radix(DUMMY_MODULUS.get(2 * at..2 * at + 2)?, 16).ok())
        .collect();
    RsaPublicKey::from_components(&modulus?, &[1, 0, 1]).ok()
});

const DUMMY_MODULUS: &str = "\
    AD17254CA93EC09BF739B0176560EE30560D88FB50631A60287695CBF5C1A9A3ED4611DD7DE806403C7345E5597F918F03A7\
    64D4D6A8747DE2C69C3BC25E8260DE358E5476D93B353D76B009752715BF8D4C9837AAFB6744A4A2B8544E863EB66424544E\
    C0669A7300498BF5B64EC2A9D5CB17488151E0A1123A056358DEE20410D535AF376AD7075B9E0E44555D24A1EBD44D16C9FB\
    747934D971630F81787A9673008C5AE9F2DE2C3FD00C93829737CF8D04A3129CBDCD87E0F640545F41C6C7D09C33B4B6EE51\
    6F8C9E5C0FB62CBB7858A50192C95C7E5E200F4C3435FF21CD4DEC971008F89D9FC7800BED6FBAC913700DB9A8441A21B787\
    AB791253E861\
    ";
