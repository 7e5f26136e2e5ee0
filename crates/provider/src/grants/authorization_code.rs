//! Redeeming an authorization code: find, the pure rule, one conditional consume (decision 1). A crash after the consume
//! leaves no code and no tokens.

use std::time::Duration;

use async_trait::async_trait;
use valetkey_oauth2::{
    GrantType,
    grants::authorization_code::{Params, Refusal, may_kill, narrow, redeem},
};
use valetkey_ports::{Code, Consumed, EventKind};

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
            Consumed::Fresh(code) => code,
            Consumed::Replayed(code) => return Err(replayed(engine, asked, &params, &code).await),
            Consumed::Unknown => {
                engine.count_wrong_secret(asked.client.id.as_str(), asked.peer, asked.now).await?;
                return Err(refuse(Refusal::CodeUnknown));
            }
        };
        redeem(&code.facts, &asked.client.id, &params, asked.now).map_err(refuse)?;
        let resources = narrow(&code.facts, &params).map_err(refuse)?;
        if has_ended(engine, asked, &code).await? {
            let (wire, description) = Refusal::CodeUnknown.wire();
            let reason = "the account, the consent or the client was ended after it was allowed";
            return Err(Failure::because(wire, description, reason));
        }
        let code = match codes.consume(&hash, &asked.client.id, asked.now).await? {
            Consumed::Fresh(code) => code,
            Consumed::Replayed(code) => return Err(replayed(engine, asked, &params, &code).await),
            Consumed::Unknown => return Err(refuse(Refusal::CodeUnknown)),
        };
        Ok(Authorization {
            grant: code.grant,
            account: Some(code.account),
            session: code.session,
            authorized_at: code.authorized_at,
            scope: code.facts.scope.clone(),
            resources,
            granted_scope: code.facts.scope,
            granted_resources: code.facts.resources,
            hangs: Hangs::New { refreshable: true },
            extra: Vec::new(),
        })
    }
}

/// Whether what the code stands for was ended since the person allowed it (security TK-05): a JWT would outlive that.
async fn has_ended(engine: &Engine, asked: &Asked<'_>, code: &Code) -> Result<bool, Failure> {
    let (ports, at) = (engine.ports(), code.authorized_at);
    let account = ports.accounts.find(&code.account).await?;
    let consent = ports.consents.find(&code.account, &asked.client.id).await?;
    let is_live = account.is_some_and(|account| account.is_active() && at > account.not_before)
        && consent.is_none_or(|consent| at > consent.not_before)
        && at > asked.client.not_before;
    Ok(!is_live)
}

/// How often, and after what pause, a replay looks whether the redemption before it has begun its grant. Without that, of
/// two requests at once none would get tokens (security CO-01): the second would burn the place of the first one's grant.
const LOOKS: usize = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// A code that comes again kills its grant, when the one who brings it has proved to be the right client (RFC 6749
/// §4.1.2, decision 2). Where the grant is not there even after a while, its place is burnt: it is dead all the same.
async fn replayed(engine: &Engine, asked: &Asked<'_>, params: &Params, code: &Code) -> Failure {
    if !may_kill(&code.facts, &asked.client.id, asked.client.has_proof(), params) {
        return refuse(Refusal::CodeConsumed);
    }
    let grants = &engine.ports().grants;
    for _ in 0..LOOKS {
        match grants.find(&code.grant).await {
            Ok(None) => tokio::time::sleep(PAUSE).await,
            Ok(Some(_)) => break,
            Err(fault) => return fault.into(),
        }
    }
    let killed = grants.revoke(&code.grant, &asked.client.id, asked.now).await;
    let mut event = engine.event(EventKind::CodeReplayed, asked.peer);
    event.account = Some(code.account);
    event.client = Some(asked.client.id.clone());
    event.grant = Some(code.grant);
    match (killed, engine.record(&[event]).await) {
        (Ok(_), Ok(())) => refuse(Refusal::CodeConsumed),
        (Err(fault), _) => fault.into(),
        (_, Err(fault)) => fault,
    }
}

fn refuse(refusal: Refusal) -> Failure {
    let (code, description) = refusal.wire();
    Failure::because(code, description, refusal.to_string())
}
