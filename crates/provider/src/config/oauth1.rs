//! What holds for OAuth 1 (RFC 5849).

use std::time::Duration;

use valetkey_oauth1::{Limits, Methods};
use valetkey_oauth2::Timestamp;

/// What holds for OAuth 1 on this server. A client speaks it only if it was given credentials for it.
#[derive(Clone, Debug)]
pub struct OAuth1Policy {
    /// Whether it is spoken here at all.
    pub is_on: bool,
    /// The signature methods that every client may use (RFC 5849 §3.4), by their names.
    pub methods: Vec<String>,
    /// Those that a client may be registered for beside them.
    pub switchable_methods: Vec<String>,
    /// Whether credentials are given, and PLAINTEXT is taken, over TLS only (RFC 5849 §2.1, §2.3, §3.4.4). A loopback
    /// `http` issuer is exempt.
    pub enforce_ssl: bool,
    /// How far a timestamp may lie from our clock, both ways (RFC 5849 §3.3).
    pub window: Duration,
    /// How long temporary credentials live.
    pub temporary_lifetime: Duration,
    /// How long token credentials live; none: until they are revoked.
    pub token_lifetime: Option<Duration>,
    /// How many token credentials of one person one client may keep, roughly; when there are more, the oldest end. 0: any
    /// number.
    pub tokens_per_person: u32,
    /// The protection space that challenges name (RFC 5849 §3.5.1).
    pub realm: String,
    /// Whether a body that is no form must come with its hash.
    pub requires_body_hash: bool,
    /// What requests may be like: lengths and alphabets.
    pub limits: Limits,
    /// The signature methods there are; an embedder adds its own, and names them in `methods` or `switchable_methods`.
    pub registry: Methods,
    /// How many signed requests of one client a minute takes.
    pub per_client_per_minute: u32,
    /// How many of them may ask for temporary credentials, or exchange a token: each leaves a row for a while, and no person
    /// has to take part.
    pub begun_per_client_per_minute: u32,
    /// How many wrong verifiers end temporary credentials.
    pub verifier_tries: u32,
    /// From when on every client must use OAuth 2; a client's own date, if earlier, holds for it.
    pub sunset: Option<Timestamp>,
    /// A page that tells the clients' developers how to move over.
    pub sunset_link: Option<String>,
}

impl Default for OAuth1Policy {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            is_on: true,
            methods: names(&["HMAC-SHA256", "HMAC-SHA1", "HMAC-SHA512", "RSA-SHA256", "RSA-SHA512"]),
            switchable_methods: names(&["RSA-SHA1", "PLAINTEXT"]),
            enforce_ssl: true,
            window: Duration::from_secs(300),
            temporary_lifetime: Duration::from_secs(60 * 60),
            token_lifetime: None,
            tokens_per_person: 100,
            realm: "valetkey".to_owned(),
            requires_body_hash: false,
            limits: Limits::default(),
            registry: Methods::all(),
            per_client_per_minute: 60_000,
            begun_per_client_per_minute: 1_000,
            verifier_tries: 5,
            sunset: None,
            sunset_link: None,
        }
    }
}
