//! Realms: the scopes of OAuth 1, from the same catalogue (decision 32).

use valetkey_oauth1::Problem;
use valetkey_oauth2::Scope;
use valetkey_ports::Client;

use super::SignatureRefusal;
use crate::Engine;

impl Engine {
    /// What a client gets of the realms that a request for temporary credentials names. Words that are no realm of ours
    /// name the protection space and are ignored; where none is left, the defaults apply.
    ///
    /// # Errors
    /// `permission_denied`, when it names one that the client may not have.
    pub(crate) fn realms(
        &self,
        client: &Client,
        realm: Option<&str>,
    ) -> Result<Scope, Box<SignatureRefusal>> {
        let catalogue = &self.policy().scopes;
        let words = realm.unwrap_or_default().split([' ', ',']).filter(|word| catalogue.all().contains(word));
        let named = Scope::parse(&words.collect::<Vec<_>>().join(" ")).unwrap_or_else(|_| Scope::empty());
        if named.is_empty() {
            let default = client.default_scope.as_ref().unwrap_or(catalogue.default_scope());
            return Ok(default.narrow(&client.scope).narrow(catalogue.all()));
        }
        if !named.is_within(&client.scope) {
            return Err(Box::new(SignatureRefusal {
                status: http::StatusCode::BAD_REQUEST,
                error: Some("invalid_realm"),
                ..SignatureRefusal::new(
                    Problem::PermissionDenied,
                    "Ask only for realms that the client is registered for.",
                    format!("asked for the realms {named}, registered for {}", client.scope),
                )
            }));
        }
        Ok(named)
    }
}
