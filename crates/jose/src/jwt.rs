//! JSON Web Tokens (RFC 7519) under the rules of RFC 8725: [`Expectations`] in, [`Verified`] claims out.

use crate::jws;
pub use crate::jws::Verified;
use crate::{Algorithm, Claims, JoseError, KeySet};

/// Verifies a compact JWT: its form, its algorithm, its signature, its type, and then every claim that was expected.
///
/// # Errors
/// A [`JoseError`] that says which of these failed. [`JoseError::UnknownKey`] is the one after which fetching the key
/// set anew may help.
pub fn verify(token: &str, keys: &KeySet, expect: &Expectations<'_>) -> Result<Verified<Claims>, JoseError> {
    let verified = jws::verify(token, keys, expect.algorithms)?;
    if !expect.kind.has_typ(verified.header().typ.as_deref()) {
        return Err(JoseError::WrongTyp);
    }
    verified.try_map(|payload| {
        let claims = Claims::parse(&payload)?;
        expect.check(&claims)?;
        Ok(claims)
    })
}

/// A kind of token: how it calls itself, and which claims it cannot be without (RFC 8725 §3.11, §3.12).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenKind {
    /// The `typ` it bears, without `application/`, in any case of letters.
    pub typ: &'static str,
    /// Whether it may come without a `typ`.
    pub typ_may_be_absent: bool,
    /// The claims it must have.
    pub required: &'static [&'static str],
}

impl TokenKind {
    /// An access token (RFC 9068 §2.2, §4).
    pub const ACCESS_TOKEN: Self = Self {
        typ: "at+jwt",
        typ_may_be_absent: false,
        required: &["iss", "exp", "aud", "sub", "client_id", "iat", "jti"],
    };

    /// A client's assertion about itself (RFC 7523 §3; `jti` as OpenID Connect Core §9 asks).
    pub const CLIENT_ASSERTION: Self =
        Self { typ: "JWT", typ_may_be_absent: true, required: &["iss", "sub", "aud", "exp", "jti"] };

    /// An ID token (OpenID Connect Core §2).
    pub const ID_TOKEN: Self =
        Self { typ: "JWT", typ_may_be_absent: true, required: &["iss", "sub", "aud", "exp", "iat"] };

    fn has_typ(&self, typ: Option<&str>) -> bool {
        let Some(typ) = typ else { return self.typ_may_be_absent };
        // `application/` may be left out when there is no other slash (RFC 7515 §4.1.9).
        let short = match typ.split_at_checked(MEDIA_TYPE.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(MEDIA_TYPE) => rest,
            _ => typ,
        };
        short.eq_ignore_ascii_case(self.typ)
    }
}

/// What a token must be to be believed.
///
/// Issuer and audience are not optional: a token that anybody may have issued, for anybody, is no evidence.
///
/// ```
/// use valetkey_jose::{Algorithm, Expectations};
///
/// let expect = Expectations::access_token("https://as.example", "https://api.example", 1_700_000_000)
///     .or_audience("https://as.example")
///     .algorithms(&[Algorithm::Es256])
///     .leeway(5);
/// ```
#[derive(Clone, Debug)]
pub struct Expectations<'a> {
    kind: TokenKind,
    algorithms: &'a [Algorithm],
    issuer: &'a str,
    audience: &'a str,
    other_audiences: Vec<&'a str>,
    required: &'a [&'static str],
    now: i64,
    leeway: i64,
}

impl<'a> Expectations<'a> {
    /// Expects an access token of `issuer` for `audience`, signed with any algorithm that has a public key.
    #[must_use]
    pub fn access_token(issuer: &'a str, audience: &'a str, now: i64) -> Self {
        Self::new(TokenKind::ACCESS_TOKEN, issuer, audience, now)
    }

    /// Expects a token of some kind at the time `now`, in seconds since the epoch.
    #[must_use]
    pub fn new(kind: TokenKind, issuer: &'a str, audience: &'a str, now: i64) -> Self {
        Self {
            kind,
            algorithms: Algorithm::ASYMMETRIC,
            issuer,
            audience,
            other_audiences: Vec::new(),
            required: &[],
            now,
            leeway: 0,
        }
    }

    /// Allows these algorithms only (RFC 8725 §3.1).
    #[must_use]
    pub fn algorithms(mut self, allowed: &'a [Algorithm]) -> Self {
        self.algorithms = allowed;
        self
    }

    /// Allows another audience instead.
    #[must_use]
    pub fn or_audience(mut self, audience: &'a str) -> Self {
        self.other_audiences.push(audience);
        self
    }

    /// Requires more claims than the kind of token does.
    #[must_use]
    pub fn require(mut self, claims: &'a [&'static str]) -> Self {
        self.required = claims;
        self
    }

    /// Forgives clocks that differ by this many seconds; none by default, never more than a minute
    /// (FAPI 2.0 Security Profile §5.3.2.1).
    #[must_use]
    pub fn leeway(mut self, seconds: u16) -> Self {
        self.leeway = i64::from(seconds).min(MAX_LEEWAY_SECONDS);
        self
    }

    fn check(&self, claims: &Claims) -> Result<(), JoseError> {
        if let Some(missing) = self.kind.required.iter().chain(self.required).find(|name| !claims.has(name)) {
            return Err(JoseError::MissingClaim(missing));
        }
        if claims.iss.as_deref() != Some(self.issuer) {
            return Err(JoseError::WrongIssuer);
        }
        let is_ours = |audience: &str| audience == self.audience || self.other_audiences.contains(&audience);
        if !claims.aud.iter().any(is_ours) {
            return Err(JoseError::WrongAudience);
        }
        if claims.exp.is_some_and(|exp| self.now.saturating_sub(self.leeway) >= exp) {
            return Err(JoseError::Expired);
        }
        let latest_start = self.now.saturating_add(self.leeway);
        if claims.nbf.max(claims.iat).is_some_and(|start| start > latest_start) {
            return Err(JoseError::NotYetValid);
        }
        Ok(())
    }
}

const MEDIA_TYPE: &str = "application/";
const MAX_LEEWAY_SECONDS: i64 = 60;
