//! Third-party clients in Python, in a virtual environment of their own.

use std::fs;
use std::path::PathBuf;
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

/// Makes the environment, unless it is there with these very requirements.
fn setup() -> Result<()> {
    let requirements = project::root().join("tests/peers/python/requirements.txt");
    let wanted = fs::read_to_string(&requirements).context("reading the requirements")?;
    let stamp = environment().join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if !tools::works(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        tools::apt(&["python3", "python3-venv"])?;
    }
    tools::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment()))?;
    let mut pip = Command::new(environment().join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    tools::run(pip.arg(&requirements))?;
    fs::write(stamp, wanted)?;
    Ok(())
}

fn environment() -> PathBuf {
    project::target().join("peers/python")
}
