//! What must hold of every request.

use proptest::prelude::*;
use valetkey_crypto::Secret;
use valetkey_oauth1::sign::{Outgoing, Signer, Stamp};
use valetkey_oauth1::verify::{self, Refusal, Rules};
use valetkey_oauth1::{
    KeyKind, Limits, Message, Place, Received, Secrets, SignatureMethod, explain, is_signed, percent,
};

use crate::{FORM, METHODS, NOW, PRIVATE, PUBLIC, Sent, signable};

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

#[derive(Clone, Debug)]
struct Case {
    which: usize,
    place: Place,
    method: String,
    path: String,
    query: Pairs,
    body: Option<(bool, Pairs)>,
    secrets: (String, String),
    nonce: String,
}

fn pairs() -> impl Strategy<Value = Pairs> {
    let octets = || proptest::collection::vec(any::<u8>(), 0..6);
    proptest::collection::vec((octets(), octets()), 0..4)
}

fn cases() -> impl Strategy<Value = Case> {
    let place = prop_oneof![Just(Place::Header), Just(Place::Query), Just(Place::Body)];
    let head = (0..signable().count(), place, "[A-Z]{3,7}", "(/[a-zA-Z0-9._~%!$&'()*+,;=:@-]{0,5}){0,3}");
    let rest =
        (pairs(), proptest::option::of((any::<bool>(), pairs())), (".{0,12}", ".{0,12}"), "[^\\p{C}]{1,20}");
    (head, rest).prop_map(|((which, place, method, path), (query, body, secrets, nonce))| Case {
        which,
        place,
        method,
        path,
        query,
        body,
        secrets,
        nonce,
    })
}

fn form(pairs: &[(Vec<u8>, Vec<u8>)]) -> String {
    let field = |(name, value): &(Vec<u8>, Vec<u8>)| {
        format!("{}={}", percent::encode(name), percent::encode(value).replace("%20", "+"))
    };
    pairs.iter().map(field).collect::<Vec<_>>().join("&")
}

impl Case {
    fn signature_method(&self) -> &'static dyn SignatureMethod {
        signable().nth(self.which).unwrap()
    }

    fn is_rsa(&self) -> bool {
        self.signature_method().key_kind() == KeyKind::Rsa
    }

    fn send(&self) -> Sent {
        let url = format!("https://api.example{}?{}", self.path, form(&self.query));
        let body = self.body.as_ref().map(|(_, pairs)| form(pairs)).unwrap_or_default();
        let is_form = self.place == Place::Body || self.body.as_ref().is_some_and(|(is_form, _)| *is_form);
        let mut request = Outgoing::new(&self.method, &url);
        if self.body.is_some() {
            request = request.body(if is_form { FORM } else { "text/plain" }, body.as_bytes());
        }
        let (client, token) = (Secret::new(self.secrets.0.clone()), Secret::new(self.secrets.1.clone()));
        let secrets = Secrets { client: &client, token: Some(&token) };
        let key = if self.is_rsa() { (&*PRIVATE).into() } else { secrets.into() };
        let signer = Signer::new(self.signature_method(), "key ☃&=", key).token("token+/=").place(self.place);
        Sent::new(&request, signer.sign(&request, &Stamp::new(NOW, &self.nonce)).unwrap())
    }

    fn verify(&self, sent: &Sent, base: &Sent, secrets: (&str, &str)) -> Result<(), Option<Refusal>> {
        let (client, token) = (Secret::new(secrets.0), Secret::new(secrets.1));
        let secrets = Secrets { client: &client, token: Some(&token) };
        let key = if self.is_rsa() { (&*PUBLIC).into() } else { secrets.into() };
        sent.parse(|message| {
            let message = message.map_err(|_| None)?;
            let method = self.signature_method();
            verify::verify(&message, &base.uri(), method, Some(key), NOW, &Rules::default())
                .map(|_| ())
                .map_err(Some)
        })
    }

    fn verify_as_is(&self, sent: &Sent) -> Result<(), Option<Refusal>> {
        self.verify(sent, sent, (&self.secrets.0, &self.secrets.1))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_signed_verifies_under_every_method_and_carriage(case in cases()) {
        let sent = case.send();
        prop_assert!(sent.with(is_signed));
        prop_assert_eq!(case.verify_as_is(&sent), Ok(()));
    }

    #[test]
    fn a_changed_octet_anywhere_does_not_verify(case in cases(), at in any::<prop::sample::Index>(), change in 1_u8..) {
        prop_assume!(case.signature_method().covers_request());
        let sent = case.send();

        let mut changed = sent.clone();
        changed.method.push('X');
        prop_assert!(case.verify_as_is(&changed).is_err());

        let mut moved = sent.clone();
        moved.url = sent.url.replacen("https", "http", 1);
        prop_assert!(case.verify(&sent, &moved, (&case.secrets.0, &case.secrets.1)).is_err());
        moved.url = sent.url.replacen("api.example", "api.examplf", 1);
        prop_assert!(case.verify_as_is(&moved).is_err());
        moved.url = sent.url.replacen('?', "/x?", 1);
        prop_assert!(case.verify_as_is(&moved).is_err());

        let mut extended = sent.clone();
        extended.url.push_str("&extra=1");
        prop_assert!(case.verify_as_is(&extended).is_err());

        if !sent.body.is_empty() {
            let mut body = sent.clone();
            let at = at.index(body.body.len());
            body.body[at] ^= change;
            let means_the_same = sent.parse(|ours| body.parse(|theirs| match (ours, theirs) {
                (Ok(ours), Ok(theirs)) => sent.content_type.as_deref() == Some(FORM) && ours.params() == theirs.params(),
                _ => false,
            }));
            // A case of a hexadecimal digit, or a plus sign for an encoded space: the parameters stay what they were.
            prop_assert!(means_the_same || case.verify_as_is(&body).is_err());
        }

        if !case.is_rsa() {
            let (client, token) = (case.secrets.0.as_str(), case.secrets.1.as_str());
            let (other_client, other_token) = (format!("{client}x"), format!("{token}x"));
            prop_assert!(case.verify(&sent, &sent, (&other_client, token)).is_err());
            prop_assert!(case.verify(&sent, &sent, (client, &other_token)).is_err());
            if client != token {
                prop_assert!(case.verify(&sent, &sent, (token, client)).is_err());
            }
        }
    }

    #[test]
    fn a_changed_parameter_does_not_verify(case in cases(), which in any::<prop::sample::Index>(), change in 1_u8..) {
        prop_assume!(case.signature_method().covers_request());
        let sent = case.send();
        let text = if sent.authorization.is_empty() {
            if case.place == Place::Body { sent.body.clone() } else { sent.url.clone().into_bytes() }
        } else {
            sent.authorization[0].clone()
        };
        let start = text.windows(18).position(|window| window == b"oauth_consumer_key").unwrap();
        let at = start + which.index(text.len() - start);
        let mut other = text.clone();
        other[at] ^= change;
        let mut changed = sent.clone();
        match case.place {
            Place::Header => changed.authorization[0] = other,
            Place::Body => changed.body = other,
            Place::Query => match String::from_utf8(other) {
                Ok(url) => changed.url = url,
                Err(_) => return Ok(()),
            },
        }
        let known = |sent: &Sent| sent.parse(|message| message.map(|message| {
            let params: Vec<_> = message.params().iter().map(|param| (param.name.to_vec(), param.value.to_vec())).collect();
            params
        }).ok());
        // White space, the case of a digit, a separator's spelling: what is said must differ.
        if known(&sent) != known(&changed) {
            let same_signature = |sent: &Sent| sent.parse(|message| message.map(|message| message.signature().to_owned()).ok());
            // A base64 text may be spelled with white space in it; its octets are compared.
            let is_spelling = same_signature(&changed).is_some_and(|text| {
                valetkey_oauth1::method::from_base64(&text) == same_signature(&sent).and_then(|text| valetkey_oauth1::method::from_base64(&text))
            });
            prop_assert!(case.verify_as_is(&changed).is_err() || is_spelling);
        }
    }

    #[test]
    fn parsing_never_panics_and_explaining_neither(
        header in "(OAuth )?([a-z_=\", %\\\\0-9]|oauth_[a-z_]{1,12}=\"[^\"]{0,6}\",?){0,20}",
        query in "(oauth_[a-z_]{1,12}=[^#]{0,6}&?){0,9}",
        body in proptest::collection::vec(any::<u8>(), 0..60),
        is_form in any::<bool>(),
    ) {
        let target = format!("/x?{query}");
        let authorization = [header.as_bytes()];
        let received = Received::new("GET", &target)
            .authorization(&authorization)
            .body(is_form.then_some(FORM.as_bytes()), &body);
        let _ = is_signed(&received);
        if let Ok(message) = Message::parse(&received, &Limits::default()) {
            let uri = valetkey_oauth1::BaseUri::parse("https://api.example/x").unwrap();
            let base = message.base_string(&uri);
            let _ = explain::compare(&base, &query, message.params());
            if let Some(method) = METHODS.find(message.signature_method()) {
                let secret = Secret::new("s");
                let key = Secrets { client: &secret, token: None };
                let _ = explain::guess(&message, &uri, method, &METHODS, key.into());
            }
        }
    }

    #[test]
    fn what_is_encoded_decodes(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
        for plus in [percent::Plus::Literal, percent::Plus::Space] {
            let encoded = percent::encode(&octets);
            prop_assert_eq!(&*percent::decode(encoded.as_bytes(), plus).unwrap(), &octets[..]);
        }
    }
}
