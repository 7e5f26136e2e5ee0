//! The steps, in their order.

mod consent;
mod login;

pub use consent::{covers, digest, is_assured};

use crate::step::Step;

/// Every step, in the order in which they come due.
pub const ALL: &[&dyn Step] = &[&login::Login, &consent::AskConsent];
