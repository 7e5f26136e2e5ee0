//! The HTTP edge (OP).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{Answer, Server};

/// Sends octets as they are; what came back.
fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(15))).expect("a time-out");
    let _refused_midway_is_fine = stream.write_all(request);
    let mut answer = Vec::new();
    let _reset_is_fine = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_oi_14_the_host_header_shapes_nothing() {
    let server = Server::start().await;
    for path in ["/.well-known/oauth-authorization-server", "/login", "/"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        let answer = raw(&server, request.as_bytes());
        assert!(!answer.contains("evil.example"), "{answer}");
    }
    assert_eq!(server.issuer(), server.metadata["issuer"]);
}

#[tokio::test]
async fn sec_op_04_values_never_become_sql_or_headers() {
    let server = Server::start().await;
    let client = server.web();
    for odd in ["' OR '1'='1", "'; DROP TABLE clients; --", "\"", "a\r\nSet-Cookie: x=y", "\u{0}", "%", "_"] {
        let form = [("grant_type", "refresh_token"), ("refresh_token", odd)];
        server.token(&client, &form).await.is_refusal(400, "invalid_grant");
        let stranger = crate::harness::Client { id: odd.into(), ..client.clone() };
        let answer = server.token(&stranger, &[("grant_type", "client_credentials")]).await;
        assert!([400, 401].contains(&answer.status), "{odd:?}: {answer:?}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    server.token(&client, &[("grant_type", "client_credentials")]).await.ok();
}

#[tokio::test]
async fn sec_op_05_sec_op_10_size_and_number_have_bounds() {
    let server = Server::start().await;
    let client = server.web();
    let long = "x".repeat(100_000);
    let answer = server.token(&client, &[("grant_type", "client_credentials"), ("scope", &long)]).await;
    assert!([400, 413].contains(&answer.status), "{}", answer.status);
    let many: Vec<(String, String)> = (0..500).map(|number| (format!("p{number}"), "x".into())).collect();
    let answer = Answer::of(server.http.post(server.at("/oauth2/token")).form(&many)).await;
    assert!([400, 401, 413].contains(&answer.status), "{answer:?}");
    let answer = Answer::of(server.http.get(server.at("/")).header("x-long", "x".repeat(70_000))).await;
    assert!([400, 431].contains(&answer.status), "{}", answer.status);
    let answer = server.get(&format!("/{}", "x".repeat(60_000))).await;
    assert!([400, 404, 414, 431].contains(&answer.status), "{}", answer.status);
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_op_08_odd_paths_are_not_found() {
    let server = Server::start().await;
    for path in [
        "//oauth2/token",
        "/oauth2//token",
        "/oauth2/token/",
        "/OAUTH2/token",
        "/oauth2/token;x",
        "/oauth2%2ftoken",
        "/a/../oauth2/token",
        "/./oauth2/token",
    ] {
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let answer = raw(&server, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_op_09_ambiguous_framing_is_refused() {
    let server = Server::start().await;
    let heads = [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 5x\r\n",
    ];
    for head in heads {
        let request = format!(
            "POST /oauth2/token HTTP/1.1\r\nHost: x\r\n{head}Connection: close\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        );
        let answer = raw(&server, request.as_bytes());
        assert!(!answer.contains("HTTP/1.1 200"), "{head}: {answer}");
    }
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_op_11_rubbish_makes_nothing_panic() {
    let server = Server::start().await;
    let rubbish: Vec<Vec<u8>> = (0_u32..200)
        .map(|seed| {
            (0..(seed % 61))
                .map(|at| (seed.wrapping_mul(2_654_435_761).wrapping_add(at * 97) >> 8) as u8)
                .collect()
        })
        .collect();
    for body in rubbish {
        for path in [
            "/oauth2/token",
            "/oauth2/introspect",
            "/oauth2/revoke",
            "/oauth2/authorize",
            "/login",
            "/consent",
        ] {
            let request =
                server.http.post(server.at(path)).header("content-type", "application/x-www-form-urlencoded");
            let answer = Answer::of(request.body(body.clone())).await;
            assert!(answer.status < 500, "{path}: {body:?}: {answer:?}");
        }
    }
    assert!(!server.said().contains("panicked"), "{}", server.said());
}

#[tokio::test]
async fn sec_op_13_refusals_leave_a_trail_and_cannot_forge_its_lines() {
    let server = Server::start().await;
    let client = crate::harness::Client { id: "x\n2026-01-01 FORGED".into(), ..server.web() };
    let answer = server.token(&client, &[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.status, 401);
    let id = answer.header("x-request-id");
    assert!(!id.is_empty(), "{answer:?}");
    let said = server.said();
    assert!(said.contains(id), "the log knows the request: {said}");
    assert!(!said.lines().any(|line| line.starts_with("2026-01-01 FORGED")), "{said}");
}

#[tokio::test]
async fn sec_op_14_what_is_minted_never_repeats() {
    let server = Server::start().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let client = server.web();
        assert!(seen.insert(client.id));
        assert!(seen.insert(client.secret.expect("a secret")));
    }
}

#[test]
fn sec_op_18_dependencies_are_locked_and_come_from_one_place() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let lock = std::fs::read_to_string(format!("{root}/Cargo.lock")).expect("a lock file");
    let sources: std::collections::BTreeSet<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    assert!(sources.iter().all(|source| source.starts_with("\"registry+")), "{sources:?}");
    let deny = std::fs::read_to_string(format!("{root}/deny.toml")).expect("what may come in");
    for rule in ["unknown-registry = \"deny\"", "unknown-git = \"deny\"", "yanked = \"deny\""] {
        assert!(deny.contains(rule), "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_op_10_slow_heads_and_bodies_are_cut_off() {
    let server = Server::start().await;
    let slow = [
        "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 100\r\n\r\ngrant_type=",
        "",
    ];
    let waiting = slow.map(|request| {
        let port = server.port();
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
            stream.write_all(request.as_bytes()).expect("written");
            let mut answer = Vec::new();
            // Ends when the server closes; a time-out here is an error.
            stream.read_to_end(&mut answer).map(|_| String::from_utf8_lossy(&answer).into_owned())
        })
    });
    for (request, waiting) in slow.iter().zip(waiting) {
        let answer = waiting.await.expect("ends");
        assert!(answer.as_ref().is_ok_and(|answer| !answer.contains(" 200 ")), "{request:?}: {answer:?}");
    }
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_op_09_nothing_follows_a_chunked_request_on_its_connection() {
    let server = Server::start().await;
    let request = "POST /oauth2/revoke HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n\
                   0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = raw(&server, request.as_bytes());
    assert!(!answer.contains("alive"), "{answer}");
}
