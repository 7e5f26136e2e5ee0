//! Opening, closing, opening again.

#![expect(clippy::unwrap_used, reason = "a test's helpers")]

use std::sync::Arc;

use valetkey_ports::{SystemRandom, testing::ManualClock};
use valetkey_store::{OpenError, Store};

mod scratch;

async fn open(url: &str) -> Result<Store, OpenError> {
    valetkey_store::open(url, Arc::new(ManualClock::default()), Arc::new(SystemRandom)).await
}

#[tokio::test]
async fn facts_outlive_the_store_that_wrote_them() {
    let folder = scratch::Folder::new();
    let url = folder.url();
    let store = open(&url).await.unwrap();
    store.ports.meta.set("issuer", "https://id.example").await.unwrap();
    store.close().await;
    assert!(store.ports.meta.set("late", "x").await.is_err(), "a closed store takes nothing");
    let store = open(&url).await.unwrap();
    assert_eq!(store.ports.meta.get("issuer").await.unwrap().as_deref(), Some("https://id.example"));
    store.ports.meta.ping().await.unwrap();
}

#[tokio::test]
async fn other_urls_and_places_are_refused_with_a_reason() {
    for url in
        ["", "valetkey.db", "postgres://host/db", "sqlite://", "sqlite:///var/", "sqlite://a.db?mode=ro"]
    {
        assert!(matches!(open(url).await, Err(OpenError::Url(_))), "{url}");
    }
    let nowhere = open("sqlite:///no/such/folder/a.db").await.unwrap_err();
    assert!(nowhere.to_string().contains("/no/such/folder/a.db"), "{nowhere}");
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    let folder = scratch::Folder::new();
    raw(&folder, "CREATE TABLE notes (text TEXT)");
    assert!(matches!(open(&folder.url()).await, Err(OpenError::Foreign(_))));
    std::fs::write(folder.database(), "a letter, and longer than a hundred bytes".repeat(40)).unwrap();
    assert!(open(&folder.url()).await.is_err());
}

#[tokio::test]
async fn a_schema_one_version_ahead_is_worked_with_and_two_are_refused() {
    let folder = scratch::Folder::new();
    open(&folder.url()).await.unwrap().close().await;
    let ahead = "INSERT INTO migrations SELECT MAX(version) + 1, 'later', x'00', 0 FROM migrations";
    raw(&folder, ahead);
    open(&folder.url()).await.unwrap().close().await;
    raw(&folder, ahead);
    assert!(matches!(open(&folder.url()).await, Err(OpenError::TooNew { .. })));
}

#[tokio::test]
async fn a_migration_that_was_changed_afterwards_is_noticed() {
    let folder = scratch::Folder::new();
    open(&folder.url()).await.unwrap().close().await;
    raw(&folder, "UPDATE migrations SET checksum = x'00'");
    assert!(matches!(open(&folder.url()).await, Err(OpenError::Changed(1))));
}

#[tokio::test]
async fn damage_is_found_after_an_unclean_stop() {
    use std::io::{Seek, SeekFrom, Write};
    let folder = scratch::Folder::new();
    open(&folder.url()).await.unwrap().close().await;
    raw(&folder, "INSERT INTO meta (key, value) VALUES ('open', '')");
    open(&folder.url()).await.expect("an unclean stop alone needs no repair").close().await;
    let mark = "SELECT COUNT(*) FROM meta WHERE key = 'open'";
    let connection = rusqlite::Connection::open(folder.database()).unwrap();
    let marked: i64 = connection.query_row(mark, [], |row| row.get(0)).unwrap();
    assert_eq!(marked, 0, "a close takes the mark away");
    drop(connection);
    raw(&folder, "INSERT INTO meta (key, value) VALUES ('open', '')");
    let mut file = std::fs::OpenOptions::new().write(true).open(folder.database()).unwrap();
    file.seek(SeekFrom::Start(4096 * 12)).unwrap();
    file.write_all(&[0xff; 4096 * 3]).unwrap();
    drop(file);
    let damaged = open(&folder.url()).await.unwrap_err();
    assert!(matches!(damaged, OpenError::Damaged(_)), "{damaged}");
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = scratch::Folder::new();
    let store = open(&folder.url()).await.unwrap();
    store.ports.meta.set("a", "b").await.unwrap();
    for suffix in ["", "-wal", "-shm", "-open"] {
        let path = format!("{}{suffix}", folder.database().display());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
    store.close().await;
    assert!(!std::path::Path::new(&format!("{}-wal", folder.database().display())).exists());
}

#[tokio::test]
async fn memories_are_apart() {
    let (one, other) = (open("sqlite::memory:").await.unwrap(), open("sqlite::memory:").await.unwrap());
    one.ports.meta.set("a", "b").await.unwrap();
    assert_eq!(other.ports.meta.get("a").await.unwrap(), None);
    assert_eq!(one.ports.meta.get("a").await.unwrap().as_deref(), Some("b"));
}

fn raw(folder: &scratch::Folder, sql: &str) {
    rusqlite::Connection::open(folder.database()).unwrap().execute_batch(sql).unwrap();
}
