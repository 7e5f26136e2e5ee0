//! The `Authorization: Basic` header. An input is the header, and after a line feed the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use valetkey_oauth2::credentials::{self, basic};
use valetkey_oauth2::{AuthMethod, Form};

fuzz_target!(|input: &[u8]| {
    let at = input.iter().position(|octet| *octet == b'\n');
    let (header, body) = at.map_or((input, &[][..]), |at| (&input[..at], &input[at + 1..]));
    let Ok(form) = Form::parse(body, &["resource"]) else { return };
    let _ = credentials::parse(None, &form);
    let _ = credentials::parse(Some(header), &form);
    let Ok(presented) = basic::parse(header, &form) else { return };
    assert_eq!(presented.secret.is_some(), presented.method == AuthMethod::ClientSecretBasic);
    assert!(!presented.client_id.as_str().bytes().any(|octet| octet.is_ascii_control()));
    // No secret comes to light by way of Debug.
    let shown = format!("{:?}", presented.secret);
    assert!(shown.len() < 40, "{shown}");
});
