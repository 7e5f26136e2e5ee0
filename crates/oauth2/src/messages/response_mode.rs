//! How an authorization response travels (RFC 6749 §4.1.2 and §4.2.2; OAuth 2.0 Multiple Response Type Encoding
//! Practices §2.1; OAuth 2.0 Form Post Response Mode).

use crate::{RedirectUri, ResponseMode, form};

/// An authorization response on its way through the browser.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Delivery {
    /// The `Location` of a `303`.
    Redirect(String),
    /// A page whose form posts itself.
    FormPost {
        /// Where to: the redirect URI as registered.
        action: String,
        /// What: names and values, not yet escaped for a page.
        fields: Vec<(String, String)>,
    },
}

/// Writes an authorization response. What the redirect URI already has in its query stays as it is (RFC 6749 §3.1.2).
///
/// ```
/// use valetkey_oauth2::{RedirectUri, ResponseMode, messages::{Delivery, response_mode}};
/// let uri = RedirectUri::parse("https://app.example/cb?tenant=1").unwrap();
/// let sent = response_mode::write(ResponseMode::Query, &uri, &[("code", "a b")]);
/// assert_eq!(sent, Delivery::Redirect("https://app.example/cb?tenant=1&code=a%20b".into()));
/// ```
#[must_use]
pub fn write(mode: ResponseMode, redirect_uri: &RedirectUri, params: &[(&str, &str)]) -> Delivery {
    let uri = redirect_uri.as_str();
    let separator = match mode {
        ResponseMode::FormPost => {
            let fields = params.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            return Delivery::FormPost { action: uri.to_owned(), fields };
        }
        ResponseMode::Fragment => "#",
        ResponseMode::Query if !uri.contains('?') => "?",
        ResponseMode::Query if uri.ends_with(['?', '&']) => "",
        ResponseMode::Query => "&",
    };
    let length: usize = params.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
    let mut location = String::with_capacity(uri.len() + length);
    location.push_str(uri);
    location.push_str(separator);
    form::write(params, &mut location);
    Delivery::Redirect(location)
}
