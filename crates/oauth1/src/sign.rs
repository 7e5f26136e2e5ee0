//! The signer (RFC 5849 §3.1): gives a request its protocol parameters, in any of the three places.
//!
//! Timestamp and nonce are the caller's to draw.

use std::borrow::Cow;
use std::fmt;

use crate::base_string::{self, BaseUri, InvalidUri};
use crate::credentials::SigningKey;
use crate::method::{CannotSign, SignatureMethod, to_base64};
use crate::params::{self, Param, Place};
use crate::percent::{self, BadEncoding};

/// A request that is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The absolute URL, with its query.
    pub url: &'a str,
    /// The body's media type.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Outgoing<'a> {
    /// A request without a body.
    #[must_use]
    pub const fn new(method: &'a str, url: &'a str) -> Self {
        Self { method, url, content_type: None, body: &[] }
    }

    /// With that body.
    #[must_use]
    pub const fn body(mut self, content_type: &'a str, body: &'a [u8]) -> Self {
        self.content_type = Some(content_type);
        self.body = body;
        self
    }
}

/// Timestamp and nonce (§3.3): the nonce must be new for this timestamp, client and token.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// Seconds since 1970.
    pub timestamp: i64,
    /// A random text.
    pub nonce: &'a str,
}

impl<'a> Stamp<'a> {
    /// Both.
    #[must_use]
    pub const fn new(timestamp: i64, nonce: &'a str) -> Self {
        Self { timestamp, nonce }
    }
}

/// A signed request: what has changed of it is here, and nothing else. Printed for debugging, it shows where the parameters
/// went, and no value: a signature of the method `PLAINTEXT` is the secrets themselves.
#[derive(Clone, Eq, PartialEq)]
pub struct Signed {
    /// The value of the `Authorization` header, if the parameters go there.
    pub authorization: Option<String>,
    /// The URL to ask for; with the parameters, if they go into the query.
    pub url: String,
    /// The form-encoded body to send, if the parameters go there; its type is `application/x-www-form-urlencoded`.
    pub body: Option<Vec<u8>>,
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("authorization", &self.authorization.as_ref().map(|_| "…"))
            .field("url", &self.url.split('?').next().unwrap_or_default())
            .field("body", &self.body.as_ref().map(|_| "…"))
            .finish()
    }
}

/// Why a request cannot be signed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// The URL is none that can be signed.
    #[error(transparent)]
    Uri(#[from] InvalidUri),
    /// Query or form body are badly encoded.
    #[error(transparent)]
    Encoding(#[from] BadEncoding),
    /// The parameters cannot go into a body that is no form (§3.5.2).
    #[error("the body is not form-encoded")]
    NotAForm,
    /// The request has protocol parameters already (§3.5).
    #[error("the request already has the protocol parameter {0:?}")]
    AlreadySigned(String),
    /// Method and key do not go together, or this build lacks the method.
    #[error(transparent)]
    Method(#[from] CannotSign),
}

/// Signs requests of one client.
///
/// ```
/// use valetkey_crypto::Secret;
/// use valetkey_oauth1::sign::{Outgoing, Signer, Stamp};
/// use valetkey_oauth1::{Secrets, methods};
/// let (client, token) = (Secret::new("kd94hf93k423kf44"), Secret::new("pfkkdhi9sl3r4s00"));
/// let secrets = Secrets { client: &client, token: Some(&token) };
/// let signed = Signer::new(&methods::HMAC_SHA1, "dpf43f3p2l4k3l03", secrets.into())
///     .token("nnch734d00sl2jdk")
///     .realm("Photos")
///     .sign(
///         &Outgoing::new("GET", "http://photos.example.net/photos?file=vacation.jpg&size=original"),
///         &Stamp::new(137_131_202, "chapoH"),
///     )?;
/// assert!(signed.authorization.unwrap().ends_with(r#"oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D""#));
/// # Ok::<(), valetkey_oauth1::sign::SignError>(())
/// ```
#[derive(Clone)]
pub struct Signer<'a> {
    method: &'a dyn SignatureMethod,
    consumer_key: &'a str,
    key: SigningKey<'a>,
    token: Option<&'a str>,
    realm: Option<&'a str>,
    place: Place,
    hashes_body: bool,
    has_version: bool,
    extra: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Signer<'a> {
    /// Signs with client credentials; the parameters go into the header, with a body hash where a body is not signed and
    /// the method signs anything.
    #[must_use]
    pub fn new(method: &'a dyn SignatureMethod, consumer_key: &'a str, key: SigningKey<'a>) -> Self {
        Self {
            method,
            consumer_key,
            key,
            token: None,
            realm: None,
            place: Place::Header,
            hashes_body: true,
            has_version: false,
            extra: Vec::new(),
        }
    }

    /// With a token, whose secret is in the key.
    #[must_use]
    pub fn token(mut self, token: &'a str) -> Self {
        self.token = Some(token);
        self
    }

    /// With a realm; it is sent in the header only (§3.5.1), and is not signed.
    #[must_use]
    pub fn realm(mut self, realm: &'a str) -> Self {
        self.realm = Some(realm);
        self
    }

    /// In that place (§3.5).
    #[must_use]
    pub fn place(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Without `oauth_body_hash`, for servers that do not know it.
    #[must_use]
    pub fn without_body_hash(mut self) -> Self {
        self.hashes_body = false;
        self
    }

    /// With `oauth_version`.
    #[must_use]
    pub fn version(mut self) -> Self {
        self.has_version = true;
        self
    }

    /// With `oauth_callback` (§2.1): an absolute URI or `oob`.
    #[must_use]
    pub fn callback(self, callback: &'a str) -> Self {
        self.parameter("oauth_callback", callback)
    }

    /// With `oauth_verifier` (§2.3).
    #[must_use]
    pub fn verifier(self, verifier: &'a str) -> Self {
        self.parameter("oauth_verifier", verifier)
    }

    /// With another protocol parameter.
    #[must_use]
    pub fn parameter(mut self, name: &'a str, value: impl Into<Cow<'a, str>>) -> Self {
        self.extra.push((name, value.into()));
        self
    }

    /// Signs a request.
    ///
    /// # Errors
    /// [`SignError`] says why not.
    pub fn sign(&self, request: &Outgoing<'_>, stamp: &Stamp<'_>) -> Result<Signed, SignError> {
        let uri = BaseUri::parse(request.url)?;
        let is_form = params::is_form(request.content_type.map(str::as_bytes));
        if self.place == Place::Body
            && !is_form
            && !(request.body.is_empty() && request.content_type.is_none())
        {
            return Err(SignError::NotAForm);
        }
        let query = params::query_of(request.url).unwrap_or_default().as_bytes();
        let form = if is_form { request.body } else { &[] };
        let theirs: Vec<Param<'_>> = params::form(query, Place::Query)
            .chain(params::form(form, Place::Body))
            .collect::<Result<_, _>>()?;
        if let Some(param) = theirs.iter().find(|param| param.is_protocol()) {
            return Err(SignError::AlreadySigned(String::from_utf8_lossy(&param.name).into_owned()));
        }
        let mut ours = self.parameters(stamp);
        let covers = self.method.covers_request() && self.place != Place::Body;
        if self.hashes_body && covers && !is_form && !request.body.is_empty() {
            let hash = to_base64(&self.method.hash_body(request.body));
            ours.push(("oauth_body_hash", Cow::Owned(hash)));
        }
        if let Some(doubled) = (1..ours.len()).find_map(|at| {
            let (earlier, rest) = ours.split_at(at);
            let name = rest.first()?.0;
            earlier.iter().any(|(known, _)| *known == name).then_some(name)
        }) {
            return Err(SignError::AlreadySigned(doubled.to_owned()));
        }
        let own = ours.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let base_string = if self.method.covers_request() {
            base_string::write(request.method, &uri, own.chain(theirs.iter().map(Param::pair)))
        } else {
            String::new()
        };
        let signature = self.method.sign(&base_string, self.key)?;
        ours.push(("oauth_signature", Cow::Owned(signature)));
        Ok(self.send(request, &ours))
    }

    /// The protocol parameters (§3.1), without the signature.
    fn parameters<'s>(&'s self, stamp: &Stamp<'s>) -> Vec<(&'s str, Cow<'s, str>)> {
        let mut ours = Vec::with_capacity(8 + self.extra.len());
        ours.push(("oauth_consumer_key", Cow::Borrowed(self.consumer_key)));
        if let Some(token) = self.token {
            ours.push(("oauth_token", Cow::Borrowed(token)));
        }
        ours.push(("oauth_signature_method", Cow::Borrowed(self.method.name())));
        ours.push(("oauth_timestamp", Cow::Owned(stamp.timestamp.to_string())));
        ours.push(("oauth_nonce", Cow::Borrowed(stamp.nonce)));
        if self.has_version {
            ours.push(("oauth_version", Cow::Borrowed("1.0")));
        }
        ours.extend(self.extra.iter().map(|(name, value)| (*name, Cow::Borrowed(value.as_ref()))));
        ours
    }

    /// Puts the parameters into their place (§3.5).
    fn send(&self, request: &Outgoing<'_>, ours: &[(&str, Cow<'_, str>)]) -> Signed {
        let url = request.url.to_owned();
        match self.place {
            Place::Header => Signed { authorization: Some(header(self.realm, ours)), url, body: None },
            Place::Query => {
                let (before, fragment) =
                    url.split_once('#').map_or((url.as_str(), None), |(before, after)| (before, Some(after)));
                let mut url = before.to_owned();
                append(&mut url, ours);
                if let Some(fragment) = fragment {
                    url.push('#');
                    url.push_str(fragment);
                }
                Signed { authorization: None, url, body: None }
            }
            Place::Body => {
                let mut body = request.body.to_vec();
                if !body.is_empty() {
                    body.push(b'&');
                }
                body.extend_from_slice(form(ours).as_bytes());
                Signed { authorization: None, url, body: Some(body) }
            }
        }
    }
}

/// The value of the `Authorization` header (§3.5.1).
fn header(realm: Option<&str>, ours: &[(&str, Cow<'_, str>)]) -> String {
    let mut value = String::with_capacity(512);
    value.push_str("OAuth ");
    if let Some(realm) = realm {
        value.push_str("realm=\"");
        quote(realm, &mut value);
        value.push_str("\", ");
    }
    for (at, (name, text)) in ours.iter().enumerate() {
        if at > 0 {
            value.push_str(", ");
        }
        percent::encode_into(name.as_bytes(), &mut value);
        value.push_str("=\"");
        percent::encode_into(text.as_bytes(), &mut value);
        value.push('"');
    }
    value
}

/// The inside of a quoted string (RFC 7230 §3.2.6); control characters have no place in it.
pub(crate) fn quote(text: &str, into: &mut String) {
    for character in text.chars().filter(|character| !character.is_control()) {
        if matches!(character, '"' | '\\') {
            into.push('\\');
        }
        into.push(character);
    }
}

/// Appends parameters to the query of a URL that has no fragment.
pub(crate) fn append(url: &mut String, params: &[(&str, Cow<'_, str>)]) {
    if !url.contains('?') {
        url.push('?');
    } else if !url.ends_with(['?', '&']) {
        url.push('&');
    }
    url.push_str(&form(params));
}

/// Parameters as a form.
pub(crate) fn form(params: &[(&str, Cow<'_, str>)]) -> String {
    let mut text = String::with_capacity(64 * params.len());
    for (at, (name, value)) in params.iter().enumerate() {
        if at > 0 {
            text.push('&');
        }
        percent::encode_into(name.as_bytes(), &mut text);
        text.push('=');
        percent::encode_into(value.as_bytes(), &mut text);
    }
    text
}
