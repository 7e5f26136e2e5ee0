//! `valetkey token`: a token by any grant that the server supports, as a client gets it: over the wire.

mod exchange;
mod login;

use clap::{Args, Subcommand};

use super::{ask, output::Output, run};
use exchange::{Asker, Server};

/// Gets a token, as a client does
#[derive(Subcommand)]
pub(super) enum Token {
    /// For the client itself (RFC 6749 section 4.4)
    #[command(
        after_help = "Examples:\n  VALETKEY_CLIENT_SECRET=… valetkey token client-credentials --client-id worker\n  \
        valetkey token client-credentials --client-id worker --client-secret … --scope profile --json"
    )]
    ClientCredentials {
        #[command(flatten)]
        asked: Asked,
        #[command(flatten)]
        asker: Asker,
    },
    /// For a person who logs in with a browser on this machine (RFC 6749 section 4.1, RFC 8252)
    #[command(
        visible_alias = "login",
        after_help = "Examples:\n  valetkey token code --client-id demo-app\n  \
        valetkey token code --client-id demo-app --scope \"profile email\" --json\n\n\
        The client needs the redirect URI http://127.0.0.1/callback and kind `native`, or exactly the one with --port."
    )]
    Code {
        /// The port that the browser comes back to; without this any free one
        #[arg(long)]
        port: Option<u16>,
        #[command(flatten)]
        asked: Asked,
        #[command(flatten)]
        asker: Asker,
    },
    /// For a refresh token, from standard input (RFC 6749 section 6)
    #[command(
        after_help = "Examples:\n  printf %s \"$REFRESH_TOKEN\" | valetkey token refresh --client-id demo-app"
    )]
    Refresh {
        #[command(flatten)]
        asked: Asked,
        #[command(flatten)]
        asker: Asker,
    },
    /// For a person's password, from standard input: a legacy, mostly off (RFC 6749 section 4.3)
    #[command(
        after_help = "Examples:\n  printf %s \"$PASSWORD\" | valetkey token password --client-id old --username alice"
    )]
    Password {
        /// Whose password it is
        #[arg(long)]
        username: String,
        #[command(flatten)]
        asked: Asked,
        #[command(flatten)]
        asker: Asker,
    },
}

/// What the token is to be good for.
#[derive(Args)]
pub(super) struct Asked {
    /// The scope to ask for; without this the client's default
    #[arg(long)]
    scope: Option<String>,
    /// The resource to ask for (RFC 8707); may repeat
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
}

impl Asked {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let scope = self.scope.iter().map(|scope| ("scope", scope.clone()));
        scope.chain(self.resource.iter().map(|uri| ("resource", uri.clone()))).collect()
    }
}

impl Token {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        let (asker, asked) = match self {
            Self::ClientCredentials { asker, asked }
            | Self::Code { asker, asked, .. }
            | Self::Refresh { asker, asked }
            | Self::Password { asker, asked, .. } => (asker, asked),
        };
        let mut fields = asked.fields();
        match self {
            Self::ClientCredentials { .. } => fields.push(("grant_type", "client_credentials".into())),
            Self::Code { .. } => {}
            Self::Refresh { .. } => {
                fields.push(("grant_type", "refresh_token".into()));
                fields.push(("refresh_token", ask::secret_from_stdin()?.expose().to_owned()));
            }
            Self::Password { username, .. } => {
                fields.push(("grant_type", "password".into()));
                fields.push(("username", username.clone()));
                fields.push(("password", ask::secret_from_stdin()?.expose().to_owned()));
            }
        }
        run::command_runtime()?.block_on(async {
            let server = Server::discover(asker).await?;
            let token = match self {
                Self::Code { port, .. } => login::run(&server, asker, *port, fields).await?,
                _ => server.token(asker, fields).await?,
            };
            let access_token =
                token.get("access_token").and_then(serde_json::Value::as_str).unwrap_or_default();
            output.show(&token, || access_token.to_owned());
            Ok(())
        })
    }
}
