//! What is kept of a refused signature: the mistake is named, secrets and the application's values are not.

use valetkey_crypto::mac::{MacHash, MacKey};
use valetkey_oauth1::{
    BaseUri, Message, Received, Secrets, method::to_base64, methods::HMAC_SHA1, percent, sign,
};
use valetkey_oauth2::Secret;
use valetkey_ports::RefusedSignature;
use valetkey_provider::{
    Failure,
    oauth1::Looked,
    people::Actor,
    registry::{ClientDraft, OAuth1Draft},
};

use crate::world::{ISSUER, World, client_id, peer, web};

const KEY: &str = "consumer";
const SECRET: &str = "a consumer secret/with=odd&signs";
const TARGET: &str = "/api/me?file=my%20diary&empty=";

async fn world() -> World {
    let world = World::new().await;
    let oauth1 = OAuth1Draft {
        is_on: true,
        secret: Some(Secret::new(SECRET)),
        may_sign_alone: true,
        ..OAuth1Draft::default()
    };
    let draft =
        ClientDraft { client_id: Some(KEY.into()), grant_types: Vec::new(), oauth1, ..web("Consumer") };
    world.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap();
    world
}

/// The header of a request that is signed rightly.
fn signed(timestamp: i64, nonce: &str) -> String {
    let secret = Secret::new(SECRET);
    let secrets = Secrets { client: &secret, token: None };
    let url = format!("{ISSUER}{TARGET}");
    let signer = sign::Signer::new(&HMAC_SHA1, KEY, secrets.into());
    let signed = signer.sign(&sign::Outgoing::new("GET", &url), &sign::Stamp::new(timestamp, nonce));
    signed.unwrap().authorization.unwrap()
}

/// The header with another signature: over what `wrong` makes of the base string, under that key.
fn forged(right: &str, key: &str, wrong: impl Fn(&str) -> String) -> String {
    let values = [right.as_bytes()];
    let message =
        Message::parse(&Received::new("GET", TARGET).authorization(&values), &Default::default()).unwrap();
    let base = message.base_string(&BaseUri::parse(&format!("{ISSUER}{TARGET}")).unwrap());
    let tag = MacKey::new(MacHash::Sha1, key.as_bytes()).tag(wrong(&base).as_bytes());
    let (before, _) = right.split_once("oauth_signature=\"").unwrap();
    format!("{before}oauth_signature=\"{}\"", percent::encode(&to_base64(&tag)))
}

impl World {
    async fn asked(&self, header: &str, host: Option<&str>) -> Result<(), Box<RefusedSignature>> {
        let values = [header.as_bytes()];
        let received = Received::new("GET", TARGET).authorization(&values).host(host);
        match self.engine().verify_signature(&received, true, &peer()).await {
            Ok(_) => Ok(()),
            Err(Failure::Signature(refusal)) => Err(refusal.explained.expect("explained")),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn looked(&self, header: &str) -> Looked {
        let values = [header.as_bytes()];
        let received = Received::new("GET", TARGET).authorization(&values);
        let message = Message::parse(&received, &self.engine().policy().oauth1.limits).unwrap();
        let uri = self.engine().signed_uri(TARGET).unwrap();
        self.engine().look_at_signature(&message, &uri, self.now()).await.unwrap()
    }
}

fn right_key() -> String {
    format!("{}&", percent::encode(SECRET))
}

#[tokio::test]
async fn a_refused_signature_is_kept_with_the_mistake_that_made_it() {
    let world = world().await;
    let right = signed(world.now().seconds() + 7, "n-1");
    let kept = world.asked(&forged(&right, SECRET, str::to_owned), None).await.unwrap_err();
    assert_eq!((kept.method.as_str(), kept.carriage.as_str()), ("HMAC-SHA1", "header"));
    assert_eq!((kept.clock_skew, kept.nonce_was_used), (Some(7), false));
    assert_eq!(
        kept.base_string,
        format!(
            "GET&https%3A%2F%2Fid.example%2Fapi%2Fme&empty%3D%26file%3D...%26oauth_consumer_key%3Dconsumer%26\
             oauth_nonce%3Dn-1%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D{}",
            world.now().seconds() + 7
        )
    );
    type Wrong = fn(&str) -> String;
    let cases: [(&str, String, Wrong, &str); 7] = [
        ("ampersand", percent::encode(SECRET).into_owned(), |base| base.to_owned(), "Put an ampersand"),
        ("unencoded", format!("{SECRET}&"), |base| base.to_owned(), "Percent-encode both secrets"),
        ("scheme", right_key(), |base| base.replacen("https", "http", 1), "scheme of the public URL"),
        ("slash", right_key(), |base| base.replace("%2Fme&", "%2Fme%2F&"), "slash at its end"),
        ("plus", right_key(), |base| base.replace("%2520", "%2B"), "as %20"),
        (
            "inner host",
            right_key(),
            |base| base.replace("https%3A%2F%2Fid.example", "http%3A%2F%2F127.0.0.1%3A7000"),
            "public URL of this server",
        ),
        ("another secret", "another&".into(), |base| base.to_owned(), "Compare your base string with ours"),
    ];
    for (name, key, wrong, advice) in cases {
        let kept = world.asked(&forged(&right, &key, wrong), Some("127.0.0.1:7000")).await.unwrap_err();
        assert!(kept.advice.contains(advice), "{name}: {kept:?}");
    }
}

#[tokio::test]
async fn sec_o1_11_what_is_kept_of_a_refused_signature_holds_no_secret_and_no_value() {
    let world = world().await;
    let now = world.now().seconds();
    let token = "a-token-of-somebody-0123456789";
    let unsigned =
        signed(now, "n-1").replace("oauth_nonce", &format!("oauth_token=\"{token}\", oauth_nonce"));
    let forged = forged(&signed(now, "n-2"), SECRET, str::to_owned);
    for header in [unsigned, forged, signed(now - 10_000, "n-3")] {
        let kept = serde_json::to_string(&world.asked(&header, None).await.unwrap_err()).unwrap();
        for hidden in ["diary", SECRET, &percent::encode(SECRET), token, "oauth_signature%3D"] {
            assert!(!kept.contains(hidden), "{hidden} in {kept}");
        }
    }
    let kept = world.asked(&signed(now, "n-4").replace("consumer\"", "stranger\""), None).await.unwrap_err();
    assert!(kept.advice.contains("consumer key"), "{kept:?}");
}

#[tokio::test]
async fn clock_and_nonce_are_told_and_a_good_request_keeps_nothing() {
    let world = world().await;
    let now = world.now().seconds();
    let kept = world.asked(&signed(now - 3600, "n-1"), None).await.unwrap_err();
    assert_eq!(
        (kept.clock_skew, kept.advice.as_str()),
        (Some(-3600), "Set your clock: the timestamp is 3600 seconds behind ours.")
    );
    let right = signed(now, "n-2");
    world.asked(&right, None).await.unwrap();
    let again = world.asked(&right, None).await.unwrap_err();
    assert!(again.nonce_was_used && again.advice.contains("new nonce"), "{again:?}");
    let wrong = forged(&right, "another&", str::to_owned);
    assert!(world.asked(&wrong, None).await.unwrap_err().nonce_was_used);
}

#[tokio::test]
async fn looking_again_uses_nothing_up_and_says_all() {
    let world = world().await;
    let right = signed(world.now().seconds(), "n-1");
    for _ in 0..2 {
        let looked = world.looked(&right).await;
        assert!(looked.is_right && !looked.nonce_was_used && looked.advice.is_none(), "{looked:?}");
        assert!(looked.base_string.contains("diary"), "whoever has the request may see it");
    }
    world.asked(&right, None).await.unwrap();
    let looked = world.looked(&right).await;
    assert!(looked.is_right && looked.nonce_was_used, "{looked:?}");
    assert!(looked.reason.unwrap().contains("nonce"));

    let wrong = world.looked(&forged(&right, &percent::encode(SECRET), str::to_owned)).await;
    assert!(!wrong.is_right && wrong.advice.unwrap().contains("ampersand"));
    let unknown = world.looked(&right.replace("consumer\"", "stranger\"")).await;
    assert!(!unknown.is_right && unknown.reason.unwrap().contains("no such client"));

    world.engine().disable_client(&client_id(KEY), &Actor::COMMAND_LINE).await.unwrap();
    world.engine().refresh_now().await.unwrap();
    let looked = world.looked(&right).await;
    assert!(looked.is_right && looked.reason.unwrap().contains("disabled"));
}
