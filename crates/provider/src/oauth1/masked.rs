//! A base string without what is the client's own business: names stay, values of the application go.

use valetkey_oauth1::percent::{self, Plus};

/// Protocol parameters whose values stay: what is wrong with a request lies in them, and none is a secret.
const KEPT: [&str; 7] = [
    "oauth_consumer_key",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_version",
    "oauth_callback",
    "oauth_body_hash",
];

/// What stands in the place of a value.
const MASK: &str = "...";

/// How much of a token is shown: enough to find it again, of no use to anybody.
const PREFIX: usize = 8;

/// A base string (RFC 5849 §3.4.1.1) whose values are masked, but those of the protocol; a token keeps its beginning.
/// What has not three parts comes back as it is.
///
/// ```
/// use valetkey_provider::oauth1::masked;
/// let whole = "GET&https%3A%2F%2Fa.example%2F&file%3Da%2520b%26oauth_nonce%3Dx%26oauth_token%3D0123456789abcdef0123%26z%3D";
/// assert_eq!(
///     masked(whole),
///     "GET&https%3A%2F%2Fa.example%2F&file%3D...%26oauth_nonce%3Dx%26oauth_token%3D01234567...%26z%3D"
/// );
/// ```
#[must_use]
pub fn masked(base_string: &str) -> String {
    let parts: Vec<&str> = base_string.split('&').collect();
    let [method, uri, parameters] = parts[..] else { return base_string.to_owned() };
    let parameters = percent::decode_text(parameters, Plus::Literal).unwrap_or(parameters.into());
    let fields: Vec<String> = parameters.split('&').map(field).collect();
    format!("{method}&{uri}&{}", percent::encode(&fields.join("&")))
}

fn field(field: &str) -> String {
    let Some((name, value)) = field.split_once('=').filter(|(_, value)| !value.is_empty()) else {
        return field.to_owned();
    };
    let shown = match name {
        "oauth_token" if value.len() > 2 * PREFIX => value.get(..PREFIX).unwrap_or_default(),
        name if KEPT.contains(&name) => return field.to_owned(),
        _ => "",
    };
    format!("{name}={shown}{MASK}")
}
