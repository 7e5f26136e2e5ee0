//! The address that was asked for: as the client wrote it, and without the credentials in it.

use http::Uri;
use http::request::Parts;
use http::uri::PathAndQuery;

/// Path and query as the client wrote them, whatever routers have taken off since.
pub(crate) fn target(parts: &Parts) -> &str {
    #[cfg(feature = "axum")]
    let uri = parts.extensions.get::<axum::extract::OriginalUri>().map_or(&parts.uri, |original| &original.0);
    #[cfg(not(feature = "axum"))]
    let uri = &parts.uri;
    uri.path_and_query().map_or("", PathAndQuery::as_str)
}

/// Takes parameters out of the query, wherever the application may look for it.
pub(crate) fn strip(parts: &mut Parts, is_ours: fn(&str) -> bool) {
    if let Some(uri) = uri_without(&parts.uri, is_ours) {
        parts.uri = uri;
    }
    #[cfg(feature = "axum")]
    if let Some(original) = parts.extensions.get_mut::<axum::extract::OriginalUri>()
        && let Some(uri) = uri_without(&original.0, is_ours)
    {
        original.0 = uri;
    }
}

/// The encoded pairs without those of our names, otherwise as they were.
pub(crate) fn pairs_without(encoded: &[u8], is_ours: fn(&str) -> bool) -> Vec<u8> {
    let is_other = |pair: &&[u8]| form_urlencoded::parse(pair).all(|(name, _)| !is_ours(&name));
    encoded.split(|octet| *octet == b'&').filter(is_other).collect::<Vec<_>>().join(&b'&')
}

fn uri_without(uri: &Uri, is_ours: fn(&str) -> bool) -> Option<Uri> {
    let query = uri.query()?;
    let rest = pairs_without(query.as_bytes(), is_ours);
    if rest.len() == query.len() {
        return None;
    }
    let mut text = uri.path().as_bytes().to_vec();
    if !rest.is_empty() {
        text.push(b'?');
        text.extend_from_slice(&rest);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_token(name: &str) -> bool {
        name == "access_token"
    }

    #[test]
    fn the_token_leaves_the_address_and_the_rest_stays_as_it_was() {
        let uri = Uri::from_static("/a%2Fb?p=1+2&access%5Ftoken=x&q=%7E");
        assert_eq!(uri_without(&uri, is_token).unwrap(), "/a%2Fb?p=1+2&q=%7E");
        let uri = Uri::from_static("http://h/p?access_token=x");
        assert_eq!(uri_without(&uri, is_token).unwrap(), "http://h/p");
        assert_eq!(uri_without(&Uri::from_static("/p?&&a=%20&"), is_token), None);
    }

    #[test]
    fn pairs_may_be_any_octets() {
        assert_eq!(pairs_without(b"a=\xff&access_token=x&&b\xfe", is_token), b"a=\xff&&b\xfe");
    }
}
