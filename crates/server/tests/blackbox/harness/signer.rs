//! A consumer of OAuth 1: it signs with the project's own signer, and reads what it gets for it.

use valetkey_crypto::Secret;
use valetkey_oauth1::{Methods, Secrets, answers, sign};
use valetkey_ports::Clock as _;

use super::Answer;

/// The media type of a body whose parameters are signed (RFC 5849 §3.4.1.3.1).
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A token and its secret, temporary or not.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) token: String,
    pub(crate) secret: Secret,
}

impl Pair {
    /// Temporary credentials (RFC 5849 §2.1).
    #[track_caller]
    pub(crate) fn temporary(answer: &Answer) -> Self {
        let found = answers::TemporaryCredentials::parse(answer.text.as_bytes());
        let found = found.unwrap_or_else(|_| panic!("no temporary credentials: {answer:?}"));
        Self { token: found.token, secret: found.secret }
    }

    /// Token credentials (RFC 5849 §2.3).
    #[track_caller]
    pub(crate) fn token(answer: &Answer) -> Self {
        let found = answers::TokenCredentials::parse(answer.text.as_bytes());
        let found = found.unwrap_or_else(|_| panic!("no token credentials: {answer:?}"));
        Self { token: found.token, secret: found.secret }
    }
}

/// A consumer's key and secret.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) key: String,
    pub(crate) secret: Secret,
}

impl Signer {
    pub(crate) fn new(key: &str, secret: &str) -> Self {
        Self { key: key.to_owned(), secret: Secret::new(secret) }
    }

    /// A value of the `Authorization` header (RFC 5849 §3.5.1), with the time of now and a nonce of its own.
    pub(crate) fn sign(
        &self,
        method: &str,
        url: &str,
        by: Option<&Pair>,
        more: &[(&'static str, &str)],
    ) -> String {
        self.sign_outgoing(&sign::Outgoing::new(method, url), by, more)
    }

    /// The same for the POST of a form.
    pub(crate) fn sign_form(&self, url: &str, by: Option<&Pair>, form: &str) -> String {
        self.sign_outgoing(&sign::Outgoing::new("POST", url).body(FORM, form.as_bytes()), by, &[])
    }

    fn sign_outgoing(
        &self,
        outgoing: &sign::Outgoing<'_>,
        by: Option<&Pair>,
        more: &[(&'static str, &str)],
    ) -> String {
        use std::hash::{BuildHasher as _, RandomState};
        let methods = Methods::all();
        let hmac = methods.find("HMAC-SHA256").expect("there is one");
        let secrets = Secrets { client: &self.secret, token: by.map(|pair| &pair.secret) };
        let mut signer = sign::Signer::new(hmac, &self.key, secrets.into());
        if let Some(pair) = by {
            signer = signer.token(&pair.token);
        }
        for (name, value) in more {
            signer = signer.parameter(name, *value);
        }
        let now = valetkey_ports::SystemClock.now().seconds();
        let nonce = RandomState::new().hash_one(0_u8).to_string();
        let signed = signer.sign(outgoing, &sign::Stamp::new(now, &nonce)).expect("signed");
        signed.authorization.expect("a header")
    }
}
