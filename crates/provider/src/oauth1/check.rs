//! Who signed a request (RFC 5849 §3.2): every check, in an order that costs the same whether client, token or signature
//! is wrong. First what the request itself tells, then the look-ups, then the signature, made in any case; then
//! everything that client and token might say against it; the nonce last, so that nobody's mistake uses one up.

use std::sync::Arc;

use http::StatusCode;
use valetkey_oauth1::{
    BaseUri, Message, Problem, Secrets, SignatureMethod, VerifyingKey, method::KeyKind, verify,
};
use valetkey_oauth2::{ClientId, HandleHash, Secret, Timestamp};
use valetkey_ports::{Client, Held, Once, Standing, TemporaryCredentials};

use super::{
    SignatureRefusal,
    desk::{Desk, NONCES, nonce_key},
};
use crate::{Engine, Failure, Peer, cache::CachedClient};

/// Which credentials a request may be signed with beside the client's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wanted {
    /// None: a request for temporary credentials.
    Nothing,
    /// Temporary ones: a request for token credentials.
    Temporary,
    /// Token credentials, or none where the client may sign alone: a request for a resource.
    Token,
    /// Token credentials that are exchanged, which goes on after the sunset.
    Exchange,
}

/// What a request was signed with beside the client's credentials.
#[derive(Debug)]
pub(crate) enum Holder {
    /// Nothing.
    Nobody,
    /// Temporary credentials.
    Temporary(Box<TemporaryCredentials>),
    /// Token credentials, with the marks above them.
    Token(Box<(Held, Standing)>),
}

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

    /// The credentials that the token names, if there are any.
    pub(super) async fn holder(&self, message: &Message<'_>, wanted: Wanted) -> Result<Holder, Failure> {
        let Some(token) = message.token() else { return Ok(Holder::Nobody) };
        let hash = HandleHash::of(token);
        Ok(match wanted {
            Wanted::Nothing => Holder::Nobody,
            Wanted::Temporary => self
                .ports()
                .temporary
                .find(&hash)
                .await?
                .map_or(Holder::Nobody, |found| Holder::Temporary(Box::new(found))),
            Wanted::Token | Wanted::Exchange => self
                .ports()
                .credentials
                .find(&hash)
                .await?
                .map_or(Holder::Nobody, |found| Holder::Token(Box::new(found))),
        })
    }

    /// Verifies the signature: with nobody's key where client or token is unknown.
    pub(super) fn signature(
        &self,
        message: &Message<'_>,
        uri: &BaseUri,
        method: &dyn SignatureMethod,
        client: Option<&Arc<CachedClient>>,
        holder: &Holder,
        now: Timestamp,
    ) -> Result<Result<(), verify::Refusal>, Failure> {
        let rule = match self.policy().oauth1.requires_body_hash {
            true => verify::BodyHashRule::Required,
            false => verify::BodyHashRule::WhenPresent,
        };
        if let Err(refusal) = verify::body_hash(message, method, rule) {
            return Ok(Err(refusal));
        }
        let token = self.token_secret(message, holder)?;
        let is_held = message.token().is_none() || !matches!(holder, Holder::Nobody);
        let attempt =
            |key: Option<VerifyingKey<'_>>| verify::signature(message, uri, method, key).map(|_| ());
        let mut outcome = None;
        let mut keep = |next: Result<(), verify::Refusal>| {
            if outcome.is_none_or(|before: Result<(), _>| before.is_err()) {
                outcome = Some(next);
            }
        };
        if let (Some(client), true) = (client, is_held) {
            match method.key_kind() {
                KeyKind::Secrets => {
                    for secret in client.shared_secrets(self, now)? {
                        keep(attempt(Some(Secrets { client: secret, token: token.as_ref() }.into())));
                    }
                }
                KeyKind::Rsa => {
                    client.rsa_keys().iter().for_each(|key| keep(attempt(Some(VerifyingKey::Rsa(key)))));
                }
            }
        }
        Ok(outcome.unwrap_or_else(|| attempt(None)))
    }

    /// The token's secret. Where there is none to open, nobody's is opened, for the time that takes.
    pub(super) fn token_secret(
        &self,
        message: &Message<'_>,
        holder: &Holder,
    ) -> Result<Option<Secret>, Failure> {
        match holder {
            Holder::Temporary(found) => self.open_token_secret(&found.hash, &found.secret).map(Some),
            Holder::Token(found) => {
                let credentials = &found.0.credentials;
                self.open_token_secret(&credentials.hash, &credentials.secret).map(Some)
            }
            Holder::Nobody => {
                if message.token().is_some()
                    && let Some(sealed) =
                        self.oauth1.dummy(|of, secret| self.seal_token_secret(of, secret).ok())
                {
                    self.open_token_secret(&Desk::nobody(), sealed)?;
                }
                Ok(None)
            }
        }
    }

    /// The refusal of a request whose signature does not hold.
    pub(super) fn unproved(
        &self,
        message: &Message<'_>,
        client: Option<&CachedClient>,
        holder: &Holder,
        signature: Result<(), verify::Refusal>,
    ) -> SignatureRefusal {
        if client.is_none() {
            let reason = "there is no such client, or it does not speak OAuth 1";
            return SignatureRefusal::new(Problem::ConsumerKeyUnknown, "Check the consumer key.", reason);
        }
        if message.token().is_some() && matches!(holder, Holder::Nobody) {
            let reason = "there is no such token, or none of this kind";
            return SignatureRefusal::new(
                Problem::TokenRejected,
                "Check the token, or get a new one.",
                reason,
            );
        }
        match signature {
            Err(verify::Refusal::UnknownCredentials) => SignatureRefusal::new(
                Problem::SignatureInvalid,
                "Register a key of the kind that this signature method needs.",
                "the client has no key for this signature method",
            ),
            Err(refusal) => refusal.into(),
            Ok(()) => verify::Refusal::Signature.into(),
        }
    }

    /// What client and token say against a request that they signed.
    pub(super) async fn against(
        &self,
        client: &CachedClient,
        holder: &Holder,
        method: &dyn SignatureMethod,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<Option<SignatureRefusal>, Failure> {
        if !client.is_active() {
            let reason = "the client is disabled";
            let refusal =
                SignatureRefusal::new(Problem::ConsumerKeyRefused, "The app is switched off.", reason);
            return Ok(Some(refusal));
        }
        if !self.allowed_methods(client).iter().any(|name| name == method.name()) {
            return Ok(Some(SignatureRefusal {
                reason: "the client is not registered for this signature method".into(),
                ..verify::Refusal::Method.into()
            }));
        }
        if wanted != Wanted::Exchange
            && let Some(refusal) = self.after_sunset(client, now)
        {
            return Ok(Some(refusal));
        }
        match holder {
            Holder::Nobody => {
                let may_alone = client.oauth1.as_ref().is_some_and(|own| own.may_sign_alone);
                Ok((matches!(wanted, Wanted::Token | Wanted::Exchange)
                    && !(wanted == Wanted::Token && may_alone))
                    .then(|| SignatureRefusal {
                        status: StatusCode::UNAUTHORIZED,
                        error: None,
                        ..SignatureRefusal::new(
                            Problem::ParameterAbsent,
                            "Sign with a token: this client may not sign alone.",
                            "a request without a token, by a client that may not sign alone",
                        )
                    }))
            }
            Holder::Temporary(found) => Ok(temporary(found, client, now)),
            Holder::Token(found) => self.token(&found.0, &found.1, client, now).await,
        }
    }

    async fn token(
        &self,
        held: &Held,
        standing: &Standing,
        client: &CachedClient,
        now: Timestamp,
    ) -> Result<Option<SignatureRefusal>, Failure> {
        let credentials = &held.credentials;
        if standing.client != client.id {
            return Ok(Some(another_clients()));
        }
        if credentials.expires_at.is_some_and(|until| until <= now) {
            let reason = "the token has expired";
            return Ok(Some(SignatureRefusal::new(Problem::TokenExpired, "Get a new token.", reason)));
        }
        if !self.is_live(standing, credentials.issued_at, Some(client)).await? {
            let reason = "the token, or what it hangs from, was revoked";
            return Ok(Some(SignatureRefusal::new(Problem::TokenRevoked, "Get a new token.", reason)));
        }
        Ok(None)
    }

    /// The signature methods that a client may use: its own, of those that are known here; else the server's.
    #[must_use]
    pub fn allowed_methods<'a>(&'a self, client: &'a Client) -> &'a [String] {
        let own = client.oauth1.as_ref().and_then(|own| own.methods.as_deref());
        own.unwrap_or(&self.policy().oauth1.methods)
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

fn another_clients() -> SignatureRefusal {
    SignatureRefusal::new(Problem::TokenRejected, "Use a token of your own.", "the token is another client's")
}

/// What temporary credentials say against a request that they signed.
fn temporary(found: &TemporaryCredentials, client: &Client, now: Timestamp) -> Option<SignatureRefusal> {
    if found.client != client.id {
        return Some(another_clients());
    }
    (found.expires_at <= now).then(|| {
        let reason = "the temporary credentials have expired";
        SignatureRefusal::new(
            Problem::TokenExpired,
            "Begin again: ask for new temporary credentials.",
            reason,
        )
    })
}
