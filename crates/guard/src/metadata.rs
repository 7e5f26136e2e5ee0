//! Where the issuer keeps its keys and answers questions: its metadata (RFC 8414).

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Request, StatusCode};
use serde_json::Value;
use url::Url;
use valetkey_fetch::Transport;
use valetkey_jose::json;

/// One pinned issuer, and what it says about itself.
pub(crate) struct Issuer {
    name: String,
    transport: Arc<dyn Transport>,
    known: Mutex<Option<Arc<Metadata>>>,
}

#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) jwks_uri: Option<String>,
    pub(crate) introspection_endpoint: Option<String>,
}

impl Issuer {
    pub(crate) fn new(name: String, transport: Arc<dyn Transport>) -> Self {
        Self { name, transport, known: Mutex::new(None) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its metadata, fetched on first use and after [`Self::forget`].
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(metadata) = known {
            return Ok(metadata);
        }
        let metadata = Arc::new(self.discover().await?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&metadata));
        Ok(metadata)
    }

    /// Asks anew next time: an endpoint failed, so it may have moved.
    pub(crate) fn forget(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn discover(&self) -> Result<Metadata, String> {
        let issuer = Url::parse(&self.name).map_err(|_| "the issuer is not a URL".to_owned())?;
        let mut refusals = Vec::new();
        for address in addresses(&issuer, &self.name) {
            match self.read(&address, &issuer).await {
                Ok(metadata) => return Ok(metadata),
                Err(reason) => refusals.push(format!("{address}: {reason}")),
            }
        }
        Err(refusals.join("; "))
    }

    async fn read(&self, address: &str, issuer: &Url) -> Result<Metadata, String> {
        let request = Request::get(address).header(ACCEPT, "application/json").body(Bytes::new());
        let request = request.map_err(|error| error.to_string())?;
        let response = self.transport.send(request).await.map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("it answered {}", response.status().as_u16()));
        }
        let object = json::parse_object(response.body()).map_err(|error| error.to_string())?;
        // RFC 8414 §3.3: identical, or the document must not be used.
        if object.get("issuer").and_then(Value::as_str) != Some(&self.name) {
            return Err("its `issuer` is another one".to_owned());
        }
        let endpoint = |name| match object.get(name).and_then(Value::as_str) {
            None => Ok(None),
            Some(text) => match Url::parse(text) {
                // Never less protected than the issuer itself.
                Ok(url) if url.scheme() == "https" || url.scheme() == issuer.scheme() => {
                    Ok(Some(text.to_owned()))
                }
                _ => Err(format!("its `{name}` is not an https URL")),
            },
        };
        Ok(Metadata {
            jwks_uri: endpoint("jwks_uri")?,
            introspection_endpoint: endpoint("introspection_endpoint")?,
        })
    }
}

/// RFC 8414 §3.1 (inserted before the path) first, then OpenID Connect Discovery §4 (appended).
fn addresses(issuer: &Url, name: &str) -> [String; 2] {
    let path = issuer.path().trim_end_matches('/');
    let mut inserted = issuer.clone();
    inserted.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    [inserted.to_string(), format!("{}/.well-known/openid-configuration", name.trim_end_matches('/'))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_part_goes_before_the_issuers_path() {
        let of = |name: &str| addresses(&Url::parse(name).unwrap(), name);
        assert_eq!(of("https://id.example")[0], "https://id.example/.well-known/oauth-authorization-server");
        assert_eq!(
            of("https://id.example/tenant")[..],
            [
                "https://id.example/.well-known/oauth-authorization-server/tenant".to_owned(),
                "https://id.example/tenant/.well-known/openid-configuration".to_owned(),
            ]
        );
    }
}
