//! The guard itself: one decision for every framework.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::bearer::{self, Shown};
use crate::challenge::Terms;
use crate::{AccessToken, Challenge, InvalidToken, Refusal, RequireOAuth, Verifier, VerifyError};

/// Stands before an API: reads the token, has it verified, compares scopes, and answers those who do not get through.
///
/// It is cheap to clone. It decides by what a request carries, never by its path (RS-07): which routes it protects is
/// said where they are routed, by putting its layer there.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

struct Inner {
    verifier: Box<dyn Verifier>,
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
        GuardBuilder {
            inner: Inner {
                verifier: Box::new(verifier),
                terms: Arc::default(),
                takes_query: false,
                keeps_token: false,
                sets_headers: false,
                stripped: [SUBJECT, CLIENT_ID, SCOPE].map(|name| name.as_str().to_owned()).to_vec(),
            },
            terms: Terms { realm: "api".to_owned(), resource_metadata: None },
        }
    }

    /// Decides about one request. When it may pass, it carries an [`OAuth`] in its extensions (if it had a token), no
    /// identity headers that somebody else wrote, and no longer the token itself.
    ///
    /// `form_token` is an `access_token` that was found in a form body, if that was looked for.
    ///
    /// # Errors
    /// The [`Challenge`] that answers the request instead.
    pub async fn check(
        &self,
        parts: &mut Parts,
        form_token: Option<String>,
        required: &RequireOAuth,
    ) -> Result<(), Challenge> {
        let decided = self.decide(parts, form_token, required).await;
        decided.map_err(|refusal| {
            let challenge = Challenge::new(refusal, &self.0.terms);
            tracing::debug!(status = challenge.status().as_u16(), reason = %challenge, "request refused");
            challenge
        })
    }

    async fn decide(
        &self,
        parts: &mut Parts,
        form_token: Option<String>,
        required: &RequireOAuth,
    ) -> Result<(), Refusal> {
        // This very guard has stood further out: what it found holds.
        let earlier =
            parts.extensions.get::<Passage>().filter(|passage| Arc::ptr_eq(&passage.guard, &self.0));
        if let Some(passage) = earlier {
            return match &passage.oauth {
                Some(oauth) => suffices(oauth, required),
                None if required.is_optional() => Ok(()),
                None => Err(Refusal::Missing),
            };
        }
        self.strip(&mut parts.headers);
        let oauth = match self.find(parts, form_token, required)? {
            Some(token) => Some(self.verify(&token).await?),
            None => None,
        };
        if let Some(oauth) = &oauth {
            suffices(oauth, required)?;
            if !self.0.keeps_token {
                parts.headers.remove(AUTHORIZATION);
                if self.0.takes_query
                    && let Some(uri) = bearer::uri_without_token(&parts.uri)
                {
                    parts.uri = uri;
                }
            }
            if self.0.sets_headers {
                announce(oauth, &mut parts.headers)?;
            }
            parts.extensions.insert(oauth.clone());
        }
        parts.extensions.insert(Passage { guard: Arc::clone(&self.0), oauth });
        Ok(())
    }

    /// The one token of the request (RFC 6750 §2: more than one method is an error).
    fn find(
        &self,
        parts: &Parts,
        form_token: Option<String>,
        required: &RequireOAuth,
    ) -> Result<Option<String>, Refusal> {
        let shown = bearer::from_header(&parts.headers)?;
        let query_token = bearer::from_pairs(parts.uri.query().unwrap_or_default().as_bytes())?;
        let in_header = matches!(shown, Shown::Bearer(_) | Shown::Proof);
        let ways =
            usize::from(in_header) + usize::from(query_token.is_some()) + usize::from(form_token.is_some());
        if ways > 1 {
            return Err(Refusal::InvalidRequest("Send the access token in one place only"));
        }
        if query_token.is_some() && !self.0.takes_query {
            return Err(Refusal::InvalidRequest(
                "Send the access token in the Authorization header, not in the address",
            ));
        }
        match (shown, query_token.or(form_token)) {
            (Shown::Bearer(token), _) | (_, Some(token)) => Ok(Some(token)),
            // A token with a proof that cannot be checked is not the same as no token.
            (Shown::Proof, None) => Err(Refusal::Missing),
            (Shown::Nothing | Shown::OtherScheme, None) if required.is_optional() => Ok(None),
            (Shown::Nothing | Shown::OtherScheme, None) => Err(Refusal::Missing),
        }
    }

    async fn verify(&self, token: &str) -> Result<OAuth, Refusal> {
        match self.0.verifier.verify(token).await {
            Ok(token) if token.is_bound() => Err(Refusal::InvalidToken(InvalidToken::Bound)),
            Ok(token) => Ok(OAuth { token: Arc::new(token), terms: Arc::clone(&self.0.terms) }),
            Err(VerifyError::Invalid(reason)) => Err(Refusal::InvalidToken(reason)),
            Err(VerifyError::Unavailable { reason, retry_after }) => {
                tracing::warn!(%reason, "access tokens cannot be checked: requests are refused");
                Err(Refusal::Unavailable(retry_after))
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
        suffices(self, required).map_err(|refusal| Challenge::new(refusal, &self.terms))
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

fn suffices(oauth: &OAuth, required: &RequireOAuth) -> Result<(), Refusal> {
    if required.is_met_by(oauth.scope()) {
        Ok(())
    } else {
        Err(Refusal::InsufficientScope(required.wanted()))
    }
}

fn announce(oauth: &OAuth, headers: &mut HeaderMap) -> Result<(), Refusal> {
    let value = |text: &str, claim| {
        HeaderValue::from_str(text).map_err(|_| Refusal::InvalidToken(InvalidToken::Claim(claim)))
    };
    headers.insert(SUBJECT, value(oauth.subject(), "sub")?);
    headers.insert(CLIENT_ID, value(oauth.client_id(), "client_id")?);
    headers.insert(SCOPE, value(oauth.scope().as_str(), "scope")?);
    Ok(())
}
