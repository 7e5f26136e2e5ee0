//! The only place where a token is minted.

mod access;
mod refresh;

use valetkey_oauth2::{Handle, Resource, Scope, Secret, Timestamp, TokenFormat};
use valetkey_ports::{AccessRecord, Client, Grant as GrantRecord, NewGrant, Opened, Redeemed, Rotation};

pub(crate) use access::GRANT_CLAIM;
pub(crate) use refresh::SUCCESSOR;

use crate::{
    Engine, Failure,
    grant::{Authorization, Hangs},
};

/// Tokens, minted and saved.
#[derive(Debug)]
pub struct Issued {
    /// The access token.
    pub access_token: Secret,
    /// When it dies.
    pub expires_at: Timestamp,
    /// The refresh token, where there is one.
    pub refresh_token: Option<Handle>,
    /// What the access token may do.
    pub scope: Scope,
}

/// What became of minting.
#[derive(Debug)]
pub enum Outcome {
    /// Tokens.
    Issued(Issued),
    /// Another request rotated the same family a moment before: look again.
    Raced,
    /// The grant was revoked while its first tokens were being minted.
    Revoked,
}

/// Mints the tokens that an authorization gives a right to, and saves them in one move; nothing is answered before.
///
/// # Errors
/// The store's and the backend's faults.
pub async fn issue(
    engine: &Engine,
    client: &Client,
    authorization: &Authorization,
    grant_type: &valetkey_oauth2::GrantType,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    if let Hangs::Rotated { record, presented, binding } = &authorization.hangs {
        let rotate = |access| refresh::rotate(engine, client, record, presented, *binding, access, now);
        return rotated(engine, client, authorization, rotate, now).await;
    }
    let mut access = access::mint(engine, client, authorization, now)?;
    let refresh_token = match &authorization.hangs {
        Hangs::New { refreshable } => {
            let (handle, new) =
                begin(engine, client, authorization, grant_type, *refreshable, &mut access, now);
            match engine.ports().grants.open(&new).await? {
                Opened::Fresh => handle,
                Opened::Revoked => return Ok(Outcome::Revoked),
            }
        }
        Hangs::Code { hash } => {
            let (handle, new) = begin(engine, client, authorization, grant_type, true, &mut access, now);
            match engine.ports().codes.redeem(hash, &client.id, &new, now).await? {
                Redeemed::Fresh => handle,
                // The next look finds it redeemed, or gone, and says so.
                Redeemed::Replayed | Redeemed::Unknown => return Ok(Outcome::Raced),
                Redeemed::Ended => return Ok(Outcome::Revoked),
            }
        }
        Hangs::Begun { until } => {
            let (handle, new) = refresh::begin(engine, client, *until, now);
            match engine.ports().tokens.hang(&authorization.grant, &new, access.record.as_ref()).await? {
                true => Some(handle),
                false => return Ok(Outcome::Revoked),
            }
        }
        Hangs::Retried { successor } => {
            save(engine, access.record.as_ref()).await?;
            Some(successor.clone())
        }
        Hangs::Standing | Hangs::Rotated { .. } => {
            save(engine, access.record.as_ref()).await?;
            None
        }
    };
    Ok(Outcome::Issued(issued(access, refresh_token, authorization)))
}

/// Rotates, and signs what is a JWT after that: of those that race, only one does the work. When it fails in between, a
/// retry gets the same successor.
async fn rotated(
    engine: &Engine,
    client: &Client,
    authorization: &Authorization,
    rotate: impl FnOnce(Option<AccessRecord>) -> Result<(Handle, Rotation), Failure>,
    now: Timestamp,
) -> Result<Outcome, Failure> {
    let mut minted = match format(engine, client, &authorization.resources) {
        TokenFormat::Opaque => Some(access::mint(engine, client, authorization, now)?),
        TokenFormat::Jwt => None,
    };
    let (successor, rotation) = rotate(minted.as_mut().and_then(|access| access.record.take()))?;
    if !engine.ports().tokens.rotate(&rotation).await? {
        return Ok(Outcome::Raced);
    }
    let access = match minted {
        Some(access) => access,
        None => access::mint(engine, client, authorization, now)?,
    };
    Ok(Outcome::Issued(issued(access, Some(successor), authorization)))
}

fn issued(
    access: access::AccessToken,
    refresh_token: Option<Handle>,
    authorization: &Authorization,
) -> Issued {
    Issued {
        access_token: access.text,
        expires_at: access.expires_at,
        refresh_token,
        scope: authorization.scope.clone(),
    }
}

/// A grant that begins now, with its refresh token where the client may refresh.
fn begin(
    engine: &Engine,
    client: &Client,
    authorization: &Authorization,
    grant_type: &valetkey_oauth2::GrantType,
    is_refreshable: bool,
    access: &mut access::AccessToken,
    now: Timestamp,
) -> (Option<Handle>, NewGrant) {
    let refresh = (is_refreshable && may_refresh(client)).then(|| refresh::begin(engine, client, None, now));
    let (handle, refresh) = refresh.map_or((None, None), |(handle, new)| (Some(handle), Some(new)));
    let ends = refresh.as_ref().map_or(now, |new| new.absolute_expires_at);
    let grant = record_of(client, authorization, grant_type, now, ends.max(access.expires_at));
    (handle, NewGrant { grant, refresh, access: access.record.take(), credentials: None })
}

async fn save(engine: &Engine, record: Option<&AccessRecord>) -> Result<(), Failure> {
    match record {
        Some(record) => Ok(engine.ports().tokens.put_access(record).await?),
        None => Ok(()),
    }
}

fn record_of(
    client: &Client,
    authorization: &Authorization,
    grant_type: &valetkey_oauth2::GrantType,
    now: Timestamp,
    expires_at: Timestamp,
) -> GrantRecord {
    GrantRecord {
        id: authorization.grant,
        client: client.id.clone(),
        account: authorization.account,
        session: authorization.session,
        grant_type: grant_type.clone(),
        scope: authorization.granted_scope.clone(),
        resources: authorization.granted_resources.clone(),
        authorized_at: authorization.authorized_at,
        expires_at,
        last_used_at: now,
        revoked_at: None,
    }
}

fn may_refresh(client: &Client) -> bool {
    client.may_use(&valetkey_oauth2::GrantType::REFRESH_TOKEN)
}

/// What access tokens for these resources look like: the client decides, then the resource, then the server.
pub(crate) fn format(engine: &Engine, client: &Client, resources: &[Resource]) -> TokenFormat {
    let by_resource = || {
        resources
            .iter()
            .find_map(|uri| engine.policy().resource(uri).and_then(|resource| resource.token_format))
    };
    client.token_format.or_else(by_resource).unwrap_or(engine.policy().token_format)
}
