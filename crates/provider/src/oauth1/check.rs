//! Who signed a request (RFC 5849 §3.2): every check, in an order that costs the same whether client, token or signature
//! is wrong. First what the request itself tells, then the look-ups, then the signature, made in any case; then
//! everything that client and token might say against it; the nonce last, so that nobody's mistake uses one up.

use std::sync::Arc;

use valetkey_oauth1::{BaseUri, Message, Problem, SignatureMethod, verify};
use valetkey_oauth2::{ClientId, Timestamp};
use valetkey_ports::Once;

pub(crate) use super::holder::{Holder, Wanted};
use super::{
    SignatureRefusal,
    desk::{NONCES, nonce_key},
};
use crate::{Engine, Failure, Peer, cache::CachedClient};

/// Evidence that a request was signed with these credentials, now, and for the first time where `once` is none.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) client: Arc<CachedClient>,
    pub(crate) holder: Holder,
    /// The nonce, left to those who ask for credentials: these are kept or traded in the move that uses it up.
    pub(crate) once: Option<Once>,
}

/// Where a request came in, as far as the checks care.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way<'a> {
    /// Whether nobody could listen.
    pub(crate) is_secure: bool,
    /// Who sent it, where guessing is counted; nobody where another server asks.
    pub(crate) peer: Option<&'a Peer>,
}

/// How far apart the clocks of processes at one store may be, and how far a clock may be set back, before a request that
/// one of them finds too old, and forgets, is news to the other.
const CLOCKS_DIFFER: std::time::Duration = std::time::Duration::from_secs(60);

/// How long the use of a grant may go unnoted.
const USE_NOTED_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

impl Engine {
    /// Finds out who signed a request.
    pub(crate) async fn check_signature(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        wanted: Wanted,
        way: Way<'_>,
        now: Timestamp,
    ) -> Result<Signed, Failure> {
        let named = |refusal: SignatureRefusal| self.named(message, uri, refusal, now);
        let method = self.admissible(message, wanted, way, now).map_err(|refusal| named(*refusal))?;
        if let Some(peer) = way.peer {
            self.floods().admit(message.consumer_key(), peer, now)?;
        }
        let client = match ClientId::parse(message.consumer_key()) {
            Ok(id) => self.client(&id).await?,
            Err(_) => None,
        };
        let client = client.filter(|client| client.oauth1.is_some());
        let holder = self.holder(message, wanted).await?;
        let signature = self.signature(message, uri, method, client.as_ref(), &holder, now)?;
        let (Some(client), Ok(())) = (&client, &signature) else {
            if let Some(peer) = way.peer {
                self.count_wrong(message, client.as_deref(), &holder, &signature, peer, now).await?;
            }
            let is_wrong = signature == Err(verify::Refusal::Signature);
            let mut refusal = self.unproved(message, client.as_deref(), &holder, signature);
            if let (true, Some(client)) = (is_wrong, &client) {
                refusal = self.explained(message, uri, client, &holder, refusal, now);
            }
            let mut refusal = named(refusal);
            if let (Some(client), Some(explained)) = (&client, &mut refusal.explained) {
                explained.nonce_was_used = self.is_nonce_used(&client.id, message, now).await?;
            }
            return Err(refusal.into());
        };
        if let Some(refusal) = self.against(client, &holder, method, wanted, now).await? {
            return Err(named(refusal).into());
        }
        client.count_signed(now, self.policy().oauth1.per_client_per_minute)?;
        if matches!(wanted, Wanted::Nothing | Wanted::Exchange) {
            client.count_begun(now, self.policy().oauth1.begun_per_client_per_minute)?;
        }
        let mut once = self.once(client, message);
        if matches!(wanted, Wanted::Token | Wanted::Exchange)
            && !self.is_first(once.take(), &holder, now).await?
        {
            return Err(self.seen_before(message, uri, now));
        }
        // Whoever exchanges is on its way over: that is counted when it is done.
        if wanted != Wanted::Exchange {
            self.oauth1.uses.count(&client.id, method.name(), now);
        }
        Ok(Signed { client: Arc::clone(client), holder, once })
    }

    /// The refusal of a request that was seen before.
    pub(crate) fn seen_before(&self, message: &Message<'_>, uri: &BaseUri, now: Timestamp) -> Failure {
        let used = "Make a new nonce for every request, also when one is sent again.";
        let reason = "the nonce was used before with this timestamp, client and token";
        self.named(message, uri, SignatureRefusal::new(Problem::NonceUsed, used, reason), now).into()
    }

    /// Counts who proved nothing. Only a signature that does not fit can be a guess at a client's secret, which blocks the
    /// client at that source: not the token that is gone, nor the body that was changed on the way.
    async fn count_wrong(
        &self,
        message: &Message<'_>,
        client: Option<&CachedClient>,
        holder: &Holder,
        signature: &Result<(), verify::Refusal>,
        peer: &Peer,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let is_unknown_token = message.token().is_some() && matches!(holder, Holder::Nobody);
        match client {
            Some(client) if is_unknown_token => self.count_unknown_token(client.id.as_str(), peer, now),
            Some(client) if matches!(signature, Err(verify::Refusal::Signature)) => {
                self.count_wrong_client(Some(client.id.as_str()), peer, now).await
            }
            _ => self.count_wrong_client(None, peer, now).await,
        }
    }

    /// What the request itself tells: the transport, the signature method, the time.
    fn admissible(
        &self,
        message: &Message<'_>,
        wanted: Wanted,
        way: Way<'_>,
        now: Timestamp,
    ) -> Result<&dyn SignatureMethod, Box<SignatureRefusal>> {
        let policy = &self.policy().oauth1;
        let Some(method) = self.oauth1.methods.find(message.signature_method()) else {
            return Err(Box::new(verify::Refusal::Method.into()));
        };
        // Credentials travel in the answer, and PLAINTEXT is the secrets themselves.
        let is_confidential =
            matches!(wanted, Wanted::Nothing | Wanted::Temporary) || !method.covers_request();
        if policy.enforce_ssl && is_confidential && !way.is_secure && !self.issuer().is_loopback() {
            return Err(Box::new(SignatureRefusal::insecure()));
        }
        verify::timestamp(message, now.seconds(), policy.window)
            .map_err(|refusal| Box::new(refusal.into()))?;
        if wanted == Wanted::Nothing && message.token().is_some() {
            return Err(Box::new(SignatureRefusal::new(
                Problem::ParameterRejected,
                "Leave oauth_token out when you ask for temporary credentials.",
                "a request for temporary credentials carries a token",
            )));
        }
        Ok(method)
    }

    /// What the request is remembered by, as long as its timestamp is accepted, also by a clock that is a little behind;
    /// PLAINTEXT has nothing of the kind.
    fn once(&self, client: &CachedClient, message: &Message<'_>) -> Option<Once> {
        let (timestamp, nonce) = (message.timestamp()?, message.nonce()?);
        let key = nonce_key(&client.id, message.token(), timestamp, nonce);
        let until = Timestamp::from_seconds(timestamp).plus(self.policy().oauth1.window).plus(CLOCKS_DIFFER);
        Some(Once { space: NONCES, key, until })
    }

    /// Uses the nonce up, and notes now and then that the grant was used.
    async fn is_first(&self, once: Option<Once>, holder: &Holder, now: Timestamp) -> Result<bool, Failure> {
        let noted = async {
            let Holder::Token(found) = holder else { return Ok(()) };
            if found.0.last_used_at.plus(USE_NOTED_EVERY) > now {
                return Ok(());
            }
            self.ports().grants.mark_used(&found.0.credentials.grant, now).await
        };
        let Some(Once { space, key, until }) = once else {
            noted.await?;
            return Ok(true);
        };
        let (first, noted) = tokio::join!(self.ports().replay.insert(space, &key, until, now), noted);
        noted?;
        Ok(first?)
    }

    /// The refusal with the client's name on it, and what the signature was held against.
    fn named(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        refusal: SignatureRefusal,
        now: Timestamp,
    ) -> SignatureRefusal {
        let client: String = message.consumer_key().chars().take(64).collect();
        let told = || Box::new(self.held_against(message, uri, &refusal, now));
        let explained = refusal.explained.clone().unwrap_or_else(told);
        SignatureRefusal { client: Some(client), explained: Some(explained), ..refusal }
    }
}
