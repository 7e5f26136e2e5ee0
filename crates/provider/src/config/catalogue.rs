//! The scopes there are, in words that people understand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use valetkey_oauth2::Scope;

/// One scope, explained.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeEntry {
    /// The token.
    pub name: String,
    /// What a person reads on the consent page: "See your user name".
    pub description: String,
    /// The same in other languages, by language tag.
    #[serde(default)]
    pub descriptions: BTreeMap<String, String>,
    /// Whether a client that asks for nothing gets it.
    #[serde(default)]
    pub default: bool,
    /// Whether developers may put it on their own apps, or only operators on theirs.
    #[serde(default)]
    pub privileged: bool,
}

impl ScopeEntry {
    /// The description in that language (`de-AT` finds `de`), or the one there always is.
    #[must_use]
    pub fn description_in(&self, language: &str) -> &str {
        let primary = language.split('-').next().unwrap_or_default();
        self.descriptions
            .get(language)
            .or_else(|| self.descriptions.get(primary))
            .map_or(self.description.as_str(), String::as_str)
    }
}

/// All scopes, with what follows from them worked out once.
#[derive(Clone, Debug)]
pub struct Catalogue {
    entries: Vec<ScopeEntry>,
    all: Scope,
    default: Scope,
}

impl Catalogue {
    /// Builds a catalogue; entries whose name is no single scope token are left out and named in the error.
    ///
    /// # Errors
    /// The names that are no scope tokens.
    pub fn new(entries: Vec<ScopeEntry>) -> Result<Self, Vec<String>> {
        let wrong: Vec<String> = entries
            .iter()
            .filter(|entry| {
                entry.name.is_empty() || entry.name.contains(' ') || Scope::parse(&entry.name).is_err()
            })
            .map(|entry| entry.name.clone())
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let collect = |only: fn(&ScopeEntry) -> bool| {
            let names: Vec<&str> =
                entries.iter().filter(|entry| only(entry)).map(|entry| entry.name.as_str()).collect();
            Scope::parse(&names.join(" ")).unwrap_or_else(|_| Scope::empty())
        };
        let (all, default) = (collect(|_| true), collect(|entry| entry.default));
        Ok(Self { entries, all, default })
    }

    /// The entries, in the order given.
    #[must_use]
    pub fn entries(&self) -> &[ScopeEntry] {
        &self.entries
    }

    /// Finds a scope by its token.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&ScopeEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Every scope.
    #[must_use]
    pub fn all(&self) -> &Scope {
        &self.all
    }

    /// What a client that asks for nothing gets.
    #[must_use]
    pub fn default_scope(&self) -> &Scope {
        &self.default
    }
}

impl Default for Catalogue {
    /// `profile`, the default one: "See your user name and display name"; and `email`.
    fn default() -> Self {
        let entry = |name: &str, description: &str, german: &str, default| ScopeEntry {
            name: name.into(),
            description: description.into(),
            descriptions: BTreeMap::from([("de".to_owned(), german.to_owned())]),
            default,
            privileged: false,
        };
        let entries = vec![
            entry(
                "profile",
                "See your user name and display name",
                "Deinen Benutzer- und Anzeigenamen sehen",
                true,
            ),
            entry("email", "See your e-mail address", "Deine E-Mail-Adresse sehen", false),
        ];
        Self::new(entries).unwrap_or_else(|_| Self {
            entries: Vec::new(),
            all: Scope::empty(),
            default: Scope::empty(),
        })
    }
}
