//! The wiring list: which store, which engine, which pages.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context as _, anyhow, bail};
use valetkey_crypto::MasterKey;
use valetkey_oauth2::Issuer;
use valetkey_pages::{Pages, PagesFace, templates::Templates};
use valetkey_ports::{Page, Ports, SystemClock, SystemRandom};
use valetkey_provider::{Provider, config::Warning, provider::BuildError};
use valetkey_store::Store;

use crate::config::{self, Settings};

/// A provider over its store.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) provider: Provider,
    pub(crate) warnings: Vec<Warning>,
    templates: Arc<Templates>,
}

/// Whether this is `dev`, and what it may do about an issuer that changed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mode {
    /// Demo logins without a password.
    pub(crate) is_demo: bool,
    /// Tokens of another issuer may die.
    pub(crate) accepts_issuer_change: bool,
    /// Keeps the issuer that the database has: commands.
    pub(crate) keeps_issuer: bool,
}

/// The fact in the store that says for which issuer its tokens are.
const ISSUER: &str = "issuer";

impl App {
    /// Opens the store and builds the engine over it.
    pub(crate) async fn open(
        settings: &Settings,
        master_key: &MasterKey,
        mode: Mode,
    ) -> anyhow::Result<Self> {
        let store = valetkey_store::open(&settings.database, Arc::new(SystemClock), Arc::new(SystemRandom));
        let store =
            store.await.with_context(|| format!("the database {} cannot be opened", settings.database))?;
        let built = Self::build(settings, master_key, mode, &store).await;
        match built {
            Ok((provider, templates, warnings)) => Ok(Self { store, provider, warnings, templates }),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    async fn build(
        settings: &Settings,
        master_key: &MasterKey,
        mode: Mode,
        store: &Store,
    ) -> anyhow::Result<(Provider, Arc<Templates>, Vec<Warning>)> {
        let issuer = issuer(settings, mode, &store.ports).await?;
        let mut weak = config::warnings(settings, &issuer);
        let mut policy = config::policy(settings, issuer.clone())?;
        policy.demo = mode.is_demo;
        let templates = templates(settings.templates.clone(), mode)?;
        let mut face = PagesFace::new(Arc::clone(&templates), &policy);
        if let Some(name) = &settings.site_name {
            face = face.site_name(name);
        }
        let built = Provider::builder()
            .policy(policy)
            .ports(store.ports.clone())
            .master_key(master_key)
            .face(Arc::new(face))
            .build()
            .await;
        let (provider, warnings) = built.map_err(explain)?;
        weak.extend(warnings);
        if !mode.keeps_issuer {
            store.ports.meta.set(ISSUER, issuer.as_str()).await?;
        }
        Ok((provider, templates, weak))
    }

    /// The pages before the engine.
    pub(crate) fn pages(&self, settings: &Settings) -> Pages {
        let pages = Pages::new(Arc::clone(self.provider.engine()), Arc::clone(&self.templates));
        match &settings.site_name {
            Some(name) => pages.site_name(name),
            None => pages,
        }
    }
}

/// Commands show no pages: what is wrong with an operator's templates is the server's to say.
fn templates(folder: Option<PathBuf>, mode: Mode) -> anyhow::Result<Arc<Templates>> {
    let folder = folder.filter(|_| !mode.keeps_issuer);
    Ok(Arc::new(Templates::new(folder).context("the built-in templates are broken")?))
}

/// The configured issuer, or for commands the one that the database was last served under.
async fn issuer(settings: &Settings, mode: Mode, ports: &Ports) -> anyhow::Result<Issuer> {
    let known = ports.meta.get(ISSUER).await?;
    match (&settings.issuer, known) {
        (Some(issuer), Some(known)) if known != issuer.as_str() => {
            if !mode.accepts_issuer_change && !mode.keeps_issuer && has_tokens(ports).await? {
                bail!(
                    "this database has been served as {known}, and now the issuer is {issuer}: every token, cookie and \
                     metadata document of {known} ends with the change. Say --accept-issuer-change if that is meant"
                );
            }
            Ok(issuer.clone())
        }
        (Some(issuer), _) => Ok(issuer.clone()),
        (None, Some(known)) if mode.keeps_issuer => Ok(Issuer::parse(&known)?),
        (None, _) if mode.keeps_issuer => Ok(Issuer::parse(&format!("http://{}", settings.listen))?),
        (None, _) => Err(anyhow!(
            "there is no issuer: write the server's public address as `issuer = \"https://id.example.com\"` into the \
             configuration, or set VALETKEY_ISSUER"
        )),
    }
}

/// Whether anybody holds anything of the issuer that was: grants are purged when their last token has died.
async fn has_tokens(ports: &Ports) -> anyhow::Result<bool> {
    let grants = ports.grants.list(None, &Page::first(50)).await?;
    Ok(grants.iter().any(|grant| grant.revoked_at.is_none()))
}

fn explain(error: BuildError) -> anyhow::Error {
    match error {
        BuildError::WrongMasterKey => anyhow!(
            "the master key is not the one that this database was sealed with: nothing in it can be opened. Put the \
             right key where master_key_file (or master_key, or master_key_command) says"
        ),
        other => anyhow::Error::from(other).context("the configuration cannot hold"),
    }
}
