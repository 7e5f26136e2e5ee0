//! What a client has for OAuth 1: drafted, and its shared secrets made, given, replaced with an overlap. They are
//! credentials of their own beside those of OAuth 2 (decision 6), and sealed rather than hashed (security O1-11).

use std::time::Duration;

use valetkey_oauth2::{ClientId, Secret, Timestamp};
use valetkey_ports::{Client, EventKind, OAuth1Client, SharedSecret};

use super::{Changed, MAX_OVERLAP, changes::Mine, check::only_rsa, moments::write_moment};
use crate::{Engine, Failure, people::Actor};

/// What a client is to have for OAuth 1, as a form or a command gives it. Its callbacks are the client's redirect URIs,
/// its realms the client's scope, its consumer key the client id.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OAuth1Draft {
    /// Whether it speaks OAuth 1. A client that does, and names no grant types, speaks nothing else.
    pub is_on: bool,
    /// The signature methods it may use, by their names; empty: as the server says.
    pub methods: Vec<String>,
    /// Its RSA public keys, as SPKI in PEM (`BEGIN PUBLIC KEY`).
    pub rsa_keys: Vec<String>,
    /// Whether it may ask for `oob`: the person carries the verifier by hand (RFC 5849 §2.1).
    pub may_use_oob: bool,
    /// Whether a request that it signs without a token is an answerable one.
    pub may_sign_alone: bool,
    /// How long its token credentials live; none: as the server says.
    pub token_lifetime: Option<Duration>,
    /// From when on it must use OAuth 2: `2027-06-30`, or with a time of day in UTC; empty: as the server says.
    pub sunset: String,
    /// A shared secret of its own, where one is given rather than made, whatever characters it has. Operators only.
    pub secret: Option<Secret>,
}

impl From<&Client> for OAuth1Draft {
    /// What the client has now.
    fn from(client: &Client) -> Self {
        let Some(own) = &client.oauth1 else { return Self::default() };
        Self {
            is_on: true,
            methods: own.methods.clone().unwrap_or_default(),
            rsa_keys: own.rsa_keys.clone(),
            may_use_oob: own.may_use_oob,
            may_sign_alone: own.may_sign_alone,
            token_lifetime: own.token_lifetime,
            sunset: own.sunset.map(write_moment).unwrap_or_default(),
            secret: None,
        }
    }
}

impl Engine {
    /// Makes a new shared secret for OAuth 1; the one there is ends after `overlap`, so that two at the most are alive.
    /// A client that signs with RSA only gets its first one so. `None` when there is no such client, or it does not
    /// speak OAuth 1, or the configuration declares it.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn rotate_oauth1_secret(
        &self,
        id: &ClientId,
        overlap: Duration,
        actor: &Actor,
    ) -> Result<Option<Secret>, Failure> {
        let turn = self.changes.lock().await;
        let Mine::Yes(mut client) = self.mine(id, actor).await? else { return Ok(None) };
        let now = self.now();
        let overlap = overlap.min(MAX_OVERLAP);
        let Some(own) = &mut client.oauth1 else { return Ok(None) };
        let secret = self.mint_shared_secret();
        let new = self.keep_shared(id, &secret, now)?;
        own.secrets = replaced(&own.secrets, new, now, overlap);
        client.updated_at = now;
        if !self.ports().clients.update(&client).await? {
            return Ok(None);
        }
        drop(turn);
        let detail = format!("the old OAuth 1 secret ends in {} seconds", overlap.as_secs());
        self.client_changed(&client, EventKind::SecretRotated, &detail, actor).await?;
        Ok(Some(secret))
    }

    /// Ends the shared secret that is being replaced now.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn retire_oauth1_secret(&self, id: &ClientId, actor: &Actor) -> Result<Changed, Failure> {
        let retire = |client: &mut Client| {
            if let Some(own) = &mut client.oauth1 {
                own.secrets.sort_by_key(|secret| secret.created_at);
                own.secrets = own.secrets.pop().into_iter().collect();
            }
        };
        self.alter_client(id, actor, EventKind::SecretRotated, "the old OAuth 1 secret ended", retire).await
    }

    /// Puts the shared secrets into what was checked: those it had, the given one, or a new one, which is returned.
    /// Whoever signs with RSA only has none unless it asks for one.
    pub(super) fn fill_shared(
        &self,
        id: &ClientId,
        old: Option<&OAuth1Client>,
        new: &mut OAuth1Client,
        given: Option<&Secret>,
        now: Timestamp,
    ) -> Result<Option<Secret>, Failure> {
        if let Some(given) = given {
            // A secret that it holds already is left as it is: declaring it again changes nothing.
            let held = old.map(|old| self.holds_shared(id, old, given, now)).transpose()?;
            new.secrets = match (held, old) {
                (Some(true), Some(old)) => old.secrets.clone(),
                _ => vec![self.keep_shared(id, given, now)?],
            };
            return Ok(None);
        }
        let needs_none = |own: &OAuth1Client| only_rsa(&self.policy().oauth1.registry, own);
        match old {
            Some(old) if needs_none(old) || !needs_none(new) => new.secrets.clone_from(&old.secrets),
            _ => {}
        }
        if needs_none(new) || new.live_secrets(now).next().is_some() {
            return Ok(None);
        }
        let secret = self.mint_shared_secret();
        new.secrets = vec![self.keep_shared(id, &secret, now)?];
        Ok(Some(secret))
    }

    fn holds_shared(
        &self,
        id: &ClientId,
        own: &OAuth1Client,
        given: &Secret,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        for kept in own.live_secrets(now) {
            if self.open_client_secret(id, &kept.sealed)? == *given {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn keep_shared(&self, id: &ClientId, secret: &Secret, now: Timestamp) -> Result<SharedSecret, Failure> {
        Ok(SharedSecret { sealed: self.seal_client_secret(id, secret)?, created_at: now, expires_at: None })
    }
}

/// The secrets once a new one has come: it, and the youngest of the old ones until the overlap has passed.
fn replaced(old: &[SharedSecret], new: SharedSecret, now: Timestamp, overlap: Duration) -> Vec<SharedSecret> {
    let ends = now.plus(overlap);
    let is_live = |secret: &&SharedSecret| secret.expires_at.is_none_or(|until| now < until);
    let youngest = old.iter().filter(is_live).max_by_key(|secret| secret.created_at);
    let kept = youngest.filter(|_| !overlap.is_zero()).map(|secret| SharedSecret {
        expires_at: Some(secret.expires_at.map_or(ends, |until| until.min(ends))),
        ..secret.clone()
    });
    kept.into_iter().chain([new]).collect()
}
