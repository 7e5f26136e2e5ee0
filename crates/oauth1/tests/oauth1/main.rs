//! The published examples, the rules as tables, and properties that must hold of every request.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answers;
mod carriage;
mod explain;
mod properties;
mod requirements;
mod uris;
mod vectors;

use std::sync::LazyLock;

use valetkey_crypto::Secret;
use valetkey_oauth1::sign::{Outgoing, Signed, Signer, Stamp};
use valetkey_oauth1::{
    BaseUri, KeyKind, Limits, Malformed, Message, Methods, Received, RsaPublicKey, RsaSigningKey, Secrets,
    SigningKey, VerifyingKey,
};

const NOW: i64 = 1_318_622_958;
const URL: &str = "https://api.example/photos?file=a%20b&a=2&a=1";
const FORM: &str = "application/x-www-form-urlencoded";

static METHODS: LazyLock<Methods> = LazyLock::new(Methods::all);
static CLIENT: LazyLock<Secret> = LazyLock::new(|| Secret::new("kd94hf93k423kf44 &+"));
static TOKEN: LazyLock<Secret> = LazyLock::new(|| Secret::new("pfkkdhi9sl3r4s00=/"));
static PRIVATE: LazyLock<RsaSigningKey> =
    LazyLock::new(|| RsaSigningKey::from_pem(&vector("rsa-2048-pkcs8.pem")).unwrap());
static PUBLIC: LazyLock<RsaPublicKey> =
    LazyLock::new(|| RsaPublicKey::from_pem(&vector("rsa-2048-public.pem")).unwrap());

fn vector(name: &str) -> String {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn secrets() -> Secrets<'static> {
    Secrets { client: &CLIENT, token: Some(&TOKEN) }
}

fn signing_key(kind: KeyKind) -> SigningKey<'static> {
    if kind == KeyKind::Rsa { (&*PRIVATE).into() } else { secrets().into() }
}

fn verifying_key(kind: KeyKind) -> VerifyingKey<'static> {
    if kind == KeyKind::Rsa { (&*PUBLIC).into() } else { secrets().into() }
}

/// The methods that this build can sign with.
fn signable() -> impl Iterator<Item = &'static dyn valetkey_oauth1::SignatureMethod> {
    METHODS.iter().filter(|method| cfg!(feature = "rsa-sha1-signing") || method.name() != "RSA-SHA1")
}

fn signer(name: &str) -> Signer<'static> {
    let method = METHODS.find(name).unwrap();
    Signer::new(method, "key", signing_key(method.key_kind())).token("token")
}

/// A request that was sent, kept so that messages can borrow from it.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    url: String,
    authorization: Vec<Vec<u8>>,
    content_type: Option<String>,
    body: Vec<u8>,
}

impl Sent {
    fn new(request: &Outgoing<'_>, signed: Signed) -> Self {
        Self {
            method: request.method.to_owned(),
            url: signed.url,
            authorization: signed.authorization.into_iter().map(String::into_bytes).collect(),
            content_type: signed
                .body
                .is_some()
                .then(|| FORM.to_owned())
                .or(request.content_type.map(str::to_owned)),
            body: signed.body.unwrap_or(request.body.to_vec()),
        }
    }

    /// An unsigned GET with these `Authorization` headers.
    fn get(url: &str, authorization: &[&str]) -> Self {
        Self {
            method: "GET".into(),
            url: url.into(),
            authorization: authorization.iter().map(|value| value.as_bytes().to_vec()).collect(),
            content_type: None,
            body: Vec::new(),
        }
    }

    fn uri(&self) -> BaseUri {
        BaseUri::parse(&self.url).unwrap()
    }

    fn with<T>(&self, look: impl FnOnce(&Received<'_>) -> T) -> T {
        let authorization: Vec<&[u8]> = self.authorization.iter().map(Vec::as_slice).collect();
        let received = Received::new(&self.method, &self.url)
            .authorization(&authorization)
            .body(self.content_type.as_deref().map(str::as_bytes), &self.body);
        look(&received)
    }

    fn parse<T>(&self, look: impl FnOnce(Result<Message<'_>, Malformed>) -> T) -> T {
        self.with(|received| look(Message::parse(received, &Limits::default())))
    }
}

fn sign(signer: &Signer<'_>, request: &Outgoing<'_>) -> Sent {
    Sent::new(request, signer.sign(request, &Stamp::new(NOW, "chapoH")).unwrap())
}
