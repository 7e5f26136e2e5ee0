//! What the engine and the pages know a browser by: its cookies, and the tokens in its forms.

use http::{
    HeaderMap,
    header::{ACCEPT_LANGUAGE, COOKIE, ORIGIN},
};
use valetkey_crypto::mac::{MacHash, MacKey};
use valetkey_oauth2::{Handle, HandleHash, HandleKind, Issuer};

/// The cookies of one issuer. On https they carry the `__Host-` prefix; on loopback http, where that does not work, the
/// port is part of the name, since ports do not separate cookies.
pub struct Cookies {
    session: String,
    browser: String,
    device: String,
    /// What stands before and behind the word in each cookie's name.
    around: (&'static str, String),
    attributes: &'static str,
    origin: String,
    forms: MacKey,
}

/// How long a browser is known by: to flows and forms until it closes, as a device of an account for half a year.
const DEVICE_SECONDS: u64 = 180 * 24 * 60 * 60;

impl Cookies {
    pub(crate) fn new(issuer: &Issuer, forms: [u8; 32]) -> Self {
        let around = if issuer.is_secure() {
            ("__Host-vk_", String::new())
        } else {
            let port = issuer.origin().rsplit_once(':').map_or("80", |(_, port)| port);
            let port = if port.bytes().all(|byte| byte.is_ascii_digit()) { port } else { "80" };
            ("vk_", format!("_{port}"))
        };
        let name = |what: &str| format!("{}{what}{}", around.0, around.1);
        Self {
            session: name("session"),
            browser: name("browser"),
            device: name("device"),
            around,
            attributes: if issuer.is_secure() {
                "; Path=/; HttpOnly; Secure; SameSite=Lax"
            } else {
                "; Path=/; HttpOnly; SameSite=Lax"
            },
            origin: issuer.origin().to_owned(),
            forms: MacKey::new(MacHash::Sha256, &forms),
        }
    }

    /// The session's handle, if the browser sent one.
    #[must_use]
    pub fn session(&self, headers: &HeaderMap) -> Option<Handle> {
        find(headers, &self.session).and_then(|text| Handle::parse(HandleKind::Session, text).ok())
    }

    /// The browser's own handle, which flows and forms are bound to.
    #[must_use]
    pub fn browser(&self, headers: &HeaderMap) -> Option<Handle> {
        find(headers, &self.browser).and_then(|text| Handle::parse(HandleKind::Browser, text).ok())
    }

    /// The mark of a browser from which somebody has logged in before.
    #[must_use]
    pub fn device(&self, headers: &HeaderMap) -> Option<Handle> {
        find(headers, &self.device).and_then(|text| Handle::parse(HandleKind::Device, text).ok())
    }

    /// Gives the browser its session.
    #[must_use]
    pub fn set_session(&self, handle: &Handle) -> String {
        format!("{}={}{}", self.session, handle.expose(), self.attributes)
    }

    /// Takes the session back.
    #[must_use]
    pub fn clear_session(&self) -> String {
        format!("{}={}; Max-Age=0", self.session, self.attributes)
    }

    /// Gives the browser its own handle.
    #[must_use]
    pub fn set_browser(&self, handle: &Handle) -> String {
        format!("{}={}{}", self.browser, handle.expose(), self.attributes)
    }

    /// Marks the browser as one that somebody has logged in from.
    #[must_use]
    pub fn set_device(&self, handle: &Handle) -> String {
        format!("{}={}{}; Max-Age={DEVICE_SECONDS}", self.device, handle.expose(), self.attributes)
    }

    /// A further cookie of the pages, named and locked like the others; it stays for so many seconds, or until the
    /// browser closes. The value must be plain cookie text.
    #[must_use]
    pub fn own(&self, what: &str, value: &str, seconds: Option<u32>) -> String {
        let (before, behind) = &self.around;
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        format!("{before}{what}{behind}={value}{}{age}", self.attributes)
    }

    /// The value of such a cookie, if the browser sent one.
    #[must_use]
    pub fn find_own<'h>(&self, headers: &'h HeaderMap, what: &str) -> Option<&'h str> {
        let (before, behind) = &self.around;
        find(headers, &format!("{before}{what}{behind}")).filter(|value| !value.is_empty())
    }

    /// The token for this browser's forms; another one in every session (security UI-02, UI-03).
    #[must_use]
    pub fn form_token(&self, browser: &Handle, session: Option<&HandleHash>) -> String {
        let tag = self.forms.tag(&message(browser, session));
        tag.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a form's token is this browser's, and the form was not posted from elsewhere.
    #[must_use]
    pub fn is_own_form(&self, headers: &HeaderMap, token: &str) -> bool {
        let Some(browser) = self.browser(headers) else { return false };
        let session = self.session(headers).map(|handle| handle.hash());
        let own = self.form_token(&browser, session.as_ref());
        valetkey_crypto::ct_eq(own.as_bytes(), token.as_bytes()) && !self.is_cross_site(headers)
    }

    /// Whether the browser says that a request came from another site.
    #[must_use]
    pub fn is_cross_site(&self, headers: &HeaderMap) -> bool {
        let foreign_origin = headers.get(ORIGIN).is_some_and(|origin| {
            // Pages under `no-referrer` send `null`; the token and Sec-Fetch-Site still hold.
            origin.as_bytes() != self.origin.as_bytes() && origin.as_bytes() != b"null"
        });
        let fetch_site = headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
        foreign_origin || !matches!(fetch_site, None | Some(b"same-origin" | b"none"))
    }
}

fn message(browser: &Handle, session: Option<&HandleHash>) -> Vec<u8> {
    let mut message = browser.hash().as_bytes().to_vec();
    if let Some(session) = session {
        message.extend_from_slice(session.as_bytes());
    }
    message
}

/// The value of a cookie of that name; of several the first.
fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(own, _)| *own == name)
        .map(|(_, value)| value)
}

/// The language that the browser likes best, as far as can be told at a glance; `en` else.
#[must_use]
pub fn language(headers: &HeaderMap) -> &str {
    headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(',').next())
        .map(|first| first.split(';').next().unwrap_or_default().trim())
        .filter(|tag| !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        .unwrap_or("en")
}
