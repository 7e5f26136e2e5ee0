//! The few forms in which databases differ.
//!
//! The statements of `sql/` keep to what SQLite and PostgreSQL share: `?` in order (PostgreSQL's driver numbers them),
//! `ON CONFLICT`, `CASE` instead of scalar `MIN` and `MAX`. What stands here is what a further database says otherwise.

/// Removes rows by their key, so many at the most. (MySQL may not read the table that it deletes from: there it is
/// `DELETE … LIMIT`.)
macro_rules! purge {
    ($table:literal, $key:literal, $condition:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE ",
            $key,
            " IN (SELECT ",
            $key,
            " FROM ",
            $table,
            " WHERE ",
            $condition,
            " LIMIT ?)"
        )
    };
}
pub(crate) use purge;
