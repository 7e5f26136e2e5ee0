//! `cargo xtask fuzz`: every target of `fuzz/`, each for a given time.
//!
//! The targets need flags that only a nightly compiler admits to; `RUSTC_BOOTSTRAP` lets the pinned one take them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::steps::{End, Steps};
use crate::{project, tools};

const CARGO_FUZZ: &str = "0.13.1";

/// Which targets, and for how long.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds for each target.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Only these targets.
    #[arg(long)]
    target: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut steps = Steps::new("fuzz");
    let folder = project::root().join("fuzz");
    if !folder.join("Cargo.toml").is_file() {
        steps.run("targets", || Ok(End::Skipped("there is no fuzz/ in this tree yet".into())));
        return steps.finish();
    }
    let mut targets = Vec::new();
    let is_built = steps.run("build", || {
        // libFuzzer is C++.
        if tools::find_any(&["c++", "g++", "clang++"]).is_none() {
            tools::apt(&["g++"])?;
        }
        tools::cargo_tool("fuzz", "cargo-fuzz", CARGO_FUZZ)?;
        targets = list(&args.target)?;
        tools::run(cargo_fuzz().arg("build"))?;
        Ok(End::Held)
    });
    if is_built {
        for target in &targets {
            steps.run(format!("{target}, {} s", args.seconds), || {
                let mut command = cargo_fuzz();
                command.args(["run", target]).arg(found(target)?);
                let seeds = folder.join("seeds").join(target);
                if seeds.is_dir() {
                    command.arg(seeds);
                }
                let time = format!("-max_total_time={}", args.seconds);
                tools::run(command.args([
                    "--",
                    &time,
                    "-timeout=5",
                    "-verbosity=0",
                    "-print_final_stats=1",
                ]))?;
                Ok(End::Held)
            });
        }
    }
    steps.finish()
}

/// The targets that were asked for, or all.
fn list(asked: &[String]) -> Result<Vec<String>> {
    let printed = tools::output(cargo_fuzz().arg("list")).context("listing the fuzz targets")?;
    let all: Vec<String> = printed.lines().map(str::to_owned).collect();
    if let Some(unknown) = asked.iter().find(|target| !all.contains(target)) {
        bail!("no fuzz target is called {unknown}; there are {}", all.join(", "));
    }
    Ok(if asked.is_empty() { all } else { asked.to_vec() })
}

/// Where a target keeps the inputs that it has found on this machine; the seeds in the tree are only read.
fn found(target: &str) -> Result<PathBuf> {
    let folder = project::root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn cargo_fuzz() -> Command {
    let mut command = tools::cargo();
    command.arg("fuzz").env("RUSTC_BOOTSTRAP", "1");
    command
}
