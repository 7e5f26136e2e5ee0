//! What `dev` has for trying out: somebody to log in as, and clients. Made once, and found again.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, bail};
use valetkey_oauth2::{ClientId, Secret};
use valetkey_ports::{Client, ClientSecret, SecretHash, username_key};
use valetkey_provider::{
    Engine,
    people::{Actor, NewAccount},
    registry::{ClientDraft, OAuth1Draft, Registered},
};

use crate::master_key;

/// What was made, or found.
pub(super) struct Demo {
    pub(super) username: &'static str,
    /// The confidential client: its own tokens, and codes.
    pub(super) client_id: ClientId,
    pub(super) client_secret: Secret,
    /// The public one, for programs on this machine.
    pub(super) app_id: ClientId,
    /// The one that speaks OAuth 1, with its shared secret; none where OAuth 1 is off.
    pub(super) consumer: Option<(ClientId, Secret)>,
    /// Where the demo app of `examples/` listens.
    pub(super) redirect_uri: &'static str,
    /// The one-time link for the first administrator.
    pub(super) admin_link: String,
}

const USERNAME: &str = "demo";
const CLIENT: &str = "demo-client";
const APP: &str = "demo-app";
const CONSUMER: &str = "demo-oauth1";
const REDIRECT_URI: &str = "http://127.0.0.1:8000/callback";

/// Sees to it that everything is there.
pub(super) async fn prepare(engine: &Engine, data: &Path) -> anyhow::Result<Demo> {
    account(engine).await?;
    let (client_id, client_secret) = client(engine, &data.join("demo-client.secret")).await?;
    let app_id = app(engine).await?;
    let consumer = match engine.policy().oauth1.is_on {
        true => Some(consumer(engine, &data.join("demo-oauth1.secret")).await?),
        false => None,
    };
    let link = engine.setup_link().await?;
    Ok(Demo {
        username: USERNAME,
        client_id,
        client_secret,
        app_id,
        consumer,
        redirect_uri: REDIRECT_URI,
        admin_link: engine.issuer().join(&format!("/setup/{}", link.expose())),
    })
}

/// Somebody without a password: nobody logs in but by the demo's own button.
async fn account(engine: &Engine) -> anyhow::Result<()> {
    if let Some(known) = engine.ports().accounts.find_by_username(&username_key(USERNAME)).await? {
        if known.is_demo && !known.is_active() {
            engine.enable_account(&known.id, &Actor::DEMO).await?;
        }
        return Ok(());
    }
    let new = NewAccount {
        username: USERNAME.to_owned(),
        name: Some("Demo user".to_owned()),
        email: Some("demo@example.com".to_owned()),
        is_demo: true,
        ..NewAccount::default()
    };
    engine.create_account(&new, &Actor::DEMO).await?.context("the demo account cannot be made")?;
    Ok(())
}

/// The confidential client, with the secret that lies beside the database; where that no longer holds, it gets a new one.
async fn client(engine: &Engine, file: &Path) -> anyhow::Result<(ClientId, Secret)> {
    let draft = ClientDraft {
        name: "Demo client".to_owned(),
        kind: "web".to_owned(),
        redirect_uris: redirect_uris(),
        grant_types: ["authorization_code", "refresh_token", "client_credentials"]
            .map(str::to_owned)
            .to_vec(),
        scope: engine.policy().scopes.all().to_string(),
        may_introspect: true,
        ..ClientDraft::default()
    };
    let Found { client, secret: made, .. } = find_or_register(engine, CLIENT, &draft).await?;
    if let Some(kept) = kept(file) {
        let holds = |own: &ClientSecret| own.is_live(engine.now()) && own.hash == SecretHash::of(&kept);
        if client.secrets.iter().any(holds) {
            return Ok((client.id, kept));
        }
    }
    let secret = match made {
        Some(secret) => secret,
        None => {
            let rotated = engine.rotate_secret(&client.id, Duration::ZERO, &Actor::DEMO).await?;
            rotated.with_context(|| format!("the client {} cannot get a new secret", client.id))?
        }
    };
    keep(file, &secret)?;
    Ok((client.id, secret))
}

/// The client that speaks OAuth 1, with the shared secret that lies beside the database.
async fn consumer(engine: &Engine, file: &Path) -> anyhow::Result<(ClientId, Secret)> {
    let draft = ClientDraft {
        name: "Demo OAuth 1 client".to_owned(),
        kind: "web".to_owned(),
        redirect_uris: redirect_uris(),
        scope: engine.policy().scopes.all().to_string(),
        oauth1: OAuth1Draft { is_on: true, may_use_oob: true, ..OAuth1Draft::default() },
        ..ClientDraft::default()
    };
    let Found { client, oauth1_secret: made, .. } = find_or_register(engine, CONSUMER, &draft).await?;
    if let Some(kept) = kept(file) {
        for own in client.oauth1.iter().flat_map(|own| own.live_secrets(engine.now())) {
            if engine.open_client_secret(&client.id, &own.sealed)? == kept {
                return Ok((client.id, kept));
            }
        }
    }
    let secret = match made {
        Some(secret) => secret,
        None => {
            let rotated = engine.rotate_oauth1_secret(&client.id, Duration::ZERO, &Actor::DEMO).await?;
            rotated.with_context(|| format!("the client {} cannot get a new OAuth 1 secret", client.id))?
        }
    };
    keep(file, &secret)?;
    Ok((client.id, secret))
}

fn redirect_uris() -> Vec<String> {
    vec![REDIRECT_URI.to_owned(), "http://localhost:8000/callback".to_owned()]
}

/// The secret that lies beside the database, where it does.
fn kept(file: &Path) -> Option<Secret> {
    fs::read_to_string(file).ok().map(|text| Secret::new(text.trim()))
}

fn keep(file: &Path, secret: &Secret) -> anyhow::Result<()> {
    let _ = fs::remove_file(file);
    master_key::create(file, secret.expose().as_bytes())
        .with_context(|| format!("{} cannot be written", file.display()))
}

/// The public client: a program on this machine, on whatever port it gets.
async fn app(engine: &Engine) -> anyhow::Result<ClientId> {
    let draft = ClientDraft {
        name: "Demo app".to_owned(),
        kind: "native".to_owned(),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        grant_types: ["authorization_code", "refresh_token"].map(str::to_owned).to_vec(),
        scope: engine.policy().scopes.all().to_string(),
        ..ClientDraft::default()
    };
    Ok(find_or_register(engine, APP, &draft).await?.client.id)
}

/// A client, with its secrets where it is new.
struct Found {
    client: Client,
    secret: Option<Secret>,
    oauth1_secret: Option<Secret>,
}

/// The client of that id, and its secrets where it is new and has some. Where the client was deleted, whose id never
/// comes back, the next one takes its place.
async fn find_or_register(engine: &Engine, name: &str, draft: &ClientDraft) -> anyhow::Result<Found> {
    let ids =
        || (1..100).map(|number| if number == 1 { name.to_owned() } else { format!("{name}-{number}") });
    for id in ids() {
        let Some(known) = engine.ports().clients.find(&ClientId::parse(&id)?).await? else { continue };
        if !known.is_active() {
            engine.enable_client(&known.id, &Actor::DEMO).await?;
        }
        return Ok(Found { client: known, secret: None, oauth1_secret: None });
    }
    for id in ids() {
        let draft = ClientDraft { client_id: Some(id.clone()), ..draft.clone() };
        match engine.register(&draft, &Actor::DEMO).await? {
            Ok(made) => {
                let Registered { client, secret, oauth1_secret, .. } = made;
                return Ok(Found { client, secret, oauth1_secret });
            }
            Err(problems) if problems.iter().all(|problem| problem.field == "client_id") => {}
            Err(problems) => {
                let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
                bail!("the demo client {id} cannot be made: {}", said.join("; "));
            }
        }
    }
    bail!("the demo client {name} has been deleted too often: start on another folder")
}
