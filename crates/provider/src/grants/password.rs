//! The password grant (RFC 6749 §4.3): there for those who cannot do without, and off.

use async_trait::async_trait;
use valetkey_oauth2::{
    GrantType,
    grants::password::{Params, Refusal},
};

use crate::{
    Engine, Failure, Policy, Switch,
    grant::{Asked, Authorization, Grant, Hangs},
    people::LoginOutcome,
};

pub(super) struct Password;

#[async_trait]
impl Grant for Password {
    fn name(&self) -> GrantType {
        GrantType::PASSWORD
    }

    fn switch(&self, policy: &Policy) -> Switch {
        policy.password_grant
    }

    async fn authorize(&self, engine: &Engine, asked: &Asked<'_>) -> Result<Authorization, Failure> {
        let params = Params::parse(asked.form).map_err(refuse)?;
        let scope = engine.allowed_scope(asked.client, params.scope.as_ref())?;
        let resources = engine.allowed_resources(asked.client, &params.resources)?;
        let scope = engine.scope_at(scope, params.scope.as_ref(), &resources)?;
        // The lockout is the login page's own: guessing here counts there.
        let account =
            match engine.check_password(&params.username, &params.password, None, asked.peer).await? {
                LoginOutcome::Welcome(account) => account,
                LoginOutcome::Wrong => return Err(refuse(Refusal::Credentials)),
                LoginOutcome::TooMany(wait) => return Err(Failure::TooMany(wait)),
            };
        let consent = engine.ports().consents.find(&account.id, &asked.client.id).await?;
        Ok(Authorization {
            grant: engine.mint_grant(asked.now),
            account: Some(account.id),
            session: None,
            authorized_at: engine.authorized_at(&account, asked.client, consent.as_ref(), asked.now),
            granted_scope: scope.clone(),
            scope,
            granted_resources: resources.clone(),
            resources,
            hangs: Hangs::New { refreshable: true },
            extra: Vec::new(),
        })
    }
}

fn refuse(refusal: Refusal) -> Failure {
    let (code, description) = refusal.wire();
    Failure::because(code, description, refusal.to_string())
}
