//! What a route asks of its callers.

use valetkey_oauth2::Scope;

/// What a token must be allowed to do: all of these scopes, and one of those.
///
/// ```
/// use valetkey_guard::RequireOAuth;
///
/// let any_token = RequireOAuth::token();
/// let both = RequireOAuth::scopes(["notes:read", "notes:write"]);
/// let either = RequireOAuth::token().any(["notes:read", "notes:admin"]);
/// let if_there = RequireOAuth::token().optional();
/// # let _ = (any_token, both, either, if_there);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RequireOAuth {
    all: Vec<String>,
    any: Vec<Vec<String>>,
    optional: bool,
}

impl RequireOAuth {
    /// A good token, whatever its scope.
    pub fn token() -> Self {
        Self::default()
    }

    /// A token with all of these scopes. A text with spaces names several.
    pub fn scopes<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Self {
        Self { all: words(scopes), ..Self::default() }
    }

    /// Besides, at least one of these. Called twice, it asks for one of each list; an empty list is never satisfied.
    pub fn any<S: AsRef<str>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.any.push(words(scopes));
        self
    }

    /// Lets requests without a token through, as anonymous. A token that is there must be good all the same, and have
    /// the scopes.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub(crate) fn is_optional(&self) -> bool {
        self.optional
    }

    pub(crate) fn is_met_by(&self, scope: &Scope) -> bool {
        let all = self.all.iter().all(|one| scope.contains(one));
        all && self.any.iter().all(|list| list.iter().any(|one| scope.contains(one)))
    }

    /// What to ask the user for: all that is needed, and where one of several will do, those.
    pub(crate) fn wanted(&self) -> Scope {
        let named: Vec<&str> = self.all.iter().chain(self.any.iter().flatten()).map(String::as_str).collect();
        // A word that is no scope is in no token: the request is refused, and the challenge cannot name it.
        Scope::parse(&named.join(" ")).unwrap_or_else(|_| Scope::empty())
    }
}

fn words<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut all = Vec::new();
    for text in texts {
        all.extend(text.as_ref().split_whitespace().map(str::to_owned));
    }
    all
}
