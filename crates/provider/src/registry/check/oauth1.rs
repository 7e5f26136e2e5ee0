//! What a client may have for OAuth 1 (RFC 5849; security O1-08, O1-09).

use valetkey_crypto::CryptoError;
use valetkey_oauth1::{KeyKind, Methods, RsaPublicKey, SignatureMethod};
use valetkey_oauth2::Timestamp;
use valetkey_ports::{ClientKind, OAuth1Client};

use super::{Desk, TEN_YEARS, list};
use crate::registry::{moments::parse_moment, secrets::is_strong};

/// The most RSA keys of one client: one signs, others come and go.
const RSA_KEYS: usize = 5;
/// The longest PEM text, in octets: more than a key of 8192 bits has.
const PEM: usize = 4096;
const SECRET: usize = 1024;

impl Desk<'_> {
    /// Its settings, without the shared secrets: none are kept in clear.
    pub(super) fn oauth1(&mut self, kind: ClientKind) -> Option<OAuth1Client> {
        if !self.draft.oauth1.is_on {
            return None;
        }
        let now = self.rights.now.and_then(|client| client.oauth1.as_ref());
        if !self.policy.oauth1.is_on && now.is_none() {
            self.wrong("oauth1", "OAuth 1 is switched off on this server.");
        }
        self.oauth1_kind(kind);
        let draft = &self.draft.oauth1;
        let own = OAuth1Client {
            methods: self.oauth1_methods(),
            secrets: Vec::new(),
            rsa_keys: self.oauth1_rsa_keys(),
            may_use_oob: draft.may_use_oob,
            may_sign_alone: self.oauth1_sign_alone(kind),
            token_lifetime: self.oauth1_token_lifetime(),
            sunset: self.oauth1_sunset(),
        };
        self.oauth1_keys_fit(&own);
        self.oauth1_secret();
        Some(own)
    }

    /// Who can keep a shared secret (RFC 5849 §4.6): programs on people's devices cannot, and some are there all the same.
    fn oauth1_kind(&mut self, kind: ClientKind) {
        let had_it = self.rights.now.is_some_and(|client| client.kind == kind && client.oauth1.is_some());
        match kind {
            ClientKind::Web => {}
            ClientKind::Native if self.rights.is_operator || had_it => self.warn(
                "Everybody who has the program has its OAuth 1 secret: it proves nothing (RFC 5849 section 4.6).",
            ),
            ClientKind::Native => self.wrong(
                "oauth1",
                "An app on people's devices keeps no secret, which OAuth 1 rests on: use OAuth 2, or ask an operator.",
            ),
            ClientKind::Browser => {
                self.wrong("oauth1", "An app in the browser keeps no secret, which OAuth 1 rests on: use OAuth 2.");
            }
        }
    }

    /// Who signs alone acts for itself, which takes a secret that is one (as RFC 6749 §4.4 says of OAuth 2).
    fn oauth1_sign_alone(&mut self, kind: ClientKind) -> bool {
        let may = self.draft.oauth1.may_sign_alone;
        if may && kind == ClientKind::Native {
            self.wrong(
                "oauth1_may_sign_alone",
                "Only an app of the kind web keeps a secret, and can act for itself.",
            );
        }
        may
    }

    fn oauth1_methods(&mut self) -> Option<Vec<String>> {
        let named = list(&self.draft.oauth1.methods);
        let policy = &self.policy.oauth1;
        let held =
            self.rights.now.and_then(|client| client.oauth1.as_ref()?.methods.clone()).unwrap_or_default();
        for name in &named {
            let has = |names: &[String]| names.contains(name);
            if !has(&policy.methods) && !has(&policy.switchable_methods) && !has(&held) {
                let mut all = policy.methods.clone();
                all.extend(
                    policy.switchable_methods.iter().filter(|name| !policy.methods.contains(name)).cloned(),
                );
                self.wrong(
                    "oauth1_methods",
                    format!("This server takes no signature method {name:?}, but {}.", all.join(", ")),
                );
            } else if is_legacy(name)
                && let Some(why) = policy.registry.find(name).and_then(SignatureMethod::weakness)
            {
                self.warn(format!("The signature method {name} is weak: {why}."));
            }
        }
        (!named.is_empty()).then_some(named)
    }

    fn oauth1_rsa_keys(&mut self) -> Vec<String> {
        let keys = list(&self.draft.oauth1.rsa_keys);
        if keys.len() > RSA_KEYS {
            self.wrong("oauth1_rsa_keys", format!("Register {RSA_KEYS} RSA keys at the most."));
            return Vec::new();
        }
        for (place, pem) in keys.iter().enumerate() {
            let why = if pem.len() > PEM {
                "is too long"
            } else if pem.contains("PRIVATE KEY") {
                "is the private half: keep it to yourself and give the public one, as `openssl pkey -in KEY -pubout` writes it"
            } else {
                match RsaPublicKey::from_pem(pem) {
                    Ok(_) => continue,
                    Err(CryptoError::WeakKey) => "has fewer than 2048 bits",
                    Err(_) => "is no RSA key in PEM: it begins with -----BEGIN PUBLIC KEY-----",
                }
            };
            self.wrong("oauth1_rsa_keys", format!("RSA key {} {why}.", place + 1));
        }
        keys
    }

    /// An RSA method without a key verifies nothing, and a key without an RSA method is never used.
    fn oauth1_keys_fit(&mut self, own: &OAuth1Client) {
        let names = own.methods.as_ref().unwrap_or(&self.policy.oauth1.methods);
        let has_rsa = names.iter().any(|name| is_rsa(&self.policy.oauth1.registry, name));
        if own.methods.is_some() && has_rsa && list(&self.draft.oauth1.rsa_keys).is_empty() {
            self.wrong(
                "oauth1_rsa_keys",
                "Register the public key that the RSA signatures are checked with.",
            );
        }
        if !own.rsa_keys.is_empty() && !has_rsa {
            self.wrong("oauth1_methods", "There is an RSA key: choose an RSA signature method too.");
        }
    }

    fn oauth1_token_lifetime(&mut self) -> Option<std::time::Duration> {
        let own = self.draft.oauth1.token_lifetime?;
        if own.as_secs() == 0 || own > TEN_YEARS {
            self.wrong("oauth1_token_lifetime", "A lifetime is between a second and ten years.");
        }
        let held = self.rights.now.and_then(|client| client.oauth1.as_ref()?.token_lifetime);
        let is_longer = self.policy.oauth1.token_lifetime.is_some_and(|server| own > server);
        if is_longer && !self.rights.is_operator && held != Some(own) {
            self.wrong(
                "oauth1_token_lifetime",
                "Only an operator can allow longer lifetimes than the server's.",
            );
        }
        Some(own)
    }

    fn oauth1_sunset(&mut self) -> Option<Timestamp> {
        let raw = self.draft.oauth1.sunset.trim();
        if raw.is_empty() {
            return None;
        }
        let Some(sunset) = parse_moment(raw) else {
            self.wrong(
                "oauth1_sunset",
                "Write a day as 2027-06-30, or a moment in UTC as 2027-06-30T12:00:00Z.",
            );
            return None;
        };
        if self.policy.oauth1.sunset.is_some_and(|server| server < sunset) {
            self.warn("OAuth 1 ends on this server before the app's own date.");
        }
        Some(sunset)
    }

    fn oauth1_secret(&mut self) {
        let Some(secret) = &self.draft.oauth1.secret else { return };
        let length = secret.expose().chars().count();
        if !self.rights.is_operator {
            self.wrong("oauth1_secret", "The server makes the secret.");
        } else if length == 0 || length > SECRET {
            self.wrong("oauth1_secret", format!("A secret has 1 to {SECRET} characters."));
        } else if !is_strong(secret) {
            self.warn(
                "The given OAuth 1 secret is weaker than 128 random bits: whoever sees one signed request can guess on.",
            );
        }
    }
}

/// Whether it signs with RSA and nothing else.
pub(in crate::registry) fn only_rsa(known: &Methods, own: &OAuth1Client) -> bool {
    own.methods.as_ref().is_some_and(|names| names.iter().all(|name| is_rsa(known, name)))
}

fn is_rsa(known: &Methods, name: &str) -> bool {
    known.find(name).is_some_and(|method| method.key_kind() == KeyKind::Rsa)
}

/// HMAC with SHA-1 is what most libraries sign with, and is not broken (decision 31): no word about it.
fn is_legacy(name: &str) -> bool {
    matches!(name, "RSA-SHA1" | "PLAINTEXT")
}
