//! Extractors and answers for axum.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use ::axum::body::Body;
use ::axum::extract::{FromRequestParts, OptionalFromRequestParts};
use ::axum::response::{IntoResponse, Response};
use http::request::Parts;

use crate::guard::Passage;
use crate::{Challenge, OAuth, Refusal, RequireOAuth};

/// The caller. `Option<OAuth>` where the route's token is [optional](RequireOAuth::optional).
///
/// The route must stand behind a [`Guard`](crate::Guard)'s layer; where it does not, every request is refused with 500,
/// so that a forgotten guard is noticed before it lets anybody in.
impl<S: Send + Sync> FromRequestParts<S> for OAuth {
    type Rejection = Challenge;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Challenge> {
        passage(parts)?.and_present()
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for OAuth {
    type Rejection = Challenge;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Challenge> {
        Ok(passage(parts)?.oauth)
    }
}

/// What one handler asks for, as a type.
pub trait RequiredScopes {
    /// The requirement.
    fn required() -> RequireOAuth;
}

/// The caller, if the token has the scopes of `R`: for routers whose handlers ask for different ones behind one layer.
///
/// ```
/// use valetkey_guard::{RequireOAuth, RequireScopes, RequiredScopes};
///
/// struct Write;
///
/// impl RequiredScopes for Write {
///     fn required() -> RequireOAuth {
///         RequireOAuth::scopes(["notes:write"])
///     }
/// }
///
/// async fn add_note(caller: RequireScopes<Write>) -> String {
///     format!("noted, {}", caller.subject())
/// }
/// ```
pub struct RequireScopes<R> {
    oauth: OAuth,
    required: PhantomData<fn() -> R>,
}

impl<R> RequireScopes<R> {
    /// The caller, to keep.
    #[must_use]
    pub fn into_inner(self) -> OAuth {
        self.oauth
    }
}

impl<R> Deref for RequireScopes<R> {
    type Target = OAuth;

    fn deref(&self) -> &OAuth {
        &self.oauth
    }
}

impl<R> fmt::Debug for RequireScopes<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequireScopes").field(&self.oauth).finish()
    }
}

impl<S: Send + Sync, R: RequiredScopes> FromRequestParts<S> for RequireScopes<R> {
    type Rejection = Challenge;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Challenge> {
        let oauth = passage(parts)?.and_present()?;
        oauth.require(&R::required())?;
        Ok(Self { oauth, required: PhantomData })
    }
}

impl IntoResponse for Challenge {
    fn into_response(self) -> Response {
        self.response().map(Body::from)
    }
}

impl Passage {
    fn and_present(self) -> Result<OAuth, Challenge> {
        match self.oauth {
            Some(oauth) => Ok(oauth),
            None => Err(self.refuse(Refusal::Missing)),
        }
    }
}

fn passage(parts: &Parts) -> Result<Passage, Challenge> {
    parts.extensions.get::<Passage>().cloned().ok_or_else(Challenge::unguarded)
}
