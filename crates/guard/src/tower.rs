//! The guard as a tower layer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, Limited};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Guard, Refusal, RequireOAuth, bearer};

/// Puts a [`Guard`] in front of a service. Made by [`Guard::require`].
///
/// The guarded service finds an [`OAuth`](crate::OAuth) in the request's extensions. A layer that answers CORS preflights
/// belongs outside of this one: they carry no token, and no exception is made for them.
#[derive(Clone, Debug)]
pub struct GuardLayer<M = HeaderOnly> {
    guard: Guard,
    required: RequireOAuth,
    mode: M,
}

/// A service with a [`Guard`] in front of it.
#[derive(Clone, Debug)]
pub struct GuardService<S, M = HeaderOnly> {
    inner: S,
    guard: Guard,
    required: RequireOAuth,
    mode: M,
}

/// Bodies stay untouched: a token in a form is not looked for.
#[derive(Clone, Copy, Debug)]
pub struct HeaderOnly;

/// Form bodies up to a size are read for an `access_token`.
#[derive(Clone, Copy, Debug)]
pub struct FormBody {
    limit: usize,
}

impl Guard {
    /// A layer that lets pass only what satisfies `required`.
    #[must_use]
    pub fn require(&self, required: RequireOAuth) -> GuardLayer {
        GuardLayer { guard: self.clone(), required, mode: HeaderOnly }
    }
}

impl GuardLayer {
    /// Takes tokens from form bodies too (RFC 6750 §2.2), of at most `limit` bytes. A form then is read as a whole before
    /// the service sees it, and a token both there and in the header is refused.
    #[must_use]
    pub fn with_form_token(self, limit: usize) -> GuardLayer<FormBody> {
        GuardLayer { guard: self.guard, required: self.required, mode: FormBody { limit } }
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
            let came_by_query = came_by_query(&guard, &parts);
            match guard.check(&mut parts, None, &required).await {
                Ok(()) => {
                    let response = inner.call(Request::from_parts(parts, body)).await?;
                    Ok(if came_by_query { private(response) } else { response })
                }
                Err(challenge) => Ok(challenge.response().map(R::from)),
            }
        })
    }
}

impl<S, B, R> Service<Request<B>> for GuardService<S, FormBody>
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
        let limit = self.mode.limit;
        Box::pin(async move {
            let (mut parts, mut body) = request.into_parts();
            let came_by_query = came_by_query(&guard, &parts);
            let mut token = None;
            if may_hold_token(&parts) {
                let read = read_form(body, limit).await;
                let (found, rest) = match read.and_then(|form| split(form, guard.keeps_token())) {
                    Ok(both) => both,
                    Err(refusal) => return Ok(guard.refuse(refusal).response().map(R::from)),
                };
                if found.is_some() && parts.headers.contains_key(CONTENT_LENGTH) {
                    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(rest.len()));
                }
                token = found;
                body = B::from(rest);
            }
            match guard.check(&mut parts, token, &required).await {
                Ok(()) => {
                    let response = inner.call(Request::from_parts(parts, body)).await?;
                    Ok(if came_by_query { private(response) } else { response })
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

/// The conditions of RFC 6750 §2.2: a form, and a method whose body means something.
fn may_hold_token(parts: &Parts) -> bool {
    let has_meaning = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    has_meaning && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

async fn read_form<B>(body: B, limit: usize) -> Result<Bytes, Refusal>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let read = Limited::new(body, limit).collect().await;
    let whole = read.map_err(|_| Refusal::InvalidRequest("The form could not be read, or is too large"))?;
    Ok(whole.to_bytes())
}

/// The token, and the form as the service shall see it.
fn split(form: Bytes, keeps_token: bool) -> Result<(Option<String>, Bytes), Refusal> {
    let token = bearer::from_pairs(&form)?;
    if token.is_none() || keeps_token {
        return Ok((token, form));
    }
    // All ASCII, or the parameter was not allowed in it (RFC 6750 §2.2).
    match std::str::from_utf8(&form) {
        Ok(text) if text.is_ascii() => Ok((token, Bytes::from(bearer::without_token(text)))),
        _ => Err(Refusal::InvalidRequest("A form with an access token is ASCII only")),
    }
}

fn came_by_query(guard: &Guard, parts: &Parts) -> bool {
    guard.takes_query()
        && matches!(bearer::from_pairs(parts.uri.query().unwrap_or_default().as_bytes()), Ok(Some(_)))
}

/// RFC 6750 §2.3: what was asked for by address must not be kept by shared caches.
fn private<R>(mut response: Response<R>) -> Response<R> {
    if response.status().is_success() && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private"));
    }
    response
}
