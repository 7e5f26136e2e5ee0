//! Who does something to accounts and clients.

use valetkey_oauth2::AccountId;
use valetkey_ports::{Account, ClientOrigin};

/// Who does something: the audit's `by`, and what ownership is asked of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Actor {
    /// A person, to what is the person's own.
    Account(AccountId),
    /// An administrator, on the pages.
    Administrator(AccountId),
    /// The operator, by what is named: a command, the configuration.
    Operator(&'static str),
}

impl Actor {
    /// The operator's command.
    pub const COMMAND_LINE: Self = Self::Operator("command line");
    /// What the configuration declares: the one actor that may change such clients.
    pub const CONFIGURATION: Self = Self::Operator("configuration");
    /// What `dev` makes.
    pub const DEMO: Self = Self::Operator("demo");

    /// The actor that somebody who is logged in is: an administrator, or an account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        if account.is_admin { Self::Administrator(account.id) } else { Self::Account(account.id) }
    }

    /// Whether it may do what is not for everybody.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        !matches!(self, Self::Account(_))
    }

    /// Whether that account is its business.
    #[must_use]
    pub fn may_touch(&self, account: &AccountId) -> bool {
        self.is_operator() || self.account() == Some(account)
    }

    /// The account it is, where it is one.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Account(id) | Self::Administrator(id) => Some(id),
            Self::Operator(_) => None,
        }
    }

    /// What the audit says about who did something to that account; nothing where it was the account itself.
    #[must_use]
    pub fn by(&self, whose: Option<&AccountId>) -> Option<String> {
        match self {
            Self::Account(id) | Self::Administrator(id) if whose == Some(id) => None,
            Self::Account(id) => Some(format!("account {id}")),
            Self::Administrator(id) => Some(format!("administrator {id}")),
            Self::Operator(what) => Some((*what).to_owned()),
        }
    }

    /// How clients that it registers are marked.
    #[must_use]
    pub fn origin(&self) -> ClientOrigin {
        match *self {
            Self::Account(_) | Self::Administrator(_) => ClientOrigin::Pages,
            Self::CONFIGURATION => ClientOrigin::Configuration,
            Self::DEMO => ClientOrigin::Demo,
            Self::Operator(_) => ClientOrigin::CommandLine,
        }
    }
}
