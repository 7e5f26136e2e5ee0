//! Moves that fail, alone and among others.

use tokio::task::JoinSet;
use valetkey_oauth2::Timestamp;

use super::*;
use crate::{
    sqlite::{Place, connect, migrate},
    tx::bind,
};

const PUT: &str = "INSERT INTO meta (key, value) VALUES (?, ?)";

fn writer(limit: &str) -> Writer {
    let target = connect::Target::new(&Place::Memory).unwrap();
    let mut connection = connect::writer(&target).unwrap();
    migrate::run(&mut connection, Timestamp::default()).unwrap();
    connection.execute_batch(limit).unwrap();
    let running = running::begin(&target, &connection).unwrap();
    Writer::start(connection, running).unwrap()
}

/// Two rows; the second fails where `second` is there.
async fn two_rows(writer: &Writer, first: String, second: &'static str) -> Result<(), StoreError> {
    let body = writer.write(Shape::Several, move |tx| {
        Box::pin(async move {
            tx.execute(PUT, &bind![first, ""]).await?;
            tx.execute(PUT, &bind![second, ""]).await.map(drop)
        })
    });
    body.await
}

async fn count(writer: &Writer) -> i64 {
    let counted = writer.write(Shape::OneWrite, |tx| {
        Box::pin(async move {
            let row = tx.find_one("SELECT COUNT(*) FROM meta", &[]).await?;
            row.unwrap().take()
        })
    });
    counted.await.unwrap()
}

#[tokio::test]
async fn a_move_that_fails_is_undone_alone() {
    let writer = std::sync::Arc::new(writer(""));
    writer
        .write(Shape::OneWrite, |tx| Box::pin(async move { tx.execute(PUT, &bind!["taken", ""]).await }))
        .await
        .unwrap();
    assert!(two_rows(&writer, "alone".to_owned(), "taken").await.is_err());
    assert_eq!(count(&writer).await, 1, "alone in its transaction");
    // Fill the queue while the thread is held, so that all of it is one batch.
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let held = writer.write(Shape::OneWrite, move |_| {
        let _ = wait.recv();
        Box::pin(async { Ok(()) })
    });
    let mut moves = JoinSet::new();
    for number in 0..50 {
        let writer = writer.clone();
        moves.spawn(async move {
            if number % 2 == 0 {
                return two_rows(&writer, format!("failing {number}"), "taken").await.is_err();
            }
            let values = bind![format!("single {number}"), ""];
            let body = writer
                .write(Shape::OneWrite, move |tx| Box::pin(async move { tx.execute(PUT, &values).await }));
            body.await.is_ok_and(|rows| rows == 1)
        });
    }
    tokio::task::yield_now().await;
    go.send(()).unwrap();
    held.await.unwrap();
    assert!(moves.join_all().await.into_iter().all(|is_as_expected| is_as_expected));
    assert_eq!(count(&writer).await, 26);
}

#[tokio::test]
async fn a_full_disk_is_told_and_what_fits_still_fits() {
    let writer = writer("PRAGMA max_page_count = 60");
    let big = async |key: &'static str| {
        let values = bind![key, "x".repeat(400_000)];
        writer.write(Shape::OneWrite, move |tx| Box::pin(async move { tx.execute(PUT, &values).await })).await
    };
    assert!(matches!(big("big").await, Err(StoreError::Full(_))));
    assert!(two_rows(&writer, "a".to_owned(), "b").await.is_ok());
    assert!(matches!(big("big").await, Err(StoreError::Full(_))));
    assert_eq!(count(&writer).await, 2);
}

#[tokio::test]
async fn a_move_that_panics_fails_and_the_writer_lives() {
    let writer = writer("");
    let panicked = writer.write(Shape::Several, |tx| {
        Box::pin(async move {
            tx.execute(PUT, &bind!["half", ""]).await?;
            panic!("a mistake of ours")
        })
    });
    let panicked: Result<(), _> = panicked.await;
    assert!(matches!(panicked, Err(StoreError::Refused(_))));
    assert_eq!(count(&writer).await, 0);
}

#[tokio::test]
async fn more_than_the_queue_holds_is_told_to_come_back() {
    let writer = writer("");
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let held = writer.write(Shape::OneWrite, move |_| {
        let _ = wait.recv();
        Box::pin(async { Ok(()) })
    });
    let mut refused = 0;
    let mut waiting = Vec::new();
    for number in 0..QUEUE + BATCH + 10 {
        let values = bind![number.to_string(), ""];
        waiting.push(
            writer.write(Shape::OneWrite, move |tx| Box::pin(async move { tx.execute(PUT, &values).await })),
        );
    }
    go.send(()).unwrap();
    held.await.unwrap();
    for answer in waiting {
        match answer.await {
            Ok(rows) => assert_eq!(rows, 1),
            Err(StoreError::Unavailable(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    // The held one may wait in the queue itself, or the thread may have taken a batch with it already.
    assert!((10..=BATCH + 11).contains(&refused), "{refused}");
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_begun() {
    let writer = writer("");
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let held = writer.write(Shape::OneWrite, move |_| {
        let _ = wait.recv();
        Box::pin(async { Ok(()) })
    });
    drop(
        writer
            .write(Shape::OneWrite, |tx| Box::pin(async move { tx.execute(PUT, &bind!["gone", ""]).await })),
    );
    go.send(()).unwrap();
    held.await.unwrap();
    assert_eq!(count(&writer).await, 0);
}
