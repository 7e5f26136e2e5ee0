//! Black-box tests: the program, its commands and its wire, requirement by requirement.
//!
//! A test that holds a row of `xtask/security-ids.txt` begins with its id. Each test has a server of its own.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and ends")]

mod authorize;
mod client_authentication;
mod codes;
mod commands;
mod consumers;
mod crashes;
mod edge;
mod first_minutes;
mod guard;
mod harness;
mod keys;
mod oauth1_races;
mod oauth1_tools;
mod pages;
mod people;
mod refresh;
mod serving;
mod tls;
mod token_exchange;
mod tokens;
