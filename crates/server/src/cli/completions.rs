//! `valetkey completions`: completions for a shell.

use std::io::{ErrorKind, Write as _};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

/// Prints completions for a shell.
#[derive(Args)]
#[command(after_help = "Examples:\n  valetkey completions bash > /etc/bash_completion.d/valetkey\n  \
                        valetkey completions zsh > ~/.zfunc/_valetkey")]
pub(super) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        // Written at once, by us: the generator panics where nobody reads on (`… | head`).
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Cli::command(), "valetkey", &mut script);
        match std::io::stdout().write_all(&script) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}
