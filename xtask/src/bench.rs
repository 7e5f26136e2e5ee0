//! `cargo xtask bench`: measures the running release binary beside its floor.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{project, tools};

/// What to measure; everything after `--` goes to the bench itself.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Given to the bench as it stands (see `cargo xtask bench -- --help`).
    #[arg(last = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if !project::root().join("crates/bench/Cargo.toml").is_file() {
        bail!("there is no crates/bench in this tree");
    }
    tools::run(tools::cargo().args(["build", "--locked", "--release", "--package", "valetkey"]))?;
    tools::run(tools::cargo().args(["build", "--locked", "--release", "--package", "valetkey-bench"]))?;
    let program = project::target().join("release").join("valetkey-bench");
    tools::run(
        Command::new(program)
            .args(&args.rest)
            .env("VALETKEY_BIN", project::binary())
            .current_dir(project::root()),
    )
}
