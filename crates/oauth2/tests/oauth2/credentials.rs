use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use valetkey_oauth2::{AuthMethod, CredentialsError, ErrorCode, Presented, credentials::parse};

use crate::{form, json, vector};

fn basic(pair: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn shown(header: Option<&str>, body: &str) -> Result<Presented, CredentialsError> {
    parse(header.map(str::as_bytes), &form(body))
}

fn texts(presented: &Presented) -> (&str, Option<&str>, Option<&str>) {
    let secret = presented.secret.as_ref().map(valetkey_oauth2::Secret::expose);
    (presented.client_id.as_str(), secret, presented.raw_secret.as_ref().map(valetkey_oauth2::Secret::expose))
}

#[test]
fn the_examples_of_rfc_6749_2_3_1_are_read() {
    let example = json(vector("rfc6749-2.3.1-basic.json").as_bytes());
    let text = |name: &str| example[name].as_str().unwrap().to_owned();
    let by_header = shown(Some(&text("authorization")), "").unwrap();
    assert_eq!(texts(&by_header), (text("client_id").as_str(), Some(text("client_secret").as_str()), None));
    assert_eq!(by_header.method, AuthMethod::ClientSecretBasic);
    let by_body = shown(None, &vector("rfc6749-2.3.1-body.txt")).unwrap();
    assert_eq!(texts(&by_body), texts(&by_header));
    assert_eq!(by_body.method, AuthMethod::ClientSecretPost);
    assert_eq!(shown(None, "client_id=app").unwrap().method, AuthMethod::None);
}

#[test]
fn sec_ca_02_two_methods_in_one_request_are_refused() {
    let header = basic(b"app:secret");
    for (header, body) in [
        (Some(&header), "client_id=app&client_secret=secret"),
        (Some(&header), "client_secret=secret"),
        (Some(&header), "client_assertion=x"),
        (None, "client_id=app&client_secret=secret&client_assertion=x"),
    ] {
        assert_eq!(
            shown(header.map(String::as_str), body).err(),
            Some(CredentialsError::TwoMethods),
            "{body}"
        );
    }
    assert_eq!(CredentialsError::TwoMethods.wire().0, ErrorCode::InvalidRequest);
}

#[test]
fn sec_ca_02_header_and_body_name_the_same_client() {
    let header = basic(b"app:secret");
    assert!(shown(Some(&header), "client_id=app").is_ok());
    assert!(shown(Some(&header), "client_id=").is_ok());
    assert_eq!(shown(Some(&header), "client_id=other").err(), Some(CredentialsError::ClientIdMismatch));
}

#[test]
fn sec_ca_03_both_halves_are_form_decoded() {
    for (pair, expected) in [
        (&b"a%3Ab:p%3Aw"[..], ("a:b", Some("p:w"), Some("p%3Aw"))),
        (b"app:p:w:", ("app", Some("p:w:"), None)),
        (b"app:p+w", ("app", Some("p w"), Some("p+w"))),
        (b"app:100%", ("app", Some("100%"), None)),
        (b"app:%E2%82%AC", ("app", Some("€"), Some("%E2%82%AC"))),
        ("app:€".as_bytes(), ("app", Some("€"), None)),
    ] {
        let presented = shown(Some(&basic(pair)), "").unwrap();
        assert_eq!(texts(&presented), expected);
    }
    let named = shown(Some(&basic(b"a+b:x")), "client_id=a%2Bb").unwrap();
    assert_eq!((named.client_id.as_str(), named.raw_client_id.unwrap().as_str()), ("a b", "a+b"));
}

#[test]
fn sec_ca_03_control_bytes_and_bad_encodings_are_refused() {
    for pair in [
        &b"app:a\0b"[..],
        b"app:a%00b",
        b"app:a%0Ab",
        b"app:a\r\nb",
        b"app:\x7f",
        b"a%09pp:x",
        b"app:\xff",
        b"no colon",
    ] {
        assert_eq!(shown(Some(&basic(pair)), "").err(), Some(CredentialsError::BasicMalformed), "{pair:?}");
    }
    for header in ["Basic !!!!", "Basic YQ=", "Basic", "Basic ", &format!("Basic {}", "A".repeat(8192))] {
        assert_eq!(shown(Some(header), "").err(), Some(CredentialsError::BasicMalformed), "{header}");
    }
    assert_eq!(shown(None, "client_id=a&client_secret=%00").err(), Some(CredentialsError::SecretMalformed));
}

#[test]
fn schemes_are_told_apart_without_case() {
    assert!(shown(Some(&basic(b"app:x").replace("Basic", "bAsIc")), "").is_ok());
    for header in ["Bearer x", "Basically YTpi", "Digest x", ""] {
        assert_eq!(shown(Some(header), "client_id=a").err(), Some(CredentialsError::OtherScheme), "{header}");
    }
    assert!(CredentialsError::OtherScheme.is_challenged() && !CredentialsError::TwoMethods.is_challenged());
}

#[test]
fn an_empty_secret_proves_nothing() {
    let presented = shown(Some(&basic(b"app:")), "").unwrap();
    assert_eq!((texts(&presented), presented.method), (("app", None, None), AuthMethod::None));
    assert_eq!(shown(None, "client_id=app&client_secret=").unwrap().method, AuthMethod::None);
    assert_eq!(shown(Some(&basic(b":x")), "").err(), Some(CredentialsError::Missing));
    assert_eq!(shown(None, "client_secret=x").err(), Some(CredentialsError::Missing));
}

#[test]
fn secrets_are_not_printed() {
    let presented = shown(Some(&basic(b"app:hunter%2B2")), "").unwrap();
    assert!(!format!("{presented:?}").contains("hunter"));
}

proptest! {
    #[test]
    fn an_encoded_pair_is_read_back(name in "[!-~]{1,20}", secret in "[ -~äß€]{1,40}") {
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let header = basic(format!("{}:{}", encode(&name), encode(&secret)).as_bytes());
        let presented = shown(Some(&header), "").unwrap();
        prop_assert_eq!(presented.client_id.as_str(), name);
        let read = presented.secret.unwrap();
        prop_assert_eq!(read.expose(), secret);
    }

    #[test]
    fn no_header_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = parse(Some(&bytes), &form(""));
        let _ = parse(Some(basic(&bytes).as_bytes()), &form(""));
    }
}
