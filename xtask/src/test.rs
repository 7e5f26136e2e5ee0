//! `cargo xtask test`: all tests, with all their set-up.
//!
//! The workspace's own tests; then third-party clients and a real browser against the release binary, which is built
//! once. What cannot be had on this machine is named at the end, and the command then fails.

mod browser;
mod node;
mod python;
mod unit;

use std::process::Command;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::steps::{End, Steps};
use crate::{project, tools};

/// Which tests.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these parts.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
}

/// A part of the tests.
#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum Part {
    /// The workspace's own tests and the examples in its documentation.
    Unit,
    /// Clients by other people: Authlib, requests-oauthlib, oauth4webapi, oauth, oauth-1.0a.
    Peers,
    /// A headless Chromium on the pages.
    Browser,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let wants = |part| args.only.is_empty() || args.only.contains(&part);
    let mut steps = Steps::new("test");
    if !steps.run("what must be here", prerequisites) {
        return steps.finish();
    }
    if !steps.run("the release binary", release) {
        return steps.finish();
    }
    if wants(Part::Unit) {
        steps.run("workspace", unit::tests);
        steps.run("examples in the documentation", unit::documentation);
    }
    if (wants(Part::Peers) || wants(Part::Browser))
        && !steps.run("the examples that they run", || examples().map(|()| End::Held))
    {
        return steps.finish();
    }
    if wants(Part::Peers) {
        steps.run("Authlib, requests-oauthlib (Python)", python::peers);
        steps.run("oauth4webapi, oauth, oauth-1.0a (Node.js)", node::peers);
    }
    if wants(Part::Browser) {
        steps.run("pages in Chromium", browser::pages);
    }
    steps.finish()
}

fn prerequisites() -> Result<End> {
    if !tools::works(Command::new("cc").arg("--version")) {
        bail!("missing here: a C compiler called `cc` (Debian: apt-get install gcc libc6-dev)");
    }
    if !tools::works(tools::cargo().arg("--version")) {
        bail!("missing here: cargo (https://rustup.rs)");
    }
    Ok(End::Held)
}

/// Builds the binary that all black-box tests share.
fn release() -> Result<End> {
    if let Some(given) = project::given_binary() {
        println!("    {} as given in VALETKEY_BIN", given.display());
        return Ok(End::Held);
    }
    tools::run(tools::cargo().args(["build", "--locked", "--release", "--package", "valetkey"]))?;
    Ok(End::Held)
}

/// A step of black-box tests: what cannot be set up here counts as not tested.
fn with_setup(setup: impl FnOnce() -> Result<()>, tests: impl FnOnce() -> Result<()>) -> Result<End> {
    if let Err(missing) = setup() {
        return Ok(End::NotLookedAt(format!("{missing:#}")));
    }
    tests()?;
    Ok(End::Held)
}

/// Builds the programs of ours that the tests run beside the binary; as they are built for trying out, which is quicker.
fn examples() -> Result<()> {
    let mut build = tools::cargo();
    build.args(["build", "--locked", "--package", "oauth1-client", "--bin", "oauth1-client"]);
    tools::run(&mut build)?;
    let mut build = tools::cargo();
    tools::run(build.args(["build", "--locked", "--package", "valetkey-guard", "--example", "guarded_api"]))
}

/// Tells the tests where the binary is, and the examples.
fn black_box(command: &mut Command) -> &mut Command {
    let built = project::target().join("debug");
    let named = |name: &str| built.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    command
        .env("VALETKEY_BIN", project::binary())
        .env("OAUTH1_CLIENT_BIN", named("oauth1-client"))
        .env("GUARDED_API_BIN", named("examples/guarded_api"))
}
