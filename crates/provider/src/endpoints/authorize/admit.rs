//! What a new authorization request must be: first what keeps it from ever redirecting to a stranger, then the rest.

use bytes::Bytes;
use http::{Request, Response};
use valetkey_oauth2::{
    ErrorCode, Form, GrantType, RedirectUri, ResponseMode, ResponseType, Timestamp,
    messages::authorization::{Parameters, Target, response_mode_of, state_of},
};
use valetkey_ports::{Asked, AuthorizationFlow, Client, Flow, PkcePolicy};

use super::{Pending, answer_client};
use crate::{Engine, Failure, Peer, Policy, Switch, failure::PageKind};

/// The outcome of looking at a request: on its way, or refused at the client's redirect URI.
pub(super) type Admitted = Result<Pending, Response<Bytes>>;

pub(super) async fn admit(
    engine: &Engine,
    form: &Form<'_>,
    request: &Request<Bytes>,
    peer: &Peer,
    now: Timestamp,
) -> Result<Admitted, Failure> {
    let target = Target::parse(form).map_err(|error| {
        let (code, description) = error.wire();
        Failure::page(code, description, error.to_string())
    })?;
    let unknown = |reason: String| {
        Failure::page(
            ErrorCode::InvalidRequest,
            "The app that sent you here is not registered with this server, or no longer active. Tell its developer.",
            reason,
        )
        .shown_as(PageKind::UntrustedClient)
    };
    let client = engine
        .client(&target.client_id)
        .await?
        .ok_or_else(|| unknown(format!("there is no client {:?}", target.client_id)))?;
    if !client.is_active() {
        return Err(unknown(format!("the client {:?} is disabled", client.id)));
    }
    let (redirect_uri, redirect_uri_was_sent) = redirect_uri(&client, target.redirect_uri.as_ref())?;
    let allowed = parameters(engine, &client, form);
    match allowed {
        Ok((parameters, scope)) => Ok(Ok(Pending {
            flow: Flow {
                client: client.id.clone(),
                scope,
                browser: None,
                started_at: now,
                has_logged_in: false,
                expires_at: now.plus(engine.policy().lifetimes.flow),
                approval: None,
                asked: Asked::OAuth2(AuthorizationFlow { redirect_uri, redirect_uri_was_sent, parameters }),
            },
            handle: None,
            client,
        })),
        Err(failure) if failure.is_ours() => Err(failure),
        Err(failure) => {
            engine.note_refusal("authorize", &failure, request, peer);
            let to = answer_client::Answerable {
                redirect_uri: &redirect_uri,
                mode: response_mode_of(form),
                state: state_of(form),
            };
            Ok(Err(answer_client::error(engine, request, &to, failure.wire().0, failure.description())))
        }
    }
}

/// The redirect URI that is answered to, and whether the request named it (RFC 6749 §3.1.2.3, decision 10).
fn redirect_uri(client: &Client, asked: Option<&RedirectUri>) -> Result<(RedirectUri, bool), Failure> {
    let Some(asked) = asked else {
        return match client.redirect_uris.as_slice() {
            [only] => Ok((only.clone(), false)),
            _ => Err(Failure::page(
                ErrorCode::InvalidRequest,
                "The app that sent you here did not say where to send you back. Tell its developer: send the redirect_uri.",
                format!("{:?} has not exactly one redirect URI, so the request must name one", client.id),
            )),
        };
    };
    if client.redirect_uri(asked).is_none() {
        return Err(Failure::page(
            ErrorCode::InvalidRequest,
            "The app that sent you here asked to send you on to an address that it has not registered. Tell its \
             developer: the redirect_uri must be equal to a registered one, octet by octet.",
            format!("{:?} has not registered the redirect URI {asked}", client.id),
        )
        .shown_as(PageKind::UntrustedRedirect));
    }
    Ok((asked.clone(), true))
}

fn parameters(
    engine: &Engine,
    client: &Client,
    form: &Form<'_>,
) -> Result<(Parameters, valetkey_oauth2::Scope), Failure> {
    let mut parameters = Parameters::parse(form)?;
    response_type(engine.policy(), client, &parameters)?;
    if parameters.response_type == ResponseType::Code && parameters.challenge.is_none() && needs_pkce(client)
    {
        return Err(Failure::refused(
            ErrorCode::InvalidRequest,
            "Send a code_challenge with code_challenge_method=S256: PKCE is required.",
        ));
    }
    let scope = engine.allowed_scope(client, parameters.scope.as_ref())?;
    parameters.resources = engine.allowed_resources(client, &parameters.resources)?;
    let scope = engine.scope_at(scope, parameters.scope.as_ref(), &parameters.resources)?;
    Ok((parameters, scope))
}

fn needs_pkce(client: &Client) -> bool {
    !(client.is_confidential() && client.pkce == PkcePolicy::Optional)
}

/// Whether the response type and mode are meant for this client (security AZ-09, AZ-10).
fn response_type(policy: &Policy, client: &Client, asked: &Parameters) -> Result<(), Failure> {
    let (switch, grant) = match asked.response_type {
        ResponseType::Code => (Switch::PerClient, GrantType::AUTHORIZATION_CODE),
        ResponseType::Token => (policy.implicit, GrantType::IMPLICIT),
    };
    match switch {
        Switch::Off => {
            return Err(Failure::refused(
                ErrorCode::UnsupportedResponseType,
                "Use response_type=code: this server gives no tokens from the authorization endpoint.",
            ));
        }
        Switch::PerClient if !client.may_use(&grant) => {
            return Err(Failure::refused(
                ErrorCode::UnauthorizedClient,
                "Register the client for the grant type that this response_type belongs to.",
            ));
        }
        Switch::PerClient | Switch::All => {}
    }
    if asked.response_type == ResponseType::Token && asked.response_mode == Some(ResponseMode::Query) {
        return Err(Failure::refused(
            ErrorCode::InvalidRequest,
            "Use response_mode fragment or form_post: a token must not travel in a query.",
        ));
    }
    Ok(())
}
