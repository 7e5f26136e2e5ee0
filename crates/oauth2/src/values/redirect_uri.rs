//! Redirection endpoints, and the one function that says whether two are the same.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A redirection endpoint (RFC 6749 §3.1.2): absolute, without a fragment, with nobody's password in it, and of a scheme
/// that cannot run script. Kept as sent, for it is compared octet by octet.
#[derive(Clone, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri {
    text: Arc<str>,
    kind: RedirectKind,
}

/// Where a redirect URI leads.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RedirectKind {
    /// A web server, over TLS.
    Https,
    /// This machine, by an IP literal (RFC 8252 §7.3): a native client's port may vary.
    LoopbackIp,
    /// This machine, by the name `localhost`.
    Localhost,
    /// An app that has claimed a scheme with a dot in it (RFC 8252 §7.1).
    PrivateUse,
}

/// Why a text is no redirection endpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidRedirectUri {
    /// Not an absolute URI, or with white space, control or non-ASCII characters in it, or over 2,048 characters.
    #[error("a redirect URI is an absolute URI of visible ASCII characters")]
    NotAbsolute,
    /// RFC 6749 §3.1.2.
    #[error("a redirect URI has no fragment")]
    HasFragment,
    /// `user:password@`.
    #[error("a redirect URI has no user information")]
    HasUserInfo,
    /// `http` to another machine.
    #[error("a redirect URI is https; http leads to this machine only (127.0.0.1, [::1], localhost)")]
    Insecure,
    /// `javascript:`, `data:` and all others that are neither web, loopback nor a scheme with a dot.
    #[error("a redirect URI's scheme is https, or one with a dot that an app has claimed")]
    Scheme,
    /// A wildcard in the host.
    #[error("a redirect URI has no wildcard")]
    Wildcard,
    /// A host with characters that no host name has; some of them divide the directives of a content security policy.
    #[error("a redirect URI's host has only letters, digits, dots, hyphens and underscores")]
    Host,
}

impl RedirectUri {
    /// Reads a redirection endpoint.
    ///
    /// # Errors
    /// [`InvalidRedirectUri`] says what is wrong.
    pub fn parse(raw: &str) -> Result<Self, InvalidRedirectUri> {
        if raw.len() > 2048 || !raw.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) || raw.contains('\\') {
            return Err(InvalidRedirectUri::NotAbsolute);
        }
        let url = Url::parse(raw).map_err(|_| InvalidRedirectUri::NotAbsolute)?;
        if raw.contains('#') {
            return Err(InvalidRedirectUri::HasFragment);
        }
        if !url.username().is_empty() || url.password().is_some() || authority(raw).contains('@') {
            return Err(InvalidRedirectUri::HasUserInfo);
        }
        let kind = match url.scheme() {
            "https" | "http" => {
                // What the browser will read must be what is written: no `https:/host`, no `https:host`.
                if !raw.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://")) {
                    return Err(InvalidRedirectUri::NotAbsolute);
                }
                if url.host_str().is_none_or(|host| host.contains('*')) {
                    return Err(InvalidRedirectUri::Wildcard);
                }
                let in_host = |byte: u8| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
                };
                if authority(raw).is_empty() || !authority(raw).bytes().all(in_host) {
                    return Err(InvalidRedirectUri::Host);
                }
                match (url.scheme(), is_loopback(&url, false), is_loopback(&url, true)) {
                    ("https", ..) => RedirectKind::Https,
                    (_, true, _) => RedirectKind::LoopbackIp,
                    (_, _, true) => RedirectKind::Localhost,
                    _ => return Err(InvalidRedirectUri::Insecure),
                }
            }
            scheme if scheme.contains('.') => RedirectKind::PrivateUse,
            _ => return Err(InvalidRedirectUri::Scheme),
        };
        Ok(Self { text: raw.into(), kind })
    }

    /// Whether a request that names `asked` may be answered at this registered endpoint: equal octets, except that a
    /// native client's loopback IP may name another port (RFC 8252 §7.3, RFC 9700 §4.1.3).
    #[must_use]
    pub fn accepts(&self, asked: &Self, native: bool) -> bool {
        if self.text == asked.text {
            return true;
        }
        native
            && self.kind == RedirectKind::LoopbackIp
            && asked.kind == RedirectKind::LoopbackIp
            && without_port(&self.text) == without_port(&asked.text)
    }

    /// Where it leads.
    #[must_use]
    pub fn kind(&self) -> RedirectKind {
        self.kind
    }

    /// Whether it leads to this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        matches!(self.kind, RedirectKind::LoopbackIp | RedirectKind::Localhost)
    }

    /// The text, as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What a person should read of it: the host with its port, or the scheme of an app.
    #[must_use]
    pub fn host(&self) -> &str {
        match self.kind {
            RedirectKind::PrivateUse => self.text.split(':').next().unwrap_or_default(),
            _ => authority(&self.text),
        }
    }

    /// Scheme, host and port, for a page's `form-action`; of an app only its scheme.
    #[must_use]
    pub fn form_action(&self) -> String {
        match self.kind {
            RedirectKind::PrivateUse => format!("{}:", self.host()),
            RedirectKind::Https => format!("https://{}", self.host()),
            _ => format!("http://{}", self.host()),
        }
    }
}

/// Whether a URL's host is this machine; by name only if `named`.
pub(super) fn is_loopback(url: &Url, named: bool) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => named && name == "localhost",
        None => false,
    }
}

/// What stands between `://` and the next delimiter, octet by octet.
fn authority(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("://") else { return "" };
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Scheme and host, and everything from the path on.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = authority(text);
    let path = rest.get(authority.len()..)?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    (scheme == "http").then_some((host, path))
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRedirectUri;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.text.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(raw: &str) -> RedirectUri {
        RedirectUri::parse(raw).unwrap()
    }

    #[test]
    fn sec_az_01_only_equal_octets_match() {
        let registered = uri("https://app.example/cb?tenant=1");
        assert!(registered.accepts(&uri("https://app.example/cb?tenant=1"), false));
        for other in [
            "https://app.example/cb",
            "https://app.example/cb?tenant=1&x=2",
            "https://app.example/cb/../cb?tenant=1",
            "https://APP.example/cb?tenant=1",
            "https://app.example:443/cb?tenant=1",
            "https://app.example.evil.example/cb?tenant=1",
        ] {
            assert!(!registered.accepts(&uri(other), true), "{other}");
        }
    }

    #[test]
    fn sec_az_01_a_native_clients_loopback_may_vary_its_port() {
        let registered = uri("http://127.0.0.1/cb");
        assert!(registered.accepts(&uri("http://127.0.0.1:51004/cb"), true));
        assert!(!registered.accepts(&uri("http://127.0.0.1:51004/cb"), false));
        assert!(!registered.accepts(&uri("http://127.0.0.1:51004/other"), true));
        assert!(!registered.accepts(&uri("http://127.0.0.2:51004/cb"), true));
        assert!(uri("http://[::1]:1/cb").accepts(&uri("http://[::1]:2/cb"), true));
        assert!(!uri("http://localhost:1/cb").accepts(&uri("http://localhost:2/cb"), true));
    }

    #[test]
    fn sec_az_03_script_and_data_schemes_are_refused() {
        for raw in [
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:x",
            "about:blank",
            "myapp:/cb",
        ] {
            assert_eq!(RedirectUri::parse(raw), Err(InvalidRedirectUri::Scheme), "{raw}");
        }
        assert_eq!(uri("com.example.app:/cb").kind(), RedirectKind::PrivateUse);
    }

    #[test]
    fn sec_az_04_plain_http_leads_to_this_machine_only() {
        assert_eq!(RedirectUri::parse("http://app.example/cb"), Err(InvalidRedirectUri::Insecure));
        assert_eq!(RedirectUri::parse("http://127.0.0.1.evil.example/cb"), Err(InvalidRedirectUri::Insecure));
        assert_eq!(uri("http://localhost:8000/cb").kind(), RedirectKind::Localhost);
    }

    #[test]
    fn a_host_cannot_break_out_of_the_pages_policy() {
        for raw in [
            "https://a;script-src/cb",
            "https://a,b/cb",
            "https://a'b/cb",
            "https://a%3bb/cb",
            "https:///a/cb",
        ] {
            assert_eq!(RedirectUri::parse(raw), Err(InvalidRedirectUri::Host), "{raw}");
        }
        assert_eq!(uri("http://[::1]:80/cb;a=1?b='").form_action(), "http://[::1]:80");
    }

    #[test]
    fn oddities_are_refused() {
        for raw in [
            "https://user@app.example/cb",
            "https://@app.example/cb",
            "https://app.example/cb#x",
            "https://app.example/cb#",
            "https:/app.example/cb",
            "https:app.example",
            "https://app.example\\@evil.example/cb",
            "https://*.example/cb",
            "https://app.example/a b",
            "//app.example/cb",
            "/cb",
            "",
        ] {
            assert!(RedirectUri::parse(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn a_person_reads_the_host() {
        assert_eq!(uri("https://app.example:8443/cb?x=/y").host(), "app.example:8443");
        assert_eq!(uri("com.example.app:/cb").host(), "com.example.app");
        assert_eq!(uri("com.example.app:/cb").form_action(), "com.example.app:");
    }
}
