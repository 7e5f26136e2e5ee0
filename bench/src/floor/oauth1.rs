//! The floor of OAuth 1 (RFC 5849): the header is taken apart, the base string built and one HMAC made of it; token and
//! nonce are a row each. Shared secrets lie in clear, nothing is counted, nobody is asked whether anything was revoked.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Answer, Floor, find, json, random_text, session_of, sha256};

const CLIENT_SECRET: &str = "secret";

pub(super) const TABLES: &str = "
    CREATE TABLE nonce (at INTEGER, hash BLOB, PRIMARY KEY (at, hash)) WITHOUT ROWID;
    CREATE TABLE temporary (hash BLOB PRIMARY KEY, client TEXT, secret TEXT, callback TEXT, verifier BLOB, used INTEGER)
        WITHOUT ROWID;
    CREATE TABLE signed_token (hash BLOB PRIMARY KEY, client TEXT, secret TEXT, account TEXT, scope TEXT) WITHOUT ROWID;";

pub(super) fn routes() -> Router<Arc<Floor>> {
    Router::new()
        .route("/oauth1/request_token", post(request_token))
        .route("/oauth1/authorize", get(authorize))
        .route("/oauth1/access_token", post(access_token))
        .route("/me", get(me))
}

async fn me(State(floor): State<Arc<Floor>>, verb: Method, uri: Uri, headers: HeaderMap) -> Answer {
    let message = Message::read(&uri, &headers)?;
    let token = find(&message.params, "oauth_token")?;
    let hash = sha256(token.as_bytes());
    let (secret, account, scope) = floor
        .database
        .read(|connection| {
            connection
                .prepare_cached("SELECT secret, account, scope FROM signed_token WHERE hash = ?1")?
                .query_row([hash.as_slice()], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                })
        })
        .map_err(|_| StatusCode::UNAUTHORIZED)?;
    message.verify(&floor.origin, &verb, &uri, &secret)?;
    let timestamp = message.timestamp()?;
    let nonce = [token, "\0", find(&message.params, "oauth_nonce")?].concat();
    let nonce = sha256(nonce.as_bytes());
    let first = floor
        .database
        .write(move |connection| {
            connection
                .prepare_cached("INSERT OR IGNORE INTO nonce VALUES (?1, ?2)")?
                .execute(params![timestamp, nonce.as_slice()])
        })
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    if first != 1 {
        return Err(StatusCode::UNAUTHORIZED);
    }
    Ok(json(&serde_json::json!({"sub": account, "client_id": "floor", "scope": scope})))
}

async fn request_token(
    State(floor): State<Arc<Floor>>,
    verb: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let message = Message::read(&uri, &headers)?;
    message.verify(&floor.origin, &verb, &uri, "")?;
    message.timestamp()?;
    let callback = find(&message.params, "oauth_callback")?.to_owned();
    let (token, secret) = (random_text(), random_text());
    let answer = credentials(&token, &secret);
    let hash = sha256(token.as_bytes());
    floor
        .database
        .write(move |connection| {
            connection
                .prepare_cached("INSERT INTO temporary VALUES (?1, 'floor', ?2, ?3, NULL, 0)")?
                .execute(params![hash.as_slice(), secret, callback])
        })
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(answer)
}

async fn authorize(State(floor): State<Arc<Floor>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    let query = query.unwrap_or_default();
    let form: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let token = find(&form, "oauth_token")?;
    let hash = sha256(token.as_bytes());
    let session = session_of(&headers)?;
    let callback = floor
        .database
        .read(|connection| {
            super::consented(connection, &session)?;
            connection
                .prepare_cached("SELECT callback FROM temporary WHERE hash = ?1 AND verifier IS NULL")?
                .query_row([hash.as_slice()], |row| row.get::<_, String>(0))
        })
        .map_err(|_| StatusCode::FORBIDDEN)?;
    let verifier = random_text();
    let location = format!("{callback}?oauth_token={token}&oauth_verifier={verifier}");
    let verifier = sha256(verifier.as_bytes());
    let allowed = floor
        .database
        .write(move |connection| {
            connection
                .prepare_cached("UPDATE temporary SET verifier = ?2 WHERE hash = ?1 AND verifier IS NULL")?
                .execute([hash.as_slice(), verifier.as_slice()])
        })
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    if allowed != 1 {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

async fn access_token(State(floor): State<Arc<Floor>>, verb: Method, uri: Uri, headers: HeaderMap) -> Answer {
    let message = Message::read(&uri, &headers)?;
    let old = sha256(find(&message.params, "oauth_token")?.as_bytes());
    let secret = floor
        .database
        .read(|connection| {
            connection
                .prepare_cached("SELECT secret FROM temporary WHERE hash = ?1")?
                .query_row([old.as_slice()], |row| row.get::<_, String>(0))
        })
        .map_err(|_| StatusCode::UNAUTHORIZED)?;
    message.verify(&floor.origin, &verb, &uri, &secret)?;
    message.timestamp()?;
    let verifier = sha256(find(&message.params, "oauth_verifier")?.as_bytes());
    let (token, secret) = (random_text(), random_text());
    let answer = credentials(&token, &secret);
    let hash = sha256(token.as_bytes());
    let begun = floor
        .database
        .write(move |connection| begin(connection, [&old, &verifier, &hash], &secret))
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    if begun == 1 { Ok(answer) } else { Err(StatusCode::UNAUTHORIZED) }
}

/// Takes the temporary credentials, once, and puts grant and token in their place.
fn begin(
    connection: &Connection,
    [old, verifier, hash]: [&[u8; 32]; 3],
    secret: &str,
) -> rusqlite::Result<usize> {
    let taken = connection
        .prepare_cached(
            "UPDATE temporary SET used = 1 WHERE hash = ?1 AND verifier = ?2 AND used = 0 RETURNING 1",
        )?
        .query_row([old.as_slice(), verifier.as_slice()], |_| Ok(()))
        .optional()?;
    if taken.is_none() {
        return Ok(0);
    }
    connection
        .prepare_cached("INSERT INTO permit VALUES (?1, 'floor', 'read', 0)")?
        .execute([hash.get(..16)])?;
    connection
        .prepare_cached("INSERT INTO signed_token VALUES (?1, 'floor', ?2, 'somebody', 'read')")?
        .execute(params![hash.as_slice(), secret])
}

/// A signed request: its parameters, decoded (§3.4.1.3.1).
struct Message {
    params: Vec<(String, String)>,
}

impl Message {
    fn read(uri: &Uri, headers: &HeaderMap) -> Result<Self, StatusCode> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let list = value.and_then(|value| value.strip_prefix("OAuth ")).ok_or(StatusCode::UNAUTHORIZED)?;
        let mut params = Vec::with_capacity(16);
        for item in list.split(',') {
            let (name, value) = item.trim().split_once('=').ok_or(StatusCode::BAD_REQUEST)?;
            let value = value.trim_matches('"');
            let value = percent_decode_str(value).decode_utf8().map_err(|_| StatusCode::BAD_REQUEST)?;
            params.push((name.to_owned(), value.into_owned()));
        }
        params.extend(form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned());
        Ok(Self { params })
    }

    /// Seconds, if they are near.
    #[expect(
        clippy::disallowed_methods,
        reason = "the floor is not the engine: it looks at the clock where it stands"
    )]
    fn timestamp(&self) -> Result<i64, StatusCode> {
        let seconds: u64 =
            find(&self.params, "oauth_timestamp")?.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| StatusCode::BAD_REQUEST)?;
        let is_near = now.as_secs().abs_diff(seconds) <= 300;
        is_near.then(|| i64::try_from(seconds).ok()).flatten().ok_or(StatusCode::UNAUTHORIZED)
    }

    /// Checks the signature (§3.4.2).
    fn verify(&self, origin: &str, verb: &Method, uri: &Uri, token_secret: &str) -> Result<(), StatusCode> {
        if find(&self.params, "oauth_consumer_key")? != "floor" {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let algorithm = match find(&self.params, "oauth_signature_method")? {
            "HMAC-SHA1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            "HMAC-SHA256" => hmac::HMAC_SHA256,
            _ => return Err(StatusCode::UNAUTHORIZED),
        };
        let signature =
            STANDARD.decode(find(&self.params, "oauth_signature")?).map_err(|_| StatusCode::UNAUTHORIZED)?;
        let key = format!("{}&{}", encode(CLIENT_SECRET), encode(token_secret));
        let key = hmac::Key::new(algorithm, key.as_bytes());
        let base_string = self.base_string(origin, verb, uri);
        hmac::verify(&key, base_string.as_bytes(), &signature).map_err(|_| StatusCode::UNAUTHORIZED)
    }

    /// The base string (§3.4.1).
    fn base_string(&self, origin: &str, verb: &Method, uri: &Uri) -> String {
        let mut pairs: Vec<(String, String)> = self
            .params
            .iter()
            .filter(|(name, _)| name != "oauth_signature" && name != "realm")
            .map(|(name, value)| (encode(name), encode(value)))
            .collect();
        pairs.sort_unstable();
        let mut normal = String::with_capacity(512);
        for (name, value) in pairs {
            if !normal.is_empty() {
                normal.push('&');
            }
            normal.push_str(&name);
            normal.push('=');
            normal.push_str(&value);
        }
        format!("{verb}&{}{}&{}", encode(origin), encode(uri.path()), encode(&normal))
    }
}

/// §3.6.
fn encode(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

fn credentials(token: &str, secret: &str) -> Response {
    let body = format!("oauth_token={token}&oauth_token_secret={secret}&oauth_callback_confirmed=true");
    let headers =
        [(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), (header::CACHE_CONTROL, "no-store")];
    (headers, body).into_response()
}
