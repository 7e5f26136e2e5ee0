//! The one npm project of the tests: third-party clients in JavaScript, and what drives the browser.
//!
//! Node.js looks for packages beside the file that imports them, so the tests are copied to where the packages are.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{black_box, with_setup};
use crate::steps::End;
use crate::{project, tools};

/// What the packages ask for.
const OLDEST_NODE: u32 = 20;

/// Runs `tests/peers/node`.
pub(super) fn peers() -> Result<End> {
    with_setup(setup, || run("peers/node"))
}

/// Puts the packages and a fresh copy of the tests into the scratch folder.
pub(super) fn setup() -> Result<()> {
    if tools::find("node").is_none() || tools::find("npm").is_none() {
        tools::apt(&["nodejs", "npm"])?;
    }
    let version = tools::output(Command::new("node").arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major.is_none_or(|major: u32| major < OLDEST_NODE) {
        bail!("Node.js {OLDEST_NODE} or newer is needed; here is {}", version.trim());
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
        let mut npm = Command::new("npm");
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
    let mut node = Command::new("node");
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

fn scratch() -> PathBuf {
    project::target().join("peers/node")
}
