//! The base string of a request, and what explains another. An input is a URL, a form-encoded body and somebody else's
//! base string, each on a line of its own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use valetkey_crypto::Secret;
use valetkey_oauth1::sign::{Outgoing, Signer, Stamp};
use valetkey_oauth1::{
    BaseUri, Limits, Message, Methods, Received, Secrets, explain, methods, params, percent, verify,
};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.splitn(3, '\n');
    let url = lines.next().unwrap_or_default();
    let body = lines.next().unwrap_or_default();
    let theirs = lines.next().unwrap_or_default();
    let uri = BaseUri::parse(url);
    if let Ok(uri) = &uri {
        // Normalizing what is normal changes nothing.
        assert_eq!(BaseUri::parse(uri.as_str()).as_ref(), Ok(uri));
    }
    // What is encoded decodes to what it was.
    let encoded = percent::encode(theirs);
    assert_eq!(percent::decode_text(&encoded, percent::Plus::Literal).unwrap(), theirs);

    let secret = Secret::new("kd94hf93k423kf44");
    let secrets = Secrets { client: &secret, token: None };
    let request = Outgoing::new("POST", url).body("application/x-www-form-urlencoded", body.as_bytes());
    let signer = Signer::new(&methods::HMAC_SHA1, "key", secrets.into());
    let Ok(signed) = signer.sign(&request, &Stamp::new(1, "n")) else { return };
    let uri = uri.expect("what was signed has a URI");

    // The other side finds what was signed.
    let header = signed.authorization.expect("it goes into the header");
    let authorization = [header.as_bytes()];
    let received = Received::new("POST", url)
        .authorization(&authorization)
        .body(Some(b"application/x-www-form-urlencoded"), body.as_bytes());
    let message = match Message::parse(&received, &Limits::default()) {
        Ok(message) => message,
        Err(valetkey_oauth1::Malformed::TooMany) => return,
        Err(fault) => panic!("{fault}"),
    };
    assert!(verify::signature(&message, &uri, &methods::HMAC_SHA1, Some(secrets.into())).is_ok());

    let base = message.base_string(&uri);
    assert_eq!(base.split('&').count(), 3);
    let normalized = params::normalize(message.params().iter().map(params::Param::pair));
    assert!(base.ends_with(&*percent::encode(&normalized)));
    assert_eq!(explain::compare(&base, theirs, message.params()).is_none(), base == theirs);
    let all = Methods::all();
    assert_eq!(explain::guess(&message, &uri, &methods::HMAC_SHA1, &all, secrets.into()), None);
});
