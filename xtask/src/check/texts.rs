//! The texts of the project: no path of somebody's machine, no half-merged file, no link into nothing.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::project;
use crate::steps::End;

/// Where machines keep people's files; written apart, so that this file passes its own check.
const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\", "Users"),
];
const MERGE: &[&str] = &[concat!("<<<<", "<<< "), concat!(">>>>", ">>> ")];

/// Files that are texts of ours.
const TEXTS: &[&str] = &[
    "rs", "toml", "md", "txt", "html", "css", "js", "mjs", "py", "json", "yml", "yaml", "sql", "sh", "lock",
    "snap", "",
];

/// Reads every text of the project.
pub(super) fn check() -> Result<End> {
    let mut faults = Vec::new();
    let mut count = 0;
    for path in project::files(project::root(), &[])? {
        let ending = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        if !TEXTS.contains(&ending) {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        count += 1;
        let shown = project::shown(&path);
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = MACHINE.iter().find(|word| line.contains(*word)) {
                faults.push(format!("{shown}:{}: names a machine's folder ({found})", number + 1));
            }
            if MERGE.iter().any(|mark| line.starts_with(mark)) {
                faults.push(format!("{shown}:{}: a merge was left half done", number + 1));
            }
        }
        if ending == "md" {
            dead_links(&path, &text, &mut faults);
        }
    }
    println!("    {count} texts read");
    if faults.is_empty() {
        return Ok(End::Held);
    }
    bail!("{}", faults.join("\n    "))
}

/// Links of a Markdown text to files of this project that are not there.
fn dead_links(path: &Path, text: &str, faults: &mut Vec<String>) {
    let folder = path.parent().unwrap_or(path);
    for part in text.split("](").skip(1) {
        let link = part.split([')', ' ', '#']).next().unwrap_or_default();
        if link.is_empty() || link.contains(':') || folder.join(link).exists() {
            continue;
        }
        faults.push(format!("{}: links to {link}, which is not there", project::shown(path)));
    }
}
