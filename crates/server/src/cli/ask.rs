//! What commands ask before they do what cannot be undone, and what they read from standard input.

use std::{
    io::{BufRead as _, IsTerminal as _, Read as _, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail, ensure};
use valetkey_oauth2::Secret;

/// Goes on only after a yes: the flag, or the word at a terminal.
pub(super) fn confirm(yes: bool, what: &str) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        bail!("{what} cannot be undone: say --yes");
    }
    write!(std::io::stderr(), "{what} cannot be undone. Go on? [y/N] ")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    ensure!(matches!(answer.trim(), "y" | "Y" | "yes"), "nothing was done");
    Ok(())
}

/// A secret from standard input: all of it but the end of its line.
pub(super) fn secret_from_stdin() -> anyhow::Result<Secret> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(64 * 1024)
        .read_to_string(&mut text)
        .context("standard input cannot be read")?;
    let secret = line(&text);
    ensure!(
        !secret.is_empty(),
        "nothing came on standard input: pipe the secret in, as in `printf %s SECRET | valetkey …`"
    );
    Ok(Secret::new(secret))
}

/// A secret from a file: all of it but the end of its line.
pub(super) fn secret_from_file(file: &Path) -> anyhow::Result<Secret> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let secret = line(&text);
    ensure!(!secret.is_empty(), "there is no secret in {}", file.display());
    Ok(Secret::new(secret))
}

fn line(text: &str) -> &str {
    text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line))
}
