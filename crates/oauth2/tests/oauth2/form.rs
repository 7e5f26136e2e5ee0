use proptest::prelude::*;
use valetkey_oauth2::{Form, FormError};

use crate::{form, vector};

#[test]
fn the_example_of_rfc_6749_appendix_b_decodes() {
    let text = format!("v={}", vector("rfc6749-appendix-b.txt"));
    assert_eq!(form(&text).get("v"), Some(" %&+£€"));
}

#[test]
fn sec_az_11_a_doubled_parameter_is_refused_by_name() {
    for text in ["a=1&a=1", "a=1&a=2", "a=1&%61=2", "a=&a=2", "client_id=x&b=1&client_id=x"] {
        assert!(matches!(Form::parse(text.as_bytes(), &["resource"]), Err(FormError::Doubled(_))), "{text}");
    }
    let form = form("resource=https://a.example&x=1&resource=https://b.example&resource=");
    assert_eq!(form.all("resource").collect::<Vec<_>>(), ["https://a.example", "https://b.example"]);
}

#[test]
fn an_empty_value_counts_as_absent() {
    let form = form("scope=&state&&code=x&");
    assert_eq!((form.get("scope"), form.get("state"), form.get("code")), (None, None, Some("x")));
    assert_eq!(form.iter().count(), 3);
}

#[test]
fn sec_az_14_bad_encoding_is_refused_and_never_repaired() {
    for text in [&b"a=%"[..], b"a=%4", b"a=%zz", b"%=1", b"a=%ff", b"a=\xff", b"\xc3\x28=1", b"a=%+1"] {
        assert_eq!(Form::parse(text, &[]).err(), Some(FormError::Malformed), "{text:?}");
    }
}

#[test]
fn sec_az_14_a_hundred_fields_are_the_most() {
    let fields = |count: usize| (0..count).map(|at| format!("f{at}=1")).collect::<Vec<_>>().join("&");
    assert_eq!(Form::parse(fields(100).as_bytes(), &[]).unwrap().iter().count(), 100);
    assert_eq!(Form::parse(fields(101).as_bytes(), &[]).err(), Some(FormError::TooMany));
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same(values in prop::collection::vec(any::<String>(), 0..8)) {
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let text: Vec<String> = values.iter().enumerate().map(|(at, value)| format!("n{at}={}", encode(value))).collect();
        let text = text.join("&");
        let form = Form::parse(text.as_bytes(), &[]).unwrap();
        let read: Vec<&str> = form.iter().map(|(_, value)| value).collect();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Form::parse(&bytes, &["resource"]);
    }
}
