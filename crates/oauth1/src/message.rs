//! What a signed request says (RFC 5849 §3.1), and what the three exchanges ask (§2.1, §2.3, §3).

use std::borrow::Cow;
use std::fmt;

use crate::base_string::{self, BaseUri};
use crate::carriage::{self, Body, Received};
use crate::limits::{Alphabet, Limits};
use crate::malformed::Malformed;
use crate::params::{Param, Place};

/// A request whose protocol parameters stand in one place, each once, all that are required, in legal form.
///
/// Nothing of it is proved yet: see [`crate::verify`]. Printed for debugging, it shows names and no value: a signature of the
/// method `PLAINTEXT` is the secrets themselves.
#[derive(Clone)]
pub struct Message<'a> {
    method: &'a str,
    target: &'a str,
    host: Option<&'a str>,
    place: Place,
    params: Vec<Param<'a>>,
    realm: Option<Cow<'a, str>>,
    /// Where each protocol parameter lies in `params`.
    known: [Option<u16>; KNOWN.len()],
    timestamp: Option<i64>,
    body: Body<'a>,
    is_form: bool,
}

/// The protocol parameters that we know, by their place in [`KNOWN`].
#[derive(Clone, Copy)]
enum Known {
    ConsumerKey,
    Token,
    SignatureMethod,
    Signature,
    Timestamp,
    Nonce,
    Version,
    Callback,
    Verifier,
    BodyHash,
}

const KNOWN: [&str; 10] = [
    "oauth_consumer_key",
    "oauth_token",
    "oauth_signature_method",
    "oauth_signature",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_version",
    "oauth_callback",
    "oauth_verifier",
    "oauth_body_hash",
];

/// Where the resource owner is sent back to (§2.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Callback {
    /// `oob`: nowhere, the verifier is shown.
    OutOfBand,
    /// An absolute URI, as it was sent.
    Uri(String),
}

impl Callback {
    /// Reads `oob`, case-sensitive, or an absolute URI (RFC 3986 §3): a scheme, something after it, and nothing that
    /// would have to be encoded.
    ///
    /// ```
    /// use valetkey_oauth1::Callback;
    /// assert_eq!(Callback::parse("oob"), Some(Callback::OutOfBand));
    /// assert_eq!(Callback::parse("app:back"), Some(Callback::Uri("app:back".into())));
    /// assert_eq!(Callback::parse("/back"), None);
    /// ```
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        if raw == "oob" {
            return Some(Self::OutOfBand);
        }
        let (scheme, rest) = raw.split_once(':')?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet));
        let is_rest = !rest.is_empty() && rest.bytes().all(|octet| octet.is_ascii_graphic());
        (is_scheme && is_rest).then(|| Self::Uri(raw.to_owned()))
    }

    /// The value of `oauth_callback`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::OutOfBand => "oob",
            Self::Uri(uri) => uri,
        }
    }
}

/// A request for temporary credentials (§2.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemporaryRequest {
    /// Where the resource owner goes afterwards.
    pub callback: Callback,
}

/// A request for token credentials (§2.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenRequest<'m> {
    /// The temporary credentials' identifier.
    pub token: &'m str,
    /// The verification code.
    pub verifier: &'m str,
}

impl<'a> Message<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// [`Malformed`] says what is wrong.
    pub fn parse(received: &Received<'a>, limits: &Limits) -> Result<Self, Malformed> {
        let carriage::Pieces { params, place, realm } = carriage::collect(received, limits)?;
        let known = find_known(&params)?;
        let mut message = Self {
            method: received.method,
            target: received.target,
            host: received.host,
            place,
            params,
            realm,
            known,
            timestamp: None,
            body: received.body,
            is_form: received.form().is_some(),
        };
        message.check(limits)?;
        Ok(message)
    }

    fn check(&mut self, limits: &Limits) -> Result<(), Malformed> {
        for (name, at) in KNOWN.iter().zip(self.known) {
            let value = at.and_then(|at| self.params.get(usize::from(at))).map(|param| &param.value);
            if value.is_some_and(|value| std::str::from_utf8(value).is_err()) {
                return Err(Malformed::Rejected(name));
            }
        }
        if self.get(Known::Version).is_some_and(|version| version != "1.0") {
            return Err(Malformed::Version);
        }
        let is_unstamped = limits.unstamped.iter().any(|name| name == self.signature_method());
        let stamp: &[_] = if is_unstamped { &[] } else { &[Known::Timestamp, Known::Nonce] };
        let required = [Known::ConsumerKey, Known::SignatureMethod, Known::Signature];
        let missing: Vec<_> = required
            .iter()
            .chain(stamp)
            .filter(|name| self.get(**name).is_none())
            .map(|name| KNOWN[*name as usize])
            .collect();
        if !missing.is_empty() {
            return Err(Malformed::Missing(missing));
        }
        let printable = Alphabet::Printable;
        let rules = [
            (Known::ConsumerKey, limits.consumer_key, limits.least.max(1)),
            (Known::Nonce, limits.nonce, limits.least.max(1)),
            // Empty is as absent (§2.1, appendix A).
            (Known::Token, limits.token, if self.token().is_none() { 0 } else { limits.least }),
            (Known::Verifier, limits.verifier, limits.least.max(1)),
            (Known::Callback, (limits.callback, printable), 1),
            (Known::SignatureMethod, (64, printable), 1),
        ];
        for (name, (most, alphabet), least) in rules {
            let is_legal = |value: &str| (least..=most).contains(&value.len()) && alphabet.has(value);
            if self.get(name).is_some_and(|value| !is_legal(value)) {
                return Err(Malformed::Rejected(KNOWN[name as usize]));
            }
        }
        if self.signature().len() > limits.signature {
            return Err(Malformed::Rejected("oauth_signature"));
        }
        if let Some(raw) = self.get(Known::Timestamp) {
            let seconds = seconds(raw, limits.timestamp_digits.min(18));
            self.timestamp = Some(seconds.ok_or(Malformed::Rejected("oauth_timestamp"))?);
        }
        Ok(())
    }

    /// The signature base string for that URI (§3.4.1).
    #[must_use]
    pub fn base_string(&self, uri: &BaseUri) -> String {
        base_string::write(self.method, uri, self.params.iter().map(Param::pair))
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// The request target as it was received.
    #[must_use]
    pub fn target(&self) -> &'a str {
        self.target
    }

    /// The `Host` header, where it was told.
    #[must_use]
    pub fn host(&self) -> Option<&'a str> {
        self.host
    }

    /// Where the protocol parameters stood (§3.5).
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The `realm` of the header (§3.5.1).
    #[must_use]
    pub fn realm(&self) -> Option<&str> {
        self.realm.as_deref()
    }

    /// `oauth_consumer_key`: the identifier of the client credentials.
    #[must_use]
    pub fn consumer_key(&self) -> &str {
        self.get(Known::ConsumerKey).unwrap_or_default()
    }

    /// `oauth_token`; an empty one counts as absent.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.get(Known::Token).filter(|token| !token.is_empty())
    }

    /// `oauth_signature_method`.
    #[must_use]
    pub fn signature_method(&self) -> &str {
        self.get(Known::SignatureMethod).unwrap_or_default()
    }

    /// `oauth_signature`, decoded from its transport, still Base64 where the method says so.
    #[must_use]
    pub fn signature(&self) -> &str {
        self.get(Known::Signature).unwrap_or_default()
    }

    /// `oauth_timestamp` in seconds (§3.3).
    #[must_use]
    pub fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    /// `oauth_nonce`.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.get(Known::Nonce)
    }

    /// `oauth_callback`, as sent.
    #[must_use]
    pub fn callback(&self) -> Option<&str> {
        self.get(Known::Callback)
    }

    /// `oauth_verifier`.
    #[must_use]
    pub fn verifier(&self) -> Option<&str> {
        self.get(Known::Verifier)
    }

    /// `oauth_body_hash`, Base64.
    #[must_use]
    pub fn body_hash(&self) -> Option<&str> {
        self.get(Known::BodyHash)
    }

    /// The body, or what is known of it.
    #[must_use]
    pub fn body(&self) -> Body<'a> {
        self.body
    }

    /// Whether the body is a form, whose parameters the signature covers.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.is_form
    }

    /// Every parameter, decoded, `oauth_signature` among them: the header's, the query's, the body's.
    #[must_use]
    pub fn params(&self) -> &[Param<'a>] {
        &self.params
    }

    /// The request for temporary credentials that this is (§2.1).
    ///
    /// # Errors
    /// [`Malformed`] when `oauth_callback` is missing or no callback.
    pub fn temporary_request(&self) -> Result<TemporaryRequest, Malformed> {
        let raw = self.callback().ok_or_else(|| Malformed::Missing(vec!["oauth_callback"]))?;
        let callback = Callback::parse(raw).ok_or(Malformed::Rejected("oauth_callback"))?;
        Ok(TemporaryRequest { callback })
    }

    /// The request for token credentials that this is (§2.3).
    ///
    /// # Errors
    /// [`Malformed::Missing`] when `oauth_token` or `oauth_verifier` is missing.
    pub fn token_request(&self) -> Result<TokenRequest<'_>, Malformed> {
        match (self.token(), self.verifier()) {
            (Some(token), Some(verifier)) => Ok(TokenRequest { token, verifier }),
            (token, verifier) => {
                let missing = [(token, "oauth_token"), (verifier, "oauth_verifier")];
                let absent = missing.iter().filter(|(value, _)| value.is_none());
                Err(Malformed::Missing(absent.map(|(_, name)| *name).collect()))
            }
        }
    }

    fn get(&self, name: Known) -> Option<&str> {
        let at = self.known.get(name as usize).copied().flatten()?;
        std::str::from_utf8(&self.params.get(usize::from(at))?.value).ok()
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.params.iter().map(|param| String::from_utf8_lossy(&param.name)).collect();
        f.debug_struct("Message")
            .field("method", &self.method)
            .field("place", &self.place)
            .field("consumer_key", &self.consumer_key())
            .field("signature_method", &self.signature_method())
            .field("params", &names)
            .finish_non_exhaustive()
    }
}

/// How many characters of a doubled name are told: ours are shorter, and the rest could be the whole request.
const LONGEST_NAME: usize = 64;

/// Finds the protocol parameters; any `oauth_` name that comes twice is refused, known or not.
fn find_known(params: &[Param<'_>]) -> Result<[Option<u16>; KNOWN.len()], Malformed> {
    let mut known = [None; KNOWN.len()];
    let mut others: Vec<&[u8]> = Vec::new();
    for (at, param) in params.iter().enumerate().filter(|(_, param)| param.is_protocol()) {
        let doubled = match KNOWN.iter().position(|name| name.as_bytes() == &*param.name) {
            Some(which) => {
                let at = u16::try_from(at).map_err(|_| Malformed::TooMany)?;
                known.get_mut(which).is_some_and(|slot| slot.replace(at).is_some())
            }
            None => {
                let is_doubled = others.contains(&&*param.name);
                others.push(&param.name);
                is_doubled
            }
        };
        if doubled {
            let name = String::from_utf8_lossy(&param.name);
            return Err(Malformed::Doubled(name.chars().take(LONGEST_NAME).collect()));
        }
    }
    Ok(known)
}

/// A positive integer (§3.3): digits only, no sign, not all zero.
fn seconds(raw: &str, most: usize) -> Option<i64> {
    let is_legal = (1..=most).contains(&raw.len()) && raw.bytes().all(|digit| digit.is_ascii_digit());
    raw.parse().ok().filter(|seconds| is_legal && *seconds > 0)
}
