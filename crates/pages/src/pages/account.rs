//! The pages of a person's own account.

mod connected;
mod overview;
mod password;
mod sessions;

pub(super) use connected::{Connected, Revoke};
pub(super) use overview::Overview;
pub(super) use password::Password;
pub(super) use sessions::{EndSession, Sessions};
