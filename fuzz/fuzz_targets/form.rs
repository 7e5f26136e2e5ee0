//! Form decoding: queries and bodies.
#![no_main]

use libfuzzer_sys::fuzz_target;
use valetkey_oauth2::Form;

fuzz_target!(|input: &[u8]| {
    let Ok(form) = Form::parse(input, &["resource"]) else { return };
    let fields: Vec<_> = form.iter().collect();
    assert!(fields.len() <= Form::MOST);
    for (at, (name, value)) in fields.iter().enumerate() {
        assert!(*name == "resource" || fields[..at].iter().all(|(earlier, _)| earlier != name));
        if *name != "resource" {
            assert_eq!(form.get(name), (!value.is_empty()).then_some(*value));
        }
    }
    // Another encoder's spelling of the same fields reads the same.
    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let again = Form::parse(written.as_bytes(), &["resource"]).unwrap();
    assert!(again.iter().eq(form.iter()));
});
