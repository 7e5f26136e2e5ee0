//! The workspace's own tests.

use anyhow::Result;

use super::black_box;
use crate::steps::End;
use crate::tools;

/// All tests but those in documentation; with cargo-nextest where it is installed.
pub(super) fn tests() -> Result<End> {
    let mut command = tools::cargo();
    if tools::works(tools::cargo().args(["nextest", "--version"])) {
        command.args(["nextest", "run", "--locked", "--workspace", "--no-tests", "pass", "--no-fail-fast"]);
    } else {
        command.args(["test", "--locked", "--workspace", "--all-targets", "--no-fail-fast"]);
    }
    tools::run(black_box(&mut command))?;
    Ok(End::Held)
}

/// The examples in the documentation.
pub(super) fn documentation() -> Result<End> {
    tools::run(tools::cargo().args(["test", "--locked", "--workspace", "--doc"]))?;
    Ok(End::Held)
}
