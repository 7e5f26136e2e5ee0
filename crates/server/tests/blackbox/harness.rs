//! What the black-box tests share: a server of one's own, its command line, a browser, and the dance.
//!
//! Nothing here knows the code: only the program, its commands and its wire. The signer is a client's.

mod browser;
mod dance;
mod forms;
mod server;
mod signer;
mod wire;

pub(crate) use browser::Browser;
pub(crate) use dance::{Code, Pkce, Query, REDIRECT_URI, text};
pub(crate) use server::{Account, Client, ClientOptions, Server, basic, binary, free_port};
pub(crate) use signer::{FORM, Pair, Signer};
pub(crate) use wire::{Answer, form, http};
