//! Revocation (RFC 7009): 200 for every token, known or not; only its own client ends one.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use valetkey_oauth2::messages::revocation::{DONE, Params};
use valetkey_ports::EventKind;

use super::token::form_of;
use crate::{
    Engine, Failure, Peer, answer, client_auth::authenticate, endpoint::Endpoint, inspect::TokenKind,
};

pub(super) struct Revoke;

#[async_trait]
impl Endpoint for Revoke {
    fn name(&self) -> &'static str {
        "revoke"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        vec![format!("{}{}", engine.issuer().path(), engine.policy().paths.revoke)]
    }

    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        let form = form_of(request)?;
        let client = authenticate(engine, request, &form, peer).await?;
        let params = Params::parse(&form)?;
        let now = engine.now();
        let done = || Ok(answer::json(StatusCode::OK, DONE));
        let Some(token) = engine.inspect(params.token.expose(), now).await? else { return done() };
        if token.client != client.id {
            engine.note(
                "revoke",
                "none",
                "a client tried to end another client's token",
                Some(client.id.to_string()),
                peer,
            );
            return done();
        }
        let was_alive = match &token.kind {
            TokenKind::Opaque(hash) => engine.ports().tokens.revoke_access(hash).await?,
            TokenKind::Jwt(_) if !token.is_active => false,
            TokenKind::Jwt(jti) => {
                engine.ports().tokens.deny(jti, token.expires_at).await?;
                true
            }
            // With a refresh token everything of its grant ends (RFC 7009 §2.1).
            TokenKind::Refresh(_) => engine.ports().grants.revoke(&token.grant, &client.id, now).await?,
        };
        // Who ends a dead token again and again must not fill the audit.
        if !was_alive {
            return done();
        }
        let mut event = engine.event(EventKind::TokenRevoked, peer);
        event.account = token.account;
        event.client = Some(client.id.clone());
        event.grant = Some(token.grant);
        engine.record(&[event]).await?;
        done()
    }
}
