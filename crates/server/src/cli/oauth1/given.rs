//! Secrets as a command is given them: by file, standard input or environment, or in plain sight.

use std::path::PathBuf;

use clap::Args;
use valetkey_oauth2::Secret;

use crate::cli::ask;

/// The secrets of a client and of its token.
#[derive(Args)]
#[command(next_help_heading = "Secrets (also from VALETKEY_CLIENT_SECRET and VALETKEY_TOKEN_SECRET)")]
pub(super) struct GivenSecrets {
    /// The client's secret. Whoever lists the processes of this machine sees it: a file, standard input and the
    /// environment hide it
    #[arg(long, visible_alias = "client-secret", value_name = "SECRET")]
    secret: Option<String>,
    /// Reads the client's secret from a file
    #[arg(long, visible_alias = "client-secret-file", value_name = "FILE", conflicts_with = "secret")]
    secret_file: Option<PathBuf>,
    /// Reads the client's secret from standard input
    #[arg(long, visible_alias = "client-secret-stdin", conflicts_with_all = ["secret", "secret_file"])]
    pub(super) secret_stdin: bool,
    /// The token's secret; as visible as --secret
    #[arg(long, value_name = "SECRET")]
    token_secret: Option<String>,
    /// Reads the token's secret from a file
    #[arg(long, value_name = "FILE", conflicts_with = "token_secret")]
    token_secret_file: Option<PathBuf>,
}

impl GivenSecrets {
    /// Whether the command line itself names one.
    pub(super) const fn is_any(&self) -> bool {
        self.secret.is_some()
            || self.secret_file.is_some()
            || self.secret_stdin
            || self.token_secret.is_some()
            || self.token_secret_file.is_some()
    }

    /// The client's.
    pub(super) fn client(&self) -> anyhow::Result<Option<Secret>> {
        match (&self.secret, &self.secret_file) {
            (Some(secret), _) => Ok(Some(Secret::new(secret))),
            (None, Some(file)) => ask::secret_from_file(file).map(Some),
            (None, None) if self.secret_stdin => ask::secret_from_stdin().map(Some),
            (None, None) => Ok(from_environment("VALETKEY_CLIENT_SECRET")),
        }
    }

    /// The token's.
    pub(super) fn token(&self) -> anyhow::Result<Option<Secret>> {
        match (&self.token_secret, &self.token_secret_file) {
            (Some(secret), _) => Ok(Some(Secret::new(secret))),
            (None, Some(file)) => ask::secret_from_file(file).map(Some),
            (None, None) => Ok(from_environment("VALETKEY_TOKEN_SECRET")),
        }
    }
}

fn from_environment(name: &str) -> Option<Secret> {
    std::env::var(name).ok().filter(|secret| !secret.is_empty()).map(Secret::new)
}
