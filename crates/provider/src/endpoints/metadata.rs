//! What this server can do (RFC 8414), true to its configuration.

use std::sync::OnceLock;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use valetkey_oauth2::{AuthMethod, GrantType, ResponseMode, ResponseType, messages::metadata::Metadata};

use crate::{
    Engine, Failure, Peer, Switch,
    answer::Document,
    endpoint::{Cors, Endpoint},
};

pub(super) struct MetadataDocument;

const NAME: &str = "/.well-known/oauth-authorization-server";

#[async_trait]
impl Endpoint for MetadataDocument {
    fn name(&self) -> &'static str {
        "metadata"
    }

    /// For an issuer with a path, both where RFC 8414 §3 inserts the name and where older clients append it.
    fn paths(&self, engine: &Engine) -> Vec<String> {
        match engine.issuer().path() {
            "" => vec![NAME.to_owned()],
            path => vec![format!("{NAME}{path}"), format!("{path}{NAME}")],
        }
    }

    fn methods(&self) -> &'static str {
        "GET, HEAD"
    }

    fn cors(&self) -> Cors {
        Cors::Open
    }

    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        _peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        Ok(engine.metadata().answer(request.headers()))
    }
}

impl Engine {
    /// The metadata document, made once.
    pub fn metadata(&self) -> &Document {
        self.metadata
            .get_or_init(|| Document::new(facts(self).write(), "application/json", "public, max-age=3600"))
    }
}

/// Where it is.
pub(crate) fn url(engine: &Engine) -> String {
    format!("{}{NAME}{}", engine.issuer().origin(), engine.issuer().path())
}

/// Where the made document is kept.
pub(crate) type Made = OnceLock<Document>;

fn facts(engine: &Engine) -> Metadata {
    let policy = engine.policy();
    let at = |path: &str| Some(engine.issuer().join(path));
    let offered = |grant: &std::sync::Arc<dyn crate::grant::Grant>| {
        (grant.switch(policy) != Switch::Off).then(|| grant.name())
    };
    let mut grant_types: Vec<GrantType> = engine.grants().iter().filter_map(offered).collect();
    let mut response_types = vec![ResponseType::Code];
    if policy.implicit != Switch::Off {
        grant_types.push(GrantType::IMPLICIT);
        response_types.push(ResponseType::Token);
    }
    let with_secret = vec![AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost];
    Metadata {
        authorization_endpoint: at(&policy.paths.authorize),
        token_endpoint: at(&policy.paths.token),
        jwks_uri: at(&policy.paths.jwks),
        scopes_supported: policy.scopes.all().iter().map(str::to_owned).collect(),
        response_types_supported: response_types,
        response_modes_supported: ResponseMode::ALL.to_vec(),
        grant_types_supported: grant_types,
        token_endpoint_auth_methods_supported: AuthMethod::ALL.to_vec(),
        revocation_endpoint: at(&policy.paths.revoke),
        revocation_endpoint_auth_methods_supported: AuthMethod::ALL.to_vec(),
        introspection_endpoint: at(&policy.paths.introspect),
        introspection_endpoint_auth_methods_supported: with_secret,
        code_challenge_methods_supported: vec!["S256".to_owned()],
        authorization_response_iss_parameter_supported: true,
        ..Metadata::new(engine.issuer().clone())
    }
}
