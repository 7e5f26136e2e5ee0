//! What the engine keeps at hand for OAuth 1.

use std::{borrow::Cow, sync::OnceLock};

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use valetkey_crypto::Sealer;
use valetkey_oauth1::{BaseUri, Methods, PublicBase, Received};
use valetkey_oauth2::{ClientId, HandleHash, Secret};
use valetkey_ports::Sealed;

use super::uses::Uses;
use crate::{Failure, Policy};

/// What the engine keeps at hand for OAuth 1.
pub(crate) struct Desk {
    /// Where clients address this server, whatever stands before it.
    base: Option<PublicBase>,
    /// The signature methods that any client may use here.
    pub(crate) methods: Methods,
    /// Who signed how often, until it is written down.
    pub(crate) uses: Uses,
    verifiers: [u8; 32],
    dummy: OnceLock<Sealed>,
}

impl Desk {
    pub(crate) fn new(policy: &Policy, sealer: &Sealer) -> Self {
        let allowed: Vec<&String> =
            policy.oauth1.methods.iter().chain(&policy.oauth1.switchable_methods).collect();
        Self {
            base: PublicBase::parse(policy.issuer.origin()).ok(),
            methods: policy.oauth1.registry.clone().only(&allowed),
            uses: Uses::default(),
            verifiers: sealer.derive("oauth1 verifier", b""),
            dummy: OnceLock::new(),
        }
    }

    /// The base string URI of a request to this server (RFC 5849 §3.4.1.2).
    pub(crate) fn uri(&self, target: &str) -> Result<BaseUri, Failure> {
        let base = self.base.as_ref().ok_or(Failure::Internal("the issuer is no base URL".into()))?;
        base.uri(target).map_err(|fault| {
            Failure::because(
                valetkey_oauth2::ErrorCode::InvalidRequest,
                "Send a path that can be signed.",
                fault.to_string(),
            )
        })
    }

    /// What is kept of a verifier: short ones can be guessed from a plain hash, so the master key takes part.
    pub(crate) fn verifier_hash(&self, token: &HandleHash, verifier: &str) -> HandleHash {
        let key = valetkey_crypto::mac::MacKey::new(valetkey_crypto::mac::MacHash::Sha256, &self.verifiers);
        let tag = key.tag(&[token.as_bytes().as_slice(), verifier.as_bytes()].concat());
        HandleHash::from_bytes(valetkey_crypto::digest::sha256(&tag))
    }

    /// A sealed secret of nobody's, which is opened where somebody's cannot be, so that the work is the same.
    pub(crate) fn dummy(&self, seal: impl FnOnce(&HandleHash, &Secret) -> Option<Sealed>) -> Option<&Sealed> {
        if self.dummy.get().is_none() {
            let sealed =
                seal(&Self::nobody(), &Secret::new("nobody's secret, of the usual length of 43 letters"))?;
            let _ = self.dummy.set(sealed);
        }
        self.dummy.get()
    }

    /// Whose the dummy is.
    pub(crate) const fn nobody() -> HandleHash {
        HandleHash::from_bytes([0; 32])
    }
}

/// What a nonce is remembered by: whoever signs cannot reach another's (RFC 5849 §3.3). No part holds a control
/// character, so the parts cannot run into one another. The time comes first, so that nonces lie in a store in the order in
/// which they come, and in which they go.
pub(crate) fn nonce_key(client: &ClientId, token: Option<&str>, timestamp: i64, nonce: &str) -> [u8; 32] {
    let text = [client.as_str(), "\0", token.unwrap_or_default(), "\0", nonce].concat();
    let mut key = valetkey_crypto::digest::sha256(text.as_bytes());
    // What is left of the hash has 192 bits.
    if let Some(begin) = key.first_chunk_mut() {
        *begin = timestamp.to_be_bytes();
    }
    key
}

/// The space of nonces among what may be seen once.
pub(crate) const NONCES: &str = "oauth1 nonce";

/// Every `Authorization` header of a request.
pub(crate) fn authorization(request: &Request<Bytes>) -> Vec<&[u8]> {
    request.headers().get_all(AUTHORIZATION).iter().map(http::HeaderValue::as_bytes).collect()
}

/// A request as the protocol sees it.
pub(crate) fn received<'r>(request: &'r Request<Bytes>, authorization: &'r [&'r [u8]]) -> Received<'r> {
    let content_type = request.headers().get(http::header::CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or(request.uri().authority().map(http::uri::Authority::as_str));
    Received::new(request.method().as_str(), target(request))
        .authorization(authorization)
        .host(host)
        .body(content_type, request.body())
}

/// Path and query, as they were sent.
pub(crate) fn target(request: &Request<Bytes>) -> &str {
    request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}

/// A verifier as it was typed: without the spaces and dashes that help the eye, in capitals.
pub(crate) fn typed(verifier: &str) -> Cow<'_, str> {
    if verifier.len() > super::verifier::LONGEST * 2 {
        return Cow::Borrowed(verifier);
    }
    let letters = verifier.chars().filter(|letter| !matches!(letter, ' ' | '-'));
    Cow::Owned(letters.map(|letter| letter.to_ascii_uppercase()).collect())
}
