//! Strict JSON: objects whose members are named once, nested at most so deep.
//!
//! A doubled member is where two readers of one document disagree (RFC 8259 §4), so headers, claims, keys and
//! registrations are all read here.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::JoseError;

/// How deep arrays and objects may be nested.
pub const MAX_DEPTH: usize = 32;

/// Reads one JSON object, and nothing after it.
///
/// # Errors
/// [`JoseError::DuplicateMember`], [`JoseError::TooDeep`], or [`JoseError::BadJson`] for everything that is not an
/// object in UTF-8 (RFC 8259 §8.1; a byte order mark is refused as well).
///
/// ```
/// use valetkey_jose::{JoseError, json};
///
/// assert_eq!(json::parse_object(br#"{"aud":"a"}"#)?["aud"], "a");
/// assert_eq!(json::parse_object(br#"{"aud":"a","\u0061ud":"b"}"#), Err(JoseError::DuplicateMember));
/// # Ok::<(), JoseError>(())
/// ```
pub fn parse_object(octets: &[u8]) -> Result<Map<String, Value>, JoseError> {
    let refusal = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(octets);
    let value = Strict { depth_left: MAX_DEPTH, refusal: &refusal }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|_| refusal.take().unwrap_or(JoseError::BadJson))?;
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(JoseError::BadJson),
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth_left: usize,
    /// serde's error carries only text; the reason is kept here.
    refusal: &'a Cell<Option<JoseError>>,
}

impl Strict<'_> {
    fn refuse<E: serde::de::Error>(self, reason: JoseError) -> E {
        self.refusal.set(Some(reason));
        E::custom("refused")
    }

    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left, ..self }),
            None => Err(self.refuse(JoseError::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.refuse(JoseError::DuplicateMember));
            }
            let value = members.next_value_seed(inside)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// A member that must be text when it is present.
pub(crate) fn text<'a>(
    object: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, JoseError> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JoseError::WrongType(name)),
    }
}
