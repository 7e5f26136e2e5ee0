//! The way over from OAuth 1: whoever signs with a token of the older protocol gets tokens of the newer one, from the same
//! grant (RFC 8693, decision 35). One consent, one line among the connected apps, and what ends one half ends the other.
//!
//! It goes on after the sunset, as often as it is asked; the OAuth 1 token is left as it is. Any client that has
//! credentials for OAuth 1 may, whatever it is registered for, and gets a refresh token with it, which it may use
//! (`refresh_token.rs`) as soon as it can show itself to the token endpoint: a native app by its id, a web app by a secret
//! for OAuth 2. The tokens do not outlive a time that the OAuth 1 token was given.

use async_trait::async_trait;
use http::StatusCode;
use valetkey_oauth1::{Message, Received};
use valetkey_oauth2::{
    GrantType, HandleHash, Secret,
    grants::token_exchange::{ACCESS_TOKEN, Params, Refusal, SignedBy, allow, narrow},
};
use valetkey_ports::{Client, EventKind, Held, Standing};

use crate::{
    Engine, Failure, Policy, Switch,
    grant::{Asked, Authorization, Grant, Hangs},
    oauth1::{
        EXCHANGE, SignatureRefusal,
        check::{Holder, Wanted, Way},
    },
};

pub(super) struct TokenExchange;

#[async_trait]
impl Grant for TokenExchange {
    fn name(&self) -> GrantType {
        GrantType::TOKEN_EXCHANGE
    }

    fn switch(&self, policy: &Policy) -> Switch {
        if policy.oauth1.is_on { Switch::PerClient } else { Switch::Off }
    }

    fn admits(&self, client: &Client) -> bool {
        client.may_use(&self.name()) || client.oauth1.is_some()
    }

    fn takes_signatures(&self) -> bool {
        true
    }

    async fn authorize(&self, engine: &Engine, asked: &Asked<'_>) -> Result<Authorization, Failure> {
        let params = Params::parse(asked.form).map_err(refuse)?;
        let proved;
        let (held, standing) = match (asked.client.signed(), &params.proof) {
            (Some(_), Some(_)) => return Err(refuse(Refusal::TwoProofs)),
            (None, None) => return Err(refuse(Refusal::ProofMissing)),
            (Some(signed), None) => {
                let token = Some(signed.0.credentials.hash);
                let by = SignedBy { client: asked.client.id.as_str(), token };
                allow(&params, &asked.client.id, by).map_err(refuse)?;
                signed
            }
            (None, Some(proof)) => {
                proved = prove(engine, asked, &params, proof).await?;
                &proved
            }
        };
        // What the client or the server no longer allows is not given again (security TK-05, TK-22).
        let granted = held.scope.narrow(&asked.client.scope).narrow(engine.policy().scopes.all());
        let scope = narrow(&granted, &params).map_err(refuse)?;
        // A grant of OAuth 1 names no resource: its token opens whatever verifies its signature.
        let resources = engine.allowed_resources(asked.client, &params.resources)?;
        Ok(Authorization {
            grant: held.credentials.grant,
            account: standing.account,
            session: None,
            authorized_at: standing.authorized_at,
            scope: engine.scope_at(scope, params.scope.as_ref(), &resources)?,
            granted_scope: held.scope.clone(),
            granted_resources: resources.clone(),
            resources,
            hangs: Hangs::Begun { until: held.credentials.expires_at },
            extra: vec![("issued_token_type", ACCESS_TOKEN.into())],
        })
    }

    async fn issued(&self, engine: &Engine, asked: &Asked<'_>, right: &Authorization) -> Result<(), Failure> {
        let hash = HandleHash::of(asked.form.get("subject_token").unwrap_or_default());
        let mut event = engine.event(EventKind::TokenExchanged, asked.peer);
        event.account = right.account;
        event.client = Some(asked.client.id.clone());
        event.grant = Some(right.grant);
        // Together, so that one commit takes both.
        let events = [event];
        let marked = engine.ports().credentials.mark_exchanged(&hash, asked.now);
        let (marked, recorded) = tokio::join!(marked, engine.record(&events));
        marked?;
        engine.oauth1.uses.count(&asked.client.id, EXCHANGE, asked.now);
        recorded
    }
}

/// Verifies the proof that came as a parameter: a value of the `Authorization` header, signed for a POST to the token
/// endpoint with nothing in it. The client has shown who it is by itself, so whatever is wrong with the proof is wrong
/// with the subject token (RFC 8693 §2.2.2).
async fn prove(
    engine: &Engine,
    asked: &Asked<'_>,
    params: &Params,
    proof: &Secret,
) -> Result<(Held, Standing), Failure> {
    let header = [proof.expose().as_bytes()];
    let path = format!("{}{}", engine.issuer().path(), engine.policy().paths.token);
    let received = Received::new("POST", &path).authorization(&header);
    let message = Message::parse(&received, &engine.policy().oauth1.limits).map_err(unproved)?;
    // Before the signature is looked at: a mistake uses no nonce up, and nobody's secrets.
    let by = SignedBy { client: message.consumer_key(), token: message.token().map(HandleHash::of) };
    allow(params, &asked.client.id, by).map_err(refuse)?;
    let uri = engine.oauth1.uri(&path)?;
    let way = Way { is_secure: asked.peer.is_secure, peer: Some(asked.peer) };
    let signed = engine.check_signature(&message, &uri, Wanted::Exchange, way, asked.now).await;
    match signed
        .map_err(|failure| match failure {
            Failure::Signature(refusal) => unproved(*refusal),
            other => other,
        })?
        .holder
    {
        Holder::Token(found) => Ok(*found),
        Holder::Nobody | Holder::Temporary(_) => {
            Err(Failure::Internal("an exchange was verified without token credentials".into()))
        }
    }
}

fn unproved(refusal: impl Into<SignatureRefusal>) -> Failure {
    SignatureRefusal { status: StatusCode::BAD_REQUEST, ..refusal.into() }.into()
}

fn refuse(refusal: Refusal) -> Failure {
    let (code, description) = refusal.wire();
    Failure::because(code, description, refusal.to_string())
}
