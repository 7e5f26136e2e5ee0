//! CORS, as browser-based apps need it: never with credentials, so that no cookie of ours ever goes along.

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
    },
};
use valetkey_oauth2::{ClientId, Form};

use crate::{
    Engine, answer,
    endpoint::{Cors, Endpoint},
};

/// The origin that a browser named.
pub(super) fn origin(request: &Request<Bytes>) -> Option<&HeaderValue> {
    request.headers().get(ORIGIN)
}

/// Answers a preflight. It carries no client, so any registered origin will do; the request itself is checked again.
pub(super) async fn preflight(
    engine: &Engine,
    endpoint: &dyn Endpoint,
    origin: Option<&HeaderValue>,
) -> Response<Bytes> {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let Some(origin) = origin else { return response };
    let known = match endpoint.cors() {
        Cors::None => false,
        Cors::Open => true,
        Cors::ClientOrigins => match origin.to_str() {
            Ok(origin) => engine.knows_origin(origin).await,
            Err(_) => false,
        },
    };
    if known {
        let headers = response.headers_mut();
        let named =
            if endpoint.cors() == Cors::Open { HeaderValue::from_static("*") } else { origin.clone() };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, named);
        if let Ok(methods) = HeaderValue::from_str(endpoint.methods()) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, dpop"),
        );
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
    response
}

/// Lets a browser page read the answer, if it is of an origin that may.
pub(super) async fn allow(
    engine: &Engine,
    endpoint: &dyn Endpoint,
    origin: Option<&HeaderValue>,
    request: &Request<Bytes>,
    response: &mut Response<Bytes>,
) {
    match endpoint.cors() {
        Cors::None => {}
        Cors::Open => {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Cors::ClientOrigins => {
            let Some(origin) = origin else { return };
            response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
            if belongs_to_client(engine, origin, request).await {
                let headers = response.headers_mut();
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                headers.insert(
                    ACCESS_CONTROL_EXPOSE_HEADERS,
                    HeaderValue::from_static("www-authenticate, x-request-id"),
                );
            }
        }
    }
}

/// Whether the client that the request names has registered that origin.
async fn belongs_to_client(engine: &Engine, origin: &HeaderValue, request: &Request<Bytes>) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let Ok(form) = Form::parse(request.body(), &["resource", "audience"]) else { return false };
    let presented = valetkey_oauth2::credentials::parse(
        request.headers().get(http::header::AUTHORIZATION).map(HeaderValue::as_bytes),
        &form,
    );
    let id: Option<ClientId> = match presented {
        Ok(presented) => Some(presented.client_id),
        Err(_) => form.get("client_id").and_then(|raw| ClientId::parse(raw).ok()),
    };
    let Some(id) = id else { return false };
    matches!(engine.client(&id).await, Ok(Some(client)) if client.allows_origin(origin))
}
