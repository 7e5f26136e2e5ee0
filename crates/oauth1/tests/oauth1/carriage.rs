//! How the parameters travel, and what is refused on the way.

use valetkey_oauth1::sign::{Outgoing, SignError, Stamp};
use valetkey_oauth1::{Alphabet, Callback, Limits, Malformed, Message, Place, Problem, is_signed};

use crate::{FORM, Sent, URL, sign, signer};

const HEADER: &str = "OAuth realm=\"Example\", oauth_consumer_key=\"0685bd9184jfhq22\", oauth_token=\"ad180jjd733klru7\", \
                      oauth_signature_method=\"HMAC-SHA1\", oauth_signature=\"wOJIO9A2W5mFwDgiDvZbTSMK%2FPY%3D\", \
                      oauth_timestamp=\"137131200\", oauth_nonce=\"4572616e48616d6d65724c61686176\", oauth_version=\"1.0\"";
const PARAMETERS: &str = "oauth_consumer_key=0685bd9184jfhq22&oauth_token=ad180jjd733klru7&oauth_signature_method=HMAC-SHA1&\
                          oauth_signature=wOJIO9A2W5mFwDgiDvZbTSMK%2FPY%3D&oauth_timestamp=137131200&\
                          oauth_nonce=4572616e48616d6d65724c61686176&oauth_version=1.0";

fn malformed(sent: &Sent) -> Malformed {
    sent.parse(|message| message.unwrap_err())
}

fn header(value: &str) -> Sent {
    Sent::get("https://api.example/photos", &[value])
}

#[test]
fn the_three_carriages_of_rfc_5849_3_5_say_the_same() {
    let in_header = header(HEADER);
    let in_query = Sent::get(&format!("https://api.example/photos?{PARAMETERS}"), &[]);
    let mut in_body = Sent::get("https://api.example/photos", &[]);
    in_body.content_type = Some(FORM.into());
    in_body.body = PARAMETERS.into();
    for (sent, place) in [(in_header, Place::Header), (in_query, Place::Query), (in_body, Place::Body)] {
        assert!(sent.with(is_signed));
        sent.parse(|message| {
            let message = message.unwrap();
            assert_eq!(message.place(), place);
            assert_eq!(message.realm(), (place == Place::Header).then_some("Example"));
            assert_eq!(message.consumer_key(), "0685bd9184jfhq22");
            assert_eq!(message.token(), Some("ad180jjd733klru7"));
            assert_eq!(message.signature_method(), "HMAC-SHA1");
            assert_eq!(message.signature(), "wOJIO9A2W5mFwDgiDvZbTSMK/PY=");
            assert_eq!(message.timestamp(), Some(137_131_200));
            assert_eq!(message.nonce(), Some("4572616e48616d6d65724c61686176"));
            assert_eq!((message.callback(), message.verifier(), message.body_hash()), (None, None, None));
        });
    }
}

#[test]
fn headers_are_read_as_http_writes_them() {
    let rest = HEADER.split_once("OAuth realm=\"Example\", ").unwrap().1;
    for value in [
        HEADER.to_owned(),
        format!("oauth {rest}"),
        format!("OAUTH   {rest}"),
        format!("OAuth {}", rest.replace(", ", ",")),
        format!("OAuth {}", rest.replace(", ", " ,\t")),
        format!("OAuth {}", rest.replace(", ", ",\r\n   ")),
        format!("OAuth {}", rest.replace('=', " = ")),
        format!("OAuth ,, {rest},"),
        format!("OAuth {}", rest.replace('"', "")),
        format!("OAuth Realm=\"a \\\"quoted\\\" realm\", {rest}"),
        format!("OAuth realm=\"\", {rest}, other=\"1\""),
    ] {
        assert!(header(&value).with(is_signed), "{value}");
        header(&value).parse(|message| {
            let message = message.unwrap_or_else(|fault| panic!("{value}: {fault}"));
            assert_eq!(message.signature(), "wOJIO9A2W5mFwDgiDvZbTSMK/PY=", "{value}");
        });
    }
    let quoted = format!("OAuth realm=\"a \\\"b\\\" \\\\\", {rest}");
    header(&quoted).parse(|message| assert_eq!(message.unwrap().realm(), Some("a \"b\" \\")));
}

#[test]
fn broken_headers_are_refused_and_nothing_panics() {
    for value in [
        "OAuth abc",
        "OAuth =",
        "OAuth oauth_nonce",
        "OAuth oauth_nonce=\"a",
        "OAuth oauth_nonce=\"a\\",
        "OAuth oauth_nonce=\"a\"b",
        "OAuth oauth_nonce=\"a\" oauth_token=\"b\"",
        "OAuth oauth_nonce=\"\\a\"",
        "OAuth \"a\"=\"b\"",
        "OAuth realm=\"a\", realm=\"b\"",
        "OAuth oauth_nonce=\"a\"; oauth_token=\"b\"",
    ] {
        assert_eq!(malformed(&header(value)), Malformed::BrokenHeader, "{value}");
    }
    for value in ["OAuth oauth_nonce=\"%zz\"", "OAuth oauth_nonce=\"%a\"", "OAuth oauth_nonce=\"é\""] {
        assert!(matches!(malformed(&header(value)), Malformed::Encoding(Place::Header, _)), "{value}");
    }
    let not_utf8 = HEADER.replace("0685bd9184jfhq22", "%FF");
    assert_eq!(malformed(&header(&not_utf8)), Malformed::Rejected("oauth_consumer_key"));
}

#[test]
fn what_carries_no_oauth_1_says_so() {
    let nothing = Sent::get("https://api.example/authorize?oauth_token=t", &[]);
    assert!(!nothing.with(is_signed));
    assert!(matches!(malformed(&nothing), Malformed::Missing(_)));
    let nothing = Sent::get("https://api.example/?a=1", &[]);
    assert_eq!((malformed(&nothing), malformed(&nothing).status()), (Malformed::NotSigned, 401));
    for other in ["Bearer abc", "Basic YTpi", "OAuth2 abc", "OAuthx a=\"b\"", ""] {
        assert!(!header(other).with(is_signed), "{other}");
        assert_eq!(malformed(&header(other)), Malformed::OtherScheme, "{other}");
    }
    assert_eq!(malformed(&Sent::get(URL, &[HEADER, HEADER])), Malformed::SeveralHeaders);
    assert_eq!(malformed(&Sent::get(URL, &[HEADER, "Bearer a"])), Malformed::SeveralHeaders);
    let query = format!("https://api.example/?{PARAMETERS}");
    for token in ["Bearer abc", "dpop abc"] {
        assert_eq!(malformed(&Sent::get(&query, &[token])), Malformed::TwoCredentials);
    }
    // A proxy's own Basic authentication does not bear upon the query.
    Sent::get(&query, &["Basic YTpi"]).parse(|message| assert_eq!(message.unwrap().place(), Place::Query));
}

#[test]
fn all_missing_parameters_are_named_at_once() {
    let fault = malformed(&header("OAuth oauth_consumer_key=\"a\""));
    let missing = vec!["oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce"];
    assert_eq!(fault, Malformed::Missing(missing));
    let report = fault.report().unwrap();
    assert_eq!(report.problem, Problem::ParameterAbsent);
    assert_eq!(
        report.absent,
        ["oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce"]
    );
    assert_eq!(fault.status(), 400);
    assert!(matches!(malformed(&header("OAuth")), Malformed::Missing(missing) if missing.len() == 5));
}

#[test]
fn the_version_is_1_0_or_absent() {
    for version in ["1.0a", "2.0", "1", ""] {
        let fault = malformed(&header(&HEADER.replace("\"1.0\"", &format!("\"{version}\""))));
        assert_eq!(fault, Malformed::Version, "{version}");
        let report = fault.report().unwrap().write();
        assert_eq!(report, "oauth_problem=version_rejected&oauth_acceptable_versions=1.0-1.0");
    }
    header(&HEADER.replace(", oauth_version=\"1.0\"", "")).parse(|message| assert!(message.is_ok()));
}

#[test]
fn every_legal_nonce_of_other_libraries_is_taken() {
    for nonce in [
        "a",
        "4572616e-4861-6d6d-6572-4c6168617600",
        "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        "Zm9v%2FYmFy%2BMTIz%3D%3D",
        "1318622958%3A123",
        "a%20b",
        "%E2%98%83",
        "145899138028028201691512873450",
    ] {
        let sent = header(&HEADER.replace("4572616e48616d6d65724c61686176", nonce));
        sent.parse(|message| assert!(message.is_ok(), "{nonce}"));
    }
    for nonce in ["", "a%0Ab", "%00", &"n".repeat(513)] {
        let fault = malformed(&header(&HEADER.replace("4572616e48616d6d65724c61686176", nonce)));
        assert_eq!(fault, Malformed::Rejected("oauth_nonce"), "{nonce}");
    }
}

#[test]
fn limits_can_be_drawn_tighter() {
    let limits = Limits {
        nonce: (30, Alphabet::Alphanumeric),
        consumer_key: (16, Alphabet::VisibleAscii),
        parameters: 8,
        ..Limits::default()
    };
    let parse = |sent: &Sent| sent.with(|received| Message::parse(received, &limits).map(|_| ()));
    assert_eq!(parse(&header(HEADER)), Ok(()));
    assert_eq!(
        parse(&header(&HEADER.replace("4572616e48616d6d", "4572616e-8616d6d"))),
        Err(Malformed::Rejected("oauth_nonce"))
    );
    assert_eq!(
        parse(&header(&HEADER.replace("0685bd9184jfhq22", "0685bd9184jfhq222"))),
        Err(Malformed::Rejected("oauth_consumer_key"))
    );
    assert_eq!(parse(&Sent::get("https://a.example/?a&b", &[HEADER])), Err(Malformed::TooMany));
}

#[test]
fn a_least_length_holds_for_key_token_nonce_and_verifier() {
    let limits = Limits::default().lengths(10, 100);
    let parse = |value: &str| header(value).with(|received| Message::parse(received, &limits).map(|_| ()));
    assert_eq!(parse(HEADER), Ok(()));
    for (name, held) in [
        ("oauth_consumer_key", "0685bd9184jfhq22"),
        ("oauth_token", "ad180jjd733klru7"),
        ("oauth_nonce", "4572616e48616d6d65724c61686176"),
    ] {
        for (length, is_legal) in [(9, false), (10, true), (100, true), (101, false)] {
            let expected = if is_legal { Ok(()) } else { Err(Malformed::Rejected(name)) };
            assert_eq!(parse(&HEADER.replace(held, &"a".repeat(length))), expected, "{name} of {length}");
        }
    }
    let verifier = |value: &str| parse(&format!("{HEADER}, oauth_verifier=\"{value}\""));
    assert_eq!(verifier("0123456789"), Ok(()));
    assert_eq!(verifier("012345678"), Err(Malformed::Rejected("oauth_verifier")));
    // An empty token is none, and has no length.
    assert_eq!(parse(&HEADER.replace("ad180jjd733klru7", "")), Ok(()));
}

#[test]
fn an_empty_token_counts_as_absent() {
    header(&HEADER.replace("ad180jjd733klru7", ""))
        .parse(|message| assert_eq!(message.unwrap().token(), None));
}

#[test]
fn the_exchanges_ask_for_what_they_need() {
    let temporary = |callback: &str| {
        header(&format!("{HEADER}{callback}")).parse(|message| message.unwrap().temporary_request())
    };
    assert_eq!(temporary(""), Err(Malformed::Missing(vec!["oauth_callback"])));
    assert_eq!(temporary(", oauth_callback=\"oob\"").unwrap().callback, Callback::OutOfBand);
    let uri =
        temporary(", oauth_callback=\"http%3A%2F%2Fprinter.example.com%2Fready%3Fx%3D1\"").unwrap().callback;
    assert_eq!(uri, Callback::Uri("http://printer.example.com/ready?x=1".into()));
    for wrong in
        ["OOB", "printer", "%2Fready", "http%3A", "1a%3Ab", "http%3A%2F%2Fa%20b", "http%3A%2F%2F%C3%A9"]
    {
        let outcome = temporary(&format!(", oauth_callback=\"{wrong}\""));
        assert_eq!(outcome, Err(Malformed::Rejected("oauth_callback")), "{wrong}");
    }
    let token = |value: &str| {
        header(value).parse(|message| {
            let message = message.unwrap();
            message.token_request().map(|asked| (asked.token.to_owned(), asked.verifier.to_owned()))
        })
    };
    assert_eq!(token(HEADER), Err(Malformed::Missing(vec!["oauth_verifier"])));
    let with = format!("{HEADER}, oauth_verifier=\"473f82d3\"");
    assert_eq!(token(&with), Ok(("ad180jjd733klru7".into(), "473f82d3".into())));
    let without = with.replace("ad180jjd733klru7", "");
    assert_eq!(token(&without), Err(Malformed::Missing(vec!["oauth_token"])));
}

#[test]
fn binary_values_and_empty_fields_of_the_application_are_kept() {
    let sent = sign(&signer("HMAC-SHA1"), &Outgoing::new("GET", "https://a.example/?x=%FF%00&&=&y"));
    sent.parse(|message| {
        let message = message.unwrap();
        let base = message.base_string(&sent.uri());
        assert!(base.starts_with("GET&https%3A%2F%2Fa.example%2F&%3D%26oauth_consumer_key"), "{base}");
        assert!(base.ends_with("%26x%3D%25FF%2500%26y%3D"), "{base}");
    });
    let raw = Sent::get("https://a.example/?é=1", &[HEADER]);
    assert!(matches!(malformed(&raw), Malformed::Encoding(Place::Query, _)));
}

#[test]
fn the_signer_refuses_what_would_be_refused() {
    let stamp = Stamp::new(1, "n");
    let body = signer("HMAC-SHA1").place(Place::Body);
    let json = Outgoing::new("POST", URL).body("application/json", b"{}");
    assert_eq!(body.sign(&json, &stamp), Err(SignError::NotAForm));
    let signed = body.sign(&Outgoing::new("POST", URL), &stamp).unwrap();
    assert!(signed.body.unwrap().starts_with(b"oauth_consumer_key=key&"));
    let twice = Outgoing::new("GET", "https://a.example/?oauth_token=t");
    let doubled = SignError::AlreadySigned("oauth_token".into());
    assert_eq!(signer("HMAC-SHA1").sign(&twice, &stamp), Err(doubled.clone()));
    let again = signer("HMAC-SHA1").parameter("oauth_token", "t");
    assert_eq!(again.sign(&Outgoing::new("GET", URL), &stamp), Err(doubled));
    assert!(matches!(signer("HMAC-SHA1").sign(&Outgoing::new("GET", "/a"), &stamp), Err(SignError::Uri(_))));
    let fragment = signer("HMAC-SHA1").place(Place::Query);
    let url = fragment.sign(&Outgoing::new("GET", "https://a.example/#f"), &stamp).unwrap().url;
    assert!(url.starts_with("https://a.example/?oauth_consumer_key=key&") && url.ends_with("#f"), "{url}");
}
