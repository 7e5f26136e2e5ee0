//! Whether the signature holds: made in any case, with nobody's key where client or token is unknown, so that the work is the
//! same.

use std::sync::Arc;

use valetkey_oauth1::{
    BaseUri, Message, Problem, Secrets, SignatureMethod, VerifyingKey, method::KeyKind, verify,
};
use valetkey_oauth2::{Secret, Timestamp};

use super::{SignatureRefusal, desk::Desk, holder::Holder};
use crate::{Engine, Failure, cache::CachedClient};

impl Engine {
    /// Verifies the signature: with nobody's key where client or token is unknown.
    pub(super) fn signature(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        method: &dyn SignatureMethod,
        client: Option<&Arc<CachedClient>>,
        holder: &Holder,
        now: Timestamp,
    ) -> Result<Result<(), verify::Refusal>, Failure> {
        let rule = match self.policy().oauth1.requires_body_hash {
            true => verify::BodyHashRule::Required,
            false => verify::BodyHashRule::WhenPresent,
        };
        if let Err(refusal) = verify::body_hash(message, method, rule) {
            return Ok(Err(refusal));
        }
        let token = self.token_secret(message, holder)?;
        let is_held = message.token().is_none() || !matches!(holder, Holder::Nobody);
        let attempt =
            |key: Option<VerifyingKey<'_>>| verify::signature(message, uri, method, key).map(|_| ());
        let mut outcome = None;
        let mut keep = |next: Result<(), verify::Refusal>| {
            if outcome.is_none_or(|before: Result<(), _>| before.is_err()) {
                outcome = Some(next);
            }
        };
        if let (Some(client), true) = (client, is_held) {
            match method.key_kind() {
                KeyKind::Secrets => {
                    for secret in client.shared_secrets(self, now)? {
                        keep(attempt(Some(Secrets { client: secret, token: token.as_ref() }.into())));
                    }
                }
                KeyKind::Rsa => {
                    client.rsa_keys().iter().for_each(|key| keep(attempt(Some(VerifyingKey::Rsa(key)))));
                }
            }
        }
        Ok(outcome.unwrap_or_else(|| attempt(None)))
    }

    /// The token's secret. Where there is none to open, nobody's is opened, for the time that takes.
    pub(super) fn token_secret(
        &self,
        message: &Message<'_>,
        holder: &Holder,
    ) -> Result<Option<Secret>, Failure> {
        match holder {
            Holder::Temporary(found) => self.open_token_secret(&found.hash, &found.secret).map(Some),
            Holder::Token(found) => {
                let credentials = &found.0.credentials;
                self.open_token_secret(&credentials.hash, &credentials.secret).map(Some)
            }
            Holder::Nobody => {
                if message.token().is_some()
                    && let Some(sealed) =
                        self.oauth1.dummy(|of, secret| self.seal_token_secret(of, secret).ok())
                {
                    self.open_token_secret(&Desk::nobody(), sealed)?;
                }
                Ok(None)
            }
        }
    }

    /// The refusal of a request whose signature does not hold.
    pub(super) fn unproved(
        &self,
        message: &Message<'_>,
        client: Option<&CachedClient>,
        holder: &Holder,
        signature: Result<(), verify::Refusal>,
    ) -> SignatureRefusal {
        if client.is_none() {
            let reason = "there is no such client, or it does not speak OAuth 1";
            return SignatureRefusal::new(Problem::ConsumerKeyUnknown, "Check the consumer key.", reason);
        }
        if message.token().is_some() && matches!(holder, Holder::Nobody) {
            let reason = "there is no such token, or none of this kind";
            return SignatureRefusal::new(
                Problem::TokenRejected,
                "Check the token, or get a new one.",
                reason,
            );
        }
        match signature {
            Err(verify::Refusal::UnknownCredentials) => SignatureRefusal::new(
                Problem::SignatureInvalid,
                "Register a key of the kind that this signature method needs.",
                "the client has no key for this signature method",
            ),
            Err(refusal) => refusal.into(),
            Ok(()) => verify::Refusal::Signature.into(),
        }
    }
}
