//! What can be set of OAuth 1, for the server and for declared clients.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, anyhow, ensure};
use serde::{Deserialize, Serialize};
use valetkey_oauth1::Alphabet;
use valetkey_provider::{
    config::{OAuth1Policy, Warning},
    registry::{OAuth1Draft, parse_moment},
};

use super::{DeclaredClient, Hidden, Settings, Span, Texts};

/// OAuth 1, as far as the server goes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OAuth1Settings {
    pub(crate) enabled: bool,
    /// The signature methods of every client; none named: as the profile says.
    pub(crate) methods: Option<Texts>,
    /// Those that a client may be registered for beside them.
    pub(crate) switchable_methods: Option<Texts>,
    pub(crate) enforce_ssl: bool,
    /// How far a timestamp may lie from the clock, both ways.
    pub(crate) window_seconds: u32,
    pub(crate) temporary_lifetime: Span,
    /// Of token credentials; none: until they are revoked.
    pub(crate) token_lifetime: Option<Span>,
    /// How many token credentials of one person one client may keep, roughly; the oldest end. 0: any number.
    pub(crate) tokens_per_person: u32,
    pub(crate) realm: String,
    pub(crate) require_body_hash: bool,
    /// The least and the greatest length of keys, tokens, nonces and verifiers; none: whatever clients make.
    pub(crate) key_length: Option<[usize; 2]>,
    /// The characters of keys, tokens, nonces and verifiers; none: whatever clients make.
    pub(crate) key_alphabet: Option<KeyAlphabet>,
    pub(crate) verifier_tries: u32,
    /// How many signed requests of one client a minute takes.
    pub(crate) per_client_per_minute: u32,
    /// How many of them may ask for temporary credentials, or exchange a token.
    pub(crate) begun_per_client_per_minute: u32,
    /// From when on every client must use OAuth 2: a day, or a moment in UTC.
    pub(crate) sunset: Option<String>,
    /// A page that tells developers how to move over.
    pub(crate) sunset_link: Option<String>,
}

/// Which characters a key may have.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KeyAlphabet {
    Printable,
    VisibleAscii,
    Alphanumeric,
}

impl From<KeyAlphabet> for Alphabet {
    fn from(alphabet: KeyAlphabet) -> Self {
        match alphabet {
            KeyAlphabet::Printable => Self::Printable,
            KeyAlphabet::VisibleAscii => Self::VisibleAscii,
            KeyAlphabet::Alphanumeric => Self::Alphanumeric,
        }
    }
}

impl Default for OAuth1Settings {
    fn default() -> Self {
        let engine = OAuth1Policy::default();
        Self {
            enabled: engine.is_on,
            methods: None,
            switchable_methods: None,
            enforce_ssl: engine.enforce_ssl,
            window_seconds: u32::try_from(engine.window.as_secs()).unwrap_or(u32::MAX),
            temporary_lifetime: Span(engine.temporary_lifetime),
            token_lifetime: engine.token_lifetime.map(Span),
            tokens_per_person: engine.tokens_per_person,
            realm: engine.realm,
            require_body_hash: engine.requires_body_hash,
            key_length: None,
            key_alphabet: None,
            verifier_tries: engine.verifier_tries,
            per_client_per_minute: engine.per_client_per_minute,
            begun_per_client_per_minute: engine.begun_per_client_per_minute,
            sunset: None,
            sunset_link: engine.sunset_link,
        }
    }
}

impl OAuth1Settings {
    /// Writes what was set into the policy of the profile.
    pub(super) fn apply(&self, policy: &mut OAuth1Policy) -> anyhow::Result<()> {
        policy.is_on = self.enabled;
        for (said, own) in
            [(&self.methods, &mut policy.methods), (&self.switchable_methods, &mut policy.switchable_methods)]
        {
            if let Some(said) = said {
                own.clone_from(&said.0);
            }
        }
        policy.enforce_ssl = self.enforce_ssl;
        policy.window = Duration::from_secs(self.window_seconds.into());
        policy.temporary_lifetime = self.temporary_lifetime.0;
        policy.token_lifetime = self.token_lifetime.map(|span| span.0);
        policy.tokens_per_person = self.tokens_per_person;
        policy.realm.clone_from(&self.realm);
        policy.requires_body_hash = self.require_body_hash;
        if let Some([least, most]) = self.key_length {
            ensure!(least <= most, "oauth1.key_length: the least length comes first: [10, 100]");
            policy.limits = policy.limits.clone().lengths(least, most);
        }
        if let Some(alphabet) = self.key_alphabet {
            policy.limits = policy.limits.clone().alphabet(alphabet.into());
        }
        policy.verifier_tries = self.verifier_tries;
        policy.per_client_per_minute = self.per_client_per_minute;
        policy.begun_per_client_per_minute = self.begun_per_client_per_minute;
        policy.sunset = match self.sunset.as_deref().filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(parse_moment(text).ok_or_else(|| {
                anyhow!("oauth1.sunset: {text:?} is no day: write 2027-06-30, or 2027-06-30T12:00:00Z")
            })?),
            None => None,
        };
        policy.sunset_link.clone_from(&self.sunset_link);
        Ok(())
    }
}

/// What a declared client has for OAuth 1.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeclaredOAuth1 {
    /// Its shared secret, whatever characters it has.
    pub(crate) secret: Option<Hidden>,
    pub(crate) methods: Texts,
    /// RSA public keys in PEM.
    pub(crate) rsa_keys: Texts,
    /// Files with such keys.
    pub(crate) rsa_key_files: Vec<PathBuf>,
    pub(crate) oob: bool,
    pub(crate) sign_alone: bool,
    pub(crate) token_lifetime: Option<Span>,
    /// A day, or a moment in UTC.
    pub(crate) sunset: String,
}

impl DeclaredOAuth1 {
    pub(super) fn draft(&self, client: &str) -> anyhow::Result<OAuth1Draft> {
        let methods = &self.methods.0;
        let only_rsa = !methods.is_empty() && methods.iter().all(|name| name.starts_with("RSA-"));
        // One that were made here nobody would ever see.
        ensure!(
            self.secret.is_some() || only_rsa,
            "clients: {client}: oauth1 needs a secret, unless its methods are RSA ones only"
        );
        let mut rsa_keys = self.rsa_keys.0.clone();
        for file in &self.rsa_key_files {
            let pem = fs::read_to_string(file);
            rsa_keys.push(
                pem.with_context(|| format!("clients: {client}: oauth1: {} cannot be read", file.display()))?,
            );
        }
        Ok(OAuth1Draft {
            is_on: true,
            methods: methods.clone(),
            rsa_keys,
            may_use_oob: self.oob,
            may_sign_alone: self.sign_alone,
            token_lifetime: self.token_lifetime.map(|span| span.0),
            sunset: self.sunset.clone(),
            secret: self.secret.as_ref().map(|secret| secret.0.clone()),
        })
    }
}

/// Declared clients with a method that is weak.
pub(super) fn warnings(settings: &Settings) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for client in &settings.clients {
        let methods = client.oauth1.iter().flat_map(|own| &own.methods.0);
        for name in methods.filter(|name| matches!(name.as_str(), "PLAINTEXT" | "RSA-SHA1")) {
            warnings.push(Warning(format!(
                "the client {:?} may sign with {name} (RFC 5849 sections 3.4.4 and 4.11)",
                named(client)
            )));
        }
    }
    warnings
}

fn named(client: &DeclaredClient) -> &str {
    if client.name.is_empty() { &client.client_id } else { &client.name }
}
