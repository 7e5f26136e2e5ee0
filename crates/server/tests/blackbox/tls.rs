//! `valetkey serve` with a certificate of its own: which TLS it speaks, and what browsers are told about it.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use reqwest::{Certificate, tls::Version};

use crate::harness::{Answer, binary, free_port, http};

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// A folder with a configuration that speaks TLS; it goes when this is dropped.
struct Place {
    folder: PathBuf,
    port: u16,
    certificate: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Place {
    fn new() -> Self {
        let port = free_port();
        let folder = std::env::temp_dir().join(format!("valetkey-tls-{}-{port}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (certificate, key) = certificate();
        let place = Self { folder, port, certificate };
        fs::write(place.folder.join("master.key"), (0..32).collect::<Vec<u8>>()).expect("written");
        place.write("certificate.pem", &place.certificate);
        place.write("key.pem", &key);
        place.configure(&format!("https://localhost:{port}"));
        place
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).expect("written");
    }

    fn configure(&self, issuer: &str) {
        let text = format!(
            "issuer = \"{issuer}\"\nlisten = \"127.0.0.1:{}\"\n\
             database = \"sqlite://valetkey.sqlite\"\nmaster_key_file = \"master.key\"\n\
             [tls]\ncertificate_file = \"certificate.pem\"\nkey_file = \"key.pem\"\n",
            self.port
        );
        self.write("valetkey.toml", &text);
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(words).arg("--config").arg(self.folder.join("valetkey.toml"));
        command
    }

    /// What `serve` and `config check` complain of, both of which must fail.
    #[track_caller]
    fn refused(&self) -> [String; 2] {
        [&["serve"][..], &["config", "check"]].map(|words| {
            let Output { status, stderr, .. } = self.command(words).output().expect("ends");
            let said = String::from_utf8_lossy(&stderr).into_owned();
            assert_eq!(status.code(), Some(1), "{words:?}: {said}");
            said
        })
    }
}

/// A certificate for `localhost` that signed itself, and its key, both as PEM.
fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// A running `serve` that speaks TLS; it ends when this is dropped.
struct Secured {
    child: Child,
    place: Place,
    port: u16,
}

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Secured {
    async fn start() -> Self {
        let place = Place::new();
        let log = File::create(place.folder.join("log")).expect("a file");
        let child = place.command(&["serve"]).stdout(Stdio::null()).stderr(log).spawn().expect("starts");
        let mut secured = Self { child, port: place.port, place };
        for _ in 0..400 {
            let said = fs::read_to_string(secured.place.folder.join("log")).unwrap_or_default();
            assert!(secured.child.try_wait().expect("a child").is_none(), "{said}");
            if secured.ask(Version::TLS_1_3, METADATA).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        secured
    }

    /// What lies at this path, over this version of TLS and no other.
    async fn ask(&self, version: Version, path: &str) -> reqwest::Result<Answer> {
        let root = Certificate::from_pem(self.place.certificate.as_bytes())?;
        let client = reqwest::Client::builder()
            .tls_certs_only([root])
            .tls_version_min(version)
            .tls_version_max(version)
            .timeout(Duration::from_secs(10))
            .no_proxy()
            .build()?;
        Answer::try_of(client.get(format!("https://localhost:{}{path}", self.port))).await
    }

    /// What comes back to these octets.
    fn told(&self, octets: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time");
        stream.write_all(octets).expect("sent");
        stream.shutdown(Shutdown::Write).expect("said all");
        let mut answer = Vec::new();
        // Whoever is refused may be reset once the refusal is out.
        let _ended = stream.read_to_end(&mut answer);
        answer
    }
}

#[tokio::test]
async fn sec_op_07_tls_is_1_2_or_1_3_and_browsers_are_told_to_stay_with_it() {
    let _crypto = http();
    let secured = Secured::start().await;
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        let answer = secured.ask(version, METADATA).await.expect("an answer");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["issuer"], format!("https://localhost:{}", secured.port));
        let told = answer.header("strict-transport-security");
        let age = told.strip_prefix("max-age=").and_then(|rest| rest.split(';').next());
        assert!(age.and_then(|age| age.parse().ok()).is_some_and(|age: u64| age >= 31_536_000), "{told}");
    }
    // The same message in all but its version: 1.2 is answered by a handshake (22), what is older is not.
    for minor in [1, 2] {
        let answer = secured.told(&client_hello(minor));
        // An alert (21), fatal (2), protocol_version (70): RFC 5246 §7.2.2.
        assert_eq!(answer.first(), Some(&21), "TLS 1.{} is refused: {answer:?}", minor - 1);
        assert_eq!(answer.get(5..), Some(&[2, 70][..]), "TLS 1.{}", minor - 1);
    }
    assert_eq!(secured.told(&client_hello(3)).first(), Some(&22), "TLS 1.2 is taken up");
    let plain = secured.told(b"GET /oauth2/token HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(!plain.starts_with(b"HTTP/"), "plain HTTP gets no answer on this port");
}

#[tokio::test]
async fn sec_op_07_cookies_that_come_over_tls_never_go_without_it() {
    let _crypto = http();
    let secured = Secured::start().await;
    let answer = secured.ask(Version::TLS_1_3, "/login").await.expect("an answer");
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(!cookies.is_empty(), "{answer:?}");
    for cookie in cookies {
        let cookie = cookie.to_str().expect("plain text");
        // What makes the prefix hold: Secure, the whole site, no Domain (RFC 6265bis §4.1.3.2).
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        let said: Vec<_> = cookie.split(';').map(|word| word.trim().to_lowercase()).collect();
        assert!(
            ["secure", "httponly", "path=/"].iter().all(|word| said.iter().any(|own| own == word)),
            "{cookie}"
        );
        assert!(!said.iter().any(|word| word.starts_with("domain")), "{cookie}");
    }
}

#[test]
fn sec_op_07_a_key_of_another_certificate_refuses_to_start() {
    let place = Place::new();
    place.write("key.pem", &certificate().1);
    for said in place.refused() {
        assert!(said.contains("certificate and key do not fit"), "{said}");
    }
    place.write("key.pem", "not a key");
    for said in place.refused() {
        assert!(said.contains("key.pem is not a readable PEM file"), "{said}");
    }
}

#[test]
fn sec_op_07_an_issuer_without_tls_refuses_to_start_beyond_this_machine() {
    let place = Place::new();
    place.configure("http://id.example.com");
    for said in place.refused() {
        assert!(said.contains("plain http") && said.contains("--insecure-transport"), "{said}");
    }
}

/// The first message of a client whose newest version is TLS 1.0 (1), 1.1 (2) or 1.2 (3): RFC 5246 §7.4.1.2.
fn client_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    // No session; ECDHE-ECDSA with AES-128 in GCM; no compression.
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]);
    // Extensions: the curve P-256, points uncompressed, ECDSA with SHA-256.
    hello.extend([0, 22, 0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3]);
    let length = u8::try_from(hello.len()).expect("a short message");
    let mut message = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    message.extend(hello);
    message
}
