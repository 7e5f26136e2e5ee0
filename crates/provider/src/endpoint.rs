//! What an endpoint is.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::{Engine, Failure, Peer};

/// Who may read an endpoint's answers from another origin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cors {
    /// Nobody.
    None,
    /// Everybody: the document is public.
    Open,
    /// The origins of the client that asks.
    ClientOrigins,
}

/// What an endpoint's failures look like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Look {
    /// RFC 6749 §5.2.
    Json,
    /// A page for a person.
    Page,
    /// Form-encoded, with the challenge of RFC 5849 §3.5.1.
    Signed,
}

/// An endpoint: one file in `endpoints/`, one line in its list.
#[async_trait]
pub trait Endpoint: Send + Sync {
    /// Its name in logs.
    fn name(&self) -> &'static str;
    /// Where it is: empty when the policy has switched it off.
    fn paths(&self, engine: &Engine) -> Vec<String>;
    /// The methods it speaks, as the `Allow` header lists them.
    fn methods(&self) -> &'static str {
        "POST"
    }
    /// Whether the body of a POST must be a form.
    fn wants_form(&self) -> bool {
        true
    }
    /// Who may read its answers.
    fn cors(&self) -> Cors {
        Cors::ClientOrigins
    }
    /// What its failures look like.
    fn look(&self) -> Look {
        Look::Json
    }
    /// Answers.
    async fn handle(
        &self,
        engine: &Engine,
        request: &Request<Bytes>,
        peer: &Peer,
    ) -> Result<Response<Bytes>, Failure>;
}
