//! Shared secrets: sealed under the master key and bound to whose they are, since signatures need them in clear
//! (RFC 5849 §4.5, security O1-11).

use valetkey_oauth2::{ClientId, HandleHash, HandleKind, Secret};
use valetkey_ports::Sealed;

use crate::{Engine, Failure};

const CLIENT: &str = "oauth1 client secret";
const TOKEN: &str = "oauth1 token secret";

impl Engine {
    /// A new shared secret: 256 random bits, of letters, digits and underscores, which every library encodes alike.
    #[must_use]
    pub fn mint_shared_secret(&self) -> Secret {
        Secret::new(self.mint(HandleKind::SharedSecret).expose())
    }

    /// Seals a client's shared secret.
    ///
    /// # Errors
    /// Faults of our own.
    pub fn seal_client_secret(&self, client: &ClientId, secret: &Secret) -> Result<Sealed, Failure> {
        self.seal_shared(CLIENT, client.as_str().as_bytes(), secret)
    }

    /// Opens a client's shared secret.
    ///
    /// # Errors
    /// Faults of our own: it was sealed for another client, or under a master key that is not here.
    pub fn open_client_secret(&self, client: &ClientId, sealed: &Sealed) -> Result<Secret, Failure> {
        self.open_shared(CLIENT, client.as_str().as_bytes(), sealed)
    }

    /// Seals the shared secret of temporary or token credentials, under the hash of their token.
    ///
    /// # Errors
    /// Faults of our own.
    pub fn seal_token_secret(&self, token: &HandleHash, secret: &Secret) -> Result<Sealed, Failure> {
        self.seal_shared(TOKEN, token.as_bytes(), secret)
    }

    /// Opens the shared secret of temporary or token credentials.
    ///
    /// # Errors
    /// Faults of our own.
    pub fn open_token_secret(&self, token: &HandleHash, sealed: &Sealed) -> Result<Secret, Failure> {
        self.open_shared(TOKEN, token.as_bytes(), sealed)
    }

    fn seal_shared(&self, purpose: &'static str, of: &[u8], secret: &Secret) -> Result<Sealed, Failure> {
        let sealed = self.sealer().seal(purpose, of, secret.expose().as_bytes());
        sealed.map(Sealed::from_bytes).map_err(|fault| Failure::Internal(fault.to_string().into()))
    }

    fn open_shared(&self, purpose: &'static str, of: &[u8], sealed: &Sealed) -> Result<Secret, Failure> {
        let opened = self.sealer().open(purpose, of, sealed.as_bytes());
        let opened = opened.map_err(|fault| Failure::Internal(format!("{purpose}: {fault}").into()))?;
        let text = std::str::from_utf8(&opened);
        Ok(Secret::new(text.map_err(|_| Failure::Internal(format!("{purpose}: not a text").into()))?))
    }
}
