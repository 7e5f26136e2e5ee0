//! Both fetchers against a real socket on loopback.
#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use tokio::net::{TcpListener, TcpStream};
use valetkey_fetch::{FetchError, Guarded, Plain, Resolve, Transport};

/// Says `answer` to whoever connects, then closes; `hang` keeps the connection open instead.
async fn origin(answer: &'static [u8], hang: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer, hang));
        }
    });
    address
}

async fn serve(stream: TcpStream, answer: &'static [u8], hang: bool) {
    let mut seen = Vec::new();
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        stream.readable().await.unwrap();
        let mut buffer = [0; 1024];
        match stream.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => seen.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
    let mut rest = answer;
    while !rest.is_empty() {
        stream.writable().await.unwrap();
        match stream.try_write(rest) {
            Ok(count) => rest = &rest[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
    if hang {
        std::future::pending::<()>().await;
    }
}

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\netag: \"1\"\r\n\r\nhello";

fn get(url: impl AsRef<str>) -> Request<Bytes> {
    Request::get(url.as_ref()).body(Bytes::new()).unwrap()
}

/// Knows every name, at one address.
struct Everywhere(Vec<IpAddr>);

#[async_trait]
impl Resolve for Everywhere {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.clone())
    }
}

fn everywhere(addresses: &[&str]) -> Everywhere {
    Everywhere(addresses.iter().map(|text| text.parse().unwrap()).collect())
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let address = origin(HELLO, false).await;
    let response = Plain::new().send(get(format!("http://{address}/x"))).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["etag"], "\"1\"");
    assert_eq!(response.body(), "hello");
}

#[tokio::test]
async fn plain_speaks_http_to_other_machines_only_when_told() {
    let refused = Plain::new().send(get("http://192.0.2.1/")).await.unwrap_err();
    assert!(matches!(refused, FetchError::SchemeRefused(scheme) if scheme == "http"));
    let refused = Plain::new().send(get("ftp://127.0.0.1/")).await.unwrap_err();
    assert!(matches!(refused, FetchError::SchemeRefused(scheme) if scheme == "ftp"));
}

#[tokio::test]
async fn sec_rg_06_the_guarded_fetcher_takes_https_only() {
    for url in ["http://example.com/", "http://127.0.0.1/", "ftp://example.com/", "file://x/etc/passwd"] {
        let refused = Guarded::new().send(get(url)).await.unwrap_err();
        assert!(matches!(refused, FetchError::SchemeRefused(_)), "{url}: {refused}");
    }
}

#[tokio::test]
async fn sec_rg_06_special_use_addresses_in_the_url_are_refused_in_every_spelling() {
    let urls = [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
    ];
    for url in urls {
        let refused = Guarded::new().send(get(url)).await.unwrap_err();
        assert!(matches!(refused, FetchError::AddressRefused(_)), "{url}: {refused}");
    }
}

#[tokio::test]
async fn sec_rg_06_a_name_that_points_inside_is_refused_even_with_one_public_address() {
    for addresses in [&["127.0.0.1"][..], &["93.184.216.34", "10.0.0.7"], &["::ffff:169.254.169.254"]] {
        let fetcher = Guarded::builder().resolver(everywhere(addresses)).build();
        let refused = fetcher.send(get("https://rebind.example/")).await.unwrap_err();
        assert!(matches!(refused, FetchError::AddressRefused(_)), "{addresses:?}: {refused}");
    }
}

#[tokio::test]
async fn sec_rg_06_the_connection_goes_to_the_address_that_was_checked() {
    let address = origin(HELLO, false).await;
    let fetcher = Guarded::builder().allow_loopback().resolver(everywhere(&["127.0.0.1"])).build();
    let url = format!("http://anything.localhost:{}/", address.port());
    assert_eq!(fetcher.send(get(url)).await.unwrap().body(), "hello");
}

#[tokio::test]
async fn sec_rg_06_only_listed_hosts_are_asked() {
    let fetcher = Guarded::builder().only_hosts(["a.example"]).resolver(everywhere(&["127.0.0.1"])).build();
    let refused = fetcher.send(get("https://b.example/")).await.unwrap_err();
    assert!(matches!(refused, FetchError::HostRefused(host) if host == "b.example"));
    let refused = fetcher.send(get("https://A.example/")).await.unwrap_err();
    assert!(matches!(refused, FetchError::AddressRefused(_)));
}

#[tokio::test]
async fn sec_rg_06_redirects_are_handed_back_not_followed() {
    let address =
        origin(b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n", false).await;
    let fetcher = Guarded::builder().allow_loopback().build();
    let response = fetcher.send(get(format!("http://{address}/"))).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["location"]),
        (302, &"/elsewhere".parse().unwrap())
    );
}

#[tokio::test]
async fn sec_rg_06_a_large_answer_is_cut_whether_it_says_its_size_or_not() {
    let fetcher = Guarded::builder().allow_loopback().body_limit(4).build();
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    for answer in [HELLO, &chunked[..]] {
        let address = origin(answer, false).await;
        let refused = fetcher.send(get(format!("http://{address}/"))).await.unwrap_err();
        assert!(matches!(refused, FetchError::TooLarge { limit: 4 }), "{refused}");
    }
}

#[tokio::test]
async fn sec_rg_06_a_slow_answer_is_given_up() {
    for answer in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel"] {
        let address = origin(answer, true).await;
        let fetcher = Guarded::builder().allow_loopback().timeout(Duration::from_millis(200)).build();
        let refused = fetcher.send(get(format!("http://{address}/"))).await.unwrap_err();
        assert!(matches!(refused, FetchError::Timeout(_)), "{refused}");
    }
}

#[tokio::test]
async fn urls_with_user_information_or_without_a_host_are_refused() {
    let fetcher = Guarded::builder().allow_loopback().build();
    for url in ["https://user:secret@example.com/", "/relative"] {
        let refused = fetcher.send(get(url)).await.unwrap_err();
        assert!(matches!(refused, FetchError::InvalidUrl(_)), "{url}: {refused}");
    }
}

#[tokio::test]
async fn a_closed_port_is_a_network_error_without_the_url_in_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failed = Plain::new().send(get(format!("http://{address}/?token=hush"))).await.unwrap_err();
    let FetchError::Network(text) = failed else { panic!("{failed}") };
    assert!(text.starts_with("could not connect") && !text.contains("hush"), "{text}");
}

#[tokio::test]
async fn https_means_tls_also_on_loopback() {
    let address = origin(HELLO, false).await;
    let fetcher = Guarded::builder().allow_loopback().timeout(Duration::from_millis(300)).build();
    let failed = fetcher.send(get(format!("https://{address}/"))).await.unwrap_err();
    assert!(matches!(failed, FetchError::Network(_) | FetchError::Timeout(_)), "{failed}");
}
