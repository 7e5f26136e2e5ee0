//! The Valetkey pages: login, consent, account, apps, administration.
//!
//! Like the engine they are `http` in, `http` out: [`Pages::handle`] is all there is to call, and [`PagesFace`] is
//! what the engine itself shows. Nothing needs JavaScript; templates and texts can be overridden from a folder.
//!
//! | module | what |
//! |---|---|
//! | `pages` | the list: path, role, page |
//! | `page` | what a page is |
//! | `router` | the one gate: who may, is the form ours, what every answer carries |
//! | [`templates`], [`texts`], [`contexts`], [`assets`] | how they look |

pub mod assets;
pub mod contexts;
mod face;
mod filters;
mod page;
mod pages;
mod router;
mod site;
mod skin;
pub mod templates;
pub mod texts;
mod view;
mod visit;

pub use face::PagesFace;
pub use page::Role;
pub use router::Pages;
