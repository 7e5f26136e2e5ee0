//! `valetkey oauth1`: for whoever signs requests, and whoever wants to know why a signature does not fit.

mod curl;
mod explain;
mod findings;
mod given;
mod request;
mod sign;
mod status;

use std::process::ExitCode;

use clap::Subcommand;

use super::output::Output;

/// Signs requests with OAuth 1, and explains why a signature does not fit
#[derive(Subcommand)]
pub(super) enum OAuth1 {
    Explain(Box<explain::Explain>),
    Sign(Box<sign::Sign>),
    Status(status::Status),
}

impl OAuth1 {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<ExitCode> {
        match self {
            Self::Explain(explain) => explain.run(output),
            Self::Sign(sign) => sign.run(output),
            Self::Status(status) => status.run(output).map(|()| ExitCode::SUCCESS),
        }
    }
}
