//! Access tokens: JWT (RFC 9068) or opaque.

use std::time::Duration;

use serde::Serialize;
use valetkey_oauth2::{HandleKind, Resource, Secret, Timestamp, TokenFormat};
use valetkey_ports::{AccessRecord, Client};

use crate::{Engine, Failure, grant::Authorization};

/// The claim in which a JWT carries its grant's id, by which it can be asked about and ended.
pub(crate) const GRANT_CLAIM: &str = "gid";

/// An access token, minted and not yet saved.
pub(crate) struct AccessToken {
    pub(crate) text: Secret,
    pub(crate) expires_at: Timestamp,
    /// What must be saved of it: nothing for a JWT.
    pub(crate) record: Option<AccessRecord>,
}

pub(super) fn mint(
    engine: &Engine,
    client: &Client,
    authorization: &Authorization,
    now: Timestamp,
) -> Result<AccessToken, Failure> {
    let expires_at = now.plus(lifetime(engine, client, &authorization.resources));
    let expires_at = authorization.hangs.until().map_or(expires_at, |until| expires_at.min(until));
    match super::format(engine, client, &authorization.resources) {
        TokenFormat::Jwt => jwt(engine, client, authorization, now, expires_at),
        TokenFormat::Opaque => Ok(opaque(engine, client, authorization, now, expires_at)),
    }
}

/// The claims of RFC 9068 §2.2, and the grant.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    #[serde(serialize_with = "one_or_many")]
    aud: &'a [&'a str],
    exp: i64,
    iat: i64,
    jti: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    gid: &'a str,
}

fn one_or_many<S: serde::Serializer>(audience: &&[&str], serializer: S) -> Result<S::Ok, S::Error> {
    match audience {
        [one] => serializer.serialize_str(one),
        many => serializer.collect_seq(many.iter()),
    }
}

fn jwt(
    engine: &Engine,
    client: &Client,
    authorization: &Authorization,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<AccessToken, Failure> {
    let subject = authorization.account.map(|account| account.to_string());
    let grant = authorization.grant.to_string();
    let jti = jti(&engine.ports().random.bytes());
    let audience: Vec<&str> = authorization.resources.iter().map(Resource::as_str).collect();
    let claims = Claims {
        iss: engine.issuer().as_str(),
        sub: subject.as_deref().unwrap_or(client.id.as_str()),
        aud: &audience,
        exp: expires_at.seconds(),
        iat: now.seconds(),
        jti: &jti,
        client_id: client.id.as_str(),
        scope: authorization.scope.as_str(),
        gid: &grant,
    };
    let text = engine
        .ring()
        .signing()?
        .sign_jwt("at+jwt", &claims)
        .map_err(|_| Failure::Internal("an access token cannot be signed".into()))?;
    Ok(AccessToken { text: Secret::new(text), expires_at, record: None })
}

fn opaque(
    engine: &Engine,
    client: &Client,
    authorization: &Authorization,
    now: Timestamp,
    expires_at: Timestamp,
) -> AccessToken {
    let handle = engine.mint(HandleKind::AccessToken);
    let record = AccessRecord {
        hash: handle.hash(),
        grant: authorization.grant,
        client: client.id.clone(),
        account: authorization.account,
        scope: authorization.scope.clone(),
        audience: authorization.resources.clone(),
        issued_at: now,
        expires_at,
    };
    AccessToken { text: Secret::new(handle.expose()), expires_at, record: Some(record) }
}

/// The client's own lifetime, or the shortest of the resources', or the server's.
fn lifetime(engine: &Engine, client: &Client, resources: &[Resource]) -> Duration {
    let by_resource = || {
        resources
            .iter()
            .filter_map(|uri| engine.policy().resource(uri)?.access_token_seconds)
            .min()
            .map(|seconds| Duration::from_secs(u64::from(seconds)))
    };
    client.lifetimes.access_token.or_else(by_resource).unwrap_or(engine.policy().lifetimes.access_token)
}

/// 128 random bits in hexadecimal.
fn jti(bits: &[u8; 16]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(32);
    for byte in bits {
        for digit in [byte >> 4, byte & 15] {
            text.push(DIGITS.get(usize::from(digit)).map_or('0', |digit| char::from(*digit)));
        }
    }
    text
}
