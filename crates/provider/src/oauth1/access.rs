//! A signed request for a resource: whose it is, and what it may do.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use valetkey_oauth1::{BaseUri, Message, Received};
use valetkey_oauth2::{AccountId, GrantId, Scope, Timestamp};

use super::check::{Holder, Signed, Wanted, Way};
use crate::{Engine, Failure, Peer, cache::CachedClient};

/// What a signed request for a resource proves.
#[derive(Clone, Debug)]
pub struct SignedAccess {
    /// Who signed.
    pub client: Arc<CachedClient>,
    /// For whom; nobody where the client signed alone.
    pub account: Option<AccountId>,
    /// What it may do.
    pub scope: Scope,
    /// What its token hangs from.
    pub grant: Option<GrantId>,
    /// When its token was issued.
    pub issued_at: Timestamp,
    /// When its token dies by itself, if it does.
    pub expires_at: Option<Timestamp>,
    /// What the answer says of the end of OAuth 1.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl SignedAccess {
    /// The subject: the account, or the client itself.
    #[must_use]
    pub fn subject(&self) -> String {
        self.account.map_or_else(|| self.client.id.to_string(), |account| account.to_string())
    }
}

impl Engine {
    /// Finds out who signed a request to this server for a resource. It uses the nonce up.
    ///
    /// # Errors
    /// [`Failure::Signature`] says what is wrong; the store's faults.
    pub async fn verify_signature(
        &self,
        received: &Received<'_>,
        is_secure: bool,
        peer: &Peer,
    ) -> Result<SignedAccess, Failure> {
        let message = Message::parse(received, &self.policy().oauth1.limits)?;
        let uri = self.oauth1.uri(received.target)?;
        self.access(&message, &uri, Way { is_secure, peer: Some(peer) }).await
    }

    pub(crate) async fn access(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        way: Way<'_>,
    ) -> Result<SignedAccess, Failure> {
        let now = self.now();
        let Signed { client, holder, .. } =
            self.check_signature(message, uri, Wanted::Token, way, now).await?;
        let headers = self.sunset_headers(&client);
        let allowed = client.scope.narrow(self.policy().scopes.all());
        Ok(match holder {
            Holder::Token(found) => {
                let (held, standing) = *found;
                SignedAccess {
                    account: standing.account,
                    // What the client or the server no longer allows is not to be had any more.
                    scope: held.scope.narrow(&allowed),
                    grant: Some(held.credentials.grant),
                    issued_at: held.credentials.issued_at,
                    expires_at: held.credentials.expires_at,
                    client,
                    headers,
                }
            }
            Holder::Nobody | Holder::Temporary(_) => SignedAccess {
                account: None,
                scope: allowed,
                grant: None,
                issued_at: now,
                expires_at: None,
                client,
                headers,
            },
        })
    }
}
