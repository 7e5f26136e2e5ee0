//! Where a request carries its token (RFC 6750 §2), read strictly.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use valetkey_oauth2::messages::bearer::{self as message, BearerError};

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
    match read(value) {
        Err(BearerError::OtherScheme) if is_proof(value) => Ok(Shown::Proof),
        Err(BearerError::OtherScheme) => Ok(Shown::OtherScheme),
        Ok(token) => Ok(Shown::Bearer(token.to_owned())),
        Err(_) => Err(MALFORMED),
    }
}

/// Reads `access_token` from a query or a form (RFC 6750 §2.2, §2.3).
pub(crate) fn from_pairs(encoded: &[u8]) -> Result<Option<String>, Refusal> {
    let mut found = form_urlencoded::parse(encoded).filter(|(name, _)| name == PARAMETER);
    let Some((_, token)) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(Refusal::InvalidRequest("Send access_token once"));
    }
    let as_header = format!("Bearer {token}");
    read(as_header.as_bytes()).map(|token| Some(token.to_owned())).map_err(|_| MALFORMED)
}

/// Whether that is the parameter's name.
pub(crate) fn is_parameter(name: &str) -> bool {
    name == PARAMETER
}

const PARAMETER: &str = "access_token";

/// Longer than any token that anybody issues; a header that long has other limits too.
const LONGEST: usize = 16 * 1024;

const MALFORMED: Refusal = Refusal::InvalidRequest("The access token is malformed");

fn read(header: &[u8]) -> Result<&str, BearerError> {
    message::parse(Some(header)).and_then(|token| {
        let fits = token.len() <= LONGEST;
        fits.then_some(token).ok_or(BearerError::Malformed)
    })
}

fn is_proof(header: &[u8]) -> bool {
    header.split(|byte| *byte == b' ').next().is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"dpop"))
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
}
