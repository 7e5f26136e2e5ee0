//! What `dev` has for trying out: somebody to log in as, and clients. Made once, and found again.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, anyhow};
use valetkey_oauth2::{ClientId, Secret};
use valetkey_ports::username_key;
use valetkey_provider::{
    Engine,
    people::{Actor, NewAccount},
    registry::{ClientDraft, Problem},
};

use crate::master_key;

/// What was made, or found.
pub(super) struct Demo {
    pub(super) username: &'static str,
    /// The confidential client: its own tokens, and codes.
    pub(super) client_id: &'static str,
    pub(super) client_secret: Secret,
    /// The public one, for programs on this machine.
    pub(super) app_id: &'static str,
    /// Where the demo app of `examples/` listens.
    pub(super) redirect_uri: &'static str,
    /// The one-time link for the first administrator.
    pub(super) admin_link: String,
}

const USERNAME: &str = "demo";
const CLIENT: &str = "demo-client";
const APP: &str = "demo-app";
const REDIRECT_URI: &str = "http://127.0.0.1:8000/callback";

/// Sees to it that everything is there.
pub(super) async fn prepare(engine: &Engine, data: &Path) -> anyhow::Result<Demo> {
    account(engine).await?;
    let client_secret = client(engine, &data.join("demo-client.secret")).await?;
    app(engine).await?;
    let link = engine.setup_link().await?;
    Ok(Demo {
        username: USERNAME,
        client_id: CLIENT,
        client_secret,
        app_id: APP,
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

/// The confidential client, with the secret that lies beside the database; where that is gone, it gets a new one.
async fn client(engine: &Engine, file: &Path) -> anyhow::Result<Secret> {
    let draft = ClientDraft {
        name: "Demo client".to_owned(),
        kind: "web".to_owned(),
        redirect_uris: vec![REDIRECT_URI.to_owned(), "http://localhost:8000/callback".to_owned()],
        grant_types: ["authorization_code", "refresh_token", "client_credentials"]
            .map(str::to_owned)
            .to_vec(),
        scope: engine.policy().scopes.all().to_string(),
        may_introspect: true,
        client_id: Some(CLIENT.to_owned()),
        ..ClientDraft::default()
    };
    let made = find_or_register(engine, &draft).await?;
    let kept = fs::read_to_string(file).ok().map(|text| Secret::new(text.trim()));
    let secret = match (made, kept) {
        (Some(secret), _) => secret,
        (None, Some(kept)) => return Ok(kept),
        (None, None) => {
            let id = ClientId::parse(CLIENT)?;
            let rotated = engine.rotate_secret(&id, Duration::ZERO, &Actor::DEMO).await?;
            rotated.ok_or_else(|| {
                anyhow!("the client {CLIENT} cannot get a new secret: delete it and start again")
            })?
        }
    };
    let _ = fs::remove_file(file);
    master_key::create(file, secret.expose().as_bytes())
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(secret)
}

/// The public client: a program on this machine, on whatever port it gets.
async fn app(engine: &Engine) -> anyhow::Result<()> {
    let draft = ClientDraft {
        name: "Demo app".to_owned(),
        kind: "native".to_owned(),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        grant_types: ["authorization_code", "refresh_token"].map(str::to_owned).to_vec(),
        scope: engine.policy().scopes.all().to_string(),
        client_id: Some(APP.to_owned()),
        ..ClientDraft::default()
    };
    find_or_register(engine, &draft).await?;
    Ok(())
}

/// The secret, where the client is new and has one.
async fn find_or_register(engine: &Engine, draft: &ClientDraft) -> anyhow::Result<Option<Secret>> {
    let id = ClientId::parse(draft.client_id.as_deref().unwrap_or_default())?;
    if let Some(known) = engine.ports().clients.find(&id).await? {
        if !known.is_active() {
            engine.enable_client(&id, &Actor::DEMO).await?;
        }
        return Ok(None);
    }
    let registered = engine.register(draft, &Actor::DEMO).await?;
    Ok(registered.map_err(|problems| refused(&id, &problems))?.secret)
}

fn refused(id: &ClientId, problems: &[Problem]) -> anyhow::Error {
    let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    anyhow!("the demo client {id} cannot be made: {}", said.join("; "))
}
