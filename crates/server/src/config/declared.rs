//! Clients and accounts that the configuration declares, merged at each start: what is new is made, what changed is
//! changed, what was removed is disabled (decision 23).

use anyhow::{bail, ensure};
use serde::{Deserialize, Serialize};
use valetkey_oauth2::ClientId;
use valetkey_ports::{ClientOrigin, Page, username_key};
use valetkey_provider::{
    Engine,
    people::{Actor, NewAccount},
    registry::{ClientDraft, Problem},
};

use super::{DeclaredOAuth1, Hidden, Settings, Texts};

/// A client in the configuration.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeclaredClient {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Hidden>,
    pub(crate) name: String,
    /// `web`, `browser` or `native`.
    pub(crate) kind: String,
    pub(crate) site: String,
    pub(crate) logo: String,
    pub(crate) policy: String,
    pub(crate) terms: String,
    pub(crate) redirect_uris: Texts,
    pub(crate) grant_types: Texts,
    pub(crate) scope: String,
    pub(crate) default_scope: String,
    pub(crate) auth_methods: Texts,
    pub(crate) token_format: String,
    /// `required` or `optional`.
    pub(crate) pkce: String,
    pub(crate) origins: Texts,
    pub(crate) resources: Texts,
    pub(crate) trusted: bool,
    pub(crate) introspect: bool,
    /// What it has for OAuth 1; with it, and without `grant_types`, it speaks nothing else.
    pub(crate) oauth1: Option<DeclaredOAuth1>,
}

/// An account in the configuration.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeclaredAccount {
    pub(crate) username: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// Set when the account is made; later the person's own.
    pub(crate) password: Option<Hidden>,
    pub(crate) admin: bool,
}

/// Brings the store to what is declared. Running it twice changes nothing the second time.
pub(crate) async fn merge(engine: &Engine, settings: &Settings) -> anyhow::Result<()> {
    for declared in &settings.clients {
        merge_client(engine, declared).await?;
    }
    disable_removed(engine, settings).await?;
    for declared in &settings.accounts {
        merge_account(engine, declared).await?;
    }
    Ok(())
}

async fn merge_client(engine: &Engine, declared: &DeclaredClient) -> anyhow::Result<()> {
    ensure!(!declared.client_id.is_empty(), "clients: {:?} needs a client_id", declared.name);
    let id = ClientId::parse(&declared.client_id)?;
    let mut draft = declared.draft()?;
    let Some(known) = engine.ports().clients.find(&id).await? else {
        engine.register(&draft, &Actor::CONFIGURATION).await?.map_err(|problems| refused(&id, &problems))?;
        return Ok(());
    };
    if known.origin != ClientOrigin::Configuration {
        bail!("clients: {id} was registered by other means already: give the declared one another client_id");
    }
    // What it is given anew is left out where it holds already, so that a start without a change writes nothing.
    draft.client_secret = draft
        .client_secret
        .filter(|secret| !known.secrets.iter().any(|own| own.hash == valetkey_ports::SecretHash::of(secret)));
    let changed = engine.update_client(&id, &draft, &Actor::CONFIGURATION).await?;
    if let Some(outcome) = changed {
        outcome.map_err(|problems| refused(&id, &problems))?;
    }
    if !known.is_active() {
        engine.enable_client(&id, &Actor::CONFIGURATION).await?;
    }
    Ok(())
}

/// What was declared and is no longer is disabled, not deleted: it may come back.
async fn disable_removed(engine: &Engine, settings: &Settings) -> anyhow::Result<()> {
    let mut page = Page::first(200);
    loop {
        let clients = engine.ports().clients.list(None, &page).await?;
        let Some(last) = clients.last() else { return Ok(()) };
        page.after = Some(last.id.to_string());
        for client in &clients {
            let is_declared =
                settings.clients.iter().any(|declared| declared.client_id == client.id.as_str());
            if client.origin == ClientOrigin::Configuration && client.is_active() && !is_declared {
                engine.disable_client(&client.id, &Actor::CONFIGURATION).await?;
                tracing::warn!(client = %client.id, "no longer in the configuration: disabled");
            }
        }
    }
}

async fn merge_account(engine: &Engine, declared: &DeclaredAccount) -> anyhow::Result<()> {
    let accounts = &engine.ports().accounts;
    let Some(known) = accounts.find_by_username(&username_key(&declared.username)).await? else {
        let new = NewAccount {
            username: declared.username.clone(),
            name: declared.name.clone(),
            email: declared.email.clone(),
            password: declared.password.as_ref().map(|password| password.0.clone()),
            is_admin: declared.admin,
            is_demo: false,
        };
        if let Err(refusal) = engine.create_account(&new, &Actor::CONFIGURATION).await? {
            bail!("accounts: {:?}: {refusal}", declared.username);
        }
        return Ok(());
    };
    let mut wanted = known.clone();
    wanted.is_admin = declared.admin;
    wanted.name = declared.name.clone().or(wanted.name);
    wanted.email = declared.email.clone().or(wanted.email);
    if wanted != known {
        accounts.update(&wanted).await?;
    }
    Ok(())
}

fn refused(id: &ClientId, problems: &[Problem]) -> anyhow::Error {
    let said: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message)).collect();
    anyhow::anyhow!("clients: {id}: {}", said.join("; "))
}

impl DeclaredClient {
    fn draft(&self) -> anyhow::Result<ClientDraft> {
        let oauth1 = self.oauth1.as_ref().map(|own| own.draft(&self.client_id)).transpose()?;
        Ok(ClientDraft {
            name: if self.name.is_empty() { self.client_id.clone() } else { self.name.clone() },
            kind: self.kind.clone(),
            site: self.site.clone(),
            logo: self.logo.clone(),
            policy: self.policy.clone(),
            terms: self.terms.clone(),
            redirect_uris: self.redirect_uris.0.clone(),
            grant_types: self.grant_types.0.clone(),
            scope: self.scope.clone(),
            default_scope: self.default_scope.clone(),
            auth_methods: self.auth_methods.0.clone(),
            token_format: self.token_format.clone(),
            pkce: self.pkce.clone(),
            origins: self.origins.0.clone(),
            resources: self.resources.0.clone(),
            lifetimes: valetkey_ports::Lifetimes::default(),
            is_trusted: self.trusted,
            may_introspect: self.introspect,
            client_id: Some(self.client_id.clone()),
            client_secret: self.client_secret.as_ref().map(|secret| secret.0.clone()),
            oauth1: oauth1.unwrap_or_default(),
        })
    }
}
