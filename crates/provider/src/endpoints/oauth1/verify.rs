//! What a guard in another process asks about a signed request (decision 34). It authenticates as for introspection; the
//! answer has introspection's form; secrets never leave. Each question uses the request's nonce up.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use valetkey_oauth1::{BaseUri, Body, Malformed, Message, Problem, Received};
use valetkey_oauth2::{ErrorCode, Resource};
use valetkey_ports::Client;

use crate::{
    Engine, Failure, Peer, answer,
    client_auth::authenticate,
    endpoint::{Cors, Endpoint},
    endpoints::token::form_of,
    oauth1::{SignatureRefusal, SignedAccess, check::Way},
};

pub(in crate::endpoints) struct Verify;

#[async_trait]
impl Endpoint for Verify {
    fn name(&self) -> &'static str {
        "oauth1 verify"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        super::paths(engine, |policy| &policy.paths.oauth1_verify)
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
        if !may_ask(engine, &client, client.has_proof()) {
            return Err(Failure::UnknownClient("a client that may not ask about signatures".into()));
        }
        let needed = |name| {
            form.get(name).ok_or_else(|| {
                let description = "Send the method and the uri of the request that was signed.";
                Failure::because(ErrorCode::InvalidRequest, description, format!("{name} is missing"))
            })
        };
        let (method, target) = (needed("method")?, needed("uri")?);
        let uri = match target.starts_with('/') {
            true => engine.oauth1.uri(target)?,
            false => BaseUri::parse(target).map_err(|fault| {
                let description = "Send the absolute URI that the client addressed.";
                Failure::because(ErrorCode::InvalidRequest, description, fault.to_string())
            })?,
        };
        let authorization: Vec<&[u8]> = form.get("authorization").map(str::as_bytes).into_iter().collect();
        let hashes: Vec<&str> =
            ["body_sha1", "body_sha256", "body_sha512"].iter().filter_map(|name| form.get(name)).collect();
        let received = Received::new(method, target).authorization(&authorization);
        let received = match form.get("form") {
            Some(text) => received.body(Some(b"application/x-www-form-urlencoded"), text.as_bytes()),
            None if hashes.is_empty() => received,
            None => Received { body: Body::Hashes(&hashes), ..received },
        };
        let is_secure = uri.as_str().starts_with("https:") || engine.issuer().is_loopback();
        let verified = match Message::parse(&received, &engine.policy().oauth1.limits) {
            Ok(message) => {
                let access = engine.access(&message, &uri, Way { is_secure, peer: None }).await;
                access.and_then(|access| at(engine, &client, access))
            }
            Err(malformed) => Err(Malformed::into(malformed)),
        };
        let body = match verified {
            Ok(access) => granted(engine, &access).await?,
            Err(Failure::Signature(refusal)) => {
                let failure = Failure::Signature(refusal.clone());
                engine.note_refusal(self.name(), &failure, request, peer);
                refused(engine, &refusal)
            }
            Err(other) => return Err(other),
        };
        Ok(answer::json(StatusCode::OK, body.to_string()))
    }
}

/// Whether a client may ask: one that may ask about every token, or that a resource names (as for introspection, security
/// TK-15). What is asked about is not known before it is verified, so nobody may ask for their own requests only.
fn may_ask(engine: &Engine, client: &Client, has_proof: bool) -> bool {
    let is_named =
        || engine.policy().resources.iter().any(|resource| resource.introspectors.contains(&client.id));
    has_proof && (client.may_introspect || is_named())
}

/// What a signature comes to at an API that is named by resources rather than allowed to ask about everything. The older
/// protocol has no audience; what holds of a client and of a resource holds in both (security TK-11): the client may use one
/// of these resources, and keeps of the scope what means something there.
fn at(engine: &Engine, api: &Client, access: SignedAccess) -> Result<SignedAccess, Failure> {
    if api.may_introspect {
        return Ok(access);
    }
    let own = &access.client.resources;
    let here = engine.policy().resources.iter().filter(|resource| resource.introspectors.contains(&api.id));
    let here: Vec<Resource> =
        here.map(|resource| resource.uri.clone()).filter(|uri| own.is_empty() || own.contains(uri)).collect();
    if here.is_empty() {
        let reason = format!("the client is not registered for a resource of {:?}", api.id);
        let description = "Register the client for this API.";
        return Err(SignatureRefusal::new(Problem::ConsumerKeyRejected, description, reason).into());
    }
    let scope = engine.scope_at(access.scope, None, &here)?;
    Ok(SignedAccess { scope, ..access })
}

async fn granted(engine: &Engine, access: &SignedAccess) -> Result<Value, Failure> {
    let account = match &access.account {
        Some(id) => engine.ports().accounts.find(id).await?,
        None => None,
    };
    let mut body = json!({
        "active": true,
        "client_id": access.client.id,
        "sub": access.subject(),
        "scope": access.scope,
        "iss": engine.issuer().as_str(),
        "token_type": "OAuth1",
        "iat": access.issued_at,
    });
    if let Some(account) = account {
        body["username"] = account.username.as_str().into();
    }
    if let Some(expires_at) = access.expires_at {
        body["exp"] = expires_at.seconds().into();
    }
    if let Some(grant) = access.grant {
        body["gid"] = grant.to_string().into();
    }
    body["headers"] = headers(&access.headers);
    Ok(body)
}

fn refused(engine: &Engine, refusal: &SignatureRefusal) -> Value {
    let mut body = json!({
        "active": false,
        "status": refusal.status.as_u16(),
        "www_authenticate": refusal.challenge(&engine.policy().oauth1.realm),
        "headers": headers(&refusal.headers),
    });
    if let Some(report) = &refusal.report {
        body["oauth_problem"] = report.problem.as_str().into();
    }
    body
}

fn headers(headers: &[(http::HeaderName, http::HeaderValue)]) -> Value {
    let pair = |(name, value): &(http::HeaderName, http::HeaderValue)| {
        Some((name.as_str().to_owned(), Value::from(value.to_str().ok()?)))
    };
    Value::Object(headers.iter().filter_map(pair).collect::<Map<_, _>>())
}
