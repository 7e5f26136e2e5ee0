//! Accounts and sessions: what pages and commands do with people.

mod login;
mod session;

use valetkey_ports::Account;

pub use login::{Browser, NewSession};
pub use session::LiveSession;

/// What became of a password.
#[derive(Clone, Debug)]
pub enum LoginOutcome {
    /// It is right.
    Welcome(Box<Account>),
    /// It is wrong, or there is no such account, or it may not log in: nobody learns which.
    Wrong,
    /// Too many attempts: so many seconds to wait.
    TooMany(u32),
}
