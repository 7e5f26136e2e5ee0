//! `cargo xtask bench`: measures the running release binary beside its floor.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{project, tools};

/// What to measure; everything after `--` goes to the measurement itself.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Given on as it stands: `cargo xtask bench -- --only introspection --write BENCHMARKS.md`.
    #[arg(last = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if !project::root().join("bench/Cargo.toml").is_file() {
        bail!("there is no bench/ in this tree");
    }
    for package in ["valetkey", "valetkey-bench"] {
        tools::run(tools::cargo().args(["build", "--locked", "--release", "--package", package]))?;
    }
    let mut bench = Command::new(project::target().join("release").join("valetkey-bench"));
    bench.arg("run").arg("--binary").arg(project::binary()).args(&args.rest).current_dir(project::root());
    tools::run(&mut bench)
}
