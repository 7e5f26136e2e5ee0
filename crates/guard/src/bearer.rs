//! Where a request carries its token (RFC 6750 §2), read strictly.

use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderMap, Uri};

use crate::Refusal;

/// What a request shows in its header and its address.
#[derive(Debug, PartialEq)]
pub(crate) enum Shown {
    Nothing,
    /// Another scheme; somebody else may know it.
    OtherScheme,
    /// `DPoP`: an OAuth token with a proof that this guard cannot check (RFC 9449 §7.1).
    Proof,
    Bearer(String),
}

/// Reads the `Authorization` header (RFC 6750 §2.1).
pub(crate) fn from_header(headers: &HeaderMap) -> Result<Shown, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(Shown::Nothing) };
    if values.next().is_some() {
        return Err(Refusal::InvalidRequest("Send one Authorization header"));
    }
    let value = value.as_bytes();
    let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    if scheme.eq_ignore_ascii_case(b"dpop") {
        return Ok(Shown::Proof);
    }
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Ok(Shown::OtherScheme);
    }
    let start = rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len());
    let (_, token) = rest.split_at(start);
    token_text(token).map(Shown::Bearer)
}

/// Reads `access_token` from a query or a form (RFC 6750 §2.2, §2.3).
pub(crate) fn from_pairs(encoded: &[u8]) -> Result<Option<String>, Refusal> {
    let mut found = form_urlencoded::parse(encoded).filter(|(name, _)| name == PARAMETER);
    let Some((_, token)) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(Refusal::InvalidRequest("Send access_token once"));
    }
    token_text(token.as_bytes()).map(Some)
}

/// The encoded pairs without `access_token`, otherwise as they were.
pub(crate) fn without_token(encoded: &str) -> String {
    let is_other = |pair: &&str| form_urlencoded::parse(pair.as_bytes()).all(|(name, _)| name != PARAMETER);
    encoded.split('&').filter(is_other).collect::<Vec<_>>().join("&")
}

/// The address without `access_token` in its query.
pub(crate) fn uri_without_token(uri: &Uri) -> Option<Uri> {
    let query = without_token(uri.query()?);
    let path = uri.path();
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

const PARAMETER: &str = "access_token";

/// Longer than any token that anybody issues; a header that long has other limits too.
const LONGEST: usize = 16 * 1024;

/// `b64token` (RFC 6750 §2.1): at least one character of the alphabet, then any number of `=`.
fn token_text(raw: &[u8]) -> Result<String, Refusal> {
    let is_body = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    let length = raw.iter().position(|byte| !is_body(byte)).unwrap_or(raw.len());
    let (body, padding) = raw.split_at(length);
    if body.is_empty() || raw.len() > LONGEST || padding.iter().any(|byte| *byte != b'=') {
        return Err(Refusal::InvalidRequest("The access token is malformed"));
    }
    Ok(raw.iter().map(|byte| char::from(*byte)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &'static [u8]) -> Result<Shown, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, http::HeaderValue::from_bytes(value).unwrap());
        from_header(&headers)
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_with_any_number_of_spaces() {
        for value in [&b"Bearer abc"[..], b"bearer abc", b"BEARER abc", b"Bearer   abc"] {
            assert_eq!(header(value).unwrap(), Shown::Bearer("abc".to_owned()));
        }
        assert_eq!(
            header(b"Bearer mF_9.B5f-4~+/1JqM==").unwrap(),
            Shown::Bearer("mF_9.B5f-4~+/1JqM==".to_owned())
        );
    }

    #[test]
    fn what_is_no_b64token_is_malformed() {
        let malformed = [
            &b"Bearer"[..],
            b"Bearer ",
            b"Bearer =",
            b"Bearer a b",
            b"Bearer a=b",
            b"Bearer a,b",
            b"Bearer \"a\"",
            b"Bearer a\tb",
            b"Bearer a\xff",
            b"Bearer a\xc3\xa9",
        ];
        for value in malformed {
            assert!(matches!(header(value), Err(Refusal::InvalidRequest(_))), "{value:?}");
        }
    }

    #[test]
    fn other_schemes_are_not_ours() {
        assert_eq!(header(b"Basic YTpi").unwrap(), Shown::OtherScheme);
        assert_eq!(header(b"Bearers abc").unwrap(), Shown::OtherScheme);
        assert_eq!(header(b"dpop abc").unwrap(), Shown::Proof);
        assert_eq!(from_header(&HeaderMap::new()).unwrap(), Shown::Nothing);
    }

    #[test]
    fn the_token_leaves_the_address_and_the_rest_stays_as_it_was() {
        let uri = Uri::from_static("/a%2Fb?p=1+2&access%5Ftoken=x&q=%7E");
        assert_eq!(uri_without_token(&uri).unwrap(), "/a%2Fb?p=1+2&q=%7E");
        assert_eq!(uri_without_token(&Uri::from_static("http://h/p?access_token=x")).unwrap(), "http://h/p");
    }
}
