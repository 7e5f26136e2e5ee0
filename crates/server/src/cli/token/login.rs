//! The browser's part: a listener on loopback that waits for the redirect (RFC 8252 §7.3).

use std::{collections::BTreeMap, convert::Infallible, io::Write as _, net::Ipv4Addr, time::Duration};

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc};
use valetkey_crypto::{digest::sha256, random_bytes};

use super::{Asker, Server};

/// How long a person may take.
const PATIENCE: Duration = Duration::from_secs(300);

type Answer = BTreeMap<String, String>;

/// Prints the URL, waits for the browser, and redeems the code.
pub(super) async fn run(
    server: &Server,
    asker: &Asker,
    port: Option<u16>,
    asked: Vec<(&'static str, String)>,
) -> anyhow::Result<Value> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await;
    let listener =
        listener.with_context(|| format!("port {} is taken: choose another --port", port.unwrap_or(0)))?;
    let redirect_uri = format!("http://127.0.0.1:{}/callback", listener.local_addr()?.port());
    let (verifier, state) = (random_text(), random_text());
    let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &asker.client_id)
        .append_pair("redirect_uri", &redirect_uri)
        .append_pair("state", &state)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(&asked)
        .finish();
    // To standard error: standard output is for the token.
    writeln!(
        std::io::stderr(),
        "Open this in a browser on this machine:\n\n  {}?{query}\n",
        server.authorization_endpoint
    )?;
    let waiting = tokio::time::timeout(PATIENCE, redirect(listener));
    let answer = waiting.await.context("nobody came back within five minutes: start again")??;
    let member = |name: &str| answer.get(name).map(String::as_str).unwrap_or_default();
    ensure!(
        member("state") == state,
        "what came back has another state: it is not the answer to this request"
    );
    // RFC 9207 §2.4
    ensure!(member("iss") == server.issuer, "what came back is from another server: {:?}", member("iss"));
    if !member("error").is_empty() {
        bail!("the server said {} {}", member("error"), member("error_description"));
    }
    let mut fields: Vec<_> = asked.into_iter().filter(|(name, _)| *name == "resource").collect();
    fields.extend([
        ("grant_type", "authorization_code".to_owned()),
        ("code", member("code").to_owned()),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier),
    ]);
    server.token(asker, fields).await
}

/// The parameters of the first request to the callback.
async fn redirect(listener: TcpListener) -> anyhow::Result<Answer> {
    let (told, mut heard) = mpsc::channel(1);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let told = told.clone();
                let service = service_fn(move |request| answer(request, told.clone()));
                let connection = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(accepted?.0), service);
                tokio::spawn(connection);
            }
            Some(answer) = heard.recv() => {
                // A moment for the page to reach the browser.
                tokio::time::sleep(Duration::from_millis(100)).await;
                return Ok(answer);
            }
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    told: mpsc::Sender<Answer>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_callback = request.uri().path() == "/callback";
    let page = if is_callback {
        let query = request.uri().query().unwrap_or_default();
        let _ = told.try_send(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect());
        "<!doctype html><html lang=\"en\"><title>Done</title><p>Done: you can close this and go back to the terminal."
    } else {
        "<!doctype html><html lang=\"en\"><title>Nothing here</title><p>There is nothing here."
    };
    let mut response = Response::new(Full::new(Bytes::from_static(page.as_bytes())));
    if !is_callback {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("text/html; charset=utf-8"));
    Ok(response)
}

fn random_text() -> String {
    let mut octets = [0; 32];
    random_bytes(&mut octets);
    URL_SAFE_NO_PAD.encode(octets)
}
