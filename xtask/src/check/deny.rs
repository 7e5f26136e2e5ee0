//! Licences, bans and sources; and advisories where their database can be reached.

use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::Result;

use crate::steps::End;
use crate::tools;

const CARGO_DENY: &str = "0.20.2";

/// How long the advisory database may take to arrive.
const PATIENCE: Duration = Duration::from_secs(90);

/// `cargo deny check bans licenses sources`.
pub(super) fn check() -> Result<End> {
    tools::cargo_tool("deny", "cargo-deny", CARGO_DENY)?;
    tools::run(tools::cargo().args([
        "deny",
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))?;
    Ok(End::Held)
}

/// `cargo deny check advisories`, when the database could be fetched.
pub(super) fn advisories() -> Result<End> {
    tools::cargo_tool("deny", "cargo-deny", CARGO_DENY)?;
    let mut fetch = tools::cargo();
    fetch
        .args(["deny", "--locked", "fetch", "db"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .stdout(Stdio::null());
    if !ends_well(&mut fetch.spawn()?)? {
        return Ok(End::Skipped("ADVISORIES WERE NOT CHECKED: their database could not be fetched".into()));
    }
    tools::run(tools::cargo().args(["deny", "--locked", "check", "--disable-fetch", "advisories"]))?;
    Ok(End::Held)
}

/// Waits as long as our patience lasts, then ends the child.
fn ends_well(child: &mut Child) -> Result<bool> {
    const LOOK: Duration = Duration::from_millis(100);
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(LOOK);
        waited += LOOK;
    }
    child.kill()?;
    child.wait()?;
    Ok(false)
}
