//! A database of an earlier version is taken over with what it holds, and that version still works with what became of it.

#![expect(clippy::unwrap_used, reason = "a test's helpers")]

use std::sync::Arc;

use rusqlite::{Connection, params};
use valetkey_oauth2::{HandleHash, Timestamp};
use valetkey_ports::{
    Allowance, Clock, Code, Found, Grant, NewGrant, Opened, Redeemed, Stage, SystemRandom,
    TemporaryCredentials, TokenCredentials, Traded,
    contract::samples::{self, seconds},
    testing::ManualClock,
};
use valetkey_store::Store;

mod scratch;

const VERSIONS: [(&str, &str); 3] = [
    ("first", include_str!("../migrations/sqlite/V001__first.sql")),
    ("oauth1", include_str!("../migrations/sqlite/V002__oauth1.sql")),
    ("order", include_str!("../migrations/sqlite/V003__order.sql")),
];

/// The first version's statements.
const PUT: &str = "INSERT INTO codes (hash, client, expires_at, remembered_until, forget_at, body) VALUES (?, ?, ?, ?, ?, ?)";
const FIND: &str = "SELECT is_taken, body FROM codes WHERE hash = ?";
const TAKE: &str = "UPDATE codes SET is_taken = 1, forget_at = remembered_until \
                    WHERE hash = ? AND client = ? AND is_taken = 0 AND expires_at > ?";
const PURGE: &str = "DELETE FROM codes WHERE hash IN (SELECT hash FROM codes WHERE forget_at <= ? LIMIT ?)";

/// What is remembered of nonces.
const NONCES: &str = "oauth1 nonce";

/// The second and the third version's statements.
const ASK: &str = "INSERT INTO temporary_credentials (hash, client, secret, callback, scope, expires_at, stage) \
                   VALUES (?, ?, ?, 'https://app.example/cb?x=1', ?, ?, 'asked')";
const ALLOW: &str = "UPDATE temporary_credentials SET stage = 'allowed', verifier = ?, account = ?, session = ?, \
                     allowed_scope = ?, grant_id = ?, authorized_at = ? \
                     WHERE hash = ? AND stage = 'asked' AND expires_at > ?";
const TRADE: &str = "UPDATE temporary_credentials SET stage = 'exchanged' \
                     WHERE hash = ? AND client = ? AND stage = 'allowed' AND verifier = ? AND expires_at > ?";
const KEEP: &str = "INSERT INTO token_credentials (hash, grant_id, secret, issued_at, expires_at, exchanged_at) \
                    VALUES (?, ?, ?, ?, ?, NULL)";
const SEE: &str = "INSERT INTO seen (space, key, until) VALUES (?, ?, ?) \
                   ON CONFLICT (space, key) DO UPDATE SET until = excluded.until WHERE seen.until <= ?";
const PURGE_OAUTH1: [&str; 3] = [
    "DELETE FROM temporary_credentials WHERE hash IN (SELECT hash FROM temporary_credentials WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM token_credentials WHERE hash IN (SELECT hash FROM token_credentials WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM seen WHERE (space, key) IN (SELECT s.space, s.key FROM seen s WHERE s.until <= ? LIMIT ?)",
];

#[tokio::test]
async fn codes_of_the_first_version_are_redeemed_and_remembered() {
    let (folder, clock) = (scratch::Folder::new(), Arc::new(ManualClock::default()));
    let now = clock.now();
    let client = samples::client_id();
    let (fresh, taken) = (samples::hash(), samples::hash());
    let (fresh_code, taken_code) = (samples::code(&client, now), samples::code(&client, now));
    let first = version(1, &folder, now);
    put(&first, &fresh, &fresh_code);
    put(&first, &taken, &taken_code);
    assert!(take(&first, &taken, &taken_code, now));
    drop(first);

    let ports = open(&folder, &clock).await.ports;
    let Found::Redeemed(found) = ports.codes.find(&taken).await.unwrap() else { panic!("it was redeemed") };
    assert_eq!(*found, taken_code);
    let Found::Fresh(found) = ports.codes.find(&fresh).await.unwrap() else { panic!("it is unused") };
    assert_eq!(*found, fresh_code);
    for (hash, code, expected) in [
        (&taken, &taken_code, Redeemed::Replayed),
        (&fresh, &fresh_code, Redeemed::Fresh),
        (&fresh, &fresh_code, Redeemed::Replayed),
    ] {
        let new = samples::grant_of(code, now);
        assert_eq!(ports.codes.redeem(hash, &client, &new, now).await.unwrap(), expected);
    }
    let end = taken_code.remembered_until;
    assert_eq!(ports.codes.purge(end.minus(seconds(1)), 10).await.unwrap(), 0);
    assert_eq!(ports.codes.purge(end, 10).await.unwrap(), 2);
}

#[tokio::test]
async fn the_version_before_works_with_the_tables_of_this_one() {
    let (folder, clock) = (scratch::Folder::new(), Arc::new(ManualClock::default()));
    let now = clock.now();
    let ports = open(&folder, &clock).await.ports;
    let (hash, code) = (samples::hash(), samples::code(&samples::client_id(), now));
    let before = Connection::open(folder.database()).unwrap();
    put(&before, &hash, &code);
    assert!(matches!(ports.codes.find(&hash).await.unwrap(), Found::Fresh(_)));
    assert!(take(&before, &hash, &code, now));
    assert!(!take(&before, &hash, &code, now));
    assert!(matches!(ports.codes.find(&hash).await.unwrap(), Found::Redeemed(_)));
    let (ours, own) = (samples::hash(), samples::code(&samples::client_id(), now));
    ports.codes.put(&ours, &own).await.unwrap();
    let find = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (is_taken, body): (bool, String) = before.query_row(FIND, [ours.as_bytes()], find).unwrap();
    assert!(!is_taken);
    assert_eq!(serde_json::from_str::<Code>(&body).unwrap(), own);
    let purged = before.execute(PURGE, params![own.facts.expires_at.seconds(), 10]).unwrap();
    assert_eq!(purged, 1, "the unused one; the other is remembered");
}

#[tokio::test]
async fn what_oauth_1_kept_in_earlier_versions_is_traded_found_and_remembered() {
    for number in [2, 3] {
        let (folder, clock) = (scratch::Folder::new(), Arc::new(ManualClock::default()));
        let now = clock.now();
        let client = samples::client_id();
        let (asked, to_trade) = (samples::temporary(&client, now), samples::temporary(&client, now));
        let allowance = samples::allowance(samples::account_id(now), now);
        let grant = samples::grant(samples::account_id(now), &client, now);
        let lasting = samples::credentials(&grant);
        let limited =
            TokenCredentials { expires_at: Some(now.plus(seconds(60))), ..samples::credentials(&grant) };
        let (nonce, other) = (samples::bytes(), samples::bytes());
        let earlier = version(number, &folder, now);
        for one in [&asked, &to_trade] {
            ask(&earlier, one);
        }
        assert!(allow(&earlier, &to_trade, &allowance, now));
        for one in [&lasting, &limited] {
            keep(&earlier, one);
        }
        assert!(see(&earlier, NONCES, &nonce, now) && see(&earlier, "other", &other, now));
        drop(earlier);

        let ports = open(&folder, &clock).await.ports;
        assert_eq!(ports.temporary.find(&asked.hash).await.unwrap(), Some(asked.clone()));
        let allowed = TemporaryCredentials { stage: Stage::Allowed(allowance.clone()), ..to_trade.clone() };
        assert_eq!(ports.temporary.find(&to_trade.hash).await.unwrap(), Some(allowed));
        let begun = Grant { id: allowance.grant, ..samples::grant(allowance.account, &client, now) };
        for expected in [Traded::Fresh, Traded::Replayed] {
            let (hash, verifier, new) = (&to_trade.hash, &allowance.verifier, only(&begun));
            let traded = ports.temporary.trade(hash, &client, verifier, 5, &new, now).await.unwrap();
            assert_eq!(traded, expected);
        }
        assert_eq!(ports.grants.open(&only(&grant)).await.unwrap(), Opened::Fresh);
        for one in [&lasting, &limited] {
            assert_eq!(ports.credentials.find(&one.hash).await.unwrap().unwrap().0.credentials, *one);
        }
        for (space, key) in [(NONCES, &nonce), ("other", &other)] {
            assert!(!ports.replay.insert(space, key, now.plus(seconds(9)), now).await.unwrap());
        }
        let then = now.plus(seconds(60));
        assert_eq!(ports.replay.purge(then.minus(seconds(1)), 10).await.unwrap(), 0);
        assert_eq!(ports.replay.purge(then, 10).await.unwrap(), 2);
        assert_eq!(ports.credentials.purge(then, 10).await.unwrap(), 1);
        assert!(ports.credentials.find(&lasting.hash).await.unwrap().is_some());
        assert_eq!(ports.temporary.purge(asked.expires_at, 10).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn oauth_1_of_the_version_before_works_with_the_tables_of_this_one() {
    let (folder, clock) = (scratch::Folder::new(), Arc::new(ManualClock::default()));
    let now = clock.now();
    let client = samples::client_id();
    let ports = open(&folder, &clock).await.ports;
    let before = Connection::open(folder.database()).unwrap();
    let (theirs, ours) = (samples::temporary(&client, now), samples::temporary(&client, now));
    let allowance = samples::allowance(samples::account_id(now), now);
    ask(&before, &theirs);
    assert_eq!(ports.temporary.find(&theirs.hash).await.unwrap(), Some(theirs.clone()));
    ports.temporary.put(&ours).await.unwrap();
    assert!(allow(&before, &ours, &allowance, now));
    assert!(!ports.temporary.deny(&ours.hash, now).await.unwrap());
    let trade = params![ours.hash.as_bytes(), client.as_str(), allowance.verifier.as_bytes(), now.seconds()];
    assert_eq!(before.execute(TRADE, trade).unwrap(), 1);
    assert_eq!(ports.temporary.find(&ours.hash).await.unwrap().unwrap().stage, Stage::Exchanged);

    let grant = samples::grant(samples::account_id(now), &client, now);
    assert_eq!(ports.grants.open(&only(&grant)).await.unwrap(), Opened::Fresh);
    let limited =
        TokenCredentials { expires_at: Some(now.plus(seconds(60))), ..samples::credentials(&grant) };
    keep(&before, &limited);
    assert_eq!(ports.credentials.find(&limited.hash).await.unwrap().unwrap().0.credentials, limited);
    let nonce = samples::bytes();
    assert!(see(&before, NONCES, &nonce, now));
    assert!(!ports.replay.insert(NONCES, &nonce, now.plus(seconds(60)), now).await.unwrap());
    let nonce = samples::bytes();
    assert!(ports.replay.insert(NONCES, &nonce, now.plus(seconds(60)), now).await.unwrap());
    assert!(!see(&before, NONCES, &nonce, now));
    let purged = PURGE_OAUTH1.map(|sql| before.execute(sql, params![ours.expires_at.seconds(), 10]).unwrap());
    assert_eq!(purged, [2, 1, 2]);
}

#[tokio::test]
async fn what_lives_longer_than_the_younger_holds_up_their_purge_no_longer_than_it_lives() {
    let (folder, clock) = (scratch::Folder::new(), Arc::new(ManualClock::default()));
    let now = clock.now();
    let ports = open(&folder, &clock).await.ports;
    let (short, long) = (now.plus(seconds(60)), now.plus(seconds(90)));
    for (at, until) in [(0, long), (1, short), (2, short)] {
        let one = samples::temporary(&samples::client_id(), now);
        ports.temporary.put(&TemporaryCredentials { expires_at: until, ..one }).await.unwrap();
        assert!(ports.replay.insert(NONCES, &[at; 32], until, now).await.unwrap());
        assert!(ports.replay.insert("other", &[at; 32], until, now).await.unwrap());
    }
    // Of two that are looked at the first is still good; other spaces have an index, and are told by it.
    assert_eq!(ports.temporary.purge(short, 2).await.unwrap(), 1);
    assert_eq!(ports.replay.purge(short, 2).await.unwrap(), 3);
    assert_eq!(ports.temporary.purge(short, 1).await.unwrap(), 0);
    assert_eq!(ports.replay.purge(short, 1).await.unwrap(), 0);
    for removed in [1, 1, 0] {
        assert_eq!(ports.temporary.purge(long, 1).await.unwrap(), removed);
    }
    assert_eq!(ports.replay.purge(long, 1).await.unwrap(), 2);
    assert_eq!(ports.replay.purge(long, 1).await.unwrap(), 1);
    assert_eq!(ports.replay.purge(long, 1).await.unwrap(), 0);
}

fn version(number: usize, folder: &scratch::Folder, now: Timestamp) -> Connection {
    let connection = Connection::open(folder.database()).unwrap();
    let setup = "PRAGMA application_id = 0x564b4559; CREATE TABLE migrations (version INTEGER PRIMARY KEY, \
                 name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL) STRICT;";
    connection.execute_batch(setup).unwrap();
    for (version, (name, sql)) in (1..=number).zip(VERSIONS) {
        connection.execute_batch(sql).unwrap();
        let note = "INSERT INTO migrations VALUES (?, ?, ?, ?)";
        let checksum = valetkey_crypto::digest::sha256(sql.as_bytes());
        connection
            .execute(note, params![i64::try_from(version).unwrap(), name, checksum, now.seconds()])
            .unwrap();
    }
    connection
}

fn ask(connection: &Connection, asked: &TemporaryCredentials) {
    let values = params![
        asked.hash.as_bytes(),
        asked.client.as_str(),
        asked.secret.as_bytes(),
        asked.scope.as_str(),
        asked.expires_at.seconds(),
    ];
    connection.execute(ASK, values).unwrap();
}

fn allow(
    connection: &Connection,
    asked: &TemporaryCredentials,
    allowance: &Allowance,
    now: Timestamp,
) -> bool {
    let values = params![
        allowance.verifier.as_bytes(),
        allowance.account.as_bytes(),
        allowance.session.as_ref().map(valetkey_oauth2::SessionId::as_bytes),
        allowance.scope.as_str(),
        allowance.grant.as_bytes(),
        allowance.authorized_at.seconds(),
        asked.hash.as_bytes(),
        now.seconds(),
    ];
    connection.execute(ALLOW, values).unwrap() == 1
}

fn keep(connection: &Connection, credentials: &TokenCredentials) {
    let values = params![
        credentials.hash.as_bytes(),
        credentials.grant.as_bytes(),
        credentials.secret.as_bytes(),
        credentials.issued_at.seconds(),
        credentials.expires_at.map(Timestamp::seconds),
    ];
    connection.execute(KEEP, values).unwrap();
}

/// Remembers it for a minute.
fn see(connection: &Connection, space: &str, key: &[u8; 32], now: Timestamp) -> bool {
    let values = params![space, key, now.plus(seconds(60)).seconds(), now.seconds()];
    connection.execute(SEE, values).unwrap() == 1
}

/// A grant without tokens.
fn only(grant: &Grant) -> NewGrant {
    NewGrant { grant: grant.clone(), refresh: None, access: None, credentials: None }
}

fn put(connection: &Connection, hash: &HandleHash, code: &Code) {
    let expires_at = code.facts.expires_at.seconds();
    let values = params![
        hash.as_bytes(),
        code.facts.client_id.as_str(),
        expires_at,
        code.remembered_until.seconds(),
        expires_at,
        serde_json::to_string(code).unwrap(),
    ];
    connection.execute(PUT, values).unwrap();
}

fn take(connection: &Connection, hash: &HandleHash, code: &Code, now: Timestamp) -> bool {
    let values = params![hash.as_bytes(), code.facts.client_id.as_str(), now.seconds()];
    connection.execute(TAKE, values).unwrap() == 1
}

async fn open(folder: &scratch::Folder, clock: &Arc<ManualClock>) -> Store {
    valetkey_store::open(&folder.url(), clock.clone(), Arc::new(SystemRandom)).await.unwrap()
}
