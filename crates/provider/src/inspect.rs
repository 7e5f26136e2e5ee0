//! What a token is: the one place where a presented token becomes facts, for introspection, revocation and the sample
//! resource alike.

use valetkey_jose::{Expectations, jwt};
use valetkey_oauth2::{
    AccountId, ClientId, GrantId, Handle, HandleHash, HandleKind, Resource, Scope, Timestamp,
};
use valetkey_ports::{FamilyId, Standing};

use crate::{Engine, Failure, issue::GRANT_CLAIM};

/// A token that was found, alive or not.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// What kind of token it is.
    pub kind: TokenKind,
    /// What it hangs from.
    pub grant: GrantId,
    /// To whom it was given.
    pub client: ClientId,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// What it may do.
    pub scope: Scope,
    /// Where.
    pub audience: Vec<Resource>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it dies.
    pub expires_at: Timestamp,
    /// Whether it, and everything above it, is alive.
    pub is_active: bool,
}

/// The kinds of tokens there are.
#[derive(Clone, Debug)]
pub enum TokenKind {
    /// An opaque access token.
    Opaque(HandleHash),
    /// A JWT access token, by its `jti`.
    Jwt(String),
    /// A refresh token.
    Refresh(FamilyId),
}

impl Inspected {
    /// The `sub` of the token.
    #[must_use]
    pub fn subject(&self) -> String {
        self.account.map_or_else(|| self.client.to_string(), |account| account.to_string())
    }
}

impl Engine {
    /// Finds out what a text is; `None` for what is no token of ours, or no longer known.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn inspect(&self, text: &str, now: Timestamp) -> Result<Option<Inspected>, Failure> {
        if let Ok(handle) = Handle::parse(HandleKind::AccessToken, text) {
            return self.inspect_opaque(&handle, now).await;
        }
        if let Ok(handle) = Handle::parse(HandleKind::RefreshToken, text) {
            return self.inspect_refresh(&handle, now).await;
        }
        if text.bytes().filter(|byte| *byte == b'.').count() == 2 {
            return self.inspect_jwt(text, now).await;
        }
        Ok(None)
    }

    async fn inspect_opaque(&self, handle: &Handle, now: Timestamp) -> Result<Option<Inspected>, Failure> {
        let hash = handle.hash();
        let Some((record, standing)) = self.ports().tokens.find_access(&hash).await? else { return Ok(None) };
        let is_active = now < record.expires_at && self.is_live(&standing, record.issued_at, None).await?;
        Ok(Some(Inspected {
            kind: TokenKind::Opaque(hash),
            grant: record.grant,
            client: record.client,
            account: record.account,
            scope: record.scope,
            audience: record.audience,
            issued_at: record.issued_at,
            expires_at: record.expires_at,
            is_active,
        }))
    }

    async fn inspect_refresh(&self, handle: &Handle, now: Timestamp) -> Result<Option<Inspected>, Failure> {
        let family = FamilyId::of(handle);
        let Some((record, standing)) = self.ports().tokens.find_refresh(&family).await? else {
            return Ok(None);
        };
        let facts = record.facts;
        let hash = handle.hash();
        let is_known = hash == facts.current || Some(hash) == facts.previous || Some(hash) == facts.earlier;
        if !is_known {
            return Ok(None);
        }
        let expires_at = facts.idle_expires_at.min(facts.absolute_expires_at);
        let is_active = hash == facts.current
            && now < expires_at
            && self.is_live(&standing, facts.rotated_at, None).await?;
        Ok(Some(Inspected {
            kind: TokenKind::Refresh(family),
            grant: record.grant,
            client: facts.client_id,
            account: record.account,
            scope: facts.scope,
            audience: facts.resources,
            issued_at: facts.rotated_at,
            expires_at,
            is_active,
        }))
    }

    async fn inspect_jwt(&self, text: &str, now: Timestamp) -> Result<Option<Inspected>, Failure> {
        let ring = self.ring();
        let issuer = self.issuer().as_str();
        let mut expected = Expectations::access_token(issuer, issuer, now.seconds());
        for resource in &self.policy().resources {
            expected = expected.or_audience(resource.uri.as_str());
        }
        let Ok(verified) = jwt::verify(text, ring.verifying(), &expected) else { return Ok(None) };
        let claims = verified.into_content();
        let facts = || -> Option<(GrantId, ClientId, String, Timestamp, Timestamp, Scope)> {
            Some((
                claims.text(GRANT_CLAIM).ok()??.parse().ok()?,
                ClientId::parse(claims.client_id.as_deref()?).ok()?,
                claims.jti.clone()?,
                Timestamp::from_seconds(claims.iat?),
                Timestamp::from_seconds(claims.exp?),
                Scope::parse(claims.scope.as_deref().unwrap_or_default()).ok()?,
            ))
        };
        let Some((grant, client, jti, issued_at, expires_at, scope)) = facts() else { return Ok(None) };
        let standing = self.ports().grants.standing(&grant).await?;
        let is_active = match &standing {
            Some(standing) => {
                standing.client == client
                    && self.is_live(standing, issued_at, None).await?
                    && !self.ports().tokens.is_denied(&jti).await?
            }
            None => false,
        };

        Ok(Some(Inspected {
            kind: TokenKind::Jwt(jti),
            grant,
            client,
            account: standing.as_ref().and_then(|standing: &Standing| standing.account),
            scope,
            audience: claims.aud.iter().filter_map(|aud| Resource::parse(aud).ok()).collect(),
            issued_at,
            expires_at,
            is_active,
        }))
    }
}
