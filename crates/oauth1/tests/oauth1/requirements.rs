//! Security requirements, as far as the protocol answers for them.

use std::time::Duration;

use valetkey_oauth1::sign::{Outgoing, Stamp};
use valetkey_oauth1::verify::{self, BodyHashRule, Refusal, Rules};
use valetkey_oauth1::{Body, KeyKind, Malformed, Message, Place, Problem, RsaPublicKey, methods};

use crate::{FORM, METHODS, NOW, Sent, URL, secrets, sign, signable, signer, vector, verifying_key};

const BASE: &str = "OAuth oauth_consumer_key=\"key\", oauth_signature_method=\"HMAC-SHA1\", oauth_nonce=\"n\", \
                    oauth_signature=\"AA%3D%3D\"";

fn malformed(sent: &Sent) -> Malformed {
    sent.parse(|message| message.unwrap_err())
}

fn with_timestamp(timestamp: &str) -> Sent {
    Sent::get(URL, &[&format!("{BASE}, oauth_timestamp=\"{timestamp}\"")])
}

#[test]
fn sec_o1_04_a_timestamp_is_a_positive_integer_without_a_sign() {
    for refused in [
        "",
        "0",
        "0000000000",
        "-1",
        "%2B1318622958",
        "1318622958.0",
        "0x10",
        "1e9",
        " 1",
        "13186229580",
        "%D9%A1",
    ] {
        assert_eq!(malformed(&with_timestamp(refused)), Malformed::Rejected("oauth_timestamp"), "{refused}");
    }
    for accepted in ["1", "137131200", "1318622958", "9999999999"] {
        with_timestamp(accepted)
            .parse(|message| assert_eq!(message.unwrap().timestamp(), accepted.parse().ok(), "{accepted}"));
    }
}

#[test]
fn sec_o1_04_a_timestamp_outside_the_window_is_refused_on_both_sides() {
    let sent = sign(&signer("HMAC-SHA256"), &Outgoing::new("GET", URL));
    sent.parse(|message| {
        let message = message.unwrap();
        let method = METHODS.find("HMAC-SHA256").unwrap();
        let at = |now| {
            let key = Some(secrets().into());
            verify::verify(&message, &sent.uri(), method, key, now, &Rules::default()).map(|_| ())
        };
        for now in [NOW - 300, NOW, NOW + 300] {
            assert_eq!(at(now), Ok(()), "{now}");
        }
        let refused = |now: i64| Refusal::Timestamp { earliest: now - 300, latest: now + 300 };
        for now in [NOW - 301, NOW + 301] {
            assert_eq!(at(now), Err(refused(now)));
        }
        let report = refused(NOW + 301).report();
        assert_eq!(report.problem, Problem::TimestampRefused);
        assert_eq!(
            report.write(),
            "oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1318622959-1318623559"
        );
        assert!(matches!(at(i64::MAX), Err(Refusal::Timestamp { .. })));
        assert!(matches!(at(i64::MIN), Err(Refusal::Timestamp { .. })));
        assert_eq!(verify::timestamp(&message, i64::MAX, Duration::MAX), Ok(()));
    });
}

#[test]
fn sec_o1_05_without_a_key_nothing_verifies_not_even_what_the_stand_in_signs() {
    for method in signable() {
        let sent = sign(&signer(method.name()), &Outgoing::new("GET", URL));
        sent.parse(|message| {
            let message = message.unwrap();
            let outcome = verify::signature(&message, &sent.uri(), method, None);
            assert_eq!(outcome.unwrap_err(), Refusal::UnknownCredentials, "{}", method.name());
        });
    }
}

#[test]
fn sec_o1_05_a_key_of_the_other_kind_does_not_verify() {
    for method in signable() {
        let sent = sign(&signer(method.name()), &Outgoing::new("GET", URL));
        let other = if method.key_kind() == KeyKind::Rsa { KeyKind::Secrets } else { KeyKind::Rsa };
        sent.parse(|message| {
            let message = message.unwrap();
            let outcome = verify::signature(&message, &sent.uri(), method, Some(verifying_key(other)));
            assert_eq!(outcome.unwrap_err(), Refusal::Signature, "{}", method.name());
        });
    }
}

#[test]
fn sec_o1_07_protocol_parameters_in_two_places_are_refused() {
    let header = format!("{BASE}, oauth_timestamp=\"1\"");
    let mut in_query = Sent::get("https://api.example/?oauth_token=t", &[&header]);
    assert_eq!(malformed(&in_query), Malformed::TwoPlaces);
    in_query.url = "https://api.example/?oauth_unknown=1".into();
    assert_eq!(malformed(&in_query), Malformed::TwoPlaces);
    in_query.url = "https://api.example/?%6fauth_token=1".into();
    assert_eq!(malformed(&in_query), Malformed::TwoPlaces);

    let mut in_body = Sent::get("https://api.example/", &[&header]);
    in_body.content_type = Some(FORM.into());
    in_body.body = b"oauth_verifier=v".to_vec();
    assert_eq!(malformed(&in_body), Malformed::TwoPlaces);
    // What is no form is no place for parameters.
    in_body.content_type = Some("text/plain".into());
    in_body.parse(|message| assert_eq!(message.unwrap().verifier(), None));
}

#[test]
fn sec_o1_07_a_protocol_parameter_that_comes_twice_is_refused() {
    for (name, doubled) in [
        ("oauth_nonce", "oauth_nonce=\"n\""),
        ("oauth_consumer_key", "oauth_consumer_key=\"another\""),
        ("oauth_nonce", "oauth%5Fnonce=\"n\""),
        ("oauth_x", "oauth_x=\"1\", oauth_x=\"2\""),
    ] {
        let sent = Sent::get(URL, &[&format!("{BASE}, oauth_timestamp=\"1\", {doubled}")]);
        let fault = malformed(&sent);
        assert_eq!(fault, Malformed::Doubled(name.into()));
        assert_eq!(
            fault.report().unwrap().write(),
            format!("oauth_problem=parameter_rejected&oauth_parameters_rejected={name}%3D")
        );
        assert_eq!(fault.status(), 400);
    }
}

#[test]
fn a_name_that_is_told_is_cut_short() {
    let name = format!("oauth_{}", "x".repeat(30_000));
    let sent = Sent::get(&format!("https://api.example/?{name}&{name}"), &[]);
    assert_eq!(malformed(&sent), Malformed::Doubled(name.chars().take(64).collect()));
}

#[test]
fn sec_op_12_what_is_printed_of_a_signed_request_holds_no_secret() {
    let secrets = ["pfkkdhi9sl3r4s00", "kd94hf93k423kf44", "vacation", "1234"];
    for place in [Place::Header, Place::Query, Place::Body] {
        let request =
            Outgoing::new("POST", "https://api.example/photos?file=vacation").body(FORM, b"pin=1234");
        let signed = signer("PLAINTEXT").place(place).sign(&request, &Stamp::new(NOW, "chapoH")).unwrap();
        let told = format!("{signed:?}");
        let sent = Sent::new(&request, signed);
        let received = sent.with(|received| format!("{received:?}"));
        let message = sent.parse(|message| format!("{:?}", message.unwrap()));
        for told in [told, received, message] {
            assert!(secrets.iter().all(|secret| !told.contains(secret)), "{told}");
            assert!(told.contains("POST") || told.contains("https://api.example/photos"), "{told}");
        }
    }
}

#[test]
fn sec_o1_09_weak_methods_say_so_and_short_rsa_keys_are_refused() {
    let weak: Vec<_> = METHODS
        .iter()
        .filter(|method| method.weakness().is_some())
        .map(|method| method.name().to_owned())
        .collect();
    assert_eq!(weak, ["HMAC-SHA1", "RSA-SHA1", "PLAINTEXT"]);
    assert!(METHODS.clone().only(&["HMAC-SHA256"]).find("HMAC-SHA1").is_none());
    assert!(RsaPublicKey::from_pem(&vector("rsa-1024-public.pem")).is_err());
}

#[test]
fn sec_o1_10_a_body_hash_is_checked_when_it_is_there() {
    let request = Outgoing::new("POST", URL).body("application/json", b"{\"a\":1}");
    for method in signable().filter(|method| method.covers_request()) {
        let mut sent = sign(&signer(method.name()), &request);
        let check = |sent: &Sent| {
            sent.parse(|message| verify::body_hash(&message.unwrap(), method, BodyHashRule::Required))
        };
        assert_eq!(check(&sent), Ok(()), "{}", method.name());
        sent.body = b"{\"a\":2}".to_vec();
        assert_eq!(check(&sent), Err(Refusal::BodyHash), "{}", method.name());
        sent.body.clear();
        assert_eq!(check(&sent), Err(Refusal::BodyHash), "{}", method.name());
    }
}

#[test]
fn sec_o1_10_sha_1_is_accepted_beside_the_methods_own_hash_and_nothing_else() {
    let hash = |method: &dyn valetkey_oauth1::SignatureMethod| verify::hash_of(method, b"body");
    let with = |hash: &str| {
        let signer = signer("HMAC-SHA256").without_body_hash().parameter("oauth_body_hash", hash.to_owned());
        let sent = sign(&signer, &Outgoing::new("POST", URL).body("text/plain", b"body"));
        sent.parse(|message| {
            verify::body_hash(&message.unwrap(), &methods::HMAC_SHA256, BodyHashRule::WhenPresent)
        })
    };
    assert_eq!(with(&hash(&methods::HMAC_SHA1)), Ok(()));
    assert_eq!(with(&hash(&methods::HMAC_SHA256)), Ok(()));
    assert_eq!(with(&hash(&methods::HMAC_SHA512)), Err(Refusal::BodyHash));
    for wrong in ["", "AA==", "!", "body"] {
        assert_eq!(with(wrong), Err(Refusal::BodyHash), "{wrong}");
    }
}

#[test]
fn sec_o1_10_a_body_that_is_no_form_can_be_made_to_need_a_hash() {
    let signer = signer("HMAC-SHA256").without_body_hash();
    let method = METHODS.find("HMAC-SHA256").unwrap();
    let check = |request: &Outgoing<'_>, rule| {
        sign(&signer, request).parse(|message| verify::body_hash(&message.unwrap(), method, rule))
    };
    let json = Outgoing::new("POST", URL).body("application/json", b"{}");
    assert_eq!(check(&json, BodyHashRule::WhenPresent), Ok(()));
    assert_eq!(check(&json, BodyHashRule::Required), Err(Refusal::BodyHashMissing));
    let form = Outgoing::new("POST", URL).body(FORM, b"a=1");
    assert_eq!(check(&form, BodyHashRule::Required), Ok(()));
    assert_eq!(check(&Outgoing::new("GET", URL), BodyHashRule::Required), Ok(()));
}

#[test]
fn sec_o1_10_a_form_with_a_body_hash_is_refused() {
    let signer = signer("HMAC-SHA256").parameter("oauth_body_hash", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    let sent = sign(&signer, &Outgoing::new("POST", URL).body(FORM, b"a=1"));
    let outcome = sent.parse(|message| {
        verify::body_hash(&message.unwrap(), &methods::HMAC_SHA256, BodyHashRule::WhenPresent)
    });
    assert_eq!(outcome, Err(Refusal::BodyHashOfForm));
}

#[test]
fn sec_o1_10_a_guard_can_send_the_hash_instead_of_the_body() {
    let method = METHODS.find("HMAC-SHA512").unwrap();
    let sent = sign(&signer("HMAC-SHA512"), &Outgoing::new("PUT", URL).body("text/plain", b"large"));
    let check = |hashes: &[&str]| {
        sent.with(|received| {
            let received = valetkey_oauth1::Received { body: Body::Hashes(hashes), ..*received };
            let message = Message::parse(&received, &valetkey_oauth1::Limits::default()).unwrap();
            verify::body_hash(&message, method, BodyHashRule::Required)
        })
    };
    let own = verify::hash_of(method, b"large");
    assert_eq!(check(&["AA==", &own]), Ok(()));
    assert_eq!(check(&[&verify::hash_of(method, b"other")]), Err(Refusal::BodyHash));
    assert_eq!(check(&[]), Err(Refusal::BodyHash));
}

#[test]
fn a_method_that_needs_a_stamp_does_not_verify_without_one() {
    let limits = valetkey_oauth1::Limits { unstamped: vec!["HMAC-SHA1".into()], ..Default::default() };
    let header = "OAuth oauth_consumer_key=\"key\", oauth_signature_method=\"HMAC-SHA1\", oauth_signature=\"AA%3D%3D\"";
    Sent::get(URL, &[header]).with(|received| {
        let message = Message::parse(received, &limits).unwrap();
        let uri = valetkey_oauth1::BaseUri::parse(URL).unwrap();
        let outcome = verify::signature(&message, &uri, &methods::HMAC_SHA1, Some(secrets().into()));
        assert_eq!(outcome.unwrap_err(), Refusal::Method);
    });
}

#[test]
fn a_message_does_not_verify_under_another_method_than_it_names() {
    let sent = sign(&signer("HMAC-SHA256"), &Outgoing::new("GET", URL));
    sent.parse(|message| {
        let message = message.unwrap();
        let outcome = verify::signature(&message, &sent.uri(), &methods::HMAC_SHA1, Some(secrets().into()));
        assert_eq!(outcome.unwrap_err(), Refusal::Method);
    });
}

#[test]
fn a_signature_with_line_breaks_is_base64_all_the_same() {
    let sent = sign(&signer("RSA-SHA256"), &Outgoing::new("GET", URL));
    let (signature, base) = sent.parse(|message| {
        let message = message.unwrap();
        (message.signature().to_owned(), message.base_string(&sent.uri()))
    });
    let (first, second) = signature.split_at(76);
    let method = METHODS.find("RSA-SHA256").unwrap();
    let key = verifying_key(KeyKind::Rsa);
    assert_eq!(method.verify(&base, &format!("{first}\r\n{second}\r\n"), key), Ok(()));
    assert!(method.verify(&base, &format!("{first}!{second}"), key).is_err());
}
