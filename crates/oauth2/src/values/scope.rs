//! Scopes: what a token may do.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// A set of scope tokens (RFC 6749 §3.3), each once, in the order first named. May be empty.
///
/// ```
/// use valetkey_oauth2::Scope;
/// let asked = Scope::parse("read write read").unwrap();
/// assert_eq!(asked.as_str(), "read write");
/// assert!(Scope::parse("read").unwrap().is_within(&asked));
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(Arc<str>);

/// Why a text is no scope.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a scope is words of printable ASCII without quotes and backslashes, one space between them")]
pub struct InvalidScope;

impl Scope {
    /// No scope at all.
    #[must_use]
    pub fn empty() -> Self {
        Self("".into())
    }

    /// Reads a space-delimited list.
    ///
    /// # Errors
    /// [`InvalidScope`] for characters outside of the grammar, or more than 4,096 of them. Doubled and surrounding
    /// spaces are let pass, as deployed clients send them.
    pub fn parse(raw: &str) -> Result<Self, InvalidScope> {
        let legal = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if raw.len() > 4096 || !raw.bytes().all(legal) {
            return Err(InvalidScope);
        }
        Ok(Self::collect(raw.split(' ')))
    }

    /// The tokens, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|token| !token.is_empty())
    }

    /// Whether that one token is among them.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.iter().any(|own| own == token)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every token is in `other` too.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.iter().all(|token| other.contains(token))
    }

    /// The tokens that are in `other` too.
    #[must_use]
    pub fn narrow(&self, other: &Self) -> Self {
        if self.is_within(other) {
            return self.clone();
        }
        Self::collect(self.iter().filter(|token| other.contains(token)))
    }

    /// The tokens of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::collect(self.iter().chain(other.iter()))
    }

    /// The tokens that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self::collect(self.iter().filter(|token| !other.contains(token)))
    }

    /// The space-delimited text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn collect<'a>(tokens: impl Iterator<Item = &'a str>) -> Self {
        let mut seen: Vec<&str> = Vec::new();
        for token in tokens {
            if !token.is_empty() && !seen.contains(&token) {
                seen.push(token);
            }
        }
        Self(seen.join(" ").into())
    }
}

impl PartialEq for Scope {
    /// Equal as sets.
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || (self.is_within(other) && other.is_within(self))
    }
}

impl Eq for Scope {}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        Self::parse(&raw)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_compared_as_sets() {
        let all = Scope::parse("a b c").unwrap();
        assert_eq!(all, Scope::parse("c  b a ").unwrap());
        assert_eq!(all.narrow(&Scope::parse("c x a").unwrap()).as_str(), "a c");
        assert_eq!(all.without(&Scope::parse("b").unwrap()).as_str(), "a c");
        assert!(Scope::empty().is_within(&all) && !all.is_within(&Scope::empty()));
        assert!(Scope::parse("a\"b").is_err() && Scope::parse("ä").is_err() && Scope::parse("a\tb").is_err());
    }
}
