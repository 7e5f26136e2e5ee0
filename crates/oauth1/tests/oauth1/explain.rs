//! Each usual mistake is named, from the client's base string or from its signature alone.

use valetkey_crypto::mac::{MacHash, MacKey};
use valetkey_oauth1::explain::{Mistake, Part, compare, guess};
use valetkey_oauth1::method::to_base64;
use valetkey_oauth1::percent;
use valetkey_oauth1::sign::Outgoing;

use crate::{FORM, METHODS, Sent, secrets, sign, signer};

const URL: &str = "https://api.example:8443/photos?file=a%20b%2Fc&z=1&a=2";
const KEY: &str = "kd94hf93k423kf44%20%26%2B&pfkkdhi9sl3r4s00%3D%2F";

fn request() -> Sent {
    sign(&signer("HMAC-SHA1").realm("Photos"), &Outgoing::new("POST", URL).body(FORM, b"c=x+y&b=%3D"))
}

fn base(sent: &Sent) -> String {
    sent.parse(|message| message.unwrap().base_string(&sent.uri()))
}

/// The request with a signature over that base string under that key.
fn forged(sent: &Sent, key: &str, base: &str) -> Sent {
    let tag = to_base64(&MacKey::new(MacHash::Sha1, key.as_bytes()).tag(base.as_bytes()));
    resigned(sent, &percent::encode(&tag))
}

fn resigned(sent: &Sent, signature: &str) -> Sent {
    let header = String::from_utf8(sent.authorization[0].clone()).unwrap();
    let (before, _) = header.split_once("oauth_signature=\"").unwrap();
    Sent {
        authorization: vec![format!("{before}oauth_signature=\"{signature}\"").into_bytes()],
        ..sent.clone()
    }
}

fn guessed(sent: &Sent) -> Option<Mistake> {
    sent.parse(|message| {
        let message = message.unwrap();
        let method = METHODS.find(message.signature_method()).unwrap();
        guess(&message, &sent.uri(), method, &METHODS, secrets().into())
    })
}

#[test]
fn a_right_signature_has_no_mistake_and_a_strange_one_none_that_we_know() {
    let sent = request();
    assert_eq!(guessed(&sent), None);
    assert_eq!(guessed(&forged(&sent, "another", &base(&sent))), None);
}

#[test]
fn mistakes_with_the_secrets_are_named() {
    let sent = request();
    for (key, mistake) in [
        ("kd94hf93k423kf44%20%26%2B", Mistake::NoAmpersand),
        ("kd94hf93k423kf44%20%26%2Bpfkkdhi9sl3r4s00%3D%2F", Mistake::NoAmpersand),
        ("kd94hf93k423kf44%20%26%2B&", Mistake::NoTokenSecret),
        ("&pfkkdhi9sl3r4s00%3D%2F", Mistake::NoClientSecret),
        ("pfkkdhi9sl3r4s00%3D%2F&kd94hf93k423kf44%20%26%2B", Mistake::SecretsSwapped),
        ("kd94hf93k423kf44 &+&pfkkdhi9sl3r4s00=/", Mistake::SecretsNotEncoded),
    ] {
        assert_eq!(guessed(&forged(&sent, key, &base(&sent))), Some(mistake));
        let plain = sign(&signer("PLAINTEXT"), &Outgoing::new("GET", URL));
        assert_eq!(guessed(&resigned(&plain, &percent::encode(key))), Some(mistake), "{key}");
    }
}

#[test]
fn mistakes_with_the_signature_itself_are_named() {
    // A signature with a plus sign in it, whatever the timestamp makes of it.
    let sent = (0..).map(|n| {
        let url = format!("{URL}&n={n}");
        sign(&signer("HMAC-SHA1"), &Outgoing::new("GET", &url))
    });
    let mut sent = sent.filter(|sent| sent.parse(|message| message.unwrap().signature().contains('+')));
    let sent = sent.next().unwrap();
    let signature = sent.parse(|message| message.unwrap().signature().to_owned());
    assert_eq!(guessed(&resigned(&sent, &signature.replace('+', "%20"))), Some(Mistake::SignatureNotEncoded));
    let twice = percent::encode(&*percent::encode(&signature)).into_owned();
    assert_eq!(guessed(&resigned(&sent, &twice)), Some(Mistake::SignatureEncodedTwice));
    let tag = to_base64(&MacKey::new(MacHash::Sha256, KEY.as_bytes()).tag(base(&sent).as_bytes()));
    assert_eq!(guessed(&resigned(&sent, &percent::encode(&tag))), Some(Mistake::OtherMethod));
}

#[test]
fn the_host_that_a_proxy_hides_is_named_and_a_bound_is_kept() {
    use valetkey_oauth1::explain::guess_among;
    let sent = request();
    let inside = base(&sent).replace("https%3A%2F%2Fapi.example%3A8443", "http%3A%2F%2F10.0.0.7%3A7000");
    let guessed = |sent: &Sent, host: Option<&str>, most: usize| {
        let received = |received: &valetkey_oauth1::Received<'_>| {
            let message =
                valetkey_oauth1::Message::parse(&received.host(host), &valetkey_oauth1::Limits::default());
            let method = METHODS.find("HMAC-SHA1").unwrap();
            guess_among(&message.unwrap(), &sent.uri(), method, &METHODS, secrets().into(), most)
        };
        sent.with(received)
    };
    let forged = forged(&sent, KEY, &inside);
    assert_eq!(guessed(&forged, Some("10.0.0.7:7000"), 8), Some(Mistake::OtherHost));
    assert_eq!(guessed(&forged, Some("10.0.0.7:7000"), 1), None);
    for host in [None, Some("api.example:8443"), Some("no host"), Some("")] {
        assert_eq!(guessed(&forged, host, 8), None);
    }
}

/// What a client does wrong to our base string, and the name of it.
fn wrong_bases() -> Vec<(Mistake, Part, String)> {
    let parameter = |name: &str| Part::Parameter(name.into());
    let right = base(&request());
    let change = |from: &str, to: &str| {
        assert!(right.contains(from), "{from} is not in {right}");
        right.replace(from, to)
    };
    let unsorted = right.replacen("a%3D2%26", "", 1) + "%26a%3D2";
    vec![
        (Mistake::OtherScheme, Part::Uri, change("https%3A%2F%2Fapi", "http%3A%2F%2Fapi")),
        (Mistake::NoPort, Part::Uri, change("%3A8443", "")),
        (Mistake::TrailingSlash, Part::Uri, change("%2Fphotos&", "%2Fphotos%2F&")),
        (
            Mistake::QueryInUri,
            Part::Uri,
            change("%2Fphotos&", "%2Fphotos%3Ffile%3Da%2520b%252Fc%26z%3D1%26a%3D2&"),
        ),
        (Mistake::LowerMethod, Part::Method, change("POST&", "post&")),
        (
            Mistake::QueryNotSigned,
            parameter("a"),
            right.replace("a%3D2%26", "").replace("file%3Da%2520b%252Fc%26", "").replace("%26z%3D1", ""),
        ),
        (
            Mistake::FormNotSigned,
            parameter("b"),
            right.replace("b%3D%253D%26", "").replace("c%3Dx%2520y%26", ""),
        ),
        (Mistake::RealmSigned, parameter("realm"), change("%26z%3D1", "%26realm%3DPhotos%26z%3D1")),
        (Mistake::PlusForSpace, parameter("c"), right.replace("%2520", "%2B")),
        (
            Mistake::LowerEscapes,
            Part::Uri,
            ["%3A", "%2F", "%3D", "%253D", "%252F"]
                .iter()
                .fold(right.clone(), |text, escape| text.replace(escape, &escape.to_lowercase())),
        ),
        (
            Mistake::EncodedTwice,
            parameter("b"),
            change("%253D", "%25253D").replace("%2520", "%252520").replace("%252F", "%25252F"),
        ),
        (
            Mistake::NotEncoded,
            parameter("b"),
            change("%253D", "%3D").replace("%2520", "%20").replace("%252F", "%2F"),
        ),
        (Mistake::OnlyProtocolSigned, parameter("a"), {
            let form = right.replace("b%3D%253D%26", "").replace("c%3Dx%2520y%26", "");
            form.replace("a%3D2%26", "").replace("file%3Da%2520b%252Fc%26", "").replace("%26z%3D1", "")
        }),
        (Mistake::NotSorted, Part::Order, unsorted),
    ]
}

#[test]
fn mistakes_with_the_base_string_are_named_from_the_signature_alone() {
    let sent = request();
    for (mistake, _, wrong) in wrong_bases() {
        // The order of an unsorted list is the client's own: ours tries that of the request.
        let wrong = if mistake == Mistake::NotSorted { as_sent(&sent) } else { wrong };
        assert_eq!(guessed(&forged(&sent, KEY, &wrong)), Some(mistake), "{wrong}");
    }
}

fn as_sent(sent: &Sent) -> String {
    let head = base(sent).rsplit_once('&').unwrap().0.to_owned();
    let fields: Vec<String> = sent.parse(|message| {
        let message = message.unwrap();
        let signed = message.params().iter().filter(|param| *param.name != *b"oauth_signature");
        signed
            .map(|param| format!("{}={}", percent::encode(&param.name), percent::encode(&param.value)))
            .collect()
    });
    format!("{head}&{}", percent::encode(&fields.join("&")))
}

#[test]
fn the_part_in_which_two_base_strings_differ_is_named() {
    let sent = request();
    let ours = base(&sent);
    for (mistake, part, theirs) in wrong_bases() {
        let difference = sent.parse(|message| compare(&ours, &theirs, message.unwrap().params())).unwrap();
        assert_eq!(difference.part, part, "{mistake:?}: {difference:?}");
        assert!(difference.advice.ends_with('.'));
    }
    assert_eq!(compare(&ours, &ours, &[]), None);
}

#[test]
fn the_advice_says_what_to_fix() {
    let advice = |ours: &str, theirs: &str| compare(ours, theirs, &[]).unwrap().advice;
    let ours = "GET&https%3A%2F%2Fa.example%2Fx&n%3Da%2520b";
    assert!(advice(ours, "GET&https%3A%2F%2Fa.example%2Fx&n%3Da%2Bb").contains("%20"));
    assert!(advice(ours, "GET&https%3a%2f%2fa.example%2fx&n%3Da%2520b").contains("upper case"));
    assert!(advice(ours, "GET&https%3A%2F%2FA.example%2Fx&n%3Da%2520b").contains("lower case"));
    assert!(advice(ours, "GET&https%3A%2F%2Fa.example%3A443%2Fx&n%3Da%2520b").contains("port"));
    assert!(advice(ours, "GET&https%3A%2F%2Fb.example%2Fx&n%3Da%2520b").contains("host"));
    assert!(advice(ours, "GET&https%253A%252F%252Fa.example%252Fx&n%3Da%2520b").contains("twice"));
    assert!(advice(ours, "GET&https%3A%2F%2Fa.example%2Fx&n%3Da%252520b").contains("twice"));
    assert!(advice(ours, "GET&https%3A%2F%2Fa.example%2Fx&n=a%20b&x").contains("ampersand"));
    assert!(advice(ours, "PUT&https%3A%2F%2Fa.example%2Fx&n%3Da%2520b").contains("redirect"));
    assert!(advice(ours, "GET&https%3A%2F%2Fa.example%2Fx&n%3Dother").contains("value"));
    assert!(
        advice(ours, "GET&https%3A%2F%2Fa.example%2Fx&n%3Da%2520b%26o%3D1").contains("only what is sent")
    );
    assert!(advice(ours, "GET&%2Fx&n%3Da%2520b").contains("absolute"));
    for theirs in ["", "&", "&&", "%&%&%", "GET&é&%zz", "&&&&"] {
        assert!(compare(ours, theirs, &[]).is_some());
        assert!(compare(theirs, ours, &[]).is_some());
    }
}

#[test]
fn a_json_body_that_was_signed_is_named() {
    let url = "https://api.example/";
    let sent = sign(
        &signer("HMAC-SHA1").without_body_hash(),
        &Outgoing::new("POST", url).body("application/json", b"a=1"),
    );
    let as_form = Sent { content_type: Some(FORM.into()), ..sent.clone() };
    assert_eq!(guessed(&forged(&sent, KEY, &base(&as_form))), Some(Mistake::BodySigned));
    let port = base(&sent).replace("api.example", "api.example%3A443");
    assert_eq!(guessed(&forged(&sent, KEY, &port)), Some(Mistake::DefaultPort));
}
