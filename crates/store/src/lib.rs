//! Valetkey databases: SQLite.
