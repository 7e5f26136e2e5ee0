//! Token credentials (RFC 5849 §2.3): temporary credentials and verifier are traded in one move, once.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use valetkey_oauth1::{Message, Problem, answers};
use valetkey_oauth2::{HandleKind, Secret, Timestamp};
use valetkey_ports::{
    Allowance, Callback, Client, Grant, NewGrant, Once, Stage, TemporaryCredentials, TokenCredentials, Trade,
    Traded,
};

use crate::{
    Engine, Failure, Peer,
    endpoint::{Cors, Endpoint, Look},
    oauth1::{
        SignatureRefusal,
        check::{Holder, Signed, Wanted, Way},
        desk, grant_type, refusal,
    },
};

pub(in crate::endpoints) struct AccessToken;

#[async_trait]
impl Endpoint for AccessToken {
    fn name(&self) -> &'static str {
        "oauth1 access_token"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        super::paths(engine, |policy| &policy.paths.oauth1_access_token)
    }

    fn methods(&self) -> &'static str {
        "GET, POST"
    }

    fn wants_form(&self) -> bool {
        false
    }

    fn cors(&self) -> Cors {
        Cors::None
    }

    fn look(&self) -> Look {
        Look::Signed
    }

    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        let authorization = desk::authorization(request);
        let message =
            Message::parse(&desk::received(request, &authorization), &engine.policy().oauth1.limits)?;
        let asked = message.token_request()?;
        let uri = engine.oauth1.uri(desk::target(request))?;
        let now = engine.now();
        let way = Way { is_secure: peer.is_secure, peer: Some(peer) };
        let Signed { client, holder, once } =
            engine.check_signature(&message, &uri, Wanted::Temporary, way, now).await?;
        let Holder::Temporary(found) = holder else {
            return Err(Failure::Internal(
                "a token request was verified without temporary credentials".into(),
            ));
        };
        let traded = trade(engine, &client, *found, asked.verifier, once, now).await;
        let traded = traded.map_err(|failure| match failure {
            Failure::Signature(refusal) => Failure::Signature(Box::new(SignatureRefusal {
                client: Some(client.id.to_string()),
                ..*refusal
            })),
            other => other,
        })?;
        let Some((answer, scope)) = traded else { return Err(engine.seen_before(&message, &uri, now)) };
        let extra = vec![("oauth_authorized_realms".to_owned(), scope)];
        let mut response =
            refusal::written(StatusCode::OK, answers::TokenCredentials { extra, ..answer }.write());
        response.headers_mut().extend(engine.sunset_headers(&client));
        Ok(response)
    }
}

/// Trades what somebody has allowed for token credentials; answers them, and their realms, or nothing where the request
/// was seen before.
async fn trade(
    engine: &Engine,
    client: &Client,
    found: TemporaryCredentials,
    verifier: &str,
    once: Option<Once>,
    now: Timestamp,
) -> Result<Option<(answers::TokenCredentials, String)>, Failure> {
    let allowance = match found.stage {
        Stage::Allowed(allowance) => allowance,
        Stage::Asked => return Err(refused(Problem::PermissionUnknown, "nobody has decided yet")),
        Stage::Denied => {
            return Err(refused(Problem::PermissionDenied, "the person said no, or the tries are over"));
        }
        Stage::Exchanged => return Err(used()),
    };
    let verifier = match found.callback {
        Callback::OutOfBand => desk::typed(verifier),
        Callback::Uri(_) => verifier.into(),
    };
    let verifier = engine.oauth1.verifier_hash(&found.hash, &verifier);
    let token = engine.mint(HandleKind::SignedToken);
    let secret = engine.mint_shared_secret();
    let lifetime = client.oauth1.as_ref().and_then(|own| own.token_lifetime);
    let expires_at = lifetime.or(engine.policy().oauth1.token_lifetime).map(|lifetime| now.plus(lifetime));
    let grant = grant(engine, client, &allowance, expires_at, now);
    let realms = grant.scope.to_string();
    let credentials = TokenCredentials {
        hash: token.hash(),
        grant: grant.id,
        secret: engine.seal_token_secret(&token.hash(), &secret)?,
        issued_at: now,
        expires_at,
        exchanged_at: None,
    };
    let new = NewGrant { grant, refresh: None, access: None, credentials: Some(credentials) };
    let tries = engine.policy().oauth1.verifier_tries;
    let temporary = &engine.ports().temporary;
    let traded = match &once {
        Some(once) => {
            let trade = Trade { hash: &found.hash, by: &client.id, verifier: &verifier, tries, new: &new };
            temporary.trade_once(&trade, once, &*engine.ports().replay, now).await?
        }
        None => Some(temporary.trade(&found.hash, &client.id, &verifier, tries, &new, now).await?),
    };
    let Some(traded) = traded else { return Ok(None) };
    match traded {
        Traded::Fresh => {
            // What was begun stands, whatever becomes of the older ones.
            if let Err(fault) = engine.bound_tokens(&allowance.account, &client.id, &allowance.grant).await {
                tracing::warn!(%fault, "older token credentials could not be ended");
            }
            let secret = Secret::new(secret.expose());
            let token = token.expose().to_owned();
            Ok(Some((answers::TokenCredentials { token, secret, extra: Vec::new() }, realms)))
        }
        Traded::WrongVerifier => Err(refused(Problem::VerifierInvalid, "the verifier is wrong")),
        Traded::Replayed => Err(used()),
        Traded::Ended => {
            Err(refused(Problem::TokenRevoked, "the authorization was ended before it was used"))
        }
        Traded::Unknown => {
            Err(refused(Problem::TokenExpired, "the temporary credentials have ended meanwhile"))
        }
    }
}

fn grant(
    engine: &Engine,
    client: &Client,
    allowance: &Allowance,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Grant {
    Grant {
        id: allowance.grant,
        client: client.id.clone(),
        account: Some(allowance.account),
        session: allowance.session,
        grant_type: grant_type(),
        scope: allowance.scope.clone(),
        resources: vec![engine.own_resource().clone()],
        authorized_at: allowance.authorized_at,
        expires_at: expires_at.unwrap_or(Timestamp::FAR),
        last_used_at: now,
        revoked_at: None,
    }
}

fn used() -> Failure {
    refused(Problem::TokenUsed, "the temporary credentials were traded before")
}

fn refused(problem: Problem, reason: &'static str) -> Failure {
    let description = match problem {
        Problem::PermissionUnknown => "Send the person to the authorization page first.",
        Problem::VerifierInvalid => {
            "Send the verifier that came with the callback, or that the person typed."
        }
        _ => "Begin again: ask for new temporary credentials.",
    };
    SignatureRefusal::new(problem, description, reason).into()
}
