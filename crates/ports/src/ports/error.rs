//! How a store fails.

/// A store's fault. Never a "no": those are answers of their own.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, is overloaded or took too long: try again later.
    #[error("the store cannot answer now: {0}")]
    Unavailable(String),
    /// No room is left.
    #[error("the store has no room left: {0}")]
    Full(String),
    /// What must be new is there already.
    #[error("the store has that already: {0}")]
    Conflict(String),
    /// What was read makes no sense.
    #[error("the store holds what makes no sense: {0}")]
    Corrupt(String),
    /// A statement that the database refuses: our mistake.
    #[error("the store refused: {0}")]
    Refused(String),
}
