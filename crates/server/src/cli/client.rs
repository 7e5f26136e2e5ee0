//! `valetkey client`: registered applications.

mod create;
mod draft;
mod oauth1;
mod show;
mod update;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use valetkey_oauth2::ClientId;
use valetkey_ports::{Client as Record, Page};
use valetkey_provider::{
    Engine,
    people::Actor,
    registry::{Changed, Problem},
};

use super::{ask, output::Output, place::Place, run};
use crate::config::Span;

/// Registers, shows and changes clients: the apps that get tokens
#[derive(Subcommand)]
pub(super) enum Client {
    Create(Box<create::Create>),
    /// Lists clients
    #[command(
        after_help = "Examples:\n  valetkey client list\n  valetkey client list --data ./valetkey-dev --json"
    )]
    List {
        /// How many at the most
        #[arg(long, default_value_t = 1000)]
        limit: u32,
        /// Only those after this id
        #[arg(long, value_name = "CLIENT_ID")]
        after: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Shows a client; never its secret
    #[command(after_help = "Examples:\n  valetkey client show demo-client --json")]
    Show(One),
    Update(Box<update::Update>),
    /// Makes a new secret; the old one lives on for a while, so that nothing stops
    #[command(after_help = "Examples:\n  valetkey client rotate-secret demo-client\n  \
        valetkey client rotate-secret demo-client --overlap 0s   (the old one leaked)\n  \
        valetkey client rotate-secret demo-oauth1 --oauth1")]
    RotateSecret {
        /// How long the old secret is still taken
        #[arg(long, default_value = "1d", value_parser = Span::parse)]
        overlap: Span,
        /// The secret that it signs OAuth 1 requests with
        #[arg(long)]
        oauth1: bool,
        #[command(flatten)]
        one: One,
    },
    /// Switches a client off: it gets nothing, and its tokens are dead while it is
    #[command(after_help = "Examples:\n  valetkey client disable demo-client")]
    Disable(One),
    /// Switches a client on again
    #[command(after_help = "Examples:\n  valetkey client enable demo-client")]
    Enable(One),
    /// Removes a client and all that hangs from it; its id never comes back
    #[command(after_help = "Examples:\n  valetkey client delete demo-client --yes")]
    Delete {
        /// Asks nothing
        #[arg(long, short)]
        yes: bool,
        #[command(flatten)]
        one: One,
    },
}

#[derive(Args)]
pub(super) struct One {
    /// Which client
    #[arg(value_name = "CLIENT_ID")]
    id: String,
    #[command(flatten)]
    place: Place,
}

impl One {
    fn id(&self) -> anyhow::Result<ClientId> {
        ClientId::parse(&self.id).with_context(|| format!("{:?} is no client id", self.id))
    }
}

impl Client {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(output),
            Self::Update(update) => update.run(output),
            Self::List { limit, after, place } => run::command(place, async |engine| {
                let page = Page { after: after.clone(), limit: *limit };
                show::list(output, &engine.ports().clients.list(None, &page).await?);
                Ok(())
            }),
            Self::Show(one) => run::command(&one.place, async |engine| {
                show::client(output, find(engine, &one.id()?).await?);
                Ok(())
            }),
            Self::RotateSecret { overlap, oauth1: true, one } => run::command(&one.place, async |engine| {
                let id = one.id()?;
                find(engine, &id).await?;
                let secret = engine.rotate_oauth1_secret(&id, overlap.0, &Actor::COMMAND_LINE).await?;
                let secret = secret.with_context(|| {
                    format!(
                        "{id} gets no new OAuth 1 secret here: it does not speak OAuth 1 (`valetkey client update {id} \
                         --oauth1`), or the configuration declares it"
                    )
                })?;
                show::secret(output, &id, "oauth1_secret", &secret, overlap.0);
                Ok(())
            }),
            Self::RotateSecret { overlap, oauth1: false, one } => run::command(&one.place, async |engine| {
                let id = one.id()?;
                find(engine, &id).await?;
                let secret = engine.rotate_secret(&id, overlap.0, &Actor::COMMAND_LINE).await?;
                let secret = secret.with_context(|| {
                    format!(
                        "{id} gets no new secret here: it is public, or speaks OAuth 1 alone (--oauth1), or the \
                         configuration declares it"
                    )
                })?;
                show::secret(output, &id, "client_secret", &secret, overlap.0);
                Ok(())
            }),
            Self::Disable(one) => run::command(&one.place, async |engine| {
                let id = one.id()?;
                done(&id, engine.disable_client(&id, &Actor::COMMAND_LINE).await?)?;
                show::client(output, find(engine, &id).await?);
                Ok(())
            }),
            Self::Enable(one) => run::command(&one.place, async |engine| {
                let id = one.id()?;
                done(&id, engine.enable_client(&id, &Actor::COMMAND_LINE).await?)?;
                show::client(output, find(engine, &id).await?);
                Ok(())
            }),
            Self::Delete { yes, one } => {
                ask::confirm(*yes, &format!("Removing {} and all that hangs from it", one.id))?;
                run::command(&one.place, async |engine| {
                    let id = one.id()?;
                    done(&id, engine.delete_client(&id, &Actor::COMMAND_LINE).await?)?;
                    output.show(&json!({ "deleted": id.as_str() }), || format!("{id} is gone."));
                    Ok(())
                })
            }
        }
    }
}

async fn find(engine: &Engine, id: &ClientId) -> anyhow::Result<Record> {
    let found = engine.ports().clients.find(id).await?;
    found.with_context(|| format!("there is no client {id}: `valetkey client list` shows them"))
}

fn done(id: &ClientId, changed: Changed) -> anyhow::Result<()> {
    match changed {
        Changed::Done => Ok(()),
        Changed::NotFound => bail!("there is no client {id}: `valetkey client list` shows them"),
        Changed::ReadOnly => bail!("the configuration declares {id}: change it there"),
    }
}

/// What is wrong with a draft, in the words of the command line.
fn refused(problems: &[Problem]) -> anyhow::Error {
    let said: Vec<String> = problems
        .iter()
        .map(|problem| match problem.field {
            "" => problem.message.clone(),
            field => format!("{}: {}", draft::flag(field), problem.message),
        })
        .collect();
    anyhow!("{}", said.join("; "))
}
