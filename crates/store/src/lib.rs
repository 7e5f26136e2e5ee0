//! Valetkey databases. A store is named by a URL; what comes back are the ports, kept in it.
//!
//! | URL | store |
//! |---|---|
//! | `sqlite:///var/lib/valetkey/valetkey.db` | a file, any number of processes of one machine |
//! | `sqlite://valetkey.db` | the same, from the working directory |
//! | `sqlite::memory:` | in memory, ends with the process |
//!
//! Each move is written once for all databases, in `sql/`, over the small `Tx`; `sqlite.rs` connects, migrates
//! and runs the moves: one writer thread that commits what has queued up together, and reads on connections of their own.

mod dialect;
mod open;
mod sql;
mod sqlite;
mod tx;

pub use open::{OpenError, Store, open};
