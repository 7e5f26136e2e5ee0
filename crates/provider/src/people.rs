//! Accounts and sessions: what pages and commands do with people.

mod accounts;
mod actor;
mod connected;
mod everything;
mod login;
pub mod password_rules;
mod passwords;
mod session;
mod sessions;
mod setup;

use valetkey_oauth2::Secret;
use valetkey_ports::Account;

pub use actor::Actor;
pub use connected::ConnectedApp;
pub use everything::Ended;
pub use login::{Browser, NewSession};
pub use password_rules::PasswordRefusal;
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

/// An account to be made, as a form or a command gives it.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// What the person logs in with.
    pub username: String,
    /// What pages call the person; empty is as good as none.
    pub name: Option<String>,
    /// Where the person can be written to; empty is as good as none.
    pub email: Option<String>,
    /// None: nobody can log in to it with a password.
    pub password: Option<Secret>,
    /// Whether it may see `/admin`. Sign-up leaves it out.
    pub is_admin: bool,
    /// Made by `dev`. Sign-up leaves it out.
    pub is_demo: bool,
}

/// Why an account is not made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AccountRefusal {
    /// Somebody has that user name, or one that looks the same.
    #[error("that user name is taken")]
    UsernameTaken,
    /// No name, too long, or with white space, control or invisible characters.
    #[error("a user name has 1 to 64 visible characters and no spaces")]
    UsernameInvalid,
    /// Not of the form `name@host`.
    #[error("that is no e-mail address")]
    EmailInvalid,
    /// The password is too weak.
    #[error(transparent)]
    Password(#[from] PasswordRefusal),
    /// People cannot make accounts for themselves here; or the setup link has been used or has run out.
    #[error("accounts cannot be made here")]
    SignUpOff,
    /// Too many accounts from there: so many seconds to wait.
    #[error("too many attempts; {0} seconds to wait")]
    TooMany(u32),
}

/// Why a password is not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChangeRefusal {
    /// The current password is another one.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The new one is too weak.
    #[error(transparent)]
    Password(#[from] PasswordRefusal),
    /// Too many attempts: so many seconds to wait.
    #[error("too many attempts; {0} seconds to wait")]
    TooMany(u32),
}
