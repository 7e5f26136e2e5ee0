//! The usual mistakes, tried one after the other until the signature fits.

use valetkey_crypto::mac::{MacHash, MacKey};
use valetkey_crypto::{Secret, ct_eq};

use crate::base_string::{self, BaseUri};
use crate::carriage::Body;
use crate::credentials::VerifyingKey;
use crate::message::Message;
use crate::method::{SignatureMethod, from_base64};
use crate::methods::Methods;
use crate::params::{self, Param, Place};
use crate::percent;

macro_rules! mistakes {
    ($($(#[$doc:meta])* $variant:ident = $advice:literal),+ $(,)?) => {
        /// A mistake by which a signature came about.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Mistake {
            $($(#[$doc])* $variant),+
        }

        impl Mistake {
            /// What to fix.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self {
                    $(Self::$variant => $advice),+
                }
            }
        }
    };
}

mistakes! {
    /// The key ends without an ampersand.
    NoAmpersand = "Put an ampersand after the client secret, even when there is no token secret.",
    /// The token secret is not in the key.
    NoTokenSecret = "Put the token secret after the ampersand of the key.",
    /// The client secret is not in the key.
    NoClientSecret = "Put the client secret before the ampersand of the key.",
    /// The secrets changed places.
    SecretsSwapped = "Put the client secret before the ampersand and the token secret after it.",
    /// The secrets are not encoded.
    SecretsNotEncoded = "Percent-encode both secrets before they are joined by the ampersand.",
    /// The signature was encoded twice.
    SignatureEncodedTwice = "Percent-encode the signature once when it is sent.",
    /// Plus signs of the signature became spaces.
    SignatureNotEncoded = "Percent-encode the signature when it is sent: its plus signs arrive as spaces.",
    /// Another method signed than the one that is named.
    OtherMethod = "Name the signature method that signs: oauth_signature_method says another.",
    /// `http` was signed for `https`, or the other way around.
    OtherScheme = "Sign the scheme of the public URL: http and https were confused, by a proxy maybe.",
    /// The host of the `Host` header was signed, and the public URL has another.
    OtherHost = "Sign the public URL of this server: the request was sent to, and signed for, another host or port.",
    /// The default port was signed.
    DefaultPort = "Leave the port out of the URI when it is 80 for http or 443 for https.",
    /// The port was not signed.
    NoPort = "Sign the port of the URL: it is not the default.",
    /// The slash at the path's end was dropped or added.
    TrailingSlash = "Sign the path with the slash at its end exactly as it is sent.",
    /// The query stands in the signed URI.
    QueryInUri = "Leave the query out of the URI: its parameters are signed among the others.",
    /// The query's parameters are not signed.
    QueryNotSigned = "Sign the parameters of the query too.",
    /// The form's parameters are not signed.
    FormNotSigned = "Sign the parameters of the body too: its type is application/x-www-form-urlencoded.",
    /// Neither query nor form are signed.
    OnlyProtocolSigned = "Sign the parameters of query and form-encoded body too, not only the protocol's.",
    /// A body that is no form was signed as if it were one.
    BodySigned = "Sign the body's parameters only when its type is application/x-www-form-urlencoded.",
    /// `realm` was signed.
    RealmSigned = "Leave realm out of the signature.",
    /// Escapes have lower-case digits.
    LowerEscapes = "Write percent escapes in upper case: %2F, not %2f.",
    /// Spaces became plus signs.
    PlusForSpace = "Encode a space as %20 in the base string, never as a plus sign.",
    /// Names and values were encoded twice before joining.
    EncodedTwice = "Encode names and values once before they are joined; they are encoded twice.",
    /// Names and values were not encoded before joining.
    NotEncoded = "Encode names and values before they are joined, then the joined text once more.",
    /// The parameters are not sorted.
    NotSorted = "Sort the parameters by their encoded names, then by their encoded values, as octets.",
    /// The HTTP method is not in upper case.
    LowerMethod = "Write the HTTP method in upper case.",
}

/// Finds the one mistake that explains the message's signature; none when it is right, or wrong in another way.
///
/// `method` is the one that the message names; `methods` are those that it may have been confused with.
#[must_use]
pub fn guess(
    message: &Message<'_>,
    uri: &BaseUri,
    method: &dyn SignatureMethod,
    methods: &Methods,
    key: VerifyingKey<'_>,
) -> Option<Mistake> {
    guess_among(message, uri, method, methods, key, usize::MAX)
}

/// The same, with no more than the `most` likeliest base strings: for servers, whose time strangers could spend.
#[must_use]
pub fn guess_among(
    message: &Message<'_>,
    uri: &BaseUri,
    method: &dyn SignatureMethod,
    methods: &Methods,
    key: VerifyingKey<'_>,
    most: usize,
) -> Option<Mistake> {
    let right = message.base_string(uri);
    let signature = message.signature();
    let fits = |base: &str, signature: &str| method.verify(base, signature, key).is_ok();
    if fits(&right, signature) {
        return None;
    }
    if signature.contains(' ') && fits(&right, &signature.replace(' ', "+")) {
        return Some(Mistake::SignatureNotEncoded);
    }
    if let Ok(once) = percent::decode_text(signature, percent::Plus::Literal)
        && fits(&right, &once)
    {
        return Some(Mistake::SignatureEncodedTwice);
    }
    if let VerifyingKey::Secrets(secrets) = key {
        let token = secrets.token.map_or("", Secret::expose);
        let found = keys(secrets.client.expose(), token)
            .into_iter()
            .find(|(_, text)| fits_key(method.name(), text, &right, signature));
        if let Some((mistake, _)) = found {
            return Some(mistake);
        }
    }
    let others = methods.iter().filter(|other| other.name() != method.name() && other.covers_request());
    if others.into_iter().any(|other| other.verify(&right, signature, key).is_ok()) {
        return Some(Mistake::OtherMethod);
    }
    if !method.covers_request() {
        return None;
    }
    bases(message, uri, &right)
        .into_iter()
        .take(most)
        .find(|(_, base)| fits(base, signature))
        .map(|(mistake, _)| mistake)
}

/// Keys as they are wrongly made.
fn keys(client: &str, token: &str) -> Vec<(Mistake, String)> {
    let (encoded, encoded_token) = (percent::encode(client), percent::encode(token));
    vec![
        (Mistake::NoAmpersand, encoded.to_string()),
        (Mistake::NoAmpersand, format!("{encoded}{encoded_token}")),
        (Mistake::SecretsNotEncoded, format!("{client}&{token}")),
        (Mistake::NoTokenSecret, format!("{encoded}&")),
        (Mistake::NoClientSecret, format!("&{encoded_token}")),
        (Mistake::SecretsSwapped, format!("{encoded_token}&{encoded}")),
    ]
}

/// Whether a method of the shared-secret family made the signature with that very key.
fn fits_key(method: &str, key: &str, base: &str, signature: &str) -> bool {
    let hash = match method {
        "HMAC-SHA1" => MacHash::Sha1,
        "HMAC-SHA256" => MacHash::Sha256,
        "HMAC-SHA512" => MacHash::Sha512,
        "PLAINTEXT" => return ct_eq(key.as_bytes(), signature.as_bytes()),
        _ => return false,
    };
    from_base64(signature).is_some_and(|tag| MacKey::new(hash, key.as_bytes()).is_tag(base.as_bytes(), &tag))
}

/// Base strings as they are wrongly made.
fn bases(message: &Message<'_>, uri: &BaseUri, right: &str) -> Vec<(Mistake, String)> {
    let text = uri.as_str();
    let mut bases: Vec<(Mistake, String)> = uris(text, params::query_of(message.target()))
        .into_iter()
        .chain(hosts(message, text))
        .map(|(mistake, uri)| (mistake, with_uri(right, &uri)))
        .collect();

    let only = |keep: &dyn Fn(&Param<'_>) -> bool| {
        let kept = message.params().iter().filter(|param| keep(param)).map(Param::pair);
        base_string::write(message.method(), uri, kept)
    };
    let is_theirs = |param: &Param<'_>, place| !param.is_protocol() && param.place == place;
    bases.push((Mistake::QueryNotSigned, only(&|param| !is_theirs(param, Place::Query))));
    bases.push((Mistake::FormNotSigned, only(&|param| !is_theirs(param, Place::Body))));
    bases.push((Mistake::OnlyProtocolSigned, only(&|param| param.is_protocol())));

    let own = || message.params().iter().map(Param::pair);
    if let Some(realm) = message.realm() {
        let realm: (&[u8], &[u8]) = (b"realm", realm.as_bytes());
        bases.push((Mistake::RealmSigned, base_string::write(message.method(), uri, own().chain([realm]))));
    }
    if let (Body::Octets(body), false) = (message.body(), message.is_form())
        && let Ok(body) = params::form(body, Place::Body).collect::<Result<Vec<_>, _>>()
    {
        let all = own().chain(body.iter().map(Param::pair));
        bases.push((Mistake::BodySigned, base_string::write(message.method(), uri, all)));
    }

    bases.push((Mistake::LowerEscapes, lower_escapes(right)));
    bases.push((Mistake::PlusForSpace, right.replace("%2520", "%2B")));
    bases.push((Mistake::PlusForSpace, right.replace("%2520", "+")));
    bases.extend(spellings(message, right));
    bases.push((Mistake::LowerMethod, lower_method(right)));
    bases
}

/// URIs as they are wrongly made.
fn uris(uri: &str, query: Option<&str>) -> Vec<(Mistake, String)> {
    let mut uris = Vec::new();
    let Some((scheme, rest)) = uri.split_once("://") else { return uris };
    let (other, port) = if scheme == "https" { ("http", 443) } else { ("https", 80) };
    uris.push((Mistake::OtherScheme, format!("{other}://{rest}")));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    uris.push((Mistake::DefaultPort, format!("{scheme}://{authority}:{port}{path}")));
    if let Some((host, _)) = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        uris.push((Mistake::NoPort, format!("{scheme}://{host}{path}")));
    }
    let toggled = uri.strip_suffix('/').map_or_else(|| format!("{uri}/"), str::to_owned);
    uris.push((Mistake::TrailingSlash, toggled));
    if let Some(query) = query {
        uris.push((Mistake::QueryInUri, format!("{uri}?{query}")));
    }
    uris
}

/// The URI at the host that the request was sent to.
fn hosts(message: &Message<'_>, uri: &str) -> Vec<(Mistake, String)> {
    let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
    let path = rest.get(rest.find('/').unwrap_or(rest.len())..).unwrap_or_default();
    let hosts = message.host().into_iter().flat_map(|host| [("https", host), ("http", host)]);
    hosts
        .filter_map(|(scheme, host)| BaseUri::parse(&format!("{scheme}://{host}{path}")).ok())
        .filter(|other| other.as_str() != uri)
        .map(|other| (Mistake::OtherHost, other.as_str().to_owned()))
        .collect()
}

/// The base string with another URI.
fn with_uri(base: &str, uri: &str) -> String {
    let mut parts = base.splitn(3, '&');
    let (method, _, rest) = (parts.next(), parts.next(), parts.next());
    format!("{}&{}&{}", method.unwrap_or_default(), percent::encode(uri), rest.unwrap_or_default())
}

/// Parameters unsorted, encoded twice, or not encoded.
fn spellings(message: &Message<'_>, right: &str) -> Vec<(Mistake, String)> {
    let head = right.rsplit_once('&').map_or("", |(head, _)| head);
    let mut encoded: Vec<(String, String)> = message
        .params()
        .iter()
        .filter(|param| *param.name != *b"oauth_signature")
        .map(|param| (percent::encode(&param.name).into_owned(), percent::encode(&param.value).into_owned()))
        .collect();
    let join = |pairs: &[(String, String)]| {
        let fields: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{head}&{}", percent::encode(&fields.join("&")))
    };
    let mut spellings = vec![(Mistake::NotSorted, join(&encoded))];
    encoded.sort_unstable();
    let twice: Vec<_> = encoded
        .iter()
        .map(|(name, value)| (percent::encode(name).into_owned(), percent::encode(value).into_owned()))
        .collect();
    spellings.push((Mistake::EncodedTwice, join(&twice)));
    let text = |encoded: &str| {
        percent::decode_text(encoded, percent::Plus::Literal).unwrap_or_default().into_owned()
    };
    let plain: Vec<_> = encoded.iter().map(|(name, value)| (text(name), text(value))).collect();
    spellings.push((Mistake::NotEncoded, join(&plain)));
    spellings
}

/// What a library writes whose escapes have lower-case digits: on both levels.
fn lower_escapes(base: &str) -> String {
    // An escape of an escape: `%25` and two digits more.
    let mut lower = String::with_capacity(base.len());
    let mut left = 0;
    let mut rest = base;
    while let Some(character) = rest.chars().next() {
        if rest.starts_with("%25") {
            left = 5;
        } else if character == '%' {
            left = 3;
        }
        lower.push(if left > 0 { character.to_ascii_lowercase() } else { character });
        left = if left > 0 { left - 1 } else { 0 };
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    lower
}

fn lower_method(base: &str) -> String {
    base.split_once('&')
        .map_or_else(String::new, |(method, rest)| format!("{}&{rest}", method.to_lowercase()))
}
