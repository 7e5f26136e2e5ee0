//! A database of the first version is taken over with what it holds, and that version still works with what became of it.

#![expect(clippy::unwrap_used, reason = "a test's helpers")]

use std::sync::Arc;

use rusqlite::{Connection, params};
use valetkey_oauth2::{HandleHash, Timestamp};
use valetkey_ports::{
    Clock, Code, Found, Redeemed, SystemRandom,
    contract::samples::{self, seconds},
    testing::ManualClock,
};
use valetkey_store::Store;

mod scratch;

const FIRST: &str = include_str!("../migrations/sqlite/V001__first.sql");

/// The first version's statements.
const PUT: &str = "INSERT INTO codes (hash, client, expires_at, remembered_until, forget_at, body) VALUES (?, ?, ?, ?, ?, ?)";
const FIND: &str = "SELECT is_taken, body FROM codes WHERE hash = ?";
const TAKE: &str = "UPDATE codes SET is_taken = 1, forget_at = remembered_until \
                    WHERE hash = ? AND client = ? AND is_taken = 0 AND expires_at > ?";
const PURGE: &str = "DELETE FROM codes WHERE hash IN (SELECT hash FROM codes WHERE forget_at <= ? LIMIT ?)";

#[tokio::test]
async fn codes_of_the_first_version_are_redeemed_and_remembered() {
    let (folder, clock) = (scratch::Folder::new(), Arc::new(ManualClock::default()));
    let now = clock.now();
    let client = samples::client_id();
    let (fresh, taken) = (samples::hash(), samples::hash());
    let (fresh_code, taken_code) = (samples::code(&client, now), samples::code(&client, now));
    let first = first_version(&folder, now);
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

fn first_version(folder: &scratch::Folder, now: Timestamp) -> Connection {
    let connection = Connection::open(folder.database()).unwrap();
    let setup = "PRAGMA application_id = 0x564b4559; CREATE TABLE migrations (version INTEGER PRIMARY KEY, \
                 name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL) STRICT;";
    connection.execute_batch(setup).unwrap();
    connection.execute_batch(FIRST).unwrap();
    let note = "INSERT INTO migrations VALUES (1, 'first', ?, ?)";
    let checksum = valetkey_crypto::digest::sha256(FIRST.as_bytes());
    connection.execute(note, params![checksum, now.seconds()]).unwrap();
    connection
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
