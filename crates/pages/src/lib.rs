//! The Valetkey pages: login, consent, account, apps, administration.

pub mod assets;
pub mod contexts;
mod filters;
pub mod templates;
pub mod texts;
