//! Introspection (RFC 7662): the same answer for whatever is not alive, or not the asker's business.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use valetkey_oauth2::messages::introspection::{INACTIVE, Introspection, Params};

use super::token::form_of;
use crate::{
    AuthenticatedClient, Engine, Failure, Peer, answer,
    client_auth::authenticate,
    endpoint::{Cors, Endpoint},
    inspect::{Inspected, TokenKind},
};

pub(super) struct Introspect;

#[async_trait]
impl Endpoint for Introspect {
    fn name(&self) -> &'static str {
        "introspect"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        vec![format!("{}{}", engine.issuer().path(), engine.policy().paths.introspect)]
    }

    fn cors(&self) -> Cors {
        Cors::None
    }

    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        let form = form_of(request)?;
        let client = authenticate(engine, request, &form, peer).await?;
        if !client.has_proof() {
            return Err(Failure::UnknownClient("a public client asks about a token".into()));
        }
        let params = Params::parse(&form)?;
        let found = engine.inspect(params.token.expose(), engine.now()).await?;
        let body = match found {
            Some(token) if token.is_active && may_ask(engine, &client, &token) => write(engine, &token),
            _ => INACTIVE.to_vec(),
        };
        Ok(answer::json(StatusCode::OK, body))
    }
}

/// Whether a client may learn about a token: its own, those of a resource that names it, or all by an explicit right
/// (security TK-15).
fn may_ask(engine: &Engine, client: &AuthenticatedClient, token: &Inspected) -> bool {
    let is_audience = || {
        token.audience.iter().any(|uri| {
            engine.policy().resource(uri).is_some_and(|resource| resource.introspectors.contains(&client.id))
        })
    };
    // A refresh token is nobody's business but its client's: an API that hears "active" takes it for an access token.
    let is_for_apis = !matches!(token.kind, TokenKind::Refresh(_));
    token.client == client.id || (is_for_apis && (client.may_introspect || is_audience()))
}

fn write(engine: &Engine, token: &Inspected) -> Vec<u8> {
    let subject = token.subject();
    Introspection {
        scope: Some(&token.scope),
        client_id: &token.client,
        username: None,
        token_type: (!matches!(token.kind, TokenKind::Refresh(_))).then_some("Bearer"),
        exp: Some(token.expires_at),
        iat: Some(token.issued_at),
        nbf: None,
        sub: Some(&subject),
        aud: &token.audience,
        iss: Some(engine.issuer().as_str()),
        jti: match &token.kind {
            TokenKind::Jwt(jti) => Some(jti),
            _ => None,
        },
    }
    .write()
}
