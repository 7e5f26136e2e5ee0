//! The commands of the house: `cargo xtask <command>`.
//!
//! One file per command. A command is a list of steps; each step says what it does, how long it took, and at the
//! end whether it held. What could not be looked at is never counted as passed.

mod bench;
mod check;
mod ci;
mod fuzz;
mod project;
mod security;
mod steps;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The commands of the house.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Form, lints, documentation, licences, and the proof that the protocol crates do no IO.
    Check(check::Args),
    /// All tests: the workspace's own, third-party clients, and a browser; sets up what they need.
    Test(test::Args),
    /// Which security requirement is covered by which test.
    Security(security::Args),
    /// Runs the fuzz targets, each for a given time.
    Fuzz(fuzz::Args),
    /// Measures the running release binary beside its floor.
    Bench(bench::Args),
    /// Everything that continuous integration runs, in its order.
    Ci(ci::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Security(args) => security::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Ci(args) => ci::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
