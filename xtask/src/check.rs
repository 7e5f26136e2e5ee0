//! `cargo xtask check`: all that can be seen without running the program.

mod deny;
mod no_io;
mod texts;

use anyhow::Result;

use crate::steps::{End, Steps};
use crate::tools;

/// Nothing to choose: the whole of it.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Result<()> {
    let mut steps = Steps::new("check");
    steps.run("form (rustfmt)", || {
        cargo(&["fmt", "--all", "--check"])?;
        cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"])
    });
    steps.run("texts", texts::check);
    steps.run("protocol crates do no IO", no_io::check);
    steps.run("lints (clippy)", || {
        cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"])
    });
    steps.run("documentation (rustdoc)", documentation);
    steps.run("bans, licences, sources (cargo-deny)", deny::check);
    steps.run("advisories (cargo-deny)", deny::advisories);
    steps.finish()
}

fn cargo(words: &[&str]) -> Result<End> {
    tools::run(tools::cargo().args(words))?;
    Ok(End::Held)
}

fn documentation() -> Result<End> {
    let mut command = tools::cargo();
    command.args(["doc", "--locked", "--workspace", "--no-deps"]);
    tools::run(command.env("RUSTDOCFLAGS", "--deny warnings"))?;
    Ok(End::Held)
}
