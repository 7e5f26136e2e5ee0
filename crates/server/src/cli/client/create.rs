//! `valetkey client create`.

use anyhow::ensure;
use clap::Args;
use valetkey_oauth2::Secret;
use valetkey_provider::{people::Actor, registry::ClientDraft};

use super::{Output, Place, draft::Facts, oauth1::OAuth1Facts, refused, run, show};
use crate::cli::ask;

/// Registers a client, and shows its secret this once
#[derive(Args)]
#[command(
    after_help = "Examples:\n  A web app:\n    valetkey client create --name \"My app\" --redirect-uri https://app.example.com/callback\n  \
    A service that acts for itself:\n    valetkey client create --name Worker --grant client_credentials --scope profile\n  \
    A program on people's machines:\n    valetkey client create --name Tool --native --redirect-uri http://127.0.0.1/callback\n  \
    A page in the browser:\n    valetkey client create --name Page --browser --redirect-uri https://page.example.com/\n  \
    One that moves here with what it holds:\n    printf %s \"$SECRET\" | valetkey client create --name Old --client-id old-id --client-secret-stdin \\\n      \
    --redirect-uri https://old.example.com/callback --json\n  \
    A consumer of OAuth 1:\n    valetkey client create --name Photos --oauth1 --redirect-uri https://photos.example.com/ready\n  \
    One that moves here, and its secret with it:\n    valetkey client create --name Old --client-id old-key --oauth1 --oauth1-secret-file old-secret.txt --oob"
)]
pub(in crate::cli) struct Create {
    /// What people read
    #[arg(long)]
    name: String,
    /// It can keep no secret: native where its redirect URIs lead to this machine or to an app, else in the browser
    #[arg(long, conflicts_with_all = ["native", "browser"])]
    public: bool,
    /// It runs in browsers: no secret
    #[arg(long, conflicts_with = "native")]
    browser: bool,
    /// It runs on people's devices: no secret, loopback redirect URIs on any port
    #[arg(long)]
    native: bool,
    /// An id of its own; without this one is made
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A secret of its own; without this one is made. Others on this machine can read it here: prefer --client-secret-stdin
    #[arg(long, value_name = "SECRET", conflicts_with = "client_secret_stdin")]
    client_secret: Option<String>,
    /// Reads a secret of its own from standard input
    #[arg(long)]
    client_secret_stdin: bool,
    /// It may ask about every token (RFC 7662)
    #[arg(long)]
    introspect: bool,
    /// You vouch for it: people are not asked for consent
    #[arg(long)]
    trusted: bool,
    #[command(flatten)]
    facts: Facts,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    oauth1: OAuth1Facts,
}

impl Create {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        ensure!(
            !(self.client_secret_stdin && self.oauth1.reads_stdin()),
            "only one secret comes on standard input: give the other by --oauth1-secret-file"
        );
        let given = self.client_secret_stdin.then(ask::secret_from_stdin).transpose()?;
        let kind = if self.native || (self.public && self.facts.leads_to_devices()) {
            "native"
        } else if self.browser || self.public {
            "browser"
        } else {
            "web"
        };
        let mut draft = ClientDraft {
            name: self.name.clone(),
            kind: kind.to_owned(),
            client_id: self.client_id.clone(),
            client_secret: given.or_else(|| self.client_secret.as_deref().map(Secret::new)),
            is_trusted: self.trusted,
            may_introspect: self.introspect,
            ..ClientDraft::default()
        };
        self.facts.apply(&mut draft);
        self.oauth1.apply(&mut draft.oauth1)?;
        run::command(&self.place, async |engine| {
            let registered = engine.register(&draft, &Actor::COMMAND_LINE).await?;
            let mut registered = registered.map_err(|problems| refused(&problems))?;
            // A given secret is told like one that was made: whoever reads the answer needs no second source.
            let is_confidential = registered.client.is_confidential();
            registered.secret = registered.secret.or(draft.client_secret.filter(|_| is_confidential));
            registered.oauth1_secret = registered.oauth1_secret.or(draft.oauth1.secret);
            show::registered(output, &registered);
            Ok(())
        })
    }
}
