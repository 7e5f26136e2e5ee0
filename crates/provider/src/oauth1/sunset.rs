//! The end of OAuth 1, where one is set: announced in headers before it, and after it a refusal that names the way over
//! (RFC 8594, RFC 9745). Exchanging goes on after it (`grants/token_exchange.rs`): nobody is locked out who comes late.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderName, HeaderValue, header::LINK};
use valetkey_oauth1::Problem;
use valetkey_oauth2::Timestamp;
use valetkey_ports::Client;

use super::SignatureRefusal;
use crate::{Engine, endpoints::metadata_url};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");
/// The last second that an HTTP date can tell: that of the year 9999.
const LATEST: i64 = 253_402_300_799;

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

    /// What an answer to a signed request says of the end: since when OAuth 1 is deprecated (RFC 9745 §2.1), until when it
    /// works (RFC 8594 §3), and where that is explained. Nothing where no end is set.
    #[must_use]
    pub fn sunset_headers(&self, client: &Client) -> Vec<(HeaderName, HeaderValue)> {
        let Some(sunset) = self.oauth1_sunset(client) else { return Vec::new() };
        let seconds = sunset.seconds().clamp(0, LATEST);
        let date = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
        // It was deprecated when the client came, at the latest; and never after its end (RFC 9745 §4).
        let since = client.created_at.seconds().clamp(0, seconds);
        let page = self.policy().oauth1.sunset_link.clone().unwrap_or_else(|| metadata_url(self));
        let texts = [
            (DEPRECATION, format!("@{since}")),
            (SUNSET, httpdate::fmt_http_date(date)),
            (LINK, format!("<{page}>; rel=\"sunset deprecation\"")),
        ];
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
