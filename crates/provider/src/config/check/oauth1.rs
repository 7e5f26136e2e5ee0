//! What OAuth 1's policy may not say, and what it says that is weak (RFC 5849 §3.3, §3.4, §4.11).

use std::time::Duration;

use valetkey_oauth1::{Alphabet, SignatureMethod};

use super::{InvalidPolicy, Warning};
use crate::config::{OAuth1Policy, profile::LEGACY_METHODS};

/// What is made here must be legal here: tokens and verifiers have 55 characters, underscores among them, and keys 22.
const SHORTEST_MOST: usize = 64;
const LONGEST_LEAST: usize = 20;
/// A clock that is further off than that is no clock.
const WIDEST: Duration = Duration::from_secs(24 * 60 * 60);

impl OAuth1Policy {
    pub(super) fn check(&self) -> Result<(), InvalidPolicy> {
        let refuse = |text: String| Err(InvalidPolicy(text));
        if let Some(name) = self.methods.iter().chain(&self.switchable_methods).find(|name| !self.knows(name))
        {
            let known: Vec<&str> = self.registry.iter().map(SignatureMethod::name).collect();
            return refuse(format!(
                "there is no OAuth 1 signature method {name:?}: there are {}",
                known.join(", ")
            ));
        }
        if self.is_on && self.methods.is_empty() && self.switchable_methods.is_empty() {
            return refuse("OAuth 1 is on, and takes no signature method at all".to_owned());
        }
        if self.window.as_secs() == 0 || self.window > WIDEST {
            return refuse("the window of OAuth 1's timestamps is between a second and a day".to_owned());
        }
        let lifetimes = [
            ("temporary credentials", Some(self.temporary_lifetime)),
            ("token credentials", self.token_lifetime),
        ];
        for (what, lifetime) in lifetimes {
            if lifetime.is_some_and(|lifetime| lifetime.as_secs() == 0) {
                return refuse(format!("OAuth 1's {what} must live a second at least"));
            }
        }
        let admits_ours = |(most, alphabet)| most >= SHORTEST_MOST && alphabet != Alphabet::Alphanumeric;
        let limits = &self.limits;
        if !admits_ours(limits.token)
            || !admits_ours(limits.verifier)
            || limits.consumer_key.0 < SHORTEST_MOST
            || limits.least > LONGEST_LEAST
        {
            return refuse(format!(
                "OAuth 1's limits must admit what is made here: every length from {LONGEST_LEAST} to {SHORTEST_MOST}, and \
                 the underscore"
            ));
        }
        if self.verifier_tries == 0 {
            return refuse("an OAuth 1 verifier needs one try at least".to_owned());
        }
        let is_quotable = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        if !self.realm.chars().all(is_quotable) {
            return refuse("OAuth 1's realm is printable ASCII without quotes and backslashes".to_owned());
        }
        let is_page = |link: &str| {
            url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
                && link.bytes().all(|octet| matches!(octet, 0x21..=0x7e))
                && !link.contains(['<', '>', '"'])
        };
        if self.sunset_link.as_deref().is_some_and(|link| !is_page(link)) {
            return refuse("OAuth 1's sunset_link is the URL of a page".to_owned());
        }
        Ok(())
    }

    /// What is weaker than the default, a sentence each.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        if !self.is_on {
            return Vec::new();
        }
        let mut warnings = Vec::new();
        for name in self.methods.iter().filter(|name| LEGACY_METHODS.contains(&name.as_str())) {
            let why =
                self.registry.find(name).and_then(SignatureMethod::weakness).unwrap_or("it is a legacy");
            warnings.push(Warning(format!("every OAuth 1 client may sign with {name}: {why}")));
        }
        if !self.enforce_ssl {
            warnings.push(Warning(
                "oauth1.enforce_ssl is off: OAuth 1's credentials are given in the clear (RFC 5849 sections 2.1 and 2.3)"
                    .to_owned(),
            ));
        }
        if self.window > Duration::from_secs(600) {
            warnings.push(Warning(
                "OAuth 1's timestamps may be more than ten minutes off: nonces are kept for that long, and a stolen \
                 request lives that long where they are lost (RFC 5849 section 3.3)"
                    .to_owned(),
            ));
        }
        warnings
    }

    fn knows(&self, name: &str) -> bool {
        self.registry.find(name).is_some()
    }
}
