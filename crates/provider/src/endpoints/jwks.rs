//! The public keys (RFC 7517 §5).

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::{
    Engine, Failure, Peer,
    endpoint::{Cors, Endpoint},
};

pub(super) struct JwksDocument;

#[async_trait]
impl Endpoint for JwksDocument {
    fn name(&self) -> &'static str {
        "jwks"
    }

    fn paths(&self, engine: &Engine) -> Vec<String> {
        vec![format!("{}{}", engine.issuer().path(), engine.policy().paths.jwks)]
    }

    fn methods(&self) -> &'static str {
        "GET, HEAD"
    }

    fn cors(&self) -> Cors {
        Cors::Open
    }

    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        _peer: &Peer,
    ) -> Result<Response<Bytes>, Failure> {
        // Served from memory also while the store is away.
        if let Err(fault) = engine.refresh().await {
            tracing::warn!(%fault, "the keys could not be looked at again");
        }
        Ok(engine.ring().answer(request.headers()))
    }
}
