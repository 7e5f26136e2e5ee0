//! Redeeming an authorization code: find, the pure rule, then one conditional move that takes the code and begins its grant
//! with the first tokens (`issue.rs`). A crash leaves either the code or the tokens, never neither and never both.

use async_trait::async_trait;
use valetkey_oauth2::{
    GrantType,
    grants::authorization_code::{Params, Refusal, may_kill, narrow, redeem},
};
use valetkey_ports::{Code, EventKind, Found};

use crate::{
    Engine, Failure,
    grant::{Asked, Authorization, Grant, Hangs},
};

pub(super) struct AuthorizationCode;

#[async_trait]
impl Grant for AuthorizationCode {
    fn name(&self) -> GrantType {
        GrantType::AUTHORIZATION_CODE
    }

    async fn authorize(&self, engine: &Engine, asked: &Asked<'_>) -> Result<Authorization, Failure> {
        let params = Params::parse(asked.form).map_err(refuse)?;
        let hash = params.code.hash();
        let codes = &engine.ports().codes;
        let code = match codes.find(&hash).await? {
            Found::Fresh(code) => code,
            Found::Redeemed(code) => return Err(replayed(engine, asked, &params, &code).await),
            Found::Unknown => {
                engine.count_unknown_token(asked.client.id.as_str(), asked.peer, asked.now)?;
                return Err(refuse(Refusal::CodeUnknown));
            }
        };
        redeem(&code.facts, &asked.client.id, &params, asked.now).map_err(refuse)?;
        let resources = narrow(&code.facts, &params).map_err(refuse)?;
        if has_ended(engine, asked, &code).await? {
            return Err(Failure::because(
                Refusal::CodeUnknown.wire().0,
                Refusal::CodeUnknown.wire().1,
                "the client or the account was ended after the person had allowed it",
            ));
        }
        Ok(Authorization {
            grant: code.grant,
            account: Some(code.account),
            session: code.session,
            authorized_at: code.authorized_at,
            scope: engine.scope_at(code.facts.scope.clone(), None, &resources)?,
            resources,
            granted_scope: code.facts.scope,
            granted_resources: code.facts.resources,
            hangs: Hangs::Code { hash },
            extra: Vec::new(),
        })
    }
}

/// Whether what the code stands for was ended since the person allowed it (security TK-05): a JWT would outlive that. The
/// marks that lie beside the grants are asked in the redemption itself.
async fn has_ended(engine: &Engine, asked: &Asked<'_>, code: &Code) -> Result<bool, Failure> {
    if code.authorized_at <= asked.client.not_before {
        return Ok(true);
    }
    let accounts = &engine.ports().accounts;
    if accounts.are_beside_grants() {
        return Ok(false);
    }
    let account = accounts.find(&code.account).await?;
    Ok(!account.is_some_and(|account| account.is_active() && code.authorized_at > account.not_before))
}

/// A code that comes again kills its grant, when the one who brings it has proved to be the right client (RFC 6749
/// §4.1.2, decision 2).
async fn replayed(engine: &Engine, asked: &Asked<'_>, params: &Params, code: &Code) -> Failure {
    if !may_kill(&code.facts, &asked.client.id, asked.client.has_proof(), params) {
        return refuse(Refusal::CodeConsumed);
    }
    let killed = match engine.ports().grants.revoke(&code.grant, &asked.client.id, asked.now).await {
        Ok(killed) => killed,
        Err(fault) => return fault.into(),
    };
    if killed {
        let mut event = engine.event(EventKind::CodeReplayed, asked.peer);
        event.account = Some(code.account);
        event.client = Some(asked.client.id.clone());
        event.grant = Some(code.grant);
        if let Err(fault) = engine.record(&[event]).await {
            return fault;
        }
    }
    refuse(Refusal::CodeConsumed)
}

fn refuse(refusal: Refusal) -> Failure {
    let (code, description) = refusal.wire();
    Failure::because(code, description, refusal.to_string())
}
