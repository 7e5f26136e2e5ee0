//! The project's folder and the files in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What is never ours to read: built, fetched or private to git.
const NOT_OURS: &[&str] =
    &["target", ".git", "node_modules", "__pycache__", "artifacts", "corpus", "seeds", "coverage"];

/// The folder that holds the workspace.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(elsewhere) => root().join(elsewhere),
        None => root().join("target"),
    }
}

/// The binary that all black-box tests share: the release build, or the one that `VALETKEY_BIN` names.
pub(crate) fn binary() -> PathBuf {
    given_binary()
        .unwrap_or_else(|| target().join("release").join(format!("valetkey{}", std::env::consts::EXE_SUFFIX)))
}

/// The binary to test in place of the release build.
pub(crate) fn given_binary() -> Option<PathBuf> {
    std::env::var_os("VALETKEY_BIN").map(|path| root().join(path))
}

/// The path as one reads it from the project's folder.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// All files of ours below a folder with one of the endings (none given: all), sorted; none when there is no folder.
pub(crate) fn files(below: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(below, endings, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", shown(folder)))? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if path.is_dir() {
            if !NOT_OURS.contains(&name) {
                collect(&path, endings, found)?;
            }
        } else if endings.is_empty()
            || path.extension().and_then(OsStr::to_str).is_some_and(|ending| endings.contains(&ending))
        {
            found.push(path);
        }
    }
    Ok(())
}
