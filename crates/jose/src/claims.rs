//! The claims of a JWT (RFC 7519 §4), the registered ones typed.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{JoseError, json};

/// Claims. Times are seconds since the epoch.
///
/// A registered claim that is present with the wrong JSON type makes the whole set unreadable: it is never taken for
/// absent, since a check would be skipped with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Claims {
    /// Issuer (RFC 7519 §4.1.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Subject (§4.1.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Audience (§4.1.3).
    #[serde(skip_serializing_if = "Audience::is_empty")]
    pub aud: Audience,
    /// Expiration time (§4.1.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Not before (§4.1.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Issued at (§4.1.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// JWT id (§4.1.7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The client that the token was issued to (RFC 8693 §4.3, RFC 9068 §2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Scopes, divided by spaces (RFC 8693 §4.2, RFC 9068 §2.2.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// All other claims.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Claims {
    /// Reads claims, strictly.
    ///
    /// # Errors
    /// [`JoseError::WrongType`] naming the claim; those of [`json::parse_object`].
    pub fn parse(octets: &[u8]) -> Result<Self, JoseError> {
        let mut object = json::parse_object(octets)?;
        Ok(Self {
            iss: take_text(&mut object, "iss")?,
            sub: take_text(&mut object, "sub")?,
            aud: Audience::take(&mut object)?,
            exp: take_time(&mut object, "exp")?,
            nbf: take_time(&mut object, "nbf")?,
            iat: take_time(&mut object, "iat")?,
            jti: take_text(&mut object, "jti")?,
            client_id: take_text(&mut object, "client_id")?,
            scope: take_text(&mut object, "scope")?,
            rest: object,
        })
    }

    /// Another claim that is text when it is present.
    ///
    /// # Errors
    /// [`JoseError::WrongType`].
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, JoseError> {
        json::text(&self.rest, name)
    }

    /// Whether a claim is present.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match name {
            "iss" => self.iss.is_some(),
            "sub" => self.sub.is_some(),
            "aud" => !self.aud.is_empty(),
            "exp" => self.exp.is_some(),
            "nbf" => self.nbf.is_some(),
            "iat" => self.iat.is_some(),
            "jti" => self.jti.is_some(),
            "client_id" => self.client_id.is_some(),
            "scope" => self.scope.is_some(),
            other => self.rest.contains_key(other),
        }
    }
}

/// Whom a token is for: one text, or an array of texts (RFC 7519 §4.1.3).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Audience(Vec<String>);

impl Audience {
    /// Whether nobody is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `name` is one of them, octet by octet.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|audience| audience == name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn take(object: &mut Map<String, Value>) -> Result<Self, JoseError> {
        match object.remove("aud") {
            None => Ok(Self::default()),
            Some(Value::String(one)) => Ok(Self(vec![one])),
            Some(Value::Array(many)) => many
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text),
                    _ => Err(JoseError::WrongType("aud")),
                })
                .collect::<Result<_, _>>()
                .map(Self),
            Some(_) => Err(JoseError::WrongType("aud")),
        }
    }
}

impl From<&str> for Audience {
    fn from(one: &str) -> Self {
        Self(vec![one.to_owned()])
    }
}

impl From<String> for Audience {
    fn from(one: String) -> Self {
        Self(vec![one])
    }
}

impl From<Vec<String>> for Audience {
    fn from(many: Vec<String>) -> Self {
        Self(many)
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

fn take_text(object: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, JoseError> {
    match object.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JoseError::WrongType(name)),
    }
}

/// A NumericDate (RFC 7519 §2). Fractions are allowed there; they are cut towards the past.
fn take_time(object: &mut Map<String, Value>, name: &'static str) -> Result<Option<i64>, JoseError> {
    let Some(value) = object.remove(name) else { return Ok(None) };
    let whole = value.as_i64().or_else(|| {
        let seconds = value.as_f64()?.floor();
        #[expect(clippy::cast_possible_truncation, reason = "within the bound, every whole f64 is an i64")]
        (seconds.abs() <= LATEST_FRACTION).then_some(seconds as i64)
    });
    whole.map(Some).ok_or(JoseError::WrongType(name))
}

/// 2⁵³: up to here an `f64` holds every whole number.
const LATEST_FRACTION: f64 = 9_007_199_254_740_992.0;
