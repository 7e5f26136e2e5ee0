//! The guard as a tower layer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    AccessToken, Challenge, Guard, OAuth, Protocol, Refusal, RequireOAuth, bearer, challenge, signatures,
};

/// Puts a [`Guard`] in front of a service. Made by [`Guard::require`].
///
/// The guarded service finds an [`OAuth`] in the request's extensions. A layer that answers CORS preflights belongs outside
/// of this one: they carry no token, and no exception is made for them.
#[derive(Clone, Debug)]
pub struct GuardLayer<M = WithBody> {
    guard: Guard,
    required: RequireOAuth,
    mode: M,
}

/// A service with a [`Guard`] in front of it.
#[derive(Clone, Debug)]
pub struct GuardService<S, M = WithBody> {
    inner: S,
    guard: Guard,
    required: RequireOAuth,
    mode: M,
}

/// Bodies are read where that is needed, and made anew of what was read: of signed requests, and of forms that may hold a
/// token where such are taken. All others stay untouched.
#[derive(Clone, Copy, Debug)]
pub struct WithBody {
    form_limit: Option<usize>,
}

/// Bodies stay untouched, whatever their type. A signature in a form is not looked for, and one that covers a body is
/// answered with 500.
#[derive(Clone, Copy, Debug)]
pub struct HeaderOnly;

impl Guard {
    /// A layer that lets pass only what satisfies `required`.
    #[must_use]
    pub fn require(&self, required: RequireOAuth) -> GuardLayer {
        GuardLayer { guard: self.clone(), required, mode: WithBody { form_limit: None } }
    }
}

impl GuardLayer {
    /// Takes tokens from form bodies too (RFC 6750 §2.2), of at most `limit` bytes. A form then is read as a whole before
    /// the service sees it, and a token both there and in the header is refused.
    #[must_use]
    pub fn with_form_token(mut self, limit: usize) -> Self {
        self.mode.form_limit = Some(limit);
        self
    }

    /// For services whose bodies cannot be made of bytes: looks at headers and address alone.
    #[must_use]
    pub fn header_only(self) -> GuardLayer<HeaderOnly> {
        GuardLayer { guard: self.guard, required: self.required, mode: HeaderOnly }
    }
}

impl<S, M: Clone> Layer<S> for GuardLayer<M> {
    type Service = GuardService<S, M>;

    fn layer(&self, inner: S) -> Self::Service {
        let Self { guard, required, mode } = self.clone();
        GuardService { inner, guard, required, mode }
    }
}

type Answer<R, E> = Pin<Box<dyn Future<Output = Result<Response<R>, E>> + Send>>;

impl<S, B, R> Service<Request<B>> for GuardService<S, HeaderOnly>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: From<Bytes> + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Answer<R, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut inner, guard, required) = self.take();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let mut debts = Debts::of(&guard, &parts);
            match guard.check(&mut parts, None, &required).await {
                Ok(()) => {
                    debts.owe(&parts);
                    Ok(debts.pay(inner.call(Request::from_parts(parts, body)).await?))
                }
                Err(challenge) => Ok(challenge.response().map(R::from)),
            }
        })
    }
}

impl<S, B, R> Service<Request<B>> for GuardService<S, WithBody>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body + From<Bytes> + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    R: From<Bytes> + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Answer<R, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut inner, guard, required) = self.take();
        let form_limit = self.mode.form_limit;
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let mut debts = Debts::of(&guard, &parts);
            match admit(&guard, &required, form_limit, &mut parts, body).await {
                Ok(body) => {
                    debts.owe(&parts);
                    Ok(debts.pay(inner.call(Request::from_parts(parts, body)).await?))
                }
                Err(challenge) => Ok(challenge.response().map(R::from)),
            }
        })
    }
}

impl<S: Clone, M> GuardService<S, M> {
    /// The service that was polled ready, and a clone in its place.
    fn take(&mut self) -> (S, Guard, RequireOAuth) {
        let clone = self.inner.clone();
        (std::mem::replace(&mut self.inner, clone), self.guard.clone(), self.required.clone())
    }
}

/// Reads as much of the body as the decision takes, and gives back the body that the service shall see.
async fn admit<B>(
    guard: &Guard,
    required: &RequireOAuth,
    form_limit: Option<usize>,
    parts: &mut Parts,
    body: B,
) -> Result<B, Challenge>
where
    B: Body + From<Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let refuse = |refusal| guard.refuse(refusal);
    let form_limit = form_limit.filter(|_| may_hold_token(parts));
    let signed_limit = guard.reads_body(parts);
    let mut whole = match (signed_limit, form_limit) {
        (Some(limit), _) => match read(body, limit).await {
            Ok(whole) => whole,
            Err(Unread::TooLarge) => return Err(refuse(Refusal::TooLarge)),
            Err(Unread::Broken) => return Err(refuse(Refusal::InvalidRequest("The body could not be read"))),
        },
        (None, Some(limit)) => read(body, limit).await.map_err(|_| refuse(TOO_LARGE_A_FORM))?,
        (None, None) => {
            guard.check(parts, None, required).await?;
            return Ok(body);
        }
    };
    let mut token = None;
    if let Some(limit) = form_limit {
        if whole.len() > limit && !signatures::shows_signature(parts, Some(&whole)) {
            return Err(refuse(TOO_LARGE_A_FORM));
        }
        let (found, rest) = split(whole, guard.keeps_token()).map_err(refuse)?;
        if found.is_some() && parts.headers.contains_key(CONTENT_LENGTH) {
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(rest.len()));
        }
        (token, whole) = (found, rest);
    }
    guard.check_with_body(parts, &mut whole, token, required).await?;
    Ok(B::from(whole))
}

const TOO_LARGE_A_FORM: Refusal = Refusal::InvalidRequest("The form could not be read, or is too large");

/// The conditions of RFC 6750 §2.2: a form, and a method whose body means something.
fn may_hold_token(parts: &Parts) -> bool {
    let has_meaning = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    has_meaning && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

enum Unread {
    TooLarge,
    Broken,
}

async fn read<B>(body: B, limit: usize) -> Result<Bytes, Unread>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // What says that it is too large is not even begun.
    if usize::try_from(body.size_hint().lower()).map_or(true, |least| least > limit) {
        return Err(Unread::TooLarge);
    }
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Err(_) => Err(Unread::Broken),
    }
}

/// The token, and the form as the service shall see it.
fn split(form: Bytes, keeps_token: bool) -> Result<(Option<String>, Bytes), Refusal> {
    let token = bearer::from_pairs(&form)?;
    if token.is_none() || keeps_token {
        return Ok((token, form));
    }
    // All ASCII, or the parameter was not allowed in it (RFC 6750 §2.2).
    if !form.is_ascii() {
        return Err(Refusal::InvalidRequest("A form with an access token is ASCII only"));
    }
    Ok((token, Bytes::from(crate::address::pairs_without(&form, bearer::is_parameter))))
}

/// What the answer to a request that passes must say besides what the service says.
struct Debts {
    came_by_query: bool,
    came_by_header: bool,
    token: Option<std::sync::Arc<AccessToken>>,
}

impl Debts {
    /// Of a request as it came.
    fn of(guard: &Guard, parts: &Parts) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        Self {
            came_by_query: guard.takes_query() && matches!(bearer::from_pairs(query.as_bytes()), Ok(Some(_))),
            // What a guard further out has let pass is for that one to pay.
            came_by_header: signatures::came_by_header(parts) || parts.extensions.get::<OAuth>().is_some(),
            token: None,
        }
    }

    /// Of one that was let pass.
    fn owe(&mut self, parts: &Parts) {
        self.token = parts.extensions.get::<OAuth>().map(OAuth::access_token);
    }

    fn pay<R>(self, mut response: Response<R>) -> Response<R> {
        let token = self.token.as_deref();
        let is_signed = token.is_some_and(|token| token.protocol() == Protocol::OAuth1);
        if self.came_by_query || (is_signed && !self.came_by_header) {
            response = private(response);
        }
        if let Some(token) = token {
            challenge::add(token.response_headers(), response.headers_mut());
        }
        response
    }
}

/// RFC 6750 §2.3, RFC 5849 §4.4: what was asked for without an `Authorization` header must not be kept by shared caches.
fn private<R>(mut response: Response<R>) -> Response<R> {
    if response.status().is_success() && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private"));
    }
    response
}
