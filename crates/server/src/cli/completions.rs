//! `valetkey completions`: completions for a shell.

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
    #[expect(clippy::unnecessary_wraps, reason = "as every command")]
    pub(super) fn run(&self) -> anyhow::Result<()> {
        clap_complete::generate(self.shell, &mut super::Cli::command(), "valetkey", &mut std::io::stdout());
        Ok(())
    }
}
