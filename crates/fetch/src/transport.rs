//! The one thing that callers know.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::FetchError;

/// Sends a request and gives back the whole answer.
///
/// A status such as 404 or 302 is an answer, not a [`FetchError`]; nothing follows redirects for you.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request`, whose URI is absolute, and reads the answer to its end.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        (**self).send(request).await
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        (**self).send(request).await
    }
}
