//! What is an operator's to give: trust, introspection, ids and secrets of one's own (security RG-05).

use valetkey_oauth2::ClientId;
use valetkey_ports::ClientKind;

use super::Desk;
use crate::registry::secrets::is_strong;

impl Desk<'_> {
    /// Trust and introspection: an operator gives them, a developer keeps what there is (security RG-05).
    pub(super) fn privileges(&mut self, kind: ClientKind) -> (bool, bool) {
        let held = self.rights.now.map_or((false, false), |now| (now.is_trusted, now.may_introspect));
        let asked = (self.draft.is_trusted, self.draft.may_introspect);
        if !self.rights.is_operator {
            if asked.0 && !held.0 {
                self.wrong("is_trusted", "Only an operator can vouch for an app.");
            }
            if asked.1 && !held.1 {
                self.wrong("may_introspect", "Only an operator can let an app ask about every token.");
            }
            return held;
        }
        if asked.0 && kind != ClientKind::Web {
            self.warn("A trusted app that keeps no secret: another program can pose as it, and nobody is asked (RFC 8252 section 8.6).");
        }
        if asked.1 && kind != ClientKind::Web {
            self.wrong("may_introspect", "Only an app that keeps a secret can ask about tokens.");
        }
        asked
    }

    pub(super) fn client_id(&mut self) -> Option<ClientId> {
        let raw = self.draft.client_id.as_deref()?;
        if self.rights.now.is_some_and(|client| client.id.as_str() == raw) {
            return None;
        }
        if !self.rights.is_operator || self.rights.now.is_some() {
            self.wrong("client_id", "The server chooses the client id.");
            return None;
        }
        match ClientId::parse(raw) {
            Ok(id) => Some(id),
            Err(error) => {
                self.wrong("client_id", format!("{error}."));
                None
            }
        }
    }

    pub(super) fn secret(&mut self, kind: ClientKind, shows_secret: bool) {
        let Some(secret) = &self.draft.client_secret else { return };
        let length = secret.expose().chars().count();
        if !self.rights.is_operator {
            self.wrong("client_secret", "The server makes the secret.");
        } else if kind != ClientKind::Web {
            self.wrong("client_secret", "Only an app of the kind web can keep a secret.");
        } else if !shows_secret {
            self.wrong("client_secret", "An app that speaks OAuth 1 alone has no secret for OAuth 2.");
        } else if length == 0 || length > 1024 || secret.expose().chars().any(char::is_control) {
            self.wrong("client_secret", "A secret has 1 to 1024 characters, and no control characters.");
        } else if !is_strong(secret) {
            self.warn("The given secret is weaker than 128 random bits: it is kept like a password, which costs time at every request.");
        }
    }
}
