//! Token introspection (RFC 7662).

use super::json::Object;
use crate::{ClientId, Resource, Scope, Timestamp};

pub use super::revocation::Params;

/// All that is said of a token that is not active, whatever the reason (RFC 7662 §2.2).
pub const INACTIVE: &[u8] = br#"{"active":false}"#;

/// What is said of an active token (RFC 7662 §2.2).
#[derive(Clone, Copy, Debug)]
pub struct Introspection<'a> {
    /// What it opens.
    pub scope: Option<&'a Scope>,
    /// Who got it.
    pub client_id: &'a ClientId,
    /// The resource owner's name, for people.
    pub username: Option<&'a str>,
    /// How it is used: `Bearer`, say.
    pub token_type: Option<&'a str>,
    /// When it ends.
    pub exp: Option<Timestamp>,
    /// When it was made.
    pub iat: Option<Timestamp>,
    /// Since when it holds.
    pub nbf: Option<Timestamp>,
    /// The resource owner; the client itself where it acts for itself.
    pub sub: Option<&'a str>,
    /// Whom it is for.
    pub aud: &'a [Resource],
    /// Who made it.
    pub iss: Option<&'a str>,
    /// Its name.
    pub jti: Option<&'a str>,
}

impl Introspection<'_> {
    /// Writes the answer's JSON. One audience is a string, several are an array (RFC 7519 §4.1.3).
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut object = Object::with_capacity(384);
        object.boolean("active", true);
        object.maybe_string("scope", self.scope.filter(|scope| !scope.is_empty()).map(Scope::as_str));
        object.string("client_id", self.client_id.as_str());
        object.maybe_string("username", self.username).maybe_string("token_type", self.token_type);
        for (name, time) in [("exp", self.exp), ("iat", self.iat), ("nbf", self.nbf)] {
            if let Some(time) = time {
                object.number(name, time.seconds());
            }
        }
        object.maybe_string("sub", self.sub);
        match self.aud {
            [] => {}
            [one] => {
                object.string("aud", one.as_str());
            }
            several => {
                object.value("aud", &several.iter().map(Resource::as_str).collect());
            }
        }
        object.maybe_string("iss", self.iss).maybe_string("jti", self.jti).finish()
    }
}
