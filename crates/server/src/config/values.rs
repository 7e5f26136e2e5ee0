//! The values of settings that need a form of their own.

use std::{fmt, ops::Deref, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use valetkey_oauth2::Secret;

/// A span of time as people write it: `90s`, `10m`, `12h`, `30d`; a bare number means seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    /// Reads one.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let seconds = UNITS.iter().find(|(name, _)| *name == unit.trim()).map(|(_, seconds)| *seconds);
        let product =
            number.parse::<u64>().ok().zip(seconds).and_then(|(number, unit)| number.checked_mul(unit));
        match product {
            Some(seconds) => Ok(Self(Duration::from_secs(seconds))),
            None => Err(format!("{text:?} is no span of time: write 90s, 10m, 12h or 30d")),
        }
    }
}

const UNITS: &[(&str, u64)] = &[("d", 86_400), ("h", 3600), ("m", 60), ("s", 1), ("", 1)];

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let fits = |(_, unit): &&(&str, u64)| seconds > 0 && seconds.is_multiple_of(*unit);
        let (name, unit) = UNITS.iter().find(fits).unwrap_or(&("s", 1));
        write!(f, "{}{name}", seconds / unit)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Numbers become their text on the way: the layers hand over either as either.
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A secret in a setting: shown to nobody.
#[derive(Clone, Debug)]
pub(crate) struct Hidden(pub(crate) Secret);

impl Deref for Hidden {
    type Target = Secret;

    fn deref(&self) -> &Secret {
        &self.0
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(hidden)")
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Secret::new(String::deserialize(deserializer)?)))
    }
}

/// Several texts: a list in the file, separated by commas in the environment.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Texts(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Ok(Texts(parts.map(str::to_owned).collect()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_people_write_them() {
        for (text, seconds, written) in [
            ("60", 60, "1m"),
            ("90s", 90, "90s"),
            ("10m", 600, "10m"),
            ("30d", 2_592_000, "30d"),
            ("0s", 0, "0s"),
        ] {
            let span = Span::parse(text).unwrap();
            assert_eq!((span.0.as_secs(), span.to_string().as_str()), (seconds, written));
        }
        for wrong in ["", "m", "ten minutes", "-1s", "1w", "99999999999999999999d"] {
            assert!(Span::parse(wrong).is_err(), "{wrong}");
        }
    }
}
