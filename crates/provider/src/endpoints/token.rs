//! The token endpoint (RFC 6749 §3.2).

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use valetkey_oauth2::{ErrorCode, Form, messages::token::TokenResponse};

use crate::{
    AuthenticatedClient, Engine, Failure, Peer, Switch, answer,
    client_auth::{authenticate, authenticate_signed},
    endpoint::Endpoint,
    grant::{Asked, Authorization, Grant},
    issue::{Issued, Outcome, issue},
};

pub(super) struct Token;

/// Parameters that may come more than once (RFC 8707 §2).
pub(super) const REPEATABLE: &[&str] = &["resource", "audience"];

/// How often a refresh looks again after another request was faster.
const LOOKS: usize = 4;

#[async_trait]
impl Endpoint for Token {
    fn name(&self) -> &'static str {
        "token"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        vec![format!("{}{}", engine.issuer().path(), engine.policy().paths.token)]
    }

    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        let form = form_of(request)?;
        let name = form
            .get("grant_type")
            .ok_or_else(|| Failure::refused(ErrorCode::InvalidRequest, "Send the grant_type."))?;
        let grant = engine.grants().iter().find(|grant| grant.name().as_str() == name);
        let takes_signatures = grant
            .is_some_and(|grant| grant.takes_signatures() && grant.switch(engine.policy()) != Switch::Off);
        let client = match takes_signatures {
            true => authenticate_signed(engine, request, &form, peer).await?,
            false => authenticate(engine, request, &form, peer).await?,
        };
        let grant = grant.ok_or_else(|| {
            Failure::refused(ErrorCode::UnsupportedGrantType, "Use a grant_type that the metadata names.")
        })?;
        admit(engine, grant.as_ref(), &client)?;
        let now = engine.now();
        let asked = Asked { client: &client, form: &form, peer, now };
        for _ in 0..LOOKS {
            let authorization = grant.authorize(engine, &asked).await?;
            match issue(engine, &client, &authorization, &grant.name(), now).await? {
                Outcome::Issued(issued) => {
                    grant.issued(engine, &asked, &authorization).await?;
                    return Ok(write(&issued, &authorization, now));
                }
                Outcome::Raced => {}
                Outcome::Revoked => {
                    return Err(Failure::because(
                        ErrorCode::InvalidGrant,
                        "Start over: the authorization has ended.",
                        "the grant was revoked while its tokens were being minted",
                    ));
                }
            }
        }
        Err(Failure::Store(valetkey_ports::StoreError::Unavailable(
            "too many requests race for one token".into(),
        )))
    }
}

/// Whether this client may use this grant type at all (security CA-10, CA-11).
fn admit(engine: &Engine, grant: &dyn Grant, client: &AuthenticatedClient) -> Result<(), Failure> {
    match grant.switch(engine.policy()) {
        Switch::Off => Err(Failure::because(
            ErrorCode::UnsupportedGrantType,
            "Use a grant_type that the metadata names.",
            format!("the grant type {} is switched off on this server", grant.name()),
        )),
        Switch::PerClient if !grant.admits(client) => Err(Failure::because(
            ErrorCode::UnauthorizedClient,
            "Register the client for this grant_type.",
            format!("the client is not registered for {}", grant.name()),
        )),
        Switch::PerClient | Switch::All => Ok(()),
    }
}

/// Reads a form body strictly; nothing may come in the query (security CA-16).
pub(super) fn form_of(request: &Request<Bytes>) -> Result<Form<'_>, Failure> {
    if request.uri().query().is_some_and(|query| !query.is_empty()) {
        return Err(Failure::refused(
            ErrorCode::InvalidRequest,
            "Send the parameters in the body: this endpoint takes none in the URL.",
        ));
    }
    Ok(Form::parse(request.body(), REPEATABLE)?)
}

fn write(issued: &Issued, authorization: &Authorization, now: valetkey_oauth2::Timestamp) -> Response<Bytes> {
    let body = TokenResponse {
        access_token: issued.access_token.expose(),
        token_type: "Bearer",
        expires_in: issued.expires_at.since(now).as_secs(),
        refresh_token: issued.refresh_token.as_ref().map(valetkey_oauth2::Handle::expose),
        scope: Some(&issued.scope),
        extra: &authorization.extra,
    }
    .write();
    let mut response = answer::json(StatusCode::OK, body);
    response.headers_mut().insert(http::header::PRAGMA, http::HeaderValue::from_static("no-cache"));
    response
}
