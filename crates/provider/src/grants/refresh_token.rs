//! Refreshing: the family is found with the marks above it in one read, the rule judges, and one conditional update
//! rotates (decision 4).
//!
//! A family may hang from a grant of OAuth 1 (`token_exchange.rs`). Its client may refresh it whatever it is registered
//! for, at every resource that it may name, and a token of it that comes back ends the family alone: what the person
//! allowed goes on in the older protocol, and is exchanged again.

use async_trait::async_trait;
use valetkey_oauth2::{
    ErrorCode, GrantId, GrantType, Handle, HandleKind,
    grants::refresh_token::{Params, Refusal, Verdict, judge, retry_binding},
};
use valetkey_ports::{Client, EventKind, FamilyId, RefreshRecord};

use crate::{
    Engine, Failure,
    grant::{Asked, Authorization, Grant, Hangs},
    issue, oauth1,
};

pub(super) struct RefreshToken;

#[async_trait]
impl Grant for RefreshToken {
    fn name(&self) -> GrantType {
        GrantType::REFRESH_TOKEN
    }

    fn admits(&self, client: &Client) -> bool {
        client.may_use(&self.name()) || client.oauth1.is_some()
    }

    async fn authorize(&self, engine: &Engine, asked: &Asked<'_>) -> Result<Authorization, Failure> {
        let params = Params::parse(asked.form).map_err(refuse)?;
        let family = FamilyId::of(&params.token);
        let Some((mut record, standing)) = engine.ports().tokens.find_refresh(&family).await? else {
            engine.count_unknown_token(asked.client.id.as_str(), asked.peer, asked.now)?;
            return Err(refuse(Refusal::TokenUnknown));
        };
        // Another client learns nothing about the token, and can end nothing.
        if record.facts.client_id != asked.client.id {
            return Err(refuse(Refusal::OtherClient));
        }
        // What ended stays ended for whoever refreshes: only a standing grant lives on after its mark, and has no family.
        if standing.revoked_at.is_some() || !engine.is_live(&standing, asked.now, Some(asked.client)).await? {
            return Err(refuse(Refusal::TokenUnknown));
        }
        let goes_beyond = params.resources.iter().any(|resource| !record.facts.resources.contains(resource));
        let is_registered = asked.client.may_use(&self.name());
        if asked.client.oauth1.is_some() && (goes_beyond || !is_registered) {
            let is_exchanged = is_exchanged(engine, &record.grant).await?;
            if !is_registered && !is_exchanged {
                return Err(Failure::because(
                    ErrorCode::UnauthorizedClient,
                    "Register the client for this grant_type.",
                    "the client is not registered for refresh_token, and the grant is none of OAuth 1",
                ));
            }
            if goes_beyond && is_exchanged {
                // A grant of OAuth 1 names no resource: see the exchange.
                record.facts.resources = engine.allowed_resources(asked.client, &params.resources)?;
            }
        }
        let binding = retry_binding(&asked.client.id, params.scope.as_ref(), &params.resources, None);
        let window = engine.policy().lifetimes.refresh_retry;
        let verdict = judge(
            &record.facts,
            &params.token.hash(),
            &asked.client.id,
            &params,
            &binding,
            window,
            asked.now,
        );
        let (grant, account) = (record.grant, record.account);
        let granted_scope = record.facts.scope.clone();
        let granted_resources = record.facts.resources.clone();
        let (scope, resources, hangs) = match verdict {
            Verdict::Rotate { scope, resources } => {
                let presented = params.token;
                (scope, resources, Hangs::Rotated { record: Box::new(record), presented, binding })
            }
            Verdict::Retry { scope, resources, sealed } => (
                scope,
                resources,
                Hangs::Retried { successor: unseal(engine, &params.token, &family, &sealed)? },
            ),
            Verdict::Spent => return Err(refuse(Refusal::Spent)),
            Verdict::Reused => return Err(reused(engine, asked, &record).await),
            Verdict::Refused(refusal) => return Err(refuse(refusal)),
        };
        // What the client or the server no longer allows is not given again (security TK-05).
        let scope = scope.narrow(&asked.client.scope).narrow(engine.policy().scopes.all());
        let scope = engine.scope_at(scope, params.scope.as_ref(), &resources)?;
        Ok(Authorization {
            grant,
            account,
            session: None,
            authorized_at: standing.authorized_at,
            scope,
            resources,
            granted_scope,
            granted_resources,
            hangs,
            extra: Vec::new(),
        })
    }
}

/// The successor that a lost answer carried: only whoever holds the presented token can open it.
fn unseal(engine: &Engine, presented: &Handle, family: &FamilyId, sealed: &[u8]) -> Result<Handle, Failure> {
    let text = engine
        .sealer()
        .open_under(issue::SUCCESSOR, presented.expose().as_bytes(), family.as_bytes(), sealed)
        .map_err(|_| refuse(Refusal::Spent))?;
    std::str::from_utf8(&text)
        .ok()
        .and_then(|text| Handle::parse(HandleKind::RefreshToken, text).ok())
        .ok_or_else(|| Failure::Internal("a sealed successor is no refresh token".into()))
}

/// Whether a grant is one of OAuth 1, and what hangs from it here was exchanged.
async fn is_exchanged(engine: &Engine, grant: &GrantId) -> Result<bool, Failure> {
    let found = engine.ports().grants.find(grant).await?;
    Ok(found.is_some_and(|grant| grant.grant_type.as_str() == oauth1::GRANT_TYPE))
}

/// An old token that comes back is a stolen one, or its thief has been faster: the grant ends (RFC 9700 §4.14.2), or, under
/// a grant of OAuth 1, the family.
async fn reused(engine: &Engine, asked: &Asked<'_>, record: &RefreshRecord) -> Failure {
    let killed = match is_exchanged(engine, &record.grant).await {
        Ok(true) => engine.ports().tokens.end_family(&record.family).await,
        Ok(false) => engine.ports().grants.revoke(&record.grant, &asked.client.id, asked.now).await,
        Err(fault) => return fault,
    };
    let mut event = engine.event(EventKind::RefreshReused, asked.peer);
    event.account = record.account;
    event.client = Some(asked.client.id.clone());
    event.grant = Some(record.grant);
    match (killed, engine.record(&[event]).await) {
        (Ok(_), Ok(())) => refuse(Refusal::Reused),
        (Err(fault), _) => fault.into(),
        (_, Err(fault)) => fault,
    }
}

fn refuse(refusal: Refusal) -> Failure {
    let (code, description) = refusal.wire();
    Failure::because(code, description, refusal.to_string())
}
