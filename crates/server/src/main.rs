//! `valetkey`: an OAuth 2 provider with users, pages and protected resources, in one binary.
//!
//! | file | what |
//! |---|---|
//! | `cli.rs`, `cli/` | the command line, one command a file |
//! | `config.rs`, `config/` | `valetkey.toml`, the environment, flags: what holds, and whence |
//! | `app.rs` | the wiring list: store, engine, pages, in one place |
//! | `wire.rs`, `wire/` | the HTTP edge: sockets to `http::Request<Bytes>` and back |
//! | `api.rs` | the sample protected resource |
//! | `jobs.rs`, `telemetry.rs` | what runs beside the requests; logs, metrics, health |

mod api;
mod app;
mod cli;
mod config;
mod jobs;
mod master_key;
mod telemetry;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
