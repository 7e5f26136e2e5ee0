//! A headless Chromium on the pages; screenshots land in `target/screenshots/`.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::{node, with_setup};
use crate::steps::End;
use crate::{project, tools};

/// Runs `tests/browser`.
pub(super) fn pages() -> Result<End> {
    with_setup(setup, || node::run("browser"))
}

fn setup() -> Result<()> {
    if std::env::var_os("CHROMIUM").is_none() && !Path::new("/usr/bin/chromium").exists() {
        tools::apt(&["chromium"])?;
    }
    fs::create_dir_all(project::target().join("screenshots"))?;
    node::setup()
}
