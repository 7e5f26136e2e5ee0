//! Third-party clients in Python, in a virtual environment of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{black_box, with_setup};
use crate::steps::End;
use crate::{project, tools};

/// Runs `tests/peers/python`.
pub(super) fn peers() -> Result<End> {
    with_setup(setup, || {
        let mut pytest = Command::new(environment().join("bin/python"));
        pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/peers/python"]);
        tools::run(black_box(&mut pytest).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(project::root()))
    })
}

fn setup() -> Result<()> {
    let requirements = project::root().join("tests/peers/python/requirements.txt");
    let wanted = fs::read_to_string(&requirements).context("reading the requirements")?;
    install(&environment(), &wanted, |pip| pip.arg("--requirement").arg(&requirements))
}

/// Makes a virtual environment with what `wanted` says, unless it is there with that very text.
pub(super) fn install(
    environment: &Path,
    wanted: &str,
    words: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<()> {
    let stamp = environment.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if !tools::works(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        tools::apt(&["python3", "python3-venv"])?;
    }
    tools::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))?;
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    tools::run(words(&mut pip))?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn environment() -> PathBuf {
    project::target().join("peers/python")
}
