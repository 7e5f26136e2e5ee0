//! The guard itself: one decision for every framework.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::bearer::{self, Shown};
use crate::challenge::Terms;
use crate::signatures::{self, Signatures};
use crate::{
    AccessToken, Challenge, InvalidToken, Protocol, Refusal, RequireOAuth, Verifier, VerifyError, address,
};

/// Stands before an API: reads the token or signature, has it verified, compares scopes, and answers those who do not get
/// through.
///
/// It is cheap to clone. It decides by what a request carries, never by its path (RS-07): which routes it protects is
/// said where they are routed, by putting its layer there.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

struct Inner {
    verifier: Option<Box<dyn Verifier>>,
    signatures: Option<Signatures>,
    terms: Arc<Terms>,
    takes_query: bool,
    keeps_token: bool,
    sets_headers: bool,
    stripped: Vec<String>,
}

/// Who is calling, for handlers: the verified [`AccessToken`], to which it dereferences.
#[derive(Clone, Debug)]
pub struct OAuth {
    token: Arc<AccessToken>,
    terms: Arc<Terms>,
}

/// Left in the request by a guard that has let it pass, with or without a token.
#[derive(Clone)]
pub(crate) struct Passage {
    guard: Arc<Inner>,
    pub(crate) oauth: Option<OAuth>,
}

#[cfg(feature = "axum")]
impl Passage {
    pub(crate) fn refuse(&self, refusal: Refusal) -> Challenge {
        Challenge::new(refusal, &self.guard.terms)
    }
}

impl Guard {
    /// A guard that asks `verifier`, with the defaults.
    pub fn new(verifier: impl Verifier + 'static) -> Self {
        Self::builder(verifier).build()
    }

    /// A guard that asks `verifier`; see [`GuardBuilder`] for what can be chosen.
    pub fn builder(verifier: impl Verifier + 'static) -> GuardBuilder {
        Self::asking(Some(Box::new(verifier)))
    }

    /// A guard that takes signed requests only, and no token.
    pub fn oauth1_builder(signatures: Signatures) -> GuardBuilder {
        Self::asking(None).oauth1(signatures)
    }

    fn asking(verifier: Option<Box<dyn Verifier>>) -> GuardBuilder {
        GuardBuilder {
            inner: Inner {
                verifier,
                signatures: None,
                terms: Arc::default(),
                takes_query: false,
                keeps_token: false,
                sets_headers: false,
                stripped: [SUBJECT, CLIENT_ID, SCOPE].map(|name| name.as_str().to_owned()).to_vec(),
            },
            terms: Terms { realm: "api".to_owned(), ..Terms::default() },
        }
    }

    /// Decides about one request. When it may pass, it carries an [`OAuth`] in its extensions (if it had a token), no
    /// identity headers that somebody else wrote, and no longer the token itself.
    ///
    /// `form_token` is an `access_token` that was found in a form body, if that was looked for. Where the guard takes
    /// signatures, ask [`Guard::reads_body`] first, and then [`Guard::check_with_body`] if so.
    ///
    /// # Errors
    /// The [`Challenge`] that answers the request instead.
    pub async fn check(
        &self,
        parts: &mut Parts,
        form_token: Option<String>,
        required: &RequireOAuth,
    ) -> Result<(), Challenge> {
        self.told(self.decide(parts, None, form_token, required).await)
    }

    /// How many bytes of this request's body to read, and give to [`Guard::check_with_body`]; `None` where its body plays
    /// no part. A larger one is answered with 413 ([`Refusal::TooLarge`]).
    #[must_use]
    pub fn reads_body(&self, parts: &Parts) -> Option<usize> {
        let signatures = self.0.signatures.as_ref().filter(|_| self.earlier(parts).is_none())?;
        signatures.reads_body(parts).then(|| signatures.limit())
    }

    /// As [`Guard::check`], of a request whose whole body was read. The body then has no protocol parameters of OAuth 1 any
    /// more (RS-01); all else of it is as it was.
    ///
    /// # Errors
    /// The [`Challenge`] that answers the request instead.
    pub async fn check_with_body(
        &self,
        parts: &mut Parts,
        body: &mut Bytes,
        form_token: Option<String>,
        required: &RequireOAuth,
    ) -> Result<(), Challenge> {
        self.told(self.decide(parts, Some(body), form_token, required).await)
    }

    fn told(&self, decided: Result<(), Challenge>) -> Result<(), Challenge> {
        decided.inspect_err(|challenge| {
            tracing::debug!(status = challenge.status().as_u16(), reason = %challenge, "request refused");
        })
    }

    async fn decide(
        &self,
        parts: &mut Parts,
        body: Option<&mut Bytes>,
        form_token: Option<String>,
        required: &RequireOAuth,
    ) -> Result<(), Challenge> {
        let refuse = |refusal| Challenge::new(refusal, &self.0.terms);
        // This very guard has stood further out: what it found holds.
        if let Some(passage) = self.earlier(parts) {
            return match &passage.oauth {
                Some(oauth) => oauth.require(required),
                None if required.is_optional() => Ok(()),
                None => Err(refuse(Refusal::Missing)),
            };
        }
        self.strip(&mut parts.headers);
        let found = self.find(parts, body.as_deref(), form_token, required).map_err(refuse)?;
        let token = match found {
            Found::Nothing => None,
            Found::Token(token) => Some(self.verify(&token).await.map_err(refuse)?),
            Found::Signature(signatures) => {
                Some(signatures.verify(parts, body.as_deref()).await.map_err(refuse)?)
            }
        };
        let oauth = token.map(|token| OAuth { token: Arc::new(token), terms: Arc::clone(&self.0.terms) });
        if let Some(oauth) = &oauth {
            oauth.require(required)?;
            if !self.0.keeps_token {
                self.forget(oauth.protocol(), parts, body);
            }
            if self.0.sets_headers {
                announce(oauth, &mut parts.headers)?;
            }
            parts.extensions.insert(oauth.clone());
        }
        parts.extensions.insert(Passage { guard: Arc::clone(&self.0), oauth });
        Ok(())
    }

    fn earlier<'p>(&self, parts: &'p Parts) -> Option<&'p Passage> {
        parts.extensions.get::<Passage>().filter(|passage| Arc::ptr_eq(&passage.guard, &self.0))
    }

    /// The one token of the request (RFC 6750 §2: more than one method is an error), or its signature.
    fn find(
        &self,
        parts: &Parts,
        body: Option<&Bytes>,
        form_token: Option<String>,
        required: &RequireOAuth,
    ) -> Result<Found<'_>, Refusal> {
        let shown = bearer::from_header(&parts.headers)?;
        let query_token = bearer::from_pairs(parts.uri.query().unwrap_or_default().as_bytes())?;
        let in_header = matches!(shown, Shown::Bearer(_) | Shown::Proof);
        let ways =
            usize::from(in_header) + usize::from(query_token.is_some()) + usize::from(form_token.is_some());
        if ways > 1 {
            return Err(Refusal::InvalidRequest("Send the access token in one place only"));
        }
        let is_signed = signatures::shows_signature(parts, body);
        match &self.0.signatures {
            Some(_) if is_signed && ways > 0 => {
                return Err(Refusal::InvalidRequest("Send an access token or a signature, not both"));
            }
            Some(signatures) if is_signed => return Ok(Found::Signature(signatures)),
            _ => {}
        }
        if query_token.is_some() && !self.0.takes_query {
            return Err(Refusal::InvalidRequest(
                "Send the access token in the Authorization header, not in the address",
            ));
        }
        match (shown, query_token.or(form_token)) {
            (Shown::Bearer(token), _) | (_, Some(token)) => Ok(Found::Token(token)),
            // A token with a proof that cannot be checked is not the same as no token, nor is a signature (O1-13).
            (Shown::Proof, None) => Err(Refusal::Missing),
            (Shown::Nothing | Shown::OtherScheme, None) if required.is_optional() && !is_signed => {
                Ok(Found::Nothing)
            }
            (Shown::Nothing | Shown::OtherScheme, None) => Err(Refusal::Missing),
        }
    }

    async fn verify(&self, token: &str) -> Result<AccessToken, Refusal> {
        let Some(verifier) = &self.0.verifier else { return Err(Refusal::Missing) };
        match verifier.verify(token).await {
            Ok(token) if token.is_bound() => Err(Refusal::InvalidToken(InvalidToken::Bound)),
            Ok(token) => Ok(token.came_by(Protocol::OAuth2)),
            Err(VerifyError::Invalid(reason)) => Err(Refusal::InvalidToken(reason)),
            Err(VerifyError::Unavailable { reason, retry_after }) => {
                tracing::warn!(%reason, "access tokens cannot be checked: requests are refused");
                Err(Refusal::Unavailable(retry_after))
            }
        }
    }

    /// Takes the credentials out of the request. (A signature of the method `PLAINTEXT` is the secrets themselves.)
    fn forget(&self, protocol: Protocol, parts: &mut Parts, body: Option<&mut Bytes>) {
        parts.headers.remove(AUTHORIZATION);
        match protocol {
            Protocol::OAuth2 if self.0.takes_query => address::strip(parts, bearer::is_parameter),
            Protocol::OAuth2 => {}
            Protocol::OAuth1 => {
                address::strip(parts, signatures::is_parameter);
                if let Some(body) = body.filter(|_| signatures::is_form(parts)) {
                    let rest = address::pairs_without(body, signatures::is_parameter);
                    if rest.len() < body.len() {
                        *body = Bytes::from(rest);
                        if let Some(length) = parts.headers.get_mut(CONTENT_LENGTH) {
                            *length = HeaderValue::from(body.len());
                        }
                    }
                }
            }
        }
    }

    /// Removes identity headers that came with the request, `X_OAuth_Subject` as well as `X-OAuth-Subject`: some servers
    /// behind us fold the two into one (RS-08).
    fn strip(&self, headers: &mut HeaderMap) {
        let is_ours = |name: &HeaderName| {
            let folded = name.as_str().replace('_', "-");
            self.0.stripped.contains(&folded)
        };
        let found: Vec<HeaderName> = headers.keys().filter(|name| is_ours(name)).cloned().collect();
        for name in found {
            headers.remove(name);
        }
    }

    /// Whether a token in the address is taken.
    #[cfg(feature = "tower")]
    pub(crate) fn takes_query(&self) -> bool {
        self.0.takes_query
    }

    #[cfg(feature = "tower")]
    pub(crate) fn keeps_token(&self) -> bool {
        self.0.keeps_token
    }

    #[cfg(feature = "tower")]
    pub(crate) fn refuse(&self, refusal: Refusal) -> Challenge {
        Challenge::new(refusal, &self.0.terms)
    }
}

/// What a request shows.
enum Found<'g> {
    Nothing,
    Token(String),
    Signature(&'g Signatures),
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("realm", &self.0.terms.realm).finish_non_exhaustive()
    }
}

/// Makes a [`Guard`].
#[must_use]
pub struct GuardBuilder {
    inner: Inner,
    terms: Terms,
}

impl GuardBuilder {
    /// The `realm` of challenges (default: `api`).
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.terms.realm = realm.into();
        self
    }

    /// The address of this resource's metadata, named in every challenge (RFC 9728 §5.1).
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.terms.resource_metadata = Some(url.into());
        self
    }

    /// Takes requests signed by OAuth 1.0a (RFC 5849 §3) beside tokens. Without this they are refused as requests without a
    /// token are.
    pub fn oauth1(mut self, signatures: Signatures) -> Self {
        self.inner.signatures = Some(signatures);
        self
    }

    /// Takes tokens from the address too (RFC 6750 §2.3). They end up in logs and histories: only for clients that
    /// cannot do otherwise. Without this, a request with an `access_token` in its query is refused.
    pub fn allow_query_token(mut self) -> Self {
        self.inner.takes_query = true;
        self
    }

    /// Leaves the token in the request that the application sees. Whoever passes it on lends its rights to others.
    pub fn keep_token(mut self) -> Self {
        self.inner.keeps_token = true;
        self
    }

    /// Writes who is calling into `x-oauth-subject`, `x-oauth-client-id` and `x-oauth-scope`, for a server behind a proxy
    /// that is built with this guard. (The same headers of a caller are always removed, with or without this.)
    pub fn identity_headers(mut self) -> Self {
        self.inner.sets_headers = true;
        self
    }

    /// Removes further headers that an application behind the guard would believe.
    pub fn strip_headers<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let folded = names.into_iter().map(|name| name.as_ref().to_ascii_lowercase().replace('_', "-"));
        self.inner.stripped.extend(folded);
        self
    }

    /// The guard.
    #[must_use]
    pub fn build(mut self) -> Guard {
        self.terms.takes_tokens = self.inner.verifier.is_some();
        self.terms.takes_signatures = self.inner.signatures.is_some();
        self.inner.terms = Arc::new(self.terms);
        Guard(Arc::new(self.inner))
    }
}

impl OAuth {
    /// Asks for scopes inside of a handler, where the route does not say it all:
    /// `oauth.require(&RequireOAuth::scopes(["notes:write"]))?`.
    ///
    /// # Errors
    /// The 403 to answer with.
    pub fn require(&self, required: &RequireOAuth) -> Result<(), Challenge> {
        if required.is_met_by(self.scope()) {
            return Ok(());
        }
        Err(self.refuse(Refusal::InsufficientScope(required.wanted())))
    }

    fn refuse(&self, refusal: Refusal) -> Challenge {
        Challenge::to(&self.token, refusal, &self.terms)
    }

    /// The verified token, to keep.
    #[must_use]
    pub fn access_token(&self) -> Arc<AccessToken> {
        Arc::clone(&self.token)
    }
}

impl Deref for OAuth {
    type Target = AccessToken;

    fn deref(&self) -> &AccessToken {
        &self.token
    }
}

const SUBJECT: HeaderName = HeaderName::from_static("x-oauth-subject");
const CLIENT_ID: HeaderName = HeaderName::from_static("x-oauth-client-id");
const SCOPE: HeaderName = HeaderName::from_static("x-oauth-scope");

fn announce(oauth: &OAuth, headers: &mut HeaderMap) -> Result<(), Challenge> {
    let value = |text: &str, claim| {
        let refuse = |_| oauth.refuse(Refusal::InvalidToken(InvalidToken::Claim(claim)));
        HeaderValue::from_str(text).map_err(refuse)
    };
    headers.insert(SUBJECT, value(oauth.subject(), "sub")?);
    headers.insert(CLIENT_ID, value(oauth.client_id(), "client_id")?);
    headers.insert(SCOPE, value(oauth.scope().as_str(), "scope")?);
    Ok(())
}
