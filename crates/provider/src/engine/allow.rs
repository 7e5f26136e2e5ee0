//! What a client may have: one function per decision, used by every grant.

use valetkey_oauth2::{ErrorCode, Resource, Scope, Timestamp, scopes};
use valetkey_ports::{Account, Client, Consent};

use super::Engine;
use crate::Failure;

impl Engine {
    /// The scope that a client gets of what it asked (RFC 6749 §3.3): all or `invalid_scope`; nothing asked, its default.
    ///
    /// # Errors
    /// `invalid_scope`.
    pub fn allowed_scope(&self, client: &Client, asked: Option<&Scope>) -> Result<Scope, Failure> {
        let catalogue = &self.policy().scopes;
        let default = client.default_scope.as_ref().unwrap_or(catalogue.default_scope());
        scopes::allow(asked, &client.scope, default, catalogue.all()).map_err(|refusal| {
            let (code, description) = refusal.wire();
            Failure::because(
                code,
                description,
                format!("{refusal}: asked for {asked:?}, registered for {}", client.scope),
            )
        })
    }

    /// What of a scope means something at these resources: at one of them is enough. The one rule for the rest: what was
    /// asked for by name is refused, all of it; what came along from a default or an earlier grant is left out of this
    /// token, and stays with the grant.
    ///
    /// # Errors
    /// `invalid_scope`, when `asked` names what means nothing there.
    pub fn scope_at(
        &self,
        scope: Scope,
        asked: Option<&Scope>,
        resources: &[Resource],
    ) -> Result<Scope, Failure> {
        let mut meant = Scope::empty();
        for uri in resources {
            // This server itself, and a resource that lists none, know them all.
            match self.policy().resource(uri).and_then(|resource| resource.scope.as_ref()) {
                Some(own) => meant = meant.union(own),
                None => return Ok(scope),
            }
        }
        match asked.map(|asked| asked.without(&meant)) {
            Some(strange) if !strange.is_empty() => Err(Failure::because(
                ErrorCode::InvalidScope,
                "Ask only for scopes that mean something at the named resource.",
                format!("{strange} means nothing at {}", join(resources)),
            )),
            _ => Ok(scope.narrow(&meant)),
        }
    }

    /// The resources that a client gets of what it asked (RFC 8707 §2): known ones that it may name. Nothing asked: the
    /// issuer itself.
    ///
    /// # Errors
    /// `invalid_target`.
    pub fn allowed_resources(&self, client: &Client, asked: &[Resource]) -> Result<Vec<Resource>, Failure> {
        if asked.is_empty() {
            return Ok(vec![self.own_resource().clone()]);
        }
        let is_own = |uri: &Resource| uri == self.own_resource();
        for uri in asked {
            let is_known = is_own(uri) || self.policy().resource(uri).is_some();
            let is_allowed = client.resources.is_empty() || client.resources.contains(uri) || is_own(uri);
            if !is_known || !is_allowed {
                return Err(Failure::because(
                    ErrorCode::InvalidTarget,
                    "Name only resources that this server knows and that the client may use.",
                    format!("the resource {uri} is unknown, or not for the client {:?}", client.id),
                ));
            }
        }
        Ok(asked.to_vec())
    }

    /// The moment of an authorization made now: after every not-before mark there is, so that what was ended in this same
    /// second does not end it too.
    #[must_use]
    pub fn authorized_at(
        &self,
        account: &Account,
        client: &Client,
        consent: Option<&Consent>,
        now: Timestamp,
    ) -> Timestamp {
        let consent = consent.map_or(Timestamp::default(), |consent| consent.not_before);
        let latest = account.not_before.max(client.not_before).max(consent);
        now.max(latest.plus(std::time::Duration::from_secs(1)))
    }
}

fn join(resources: &[Resource]) -> String {
    resources.iter().map(Resource::as_str).collect::<Vec<_>>().join(", ")
}
