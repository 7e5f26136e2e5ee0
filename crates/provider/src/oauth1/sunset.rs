//! The end of OAuth 1, where one is set: announced in headers before it, and after it a refusal that names the way over
//! (RFC 8594, RFC 9745).

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderName, HeaderValue, header::LINK};
use valetkey_oauth1::Problem;
use valetkey_oauth2::Timestamp;
use valetkey_ports::Client;

use super::SignatureRefusal;
use crate::Engine;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

impl Engine {
    /// From when on a client must use OAuth 2: the earlier of its own date and the server's.
    #[must_use]
    pub fn oauth1_sunset(&self, client: &Client) -> Option<Timestamp> {
        let own = client.oauth1.as_ref().and_then(|own| own.sunset);
        match (own, self.policy().oauth1.sunset) {
            (Some(own), Some(servers)) => Some(own.min(servers)),
            (own, servers) => own.or(servers),
        }
    }

    /// What an answer to a signed request says of the end: nothing where none is set.
    #[must_use]
    pub fn sunset_headers(&self, client: &Client) -> Vec<(HeaderName, HeaderValue)> {
        let Some(sunset) = self.oauth1_sunset(client) else { return Vec::new() };
        let seconds = u64::try_from(sunset.seconds()).unwrap_or_default();
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
        // Deprecated since the registration at the latest: RFC 9745 wants a date.
        let since = format!("@{}", client.created_at.seconds());
        let policy = &self.policy().oauth1;
        let exchange = self.issuer().join(&self.policy().paths.token);
        let page = policy.sunset_link.as_deref().unwrap_or(&exchange);
        let texts = [(DEPRECATION, since), (SUNSET, date), (LINK, format!("<{page}>; rel=\"sunset\""))];
        texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, HeaderValue::from_str(&text).ok()?)))
            .collect()
    }

    /// The refusal of a client whose time is over, if it is.
    pub(crate) fn after_sunset(&self, client: &Client, now: Timestamp) -> Option<SignatureRefusal> {
        let sunset = self.oauth1_sunset(client).filter(|sunset| *sunset <= now)?;
        Some(SignatureRefusal {
            headers: self.sunset_headers(client),
            ..SignatureRefusal::new(
                Problem::ConsumerKeyRefused,
                "OAuth 1 has ended for this app: exchange its tokens at the token endpoint (RFC 8693) and use OAuth 2.",
                format!("OAuth 1 ended for this client at {}", sunset.seconds()),
            )
        })
    }
}
