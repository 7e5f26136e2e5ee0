//! What a request may be like: how many parameters, how long, of which characters.

use std::borrow::Cow;

/// What a request may be like. The defaults take what every client library makes: RFC 5849 §2 wants no assumptions.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many parameters there may be in all.
    pub parameters: usize,
    /// Octets of `oauth_consumer_key` at the most, and its characters.
    pub consumer_key: (usize, Alphabet),
    /// Octets of `oauth_token` at the most, and its characters.
    pub token: (usize, Alphabet),
    /// Octets of `oauth_nonce` at the most, and its characters.
    pub nonce: (usize, Alphabet),
    /// Octets of `oauth_verifier` at the most, and its characters.
    pub verifier: (usize, Alphabet),
    /// How many octets key, token, nonce and verifier have at the least.
    pub least: usize,
    /// Octets of `oauth_callback`.
    pub callback: usize,
    /// Octets of `oauth_signature`.
    pub signature: usize,
    /// Digits of `oauth_timestamp`, 18 at most.
    pub timestamp_digits: usize,
    /// Names of the signature methods that do without nonce and timestamp (§3.1).
    pub unstamped: Vec<Cow<'static, str>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            parameters: 1000,
            consumer_key: (512, Alphabet::Printable),
            token: (1024, Alphabet::Printable),
            nonce: (512, Alphabet::Printable),
            verifier: (512, Alphabet::Printable),
            least: 1,
            callback: 4096,
            signature: 4096,
            timestamp_digits: 10,
            unstamped: vec![Cow::Borrowed("PLAINTEXT")],
        }
    }
}

impl Limits {
    /// With one pair of lengths for key, token, nonce and verifier, as some servers have it.
    ///
    /// ```
    /// let limits = valetkey_oauth1::Limits::default().lengths(10, 100);
    /// assert_eq!((limits.least, limits.nonce.0), (10, 100));
    /// ```
    #[must_use]
    pub const fn lengths(mut self, least: usize, most: usize) -> Self {
        self.least = least;
        self.consumer_key.0 = most;
        self.token.0 = most;
        self.nonce.0 = most;
        self.verifier.0 = most;
        self
    }

    /// With one alphabet for key, token, nonce and verifier.
    #[must_use]
    pub const fn alphabet(mut self, alphabet: Alphabet) -> Self {
        self.consumer_key.1 = alphabet;
        self.token.1 = alphabet;
        self.nonce.1 = alphabet;
        self.verifier.1 = alphabet;
        self
    }
}

/// Which characters a value may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Alphabet {
    /// Everything but control characters.
    Printable,
    /// Visible ASCII, without the space.
    VisibleAscii,
    /// ASCII letters and digits.
    Alphanumeric,
}

impl Alphabet {
    /// Whether a text keeps to it.
    #[must_use]
    pub fn has(self, text: &str) -> bool {
        match self {
            Self::Printable => !text.chars().any(char::is_control),
            Self::VisibleAscii => text.bytes().all(|octet| octet.is_ascii_graphic()),
            Self::Alphanumeric => text.bytes().all(|octet| octet.is_ascii_alphanumeric()),
        }
    }
}
