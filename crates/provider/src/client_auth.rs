//! Who is asking: used by every endpoint that needs to know, and the only place that makes an [`AuthenticatedClient`].

mod floods;
mod signed;

use std::{ops::Deref, sync::Arc};

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use valetkey_oauth2::{AuthMethod, CredentialsError, Form, Presented, Secret, Timestamp, credentials};
use valetkey_ports::{Client, Held, SecretHash, Standing};

use crate::{Engine, Failure, Peer, cache::CachedClient};

pub use floods::Floods;
pub(crate) use signed::authenticate_signed;

/// Evidence that a request came from this client: by its secret, or by a signature of OAuth 1, or, of a public client, by
/// its own word.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient {
    entry: Arc<CachedClient>,
    shown: Shown,
}

/// How a client has shown who it is.
#[derive(Clone, Debug)]
enum Shown {
    /// As RFC 6749 §2.3 says.
    Method(AuthMethod),
    /// By a signature with token credentials (RFC 5849 §3.1), found with the marks above them.
    Signature(Arc<(Held, Standing)>),
}

impl AuthenticatedClient {
    /// Whether it has shown a secret, rather than only named itself.
    #[must_use]
    pub fn has_proof(&self) -> bool {
        !matches!(self.shown, Shown::Method(AuthMethod::None))
    }

    /// The token credentials that the request was signed with, if it was.
    pub(crate) fn signed(&self) -> Option<&(Held, Standing)> {
        match &self.shown {
            Shown::Method(_) => None,
            Shown::Signature(found) => Some(found),
        }
    }

    pub(crate) fn entry(&self) -> &CachedClient {
        &self.entry
    }
}

impl Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.entry
    }
}

/// Finds out who is asking (RFC 6749 §2.3). The work is the same for a client that does not exist.
///
/// # Errors
/// [`Failure::UnknownClient`] for every wrong answer alike; the reason is for the log.
pub async fn authenticate(
    engine: &Engine,
    request: &Request<Bytes>,
    form: &Form<'_>,
    peer: &Peer,
) -> Result<AuthenticatedClient, Failure> {
    let mut headers = request.headers().get_all(AUTHORIZATION).iter().map(http::HeaderValue::as_bytes);
    let authorization = headers.next();
    if headers.next().is_some() {
        return Err(unreadable(CredentialsError::TwoMethods));
    }
    let presented = credentials::parse(authorization, form).map_err(unreadable)?;
    let now = engine.now();
    engine.floods().admit(presented.client_id.as_str(), peer, now)?;
    match recognize(engine, &presented, now).await? {
        Ok(entry) => Ok(AuthenticatedClient { entry, shown: Shown::Method(presented.method) }),
        Err(Wrong { reason, is_client }) => {
            let guessed = is_client.then(|| presented.client_id.as_str());
            engine.count_wrong_client(guessed, peer, now).await?;
            Err(Failure::UnknownClient(format!("{reason} (client {:?})", presented.client_id).into()))
        }
    }
}

fn unreadable(error: CredentialsError) -> Failure {
    let (code, description) = error.wire();
    Failure::because(code, description, error.to_string())
}

/// Why somebody is not the client that they say.
struct Wrong {
    reason: &'static str,
    /// Whether there is such a client at all.
    is_client: bool,
}

/// The client, or why it is not the one it says.
async fn recognize(
    engine: &Engine,
    presented: &Presented,
    now: Timestamp,
) -> Result<Result<Arc<CachedClient>, Wrong>, Failure> {
    let mut found = engine.client(&presented.client_id).await?;
    if found.is_none()
        && let Some(raw) = &presented.raw_client_id
    {
        // Libraries that do not form-encode what they put into the Basic header.
        found = engine.client(raw).await?;
    }
    let secrets = found.as_ref().map_or(&[][..], |client| client.secrets.as_slice());
    let mut is_right = false;
    if let Some(secret) = &presented.secret {
        let candidates = [Some(secret), presented.raw_secret.as_ref()];
        for candidate in candidates.into_iter().flatten() {
            is_right |= is_one_of(engine, candidate, secrets, now).await?;
        }
    }
    let Some(client) = found else {
        return Ok(Err(Wrong { reason: "there is no such client", is_client: false }));
    };
    let reason = if !client.is_active() {
        "the client is disabled"
    } else if !client.auth_methods.contains(&presented.method) {
        "the client is not registered for this authentication method"
    } else if presented.method != AuthMethod::None && !is_right {
        "the client secret is wrong or has expired"
    } else {
        return Ok(Ok(client));
    };
    Ok(Err(Wrong { reason, is_client: true }))
}

/// Whether a secret is one of those kept. At least one comparison is made, also where nothing is kept.
async fn is_one_of(
    engine: &Engine,
    secret: &Secret,
    kept: &[valetkey_ports::ClientSecret],
    now: Timestamp,
) -> Result<bool, Failure> {
    let digest = secret.sha256();
    let mut is_right = valetkey_crypto::ct_eq(&digest, &[0; 32]);
    for one in kept.iter().filter(|one| one.is_live(now)) {
        is_right |= match &one.hash {
            SecretHash::Sha256(hash) => valetkey_crypto::ct_eq(&digest, hash.as_bytes()),
            SecretHash::Argon2(hash) => engine.passwords().verify(secret, Some(hash)).await?,
        };
    }
    Ok(is_right)
}
