//! The base string URI (RFC 5849 §3.4.1.2).

use valetkey_oauth1::{BaseUri, InvalidUri, PublicBase};

#[test]
fn sec_o1_06_scheme_host_and_port_are_normalized_and_the_path_is_kept() {
    for (url, expected) in [
        ("http://EXAMPLE.COM:80/r%20v/X?id=123", "http://example.com/r%20v/X"),
        ("https://www.example.net:8080/?q=1", "https://www.example.net:8080/"),
        ("HTTPS://A.Example:443", "https://a.example/"),
        ("https://a.example:80/", "https://a.example:80/"),
        ("http://a.example:443/", "http://a.example:443/"),
        ("http://a.example:/x", "http://a.example/x"),
        ("http://a.example:0080/x", "http://a.example/x"),
        ("http://a.example:65535", "http://a.example:65535/"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://user:pw@a.example/x", "http://a.example/x"),
        ("http://a.example/a/../b/./c//d;e=f", "http://a.example/a/../b/./c//d;e=f"),
        ("http://a.example/%7e%2F%2f/", "http://a.example/%7e%2F%2f/"),
        ("http://a.example#fragment", "http://a.example/"),
        ("http://a.example?a=/b", "http://a.example/"),
        ("http://a.example/x#f?y", "http://a.example/x"),
    ] {
        assert_eq!(BaseUri::parse(url).unwrap().as_str(), expected, "{url}");
    }
}

#[test]
fn sec_o1_06_what_is_no_uri_to_sign_is_refused() {
    use InvalidUri::{Character, Host, Port, Scheme};
    for (url, fault) in [
        ("", Scheme),
        ("/path", Scheme),
        ("ftp://a.example/", Scheme),
        ("http:/a.example", Scheme),
        ("http://", Host),
        ("http:///x", Host),
        ("http://:80/", Host),
        ("http://a b/", Host),
        ("http://é.example/", Host),
        ("http://[::1/", Host),
        ("http://[::g]/", Host),
        ("http://[::1]x/", Host),
        ("http://a.example:0/", Port),
        ("http://a.example:65536/", Port),
        ("http://a.example:+80/", Port),
        ("http://a.example:8a/", Port),
        ("http://a.example:80:80/", Port),
        ("http://a.example/a b", Character),
        ("http://a.example/é", Character),
        ("http://a.example/a\nb", Character),
    ] {
        assert_eq!(BaseUri::parse(url), Err(fault), "{url}");
    }
}

#[test]
fn sec_o1_06_behind_a_proxy_the_configured_base_stands_for_what_the_request_shows() {
    let base = PublicBase::parse("HTTPS://API.example:443/v1/").unwrap();
    for (target, expected) in [
        ("/photos?file=1", "https://api.example/v1/photos"),
        ("/", "https://api.example/v1/"),
        ("//double", "https://api.example/v1//double"),
    ] {
        assert_eq!(base.uri(target).unwrap().as_str(), expected, "{target}");
    }
    let root = PublicBase::parse("http://localhost:8080").unwrap();
    assert_eq!(root.as_str(), "http://localhost:8080");
    assert_eq!(root.uri("").unwrap().as_str(), "http://localhost:8080/");
    assert_eq!(root.uri("?a=1").unwrap().as_str(), "http://localhost:8080/");
    assert_eq!(root.uri("photos"), Err(InvalidUri::Path));
    assert_eq!(root.uri("*"), Err(InvalidUri::Path));
    assert_eq!(root.uri("/a b"), Err(InvalidUri::Character));
    assert_eq!(PublicBase::parse("http://a.example/?x"), Err(InvalidUri::Character));
}
