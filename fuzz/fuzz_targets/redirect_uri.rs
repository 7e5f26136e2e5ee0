//! Redirect URIs: what is taken leads where it says, and cannot break out of the header that names it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use valetkey_oauth2::{RedirectKind, RedirectUri};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(uri) = RedirectUri::parse(text) else { return };
    assert_eq!(uri.as_str(), text);
    assert!(uri.accepts(&uri, false) && uri.accepts(&uri, true));
    assert!(!text.contains('#') && text.is_ascii());
    let scheme = text.split(':').next().unwrap().to_ascii_lowercase();
    match uri.kind() {
        RedirectKind::Https => assert_eq!(scheme, "https"),
        RedirectKind::LoopbackIp | RedirectKind::Localhost => assert_eq!(scheme, "http"),
        RedirectKind::PrivateUse => assert!(scheme.contains('.')),
    }
    // `form-action` stands in a Content-Security-Policy, whose delimiters are these.
    let source = uri.form_action();
    assert!(!source.contains([';', ',', ' ', '\'', '"', '*']), "{source}");
    assert!(!uri.host().is_empty() && !uri.host().contains('@'), "{}", uri.host());
    let _ = serde_json::to_string(&uri).unwrap();
});
