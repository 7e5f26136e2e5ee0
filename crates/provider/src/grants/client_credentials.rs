//! A client acts for itself. Its tokens hang from one standing grant, so a JWT writes nothing (decision 3).

use async_trait::async_trait;
use valetkey_oauth2::{
    GrantType, Scope,
    grants::client_credentials::{Params, Refusal, allow},
};
use valetkey_ports::Grant as GrantRecord;

use crate::{
    Engine, Failure,
    grant::{Asked, Authorization, Grant, Hangs},
};

pub(super) struct ClientCredentials;

#[async_trait]
impl Grant for ClientCredentials {
    fn name(&self) -> GrantType {
        GrantType::CLIENT_CREDENTIALS
    }

    async fn authorize(&self, engine: &Engine, asked: &Asked<'_>) -> Result<Authorization, Failure> {
        allow(asked.client.has_proof()).map_err(refuse)?;
        let params = Params::parse(asked.form).map_err(refuse)?;
        let scope = engine.allowed_scope(asked.client, params.scope.as_ref())?;
        let resources = engine.allowed_resources(asked.client, &params.resources)?;
        let scope = engine.scope_at(scope, params.scope.as_ref(), &resources)?;
        let grant = asked.client.entry().standing();
        if !asked.client.entry().stands() {
            let standing = GrantRecord {
                id: grant,
                client: asked.client.id.clone(),
                account: None,
                session: None,
                grant_type: GrantType::CLIENT_CREDENTIALS,
                scope: Scope::empty(),
                resources: Vec::new(),
                authorized_at: asked.now,
                expires_at: valetkey_oauth2::Timestamp::from_seconds(i64::MAX),
                last_used_at: asked.now,
                revoked_at: None,
            };
            engine.ports().grants.stand(&standing).await?;
            asked.client.entry().has_stood();
        }
        Ok(Authorization {
            grant,
            account: None,
            session: None,
            authorized_at: asked.now,
            granted_scope: scope.clone(),
            scope,
            granted_resources: resources.clone(),
            resources,
            hangs: Hangs::Standing,
            extra: Vec::new(),
        })
    }
}

fn refuse(refusal: Refusal) -> Failure {
    let (code, description) = refusal.wire();
    Failure::because(code, description, refusal.to_string())
}
