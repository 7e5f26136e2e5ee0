//! `valetkey grant`: who has let what in.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde_json::{Value, json};
use valetkey_oauth2::{ClientId, GrantId, Timestamp};
use valetkey_ports::{Event, EventKind, Grant as Record, Page};
use valetkey_provider::{
    Engine,
    people::{Actor, Ended},
};

use super::{
    ask,
    output::{Output, table, when},
    place::Place,
    run, user,
};

/// Lists and revokes grants: each is one act of authorization, and every token hangs from one
#[derive(Subcommand)]
pub(super) enum Grant {
    /// Lists grants, latest first
    #[command(
        after_help = "Examples:\n  valetkey grant list\n  valetkey grant list --user alice --json\n  valetkey grant list --client demo-client"
    )]
    List {
        /// Only this client's
        #[arg(long, value_name = "CLIENT_ID", conflicts_with = "user")]
        client: Option<String>,
        /// Only this account's
        #[arg(long, value_name = "USERNAME")]
        user: Option<String>,
        /// How many at the most
        #[arg(long, default_value_t = 100)]
        limit: u32,
        #[command(flatten)]
        place: Place,
    },
    /// Ends a grant, or all that an account has given a client, or everything, with every token below
    #[command(after_help = "Examples:\n  valetkey grant revoke 0199a0c2-7d2e-7c4e-8a55-0d7b6a0c9f11\n  \
        valetkey grant revoke --user alice --client demo-client\n  valetkey grant revoke --everything --yes")]
    Revoke {
        /// The grant's id
        #[arg(value_name = "GRANT", required_unless_present_any = ["user", "client", "everything"])]
        id: Option<GrantId>,
        /// Whose
        #[arg(long, value_name = "USERNAME", conflicts_with = "id", requires = "client")]
        user: Option<String>,
        /// Given to this client
        #[arg(long, value_name = "CLIENT_ID", conflicts_with = "id", requires = "user")]
        client: Option<String>,
        /// Every session and every token there is, of all accounts and clients: after a break-in
        #[arg(long, conflicts_with_all = ["id", "user", "client"])]
        everything: bool,
        /// Asks nothing
        #[arg(long, short, requires = "everything")]
        yes: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Grant {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        match self {
            Self::List { client, user, limit, place } => run::command(place, async |engine| {
                let page = Page::first(*limit);
                let grants = match (client, user) {
                    (Some(client), _) => {
                        engine.ports().grants.list(Some(&ClientId::parse(client)?), &page).await?
                    }
                    (None, Some(user)) => {
                        engine.ports().grants.list_account(&user::find(engine, user).await?.id, &page).await?
                    }
                    (None, None) => engine.ports().grants.list(None, &page).await?,
                };
                show(output, &grants);
                Ok(())
            }),
            Self::Revoke { everything: true, yes, place, .. } => {
                ask::confirm(*yes, "Ending every session and every token of all accounts and clients")?;
                run::command(place, async |engine| {
                    let Ended { accounts, clients } = engine.end_all_tokens(&Actor::COMMAND_LINE).await?;
                    let revoked = json!({ "everything": true, "accounts": accounts, "clients": clients });
                    output.show(&json!({ "revoked": revoked }), || {
                        format!(
                            "Every session and every token of {accounts} accounts and {clients} clients is dead. APIs that \
                             check JWTs without asking take them until they expire: `valetkey key rotate --now` ends that."
                        )
                    });
                    Ok(())
                })
            }
            Self::Revoke { id: Some(id), place, .. } => run::command(place, async |engine| {
                revoke(engine, id).await?;
                output.show(&json!({ "revoked": id.to_string() }), || {
                    format!("The grant {id} and its tokens are dead.")
                });
                Ok(())
            }),
            Self::Revoke { user, client, place, .. } => run::command(place, async |engine| {
                let user = user.as_deref().context("say --user USERNAME")?;
                let account = user::find(engine, user).await?;
                let client = ClientId::parse(client.as_deref().unwrap_or_default())?;
                if !engine.withdraw(&account.id, &client, &Actor::COMMAND_LINE).await? {
                    bail!("{user} has given {client} nothing that is alive");
                }
                output
                    .show(&json!({ "revoked": { "username": user, "client_id": client.as_str() } }), || {
                        format!("Everything that {user} had given {client} is dead.")
                    });
                Ok(())
            }),
        }
    }
}

async fn revoke(engine: &Engine, id: &GrantId) -> anyhow::Result<()> {
    let Some(grant) = engine.ports().grants.find(id).await? else {
        bail!("there is no grant {id}: `valetkey grant list` shows those that are alive");
    };
    let now = engine.now();
    engine.ports().grants.revoke(id, &grant.client, now).await?;
    let event = Event {
        account: grant.account,
        client: Some(grant.client),
        grant: Some(*id),
        by: Actor::COMMAND_LINE.by(grant.account.as_ref()),
        ..Event::new(EventKind::GrantRevoked, now)
    };
    Ok(engine.record(&[event]).await?)
}

fn show(output: Output, grants: &[Record]) {
    let row = |grant: &Record| {
        vec![
            grant.id.to_string(),
            grant.client.to_string(),
            grant.account.map(|account| account.to_string()).unwrap_or_default(),
            grant.scope.to_string(),
            when(grant.authorized_at),
            grant.revoked_at.map_or_else(|| "alive".to_owned(), |at| format!("revoked {}", when(at))),
        ]
    };
    output.show(&json!({ "grants": grants.iter().map(json).collect::<Vec<_>>() }), || {
        let rows: Vec<_> = grants.iter().map(row).collect();
        table(&["GRANT", "CLIENT", "ACCOUNT", "SCOPE", "GIVEN", "STATE"], &rows)
    });
}

fn json(grant: &Record) -> Value {
    json!({
        "id": grant.id.to_string(),
        "client_id": grant.client.as_str(),
        "account": grant.account.map(|account| account.to_string()),
        "grant_type": grant.grant_type.as_str(),
        "scope": grant.scope.to_string(),
        "authorized_at": grant.authorized_at.seconds(),
        "last_used_at": grant.last_used_at.seconds(),
        "expires_at": grant.expires_at.seconds(),
        "revoked_at": grant.revoked_at.map(Timestamp::seconds),
    })
}
