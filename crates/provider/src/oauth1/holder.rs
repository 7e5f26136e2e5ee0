//! What a request is signed with beside the client's credentials: which may be, and which there are.

use valetkey_oauth1::Message;
use valetkey_oauth2::HandleHash;
use valetkey_ports::{Held, Standing, TemporaryCredentials};

use crate::{Engine, Failure};

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

impl Engine {
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
}
