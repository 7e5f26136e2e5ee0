//! The command line: one command a file. Each helps itself with examples, prints JSON under `--json`, and fails with a
//! sentence that says what to do. Exit codes: 0 done, 1 failed, 2 misused.

mod ask;
mod chart;
mod client;
mod completions;
mod config;
mod dev;
mod grant;
mod key;
mod oauth1;
mod output;
mod place;
mod profile;
mod run;
mod serve;
mod setup_link;
mod token;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::Output;

/// An OAuth 2 provider with users, pages and protected resources, in one binary.
#[derive(Parser)]
#[command(
    name = "valetkey",
    version,
    max_term_width = 110,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "Begin with `valetkey dev`. Every command has examples: `valetkey help COMMAND`.")]
struct Cli {
    /// Prints JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Dev(dev::Dev),
    Serve(serve::Serve),
    #[command(subcommand)]
    Client(client::Client),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Key(key::Key),
    #[command(subcommand)]
    Grant(grant::Grant),
    #[command(subcommand, name = "oauth1")]
    OAuth1(oauth1::OAuth1),
    #[command(subcommand)]
    Config(config::Config),
    #[command(subcommand)]
    Profile(profile::Profile),
    SetupLink(setup_link::SetupLink),
    Completions(completions::Completions),
}

/// Runs the command that was given.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let output = Output { json: cli.json };
    let done = match cli.command {
        Command::Dev(command) => command.run(output),
        Command::Serve(command) => command.run(output),
        Command::Client(command) => command.run(output),
        Command::User(command) => command.run(output),
        Command::Token(command) => command.run(output),
        Command::Key(command) => command.run(output),
        Command::Grant(command) => command.run(output),
        Command::OAuth1(command) => match command.run(output) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Config(command) => command.run(output),
        Command::Profile(command) => command.run(output),
        Command::SetupLink(command) => command.run(output),
        Command::Completions(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output.fail(&error);
            ExitCode::FAILURE
        }
    }
}
