//! A resource owner.

use serde::{Deserialize, Serialize};
use valetkey_oauth2::{AccountId, Timestamp};

/// A person who can log in.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The `sub` of its tokens.
    pub id: AccountId,
    /// As the person wrote it; found by [`Username::key`].
    pub username: Username,
    /// What pages and tokens call the person.
    pub name: Option<String>,
    /// Where the person can be written to.
    pub email: Option<String>,
    /// A password hash in PHC form; none where the account has no password.
    pub password: Option<String>,
    /// Whether it may see `/admin`.
    pub is_admin: bool,
    /// Made by `dev`: `serve` refuses it.
    pub is_demo: bool,
    /// Since when it may not log in, nor its tokens be used.
    pub disabled_at: Option<Timestamp>,
    /// What was authorized or logged in at this second or before is dead.
    pub not_before: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Account {
    /// Whether it may log in and its tokens be used.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// What to call the person.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.username.as_str())
    }
}

/// A user name as written, with the key under which all its spellings are one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Username {
    text: String,
    key: String,
}

impl Username {
    /// Takes a user name; [`username_key`] finds its key.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.trim().to_owned(), key: username_key(text) }
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The one key of all its spellings.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl From<String> for Username {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.text
    }
}

/// The key of a user name: compatibility-normalized (NFKC), case-folded, without surrounding white space, so that
/// no two accounts look alike by case or width and no counter is dodged by a spelling.
#[must_use]
pub fn username_key(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect()
}
