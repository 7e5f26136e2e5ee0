//! What client and token say against a request that they have signed.

use http::StatusCode;
use valetkey_oauth1::{Problem, SignatureMethod, verify};
use valetkey_oauth2::Timestamp;
use valetkey_ports::{Client, Held, Standing, TemporaryCredentials};

use super::{
    SignatureRefusal,
    holder::{Holder, Wanted},
};
use crate::{Engine, Failure, cache::CachedClient};

impl Engine {
    /// What client and token say against a request that they signed.
    pub(super) async fn against(
        &self,
        client: &CachedClient,
        holder: &Holder,
        method: &dyn SignatureMethod,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<Option<SignatureRefusal>, Failure> {
        if !client.is_active() {
            let reason = "the client is disabled";
            let refusal =
                SignatureRefusal::new(Problem::ConsumerKeyRefused, "The app is switched off.", reason);
            return Ok(Some(refusal));
        }
        if !self.allowed_methods(client).iter().any(|name| name == method.name()) {
            return Ok(Some(SignatureRefusal {
                reason: "the client is not registered for this signature method".into(),
                ..verify::Refusal::Method.into()
            }));
        }
        if wanted != Wanted::Exchange
            && let Some(refusal) = self.after_sunset(client, now)
        {
            return Ok(Some(refusal));
        }
        match holder {
            Holder::Nobody => {
                let may_alone = client.oauth1.as_ref().is_some_and(|own| own.may_sign_alone);
                Ok((matches!(wanted, Wanted::Token | Wanted::Exchange)
                    && !(wanted == Wanted::Token && may_alone))
                    .then(|| SignatureRefusal {
                        status: StatusCode::UNAUTHORIZED,
                        error: None,
                        ..SignatureRefusal::new(
                            Problem::ParameterAbsent,
                            "Sign with a token: this client may not sign alone.",
                            "a request without a token, by a client that may not sign alone",
                        )
                    }))
            }
            Holder::Temporary(found) => Ok(temporary(found, client, now)),
            Holder::Token(found) => self.token(&found.0, &found.1, client, now).await,
        }
    }

    async fn token(
        &self,
        held: &Held,
        standing: &Standing,
        client: &CachedClient,
        now: Timestamp,
    ) -> Result<Option<SignatureRefusal>, Failure> {
        let credentials = &held.credentials;
        if standing.client != client.id {
            return Ok(Some(another_clients()));
        }
        if credentials.expires_at.is_some_and(|until| until <= now) {
            let reason = "the token has expired";
            return Ok(Some(SignatureRefusal::new(Problem::TokenExpired, "Get a new token.", reason)));
        }
        if !self.is_live(standing, credentials.issued_at, Some(client)).await? {
            let reason = "the token, or what it hangs from, was revoked";
            return Ok(Some(SignatureRefusal::new(Problem::TokenRevoked, "Get a new token.", reason)));
        }
        Ok(None)
    }

    /// The signature methods that a client may use: its own, of those that are known here; else the server's.
    #[must_use]
    pub fn allowed_methods<'a>(&'a self, client: &'a Client) -> &'a [String] {
        let own = client.oauth1.as_ref().and_then(|own| own.methods.as_deref());
        own.unwrap_or(&self.policy().oauth1.methods)
    }
}

fn another_clients() -> SignatureRefusal {
    SignatureRefusal::new(Problem::TokenRejected, "Use a token of your own.", "the token is another client's")
}

/// What temporary credentials say against a request that they signed.
fn temporary(found: &TemporaryCredentials, client: &Client, now: Timestamp) -> Option<SignatureRefusal> {
    if found.client != client.id {
        return Some(another_clients());
    }
    (found.expires_at <= now).then(|| {
        let reason = "the temporary credentials have expired";
        SignatureRefusal::new(
            Problem::TokenExpired,
            "Begin again: ask for new temporary credentials.",
            reason,
        )
    })
}
