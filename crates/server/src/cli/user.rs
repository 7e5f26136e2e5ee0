//! `valetkey user`: people.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use valetkey_oauth2::{AccountId, Secret, Timestamp};
use valetkey_ports::{Account, Page, username_key};
use valetkey_provider::{
    Engine,
    people::{Actor, NewAccount},
};

use super::{
    ask,
    output::{Output, table, when},
    place::Place,
    run,
};

/// Makes, shows and changes accounts
#[derive(Subcommand)]
pub(super) enum User {
    Create(Create),
    /// Lists accounts
    #[command(
        after_help = "Examples:\n  valetkey user list\n  valetkey user list --data ./valetkey-dev --json"
    )]
    List {
        /// How many at the most
        #[arg(long, default_value_t = 1000)]
        limit: u32,
        /// Only those after this user name
        #[arg(long, value_name = "USERNAME")]
        after: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Shows an account
    #[command(after_help = "Examples:\n  valetkey user show alice\n  valetkey user show alice --json")]
    Show(One),
    /// Sets a password; every session and token of the account ends
    #[command(
        after_help = "Examples:\n  valetkey user set-password alice   (makes one, and shows it once)\n  \
        printf %s \"$PASSWORD\" | valetkey user set-password alice --password-stdin"
    )]
    SetPassword {
        /// Reads it from standard input; without this one is made, and shown once
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        one: One,
    },
    /// Locks an account out; its sessions and tokens are dead at once
    #[command(after_help = "Examples:\n  valetkey user disable alice")]
    Disable(One),
    /// Lets an account in again; what was alive before stays dead
    #[command(after_help = "Examples:\n  valetkey user enable alice")]
    Enable(One),
    /// Removes an account and all that hangs from it
    #[command(after_help = "Examples:\n  valetkey user delete alice --yes")]
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
    /// The user name, or the account's id
    #[arg(value_name = "USERNAME")]
    username: String,
    #[command(flatten)]
    place: Place,
}

/// Makes an account
#[derive(Args)]
#[command(
    after_help = "Examples:\n  valetkey user create --username alice   (makes a password, and shows it once)\n  \
    printf %s \"$PASSWORD\" | valetkey user create --username alice --password-stdin\n  \
    valetkey user create --username root --admin --json"
)]
pub(super) struct Create {
    /// What the person logs in with
    #[arg(long)]
    username: String,
    /// What pages call the person
    #[arg(long)]
    name: Option<String>,
    /// Where the person can be written to
    #[arg(long)]
    email: Option<String>,
    /// Reads the password from standard input; without this one is made, and shown once
    #[arg(long)]
    password_stdin: bool,
    /// Makes an administrator
    #[arg(long)]
    admin: bool,
    #[command(flatten)]
    place: Place,
}

impl User {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(output),
            Self::List { limit, after, place } => run::command(place, async |engine| {
                let page = Page { after: after.as_deref().map(username_key), limit: *limit };
                list(output, &engine.ports().accounts.list(&page).await?);
                Ok(())
            }),
            Self::Show(one) => run::command(&one.place, async |engine| {
                show(output, &find(engine, &one.username).await?, None);
                Ok(())
            }),
            Self::SetPassword { password_stdin, one } => {
                let given = password_stdin.then(ask::secret_from_stdin).transpose()?;
                run::command(&one.place, async |engine| {
                    set_password(output, engine, &one.username, given).await
                })
            }
            Self::Disable(one) => run::command(&one.place, async |engine| {
                let account = find(engine, &one.username).await?;
                engine.disable_account(&account.id, &Actor::COMMAND_LINE).await?;
                show(output, &find(engine, &one.username).await?, None);
                Ok(())
            }),
            Self::Enable(one) => run::command(&one.place, async |engine| {
                let account = find(engine, &one.username).await?;
                engine.enable_account(&account.id, &Actor::COMMAND_LINE).await?;
                show(output, &find(engine, &one.username).await?, None);
                Ok(())
            }),
            Self::Delete { yes, one } => {
                ask::confirm(*yes, &format!("Removing {} and all that hangs from it", one.username))?;
                run::command(&one.place, async |engine| {
                    let account = find(engine, &one.username).await?;
                    engine.delete_account(&account.id, &Actor::COMMAND_LINE).await?;
                    output.show(&json!({ "deleted": account.id.to_string() }), || {
                        format!("{} is gone.", account.username.as_str())
                    });
                    Ok(())
                })
            }
        }
    }
}

impl Create {
    fn run(&self, output: Output) -> anyhow::Result<()> {
        let given = self.password_stdin.then(ask::secret_from_stdin).transpose()?;
        run::command(&self.place, async |engine| {
            let (password, made) = given_or_made(engine, given);
            let new = NewAccount {
                username: self.username.clone(),
                name: self.name.clone(),
                email: self.email.clone(),
                password: Some(password),
                is_admin: self.admin,
                is_demo: false,
            };
            match engine.create_account(&new, &Actor::COMMAND_LINE).await? {
                Ok(account) => show(output, &account, made.as_ref()),
                Err(refusal) => bail!("{:?} was not made: {refusal}", self.username),
            }
            Ok(())
        })
    }
}

async fn set_password(
    output: Output,
    engine: &Engine,
    username: &str,
    given: Option<Secret>,
) -> anyhow::Result<()> {
    let account = find(engine, username).await?;
    let (password, made) = given_or_made(engine, given);
    let set = engine.set_password(&account.id, &password, &Actor::COMMAND_LINE).await?;
    set.context("the account has gone meanwhile")?.context("the password was not set")?;
    show(output, &account, made.as_ref());
    Ok(())
}

/// A given password; or one of 128 random bits, to be shown once.
fn given_or_made(engine: &Engine, given: Option<Secret>) -> (Secret, Option<Secret>) {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    if let Some(given) = given {
        return (given, None);
    }
    let random: [u8; 16] = engine.ports().random.bytes();
    let made = Secret::new(URL_SAFE_NO_PAD.encode(random));
    (made.clone(), Some(made))
}

/// The account of that user name or id.
pub(super) async fn find(engine: &Engine, username: &str) -> anyhow::Result<Account> {
    let accounts = &engine.ports().accounts;
    let mut found = accounts.find_by_username(&username_key(username)).await?;
    if let (None, Ok(id)) = (&found, username.parse::<AccountId>()) {
        found = accounts.find(&id).await?;
    }
    found.with_context(|| format!("there is no account {username:?}: `valetkey user list` shows them"))
}

fn json(account: &Account) -> Value {
    json!({
        "id": account.id.to_string(),
        "username": account.username.as_str(),
        "name": account.name,
        "email": account.email,
        "is_admin": account.is_admin,
        "is_demo": account.is_demo,
        "has_password": account.password.is_some(),
        "disabled_at": account.disabled_at.map(Timestamp::seconds),
        "created_at": account.created_at.seconds(),
    })
}

fn show(output: Output, account: &Account, password: Option<&Secret>) {
    let mut facts = json(account);
    if let Some(password) = password {
        facts["password"] = password.expose().into();
    }
    output.show(&facts, || {
        let mut text = format!(
            "{}  {}{}{}",
            account.username.as_str(),
            account.id,
            if account.is_admin { "  administrator" } else { "" },
            if account.is_active() { "" } else { "  disabled" }
        );
        if let Some(password) = password {
            text.push_str(&format!("\nPassword: {}\nIt is shown this once.", password.expose()));
        }
        text
    });
}

fn list(output: Output, accounts: &[Account]) {
    let row = |account: &Account| {
        let state = if account.is_active() { "active" } else { "disabled" };
        let role = if account.is_admin { "administrator" } else { "" };
        vec![
            account.username.as_str().to_owned(),
            account.id.to_string(),
            state.to_owned(),
            role.to_owned(),
            when(account.created_at),
        ]
    };
    output.show(&json!({ "users": accounts.iter().map(json).collect::<Vec<_>>() }), || {
        let rows: Vec<_> = accounts.iter().map(row).collect();
        table(&["USER NAME", "ID", "STATE", "ROLE", "MADE"], &rows)
    });
}
