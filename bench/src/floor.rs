//! The floor: what no server can do without, written as directly as axum allows.

mod oauth1;
mod sqlite;

use std::{collections::HashMap, path::Path, sync::Arc};

use anyhow::Context;
use aws_lc_rs::{
    digest, rand,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rusqlite::{Connection, params};

use sqlite::Database;

struct Floor {
    clients: HashMap<String, [u8; 32]>,
    key: EcdsaKeyPair,
    database: Database,
    metadata: Bytes,
    /// What clients write before a path.
    origin: String,
}

/// Serves until it is killed.
pub(crate) fn serve(port: u16, data: &Path) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let random = rand::SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .ok()
            .context("a key cannot be made")?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())
            .ok()
            .context("a key cannot be read")?;
        let clients = HashMap::from([("floor".to_owned(), sha256(b"secret"))]);
        let metadata = Bytes::from(vec![b'x'; 1400]);
        let origin = format!("http://127.0.0.1:{port}");
        let state = Arc::new(Floor { clients, key, database: Database::open(data)?, metadata, origin });
        let router = Router::new()
            .route("/ready", get(|| async { "ready" }))
            .route("/metadata", get(metadata_document))
            .route("/jwt", post(jwt))
            .route("/opaque", post(opaque))
            .route("/introspect", post(introspect))
            .route("/refresh", post(refresh))
            .route("/authorize", get(authorize))
            .route("/code", post(code))
            .merge(oauth1::routes())
            .with_state(state);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}

type Answer = Result<Response, StatusCode>;

async fn metadata_document(State(floor): State<Arc<Floor>>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=3600")],
        floor.metadata.clone(),
    )
        .into_response()
}

async fn jwt(State(floor): State<Arc<Floor>>, body: Bytes) -> Answer {
    floor.client(&body)?;
    Ok(json(&floor.token_answer(None)?))
}

async fn opaque(State(floor): State<Arc<Floor>>, body: Bytes) -> Answer {
    floor.client(&body)?;
    let token = random_text();
    let hash = sha256(token.as_bytes());
    floor
        .database
        .write(move |connection| {
            connection.prepare_cached("INSERT INTO token VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                hash.as_slice(),
                "floor",
                "read",
                1_i64
            ])
        })
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(json(
        &serde_json::json!({"access_token": token, "token_type": "Bearer", "expires_in": 600, "scope": "read"}),
    ))
}

async fn introspect(State(floor): State<Arc<Floor>>, body: Bytes) -> Answer {
    let form = floor.client(&body)?;
    let hash = sha256(find(&form, "token")?.as_bytes());
    let row = floor
        .database
        .read(|connection| {
            connection
                .prepare_cached("SELECT client, scope, expires FROM token WHERE hash = ?1")?
                .query_row([hash.as_slice()], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
                })
        })
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(json(&serde_json::json!({"active": true, "client_id": row.0, "scope": row.1, "exp": row.2})))
}

async fn refresh(State(floor): State<Arc<Floor>>, body: Bytes) -> Answer {
    let form = floor.client(&body)?;
    let old = sha256(find(&form, "refresh_token")?.as_bytes());
    floor
        .database
        .read(|connection| {
            connection
                .prepare_cached("SELECT scope FROM family WHERE current = ?1")?
                .query_row([old.as_slice()], |row| row.get::<_, String>(0))
        })
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    let successor = random_text();
    let new = sha256(successor.as_bytes());
    let answer = floor.token_answer(Some(&successor))?;
    let changed = floor
        .database
        .write(move |connection| {
            connection
                .prepare_cached("UPDATE family SET current = ?2, previous = ?1 WHERE current = ?1")?
                .execute([old.as_slice(), new.as_slice()])
        })
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    if changed == 1 { Ok(json(&answer)) } else { Err(StatusCode::BAD_REQUEST) }
}

async fn authorize(State(floor): State<Arc<Floor>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    let query = query.unwrap_or_default();
    let form: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let session = session_of(&headers)?;
    floor.database.read(|connection| consented(connection, &session)).map_err(|_| StatusCode::FORBIDDEN)?;
    let code = random_text();
    let hash = sha256(code.as_bytes());
    let challenge = find(&form, "code_challenge")?.to_owned();
    floor
        .database
        .write(move |connection| {
            connection
                .prepare_cached("INSERT INTO code VALUES (?1, 'floor', ?2, 0)")?
                .execute(params![hash.as_slice(), challenge])
        })
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let location = format!("{}?code={code}&state={}", find(&form, "redirect_uri")?, find(&form, "state")?);
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

async fn code(State(floor): State<Arc<Floor>>, body: Bytes) -> Answer {
    let form = floor.client(&body)?;
    let hash = sha256(find(&form, "code")?.as_bytes());
    let challenge = floor
        .database
        .read(|connection| {
            connection
                .prepare_cached("SELECT challenge FROM code WHERE hash = ?1 AND used = 0")?
                .query_row([hash.as_slice()], |row| row.get::<_, String>(0))
        })
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    if URL_SAFE_NO_PAD.encode(sha256(find(&form, "code_verifier")?.as_bytes())) != challenge {
        return Err(StatusCode::BAD_REQUEST);
    }
    let taken = floor
        .database
        .write(move |connection| {
            connection
                .prepare_cached("UPDATE code SET used = 1 WHERE hash = ?1 AND used = 0")?
                .execute([hash.as_slice()])
        })
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    if taken != 1 {
        return Err(StatusCode::BAD_REQUEST);
    }
    let token = random_text();
    let current = sha256(token.as_bytes());
    let answer = floor.token_answer(Some(&token))?;
    floor
        .database
        .write(move |connection| {
            connection
                .prepare_cached("INSERT INTO permit VALUES (?1, 'floor', 'read', 0)")?
                .execute([current.get(..16)])?;
            connection
                .prepare_cached("INSERT INTO family VALUES (?1, NULL, 'read')")?
                .execute([current.as_slice()])
        })
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(json(&answer))
}

/// The hash of the session that the cookie names.
fn session_of(headers: &HeaderMap) -> Result<[u8; 32], StatusCode> {
    let cookie =
        headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).ok_or(StatusCode::FORBIDDEN)?;
    Ok(sha256(cookie.split_once('=').ok_or(StatusCode::FORBIDDEN)?.1.as_bytes()))
}

/// Looks up the session and the consent of its account.
fn consented(connection: &Connection, session: &[u8; 32]) -> rusqlite::Result<String> {
    let account = connection
        .prepare_cached("SELECT account FROM session WHERE hash = ?1")?
        .query_row([session.as_slice()], |row| row.get::<_, String>(0))?;
    connection
        .prepare_cached("SELECT scope FROM consent WHERE account = ?1 AND client = 'floor'")?
        .query_row([account], |row| row.get::<_, String>(0))
}

impl Floor {
    /// Parses the form and checks the client's secret.
    fn client(&self, body: &[u8]) -> Result<Vec<(String, String)>, StatusCode> {
        let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let known = self.clients.get(find(&form, "client_id")?).ok_or(StatusCode::UNAUTHORIZED)?;
        let given = sha256(find(&form, "client_secret")?.as_bytes());
        aws_lc_rs::constant_time::verify_slices_are_equal(known, &given)
            .map_err(|_| StatusCode::UNAUTHORIZED)?;
        Ok(form)
    }

    fn token_answer(&self, refresh: Option<&str>) -> Result<serde_json::Value, StatusCode> {
        let claims = serde_json::json!({
            "iss": "http://127.0.0.1:7000", "sub": "floor", "aud": "http://127.0.0.1:7000", "exp": 1_900_000_600,
            "iat": 1_900_000_000, "jti": random_text(), "client_id": "floor", "scope": "read",
        });
        let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"ES256","typ":"at+jwt","kid":"floor"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self
            .key
            .sign(&rand::SystemRandom::new(), signed.as_bytes())
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        let mut answer =
            serde_json::json!({"access_token": token, "token_type": "Bearer", "expires_in": 600});
        if let (Some(refresh), Some(members)) = (refresh, answer.as_object_mut()) {
            members.insert("refresh_token".into(), refresh.into());
        }
        Ok(answer)
    }
}

fn find<'f>(form: &'f [(String, String)], name: &str) -> Result<&'f str, StatusCode> {
    form.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).ok_or(StatusCode::BAD_REQUEST)
}

fn sha256(text: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, text).as_ref());
    out
}

#[expect(clippy::disallowed_methods, reason = "the floor is not the engine: it draws where it stands")]
fn random_text() -> String {
    let mut bytes = [0; 32];
    // A failure leaves zeros, and the run with them fails on its unique key.
    let _ = rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn json(value: &serde_json::Value) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, value.to_string()).into_response()
}
