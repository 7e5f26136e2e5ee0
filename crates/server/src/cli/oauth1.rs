//! `valetkey oauth1`: for whoever signs requests, and for whoever wants to see the end of it.

mod status;

use std::process::ExitCode;

use clap::Subcommand;

use super::output::Output;

/// Shows who still signs with OAuth 1
#[derive(Subcommand)]
pub(super) enum OAuth1 {
    Status(status::Status),
}

impl OAuth1 {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<ExitCode> {
        match self {
            Self::Status(status) => status.run(output).map(|()| ExitCode::SUCCESS),
        }
    }
}
