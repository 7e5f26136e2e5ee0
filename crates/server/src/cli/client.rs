//! `valetkey client`: registered applications.

mod create;
mod draft;
mod update;

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use valetkey_oauth2::{ClientId, GrantType, Origin, RedirectUri, Resource, Secret, Timestamp, TokenFormat};
use valetkey_ports::{Client as Record, ClientKind, ClientOrigin, Page, PkcePolicy};
use valetkey_provider::{
    Engine,
    people::Actor,
    registry::{Changed, Problem, Registered},
};

use super::{
    ask,
    output::{Output, table, when},
    place::Place,
    run,
};
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
        valetkey client rotate-secret demo-client --overlap 0s   (the old one leaked)")]
    RotateSecret {
        /// How long the old secret is still taken
        #[arg(long, default_value = "1d", value_parser = Span::parse)]
        overlap: Span,
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
                list(output, &engine.ports().clients.list(None, &page).await?);
                Ok(())
            }),
            Self::Show(one) => run::command(&one.place, async |engine| {
                show(output, &find(engine, &one.id()?).await?, None, &[]);
                Ok(())
            }),
            Self::RotateSecret { overlap, one } => run::command(&one.place, async |engine| {
                let id = one.id()?;
                find(engine, &id).await?;
                let secret = engine.rotate_secret(&id, overlap.0, &Actor::COMMAND_LINE).await?;
                let secret = secret.with_context(|| {
                    format!("{id} gets no new secret here: it is public, or the configuration declares it")
                })?;
                show_secret(output, &id, &secret, overlap.0);
                Ok(())
            }),
            Self::Disable(one) => run::command(&one.place, async |engine| {
                let id = one.id()?;
                done(&id, engine.disable_client(&id, &Actor::COMMAND_LINE).await?)?;
                show(output, &find(engine, &id).await?, None, &[]);
                Ok(())
            }),
            Self::Enable(one) => run::command(&one.place, async |engine| {
                let id = one.id()?;
                done(&id, engine.enable_client(&id, &Actor::COMMAND_LINE).await?)?;
                show(output, &find(engine, &id).await?, None, &[]);
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

fn show_registered(output: Output, registered: &Registered) {
    show(output, &registered.client, registered.secret.as_ref(), &registered.warnings);
}

fn show(output: Output, client: &Record, secret: Option<&Secret>, warnings: &[String]) {
    let mut facts = json(client);
    if let Some(secret) = secret {
        facts["client_secret"] = secret.expose().into();
    }
    if !warnings.is_empty() {
        facts["warnings"] = warnings.into();
    }
    output.show(&facts, || {
        let mut lines = vec![
            format!("{}  ({})", client.name, kind(client.kind)),
            format!("client_id      {}", client.id),
        ];
        lines.extend(secret.map(|secret| format!("client_secret  {}   (shown this once)", secret.expose())));
        lines.extend(client.redirect_uris.iter().map(|uri| format!("redirect_uri   {uri}")));
        lines.push(format!(
            "grants         {}",
            texts(client.grant_types.iter().map(GrantType::as_str)).join(" ")
        ));
        lines.push(format!("scope          {}", client.scope));
        lines.extend(client.disabled_at.map(|at| format!("disabled       {}", when(at))));
        lines.extend(warnings.iter().map(|warning| format!("warning: {warning}")));
        lines.join("\n")
    });
}

fn show_secret(output: Output, id: &ClientId, secret: &Secret, overlap: Duration) {
    let facts = json!({
        "client_id": id.as_str(),
        "client_secret": secret.expose(),
        "old_secret_ends_in_seconds": overlap.as_secs(),
    });
    output.show(&facts, || {
        let old = if overlap.is_zero() {
            "The old secret is refused from now on.".to_owned()
        } else {
            format!("The old secret is taken for another {}.", Span(overlap))
        };
        format!("client_secret  {}   (shown this once)\n{old}", secret.expose())
    });
}

fn list(output: Output, clients: &[Record]) {
    let row = |client: &Record| {
        let state = if client.is_active() { "active" } else { "disabled" };
        vec![
            client.id.to_string(),
            client.name.clone(),
            kind(client.kind).to_owned(),
            origin(client.origin).to_owned(),
            state.to_owned(),
        ]
    };
    output.show(&json!({ "clients": clients.iter().map(json).collect::<Vec<_>>() }), || {
        let rows: Vec<_> = clients.iter().map(row).collect();
        table(&["CLIENT ID", "NAME", "KIND", "FROM", "STATE"], &rows)
    });
}

fn json(client: &Record) -> Value {
    json!({
        "client_id": client.id.as_str(),
        "client_name": client.name,
        "kind": kind(client.kind),
        "origin": origin(client.origin),
        "owner": client.owner.map(|owner| owner.to_string()),
        "client_uri": client.site,
        "logo_uri": client.logo,
        "policy_uri": client.policy,
        "tos_uri": client.terms,
        "redirect_uris": texts(client.redirect_uris.iter().map(RedirectUri::as_str)),
        "grant_types": texts(client.grant_types.iter().map(GrantType::as_str)),
        "scope": client.scope.to_string(),
        "default_scope": client.default_scope.as_ref().map(ToString::to_string),
        "resources": texts(client.resources.iter().map(Resource::as_str)),
        "auth_methods": texts(client.auth_methods.iter().map(|method| method.as_str())),
        "token_format": client.token_format.map(TokenFormat::as_str),
        "pkce": if client.pkce == PkcePolicy::Required { "required" } else { "optional" },
        "origins": texts(client.origins.iter().map(Origin::as_str)),
        "trusted": client.is_trusted,
        "introspect": client.may_introspect,
        "secrets": client.secrets.len(),
        "disabled_at": client.disabled_at.map(Timestamp::seconds),
        "created_at": client.created_at.seconds(),
        "updated_at": client.updated_at.seconds(),
    })
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    values.collect()
}

fn kind(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Web => "web",
        ClientKind::Browser => "browser",
        ClientKind::Native => "native",
    }
}

fn origin(origin: ClientOrigin) -> &'static str {
    match origin {
        ClientOrigin::Pages => "pages",
        ClientOrigin::CommandLine => "command line",
        ClientOrigin::Configuration => "configuration",
        ClientOrigin::Demo => "demo",
    }
}
