//! An OAuth 1 request, wherever its parameters stand. An input is the `Authorization` header, the request target and a
//! form-encoded body, each on a line of its own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use valetkey_oauth1::challenge::Challenge;
use valetkey_oauth1::{Limits, Message, Received, is_signed};

fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(3, |octet| *octet == b'\n');
    let header = lines.next().unwrap_or_default();
    let Ok(target) = std::str::from_utf8(lines.next().unwrap_or_default()) else { return };
    let body = lines.next().unwrap_or_default();
    let authorization = [header];
    let authorization: &[&[u8]] = if header.is_empty() { &[] } else { &authorization };
    let form: Option<&[u8]> = Some(b"application/x-www-form-urlencoded");
    let received = Received::new("POST", target).authorization(authorization).body(form, body);
    let is_ours = is_signed(&received);
    if let Ok(text) = std::str::from_utf8(header)
        && let Some(challenge) = Challenge::parse(text)
        && challenge.realm.as_ref().is_none_or(|realm| !realm.contains(char::is_control))
    {
        assert_eq!(Challenge::parse(&challenge.write()), Some(challenge));
    }
    match Message::parse(&received, &Limits::default()) {
        Ok(message) => {
            assert!(is_ours);
            assert!(!message.consumer_key().is_empty() && !message.consumer_key().contains(char::is_control));
            assert!(message.timestamp().is_none_or(|timestamp| timestamp > 0));
            // Of our own parameters none comes twice, and all stand in one place.
            let ours: Vec<_> = message.params().iter().filter(|param| param.is_protocol()).collect();
            for (at, param) in ours.iter().enumerate() {
                assert_eq!(param.place, message.place());
                assert!(ours[..at].iter().all(|earlier| earlier.name != param.name));
            }
            let _ = message.temporary_request();
            let _ = message.token_request();
        }
        Err(fault) => {
            assert!([400, 401].contains(&fault.status()));
            let _ = fault.report().map(|report| report.write());
        }
    }
});
