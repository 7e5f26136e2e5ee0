//! What a refused signature was held against, for the recent refusals: all that helps its developer, and no secret.
//!
//! Only refusals come here. What is tried is bounded, since strangers can send as many wrong signatures as they like.

use valetkey_oauth1::{
    BaseUri, Message, Place, Problem, Secrets, VerifyingKey,
    explain::{self, Mistake},
    method::KeyKind,
};
use valetkey_oauth2::{ClientId, Timestamp};
use valetkey_ports::RefusedSignature;

use super::{
    SignatureRefusal,
    check::Holder,
    desk::{NONCES, nonce_key},
    masked,
};
use crate::{Engine, Failure, cache::CachedClient};

/// What is said when no usual mistake makes the signature.
pub(super) const NO_USUAL_MISTAKE: &str =
    "Compare your base string with ours; where they are equal, one of the secrets is another.";

/// How long a base string may be for mistakes to be tried, and how much of it is kept.
const LONGEST: usize = 16 * 1024;

/// How many wrong base strings are tried with shared secrets, and with an RSA key.
const TRIED: (usize, usize) = (32, 8);

impl Engine {
    /// What is kept of any refused request.
    pub(super) fn held_against(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        refusal: &SignatureRefusal,
        now: Timestamp,
    ) -> RefusedSignature {
        let clock_skew = skew(message, now);
        let problem = refusal.report.as_ref().map(|report| report.problem);
        let advice = match (problem, clock_skew) {
            (Some(Problem::TimestampRefused), Some(skew)) => clock_advice(skew),
            _ => refusal.description.to_string(),
        };
        let mut base_string = masked(&message.base_string(uri));
        if base_string.len() > LONGEST {
            base_string.truncate(base_string.floor_char_boundary(LONGEST));
            base_string.push('…');
        }
        RefusedSignature {
            method: message.signature_method().chars().take(64).collect(),
            carriage: carriage(message.place()).to_owned(),
            base_string,
            clock_skew,
            nonce_was_used: problem == Some(Problem::NonceUsed),
            advice,
        }
    }

    /// The refusal of a signature that does not fit, with the mistake that makes it.
    pub(super) fn explained(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        client: &CachedClient,
        holder: &Holder,
        refusal: SignatureRefusal,
        now: Timestamp,
    ) -> SignatureRefusal {
        let is_short = message.base_string(uri).len() <= LONGEST;
        // A fault of ours is told where the signature is checked, not where it is explained.
        let guessed = |_| self.mistake(message, uri, client, holder, TRIED, now).ok().flatten();
        let mistake = is_short.then_some(()).and_then(guessed);
        let advice = mistake.map_or(NO_USUAL_MISTAKE, Mistake::advice).to_owned();
        let told = RefusedSignature { advice, ..self.held_against(message, uri, &refusal, now) };
        SignatureRefusal { explained: Some(Box::new(told)), ..refusal }
    }

    /// The mistake that makes the message's signature. `tried` bounds the base strings, for shared secrets and for RSA.
    pub(super) fn mistake(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        client: &CachedClient,
        holder: &Holder,
        tried: (usize, usize),
        now: Timestamp,
    ) -> Result<Option<Mistake>, Failure> {
        let methods = &self.oauth1.methods;
        let Some(method) = methods.find(message.signature_method()) else { return Ok(None) };
        let guess =
            |key: VerifyingKey<'_>, most| explain::guess_among(message, uri, method, methods, key, most);
        if method.key_kind() == KeyKind::Rsa {
            return Ok(client.rsa_keys().iter().take(2).find_map(|key| guess(key.into(), tried.1)));
        }
        let token = self.token_secret(message, holder)?;
        let mut secrets = client.shared_secrets(self, now)?;
        Ok(secrets
            .find_map(|secret| guess(Secrets { client: secret, token: token.as_ref() }.into(), tried.0)))
    }

    /// Whether the message's nonce is remembered; asking uses nothing up.
    pub(super) async fn is_nonce_used(
        &self,
        client: &ClientId,
        message: &Message<'_>,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let (Some(timestamp), Some(nonce)) = (message.timestamp(), message.nonce()) else {
            return Ok(false);
        };
        let key = nonce_key(client, message.token(), timestamp, nonce);
        Ok(self.ports().replay.is_known(NONCES, &key, now).await?)
    }
}

/// How many seconds the client's clock is ahead.
pub(super) fn skew(message: &Message<'_>, now: Timestamp) -> Option<i64> {
    message.timestamp().map(|theirs| theirs.saturating_sub(now.seconds()))
}

/// What to do about a clock that is so many seconds ahead.
pub(super) fn clock_advice(skew: i64) -> String {
    let side = if skew < 0 { "behind" } else { "ahead of" };
    format!("Set your clock: the timestamp is {} seconds {side} ours.", skew.unsigned_abs())
}

/// Where the protocol parameters stood, by the names of the records.
pub(super) const fn carriage(place: Place) -> &'static str {
    match place {
        Place::Header => "header",
        Place::Query => "query",
        Place::Body => "body",
    }
}
