//! `valetkey client update`.

use anyhow::bail;
use clap::Args;
use valetkey_provider::{people::Actor, registry::ClientDraft};

use super::{One, Output, draft::Facts, find, oauth1::OAuth1Facts, refused, run, show};

/// Changes a client: what is named takes the place of what it had
#[derive(Args)]
#[command(after_help = "Examples:\n  valetkey client update demo-client --name \"My app\"\n  \
    valetkey client update demo-client --redirect-uri https://a.example/cb --redirect-uri https://b.example/cb\n  \
    valetkey client update demo-client --token-format opaque --trusted false --json\n  \
    valetkey client update demo-client --oauth1 --oauth1-method HMAC-SHA256 --oob\n  \
    valetkey client update demo-client --oauth1-sunset 2027-06-30")]
pub(in crate::cli) struct Update {
    /// What people read
    #[arg(long)]
    name: Option<String>,
    /// Whether it may ask about every token (RFC 7662)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    introspect: Option<bool>,
    /// Whether you vouch for it: people are not asked for consent
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    trusted: Option<bool>,
    #[command(flatten)]
    facts: Facts,
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    oauth1: OAuth1Facts,
}

impl Update {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        run::command(&self.one.place, async |engine| {
            let id = self.one.id()?;
            let mut draft = ClientDraft::from(&find(engine, &id).await?);
            if let Some(name) = &self.name {
                draft.name.clone_from(name);
            }
            draft.is_trusted = self.trusted.unwrap_or(draft.is_trusted);
            draft.may_introspect = self.introspect.unwrap_or(draft.may_introspect);
            self.facts.apply(&mut draft);
            self.oauth1.apply(&mut draft.oauth1)?;
            match engine.update_client(&id, &draft, &Actor::COMMAND_LINE).await? {
                Some(changed) => show::registered(output, &changed.map_err(|problems| refused(&problems))?),
                None => bail!("there is no client {id} to change here: `valetkey client list` shows them"),
            }
            Ok(())
        })
    }
}
