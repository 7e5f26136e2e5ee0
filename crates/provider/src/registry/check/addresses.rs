//! Addresses: a client's pages, where it is answered, where its browser parts live.

use url::{Host, Url};
use valetkey_oauth2::{Origin, RedirectKind, RedirectUri};
use valetkey_ports::ClientKind;

use super::{Desk, ENTRIES, list};

/// The longest address, in octets.
const URL: usize = 2048;

impl Desk<'_> {
    /// A page of the app's: https, nobody's password in it, no fragment.
    pub(super) fn url(&mut self, field: &'static str, raw: &str) -> Option<String> {
        let raw = raw.trim();
        if raw.is_empty() {
            return None;
        }
        let is_clean = raw.len() <= URL && raw.bytes().all(|byte| matches!(byte, 0x21..=0x7e));
        let fits = |url: &Url| {
            let is_secure = url.scheme() == "https";
            let is_local = self.is_workbench() && url.scheme() == "http" && is_loopback(url);
            (is_secure || is_local)
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.fragment().is_none()
        };
        match Url::parse(raw) {
            Ok(url) if is_clean && !raw.contains(['\\', '@']) && fits(&url) => Some(raw.to_owned()),
            _ => {
                self.wrong(field, "Give an https URL without user name, password and fragment.");
                None
            }
        }
    }

    pub(super) fn redirect_uris(&mut self, kind: ClientKind) -> Vec<RedirectUri> {
        let mut uris: Vec<RedirectUri> = Vec::new();
        for raw in list(&self.draft.redirect_uris) {
            match RedirectUri::parse(&raw) {
                Ok(uri) => {
                    self.redirect_uri(kind, &uri);
                    uris.push(uri);
                }
                Err(error) => self.wrong("redirect_uris", format!("{raw}: {error}.")),
            }
        }
        if uris.len() > ENTRIES {
            self.wrong("redirect_uris", format!("Register {ENTRIES} redirect URIs at the most."));
        }
        uris
    }

    /// Where a client of that kind may be answered (security AZ-03, AZ-04; RFC 8252 §7, decision 10).
    fn redirect_uri(&mut self, kind: ClientKind, uri: &RedirectUri) {
        match (kind, uri.kind()) {
            (_, RedirectKind::Https) | (ClientKind::Native, RedirectKind::LoopbackIp) => {}
            (ClientKind::Native, RedirectKind::PrivateUse) => {}
            (_, RedirectKind::LoopbackIp | RedirectKind::Localhost) if self.is_workbench() => {}
            (ClientKind::Native, RedirectKind::Localhost) if self.rights.is_operator => self.warn(format!(
                "{uri}: another program may answer as localhost; prefer http://127.0.0.1 (RFC 8252 section 8.3)."
            )),
            (ClientKind::Native, RedirectKind::Localhost) => self.wrong(
                "redirect_uris",
                format!("{uri}: write http://127.0.0.1 or http://[::1] instead of localhost (RFC 8252 section 8.3)."),
            ),
            (_, RedirectKind::PrivateUse) => self.wrong(
                "redirect_uris",
                format!("{uri}: only native apps have a scheme of their own. Use https, or choose the kind native."),
            ),
            (_, RedirectKind::LoopbackIp | RedirectKind::Localhost) => self.wrong(
                "redirect_uris",
                format!("{uri}: http is for native apps on the person's own machine. Use https."),
            ),
        }
    }

    pub(super) fn origins(&mut self) -> Vec<Origin> {
        let mut origins = Vec::new();
        for raw in list(&self.draft.origins) {
            let is_secure = |origin: &Origin| {
                origin.as_str().starts_with("https://")
                    || Url::parse(origin.as_str()).is_ok_and(|url| self.is_workbench() && is_loopback(&url))
            };
            match Origin::parse(&raw) {
                Ok(origin) if is_secure(&origin) => origins.push(origin),
                Ok(_) => self.wrong("origins", format!("{raw}: an origin is https.")),
                Err(error) => self.wrong("origins", format!("{raw}: {error}.")),
            }
        }
        if origins.len() > ENTRIES {
            self.wrong("origins", format!("Register {ENTRIES} origins at the most."));
        }
        origins
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
