//! What every page is given: the engine, and how pages look here.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Serialize;
use valetkey_oauth2::Timestamp;
use valetkey_provider::{
    Engine, Failure, Peer,
    answer::{self, Rights},
    config::Warning,
    failure::PageKind,
};

use crate::{face, page::Outcome, skin::Skin, visit::Visit};

/// What every page is given.
pub(crate) struct Site {
    engine: Arc<Engine>,
    pub(crate) skin: Skin,
    pub(crate) started_at: Timestamp,
    /// What the configuration weakens.
    pub(crate) warnings: Vec<Warning>,
}

impl Site {
    pub(crate) fn new(engine: Arc<Engine>, skin: Skin) -> Self {
        let started_at = engine.now();
        let warnings = engine.policy().check().unwrap_or_default();
        Self { engine, skin, started_at, warnings }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Writes a page.
    pub(crate) fn html(
        &self,
        visit: &Visit<'_>,
        status: StatusCode,
        template: &str,
        context: &impl Serialize,
    ) -> Outcome {
        self.html_with(visit, status, template, context, &Rights::default())
    }

    /// Writes a page that may do more than others.
    pub(crate) fn html_with(
        &self,
        visit: &Visit<'_>,
        status: StatusCode,
        template: &str,
        context: &impl Serialize,
        rights: &Rights<'_>,
    ) -> Outcome {
        let body = self.skin.render(template, visit.language, context)?;
        Ok(answer::html(status, body, rights))
    }

    /// Writes a page that is simply there.
    pub(crate) fn ok(&self, visit: &Visit<'_>, template: &str, context: &impl Serialize) -> Outcome {
        self.html(visit, StatusCode::OK, template, context)
    }

    /// Sends the browser to one of our own pages.
    pub(crate) fn to(&self, path: &str) -> Response<Bytes> {
        let mut response = answer::see_other(&self.skin.at(path));
        answer::page_headers(response.headers_mut());
        response
    }

    /// The page for a failure.
    pub(crate) fn refuse(&self, failure: &Failure, request: &Request<Bytes>, peer: &Peer) -> Response<Bytes> {
        let mut error = failure.to_page();
        if matches!(failure, Failure::Method(_)) {
            // Whoever types the address of a button finds nothing there.
            error.kind = PageKind::NotFound;
        }
        if error.status != StatusCode::NOT_FOUND && error.status != StatusCode::METHOD_NOT_ALLOWED {
            self.engine.note_refusal("pages", failure, request, peer);
        }
        let accept = request.headers().get(http::header::ACCEPT_LANGUAGE);
        let language = self.skin.language(accept.and_then(|value| value.to_str().ok()));
        match face::error_page(&self.skin, &error, &peer.request_id, language) {
            Ok(body) => {
                let mut response = answer::html(error.status, body, &Rights::default());
                failure.status_headers(&mut response);
                response
            }
            Err(fault) => {
                tracing::error!(%fault, "the error page cannot be written");
                self.engine.error_page(failure, request, peer)
            }
        }
    }
}

/// Says how long to wait.
pub(crate) fn retry_after(response: &mut Response<Bytes>, seconds: u32) {
    response.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
}
