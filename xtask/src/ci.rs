//! `cargo xtask ci`: what `.ci/run` runs. Each command is called as a person would type it.

use crate::steps::{End, Steps};
use crate::tools;

/// How to run everything.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Go on after a command that failed.
    #[arg(long)]
    keep_going: bool,
}

const COMMANDS: &[&[&str]] =
    &[&["check"], &["test"], &["fuzz", "--seconds", "10"], &["security", "--strict"]];

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut steps = Steps::new("ci");
    for command in COMMANDS {
        let held = steps.run(format!("cargo xtask {}", command.join(" ")), || {
            tools::run(tools::cargo().arg("xtask").args(*command))?;
            Ok(End::Held)
        });
        if !held && !args.keep_going {
            break;
        }
    }
    steps.finish()
}
