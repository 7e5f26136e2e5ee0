//! `valetkey serve` with a certificate of its own: which TLS it speaks, and what browsers are told about it.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::{Certificate, tls::Version};

use crate::harness::{Answer, binary, free_port, http};

/// A running `serve` that speaks TLS; it ends, and its folder goes, when this is dropped.
struct Secured {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Secured {
    async fn start() -> Self {
        let port = free_port();
        let folder = std::env::temp_dir().join(format!("valetkey-tls-{}-{port}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("master.key"), (0..32).collect::<Vec<u8>>()).expect("written");
        fs::write(folder.join("certificate.pem"), include_str!("tls/certificate.pem")).expect("written");
        fs::write(folder.join("key.pem"), include_str!("tls/key.pem")).expect("written");
        let configuration = format!(
            "issuer = \"https://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\n\
             database = \"sqlite://valetkey.sqlite\"\nmaster_key_file = \"master.key\"\n\
             [tls]\ncertificate_file = \"certificate.pem\"\nkey_file = \"key.pem\"\n"
        );
        fs::write(folder.join("valetkey.toml"), configuration).expect("written");
        let log = File::create(folder.join("log")).expect("a file");
        let mut command = Command::new(binary());
        command.arg("serve").arg("--config").arg(folder.join("valetkey.toml"));
        let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("starts");
        let mut secured = Self { child, folder, port };
        for _ in 0..400 {
            let said = fs::read_to_string(secured.folder.join("log")).unwrap_or_default();
            assert!(secured.child.try_wait().expect("a child").is_none(), "{said}");
            if secured.ask(Version::TLS_1_3).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        secured
    }

    /// The metadata, over this version of TLS and no other.
    async fn ask(&self, version: Version) -> reqwest::Result<Answer> {
        let root = Certificate::from_pem(include_bytes!("tls/certificate.pem"))?;
        let client = reqwest::Client::builder()
            .tls_certs_only([root])
            .tls_version_min(version)
            .tls_version_max(version)
            .timeout(Duration::from_secs(10))
            .no_proxy()
            .build()?;
        let metadata = format!("https://localhost:{}/.well-known/oauth-authorization-server", self.port);
        Answer::try_of(client.get(metadata)).await
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
        let answer = secured.ask(version).await.expect("an answer");
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
