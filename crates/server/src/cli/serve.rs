//! `valetkey serve`: the provider in production.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use valetkey_ports::{ClientOrigin, Page};
use valetkey_provider::{Engine, people::Actor};

use super::{output::Output, place::CONFIG, run};
use crate::{
    app::{App, Mode},
    config::{self, Flags, Layers},
    master_key, telemetry,
};

/// Runs the provider.
#[derive(Args)]
#[command(after_help = "Examples:\n  valetkey serve --config /etc/valetkey/valetkey.toml\n  \
    VALETKEY_ISSUER=https://id.example.com VALETKEY_MASTER_KEY_FILE=/run/secrets/master.key valetkey serve\n\n\
    A smallest configuration:\n  issuer = \"https://id.example.com\"\n  database = \"sqlite:///var/lib/valetkey/valetkey.sqlite\"\n  \
    master_key_file = \"/etc/valetkey/master.key\"\n  trusted_proxies = [\"127.0.0.1\"]")]
pub(super) struct Serve {
    /// The configuration [default: ./valetkey.toml, where it is]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The port to listen on
    #[arg(long)]
    port: Option<u16>,
    /// The database, whatever the configuration says
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// How much to log: `warn`, `info`, `debug`
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
    /// Lets the issuer be plain http beyond this machine
    #[arg(long)]
    insecure_transport: bool,
    /// Lets the issuer be another one than before, which ends every token
    #[arg(long)]
    accept_issuer_change: bool,
}

impl Serve {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        let config = match &self.config {
            Some(config) => Some(config.clone()),
            None => Path::new(CONFIG).exists().then(|| PathBuf::from(CONFIG)),
        };
        let mut flags = Flags::new();
        let mut flag = |key, value: Option<String>| flags.extend(value.map(|value| (key, value)));
        flag("listen", self.listen.clone());
        flag("database", self.database.clone());
        flag("log.level", self.log.clone());
        flag("insecure_transport", self.insecure_transport.then(|| "true".to_owned()));
        let mut settings = Layers::read(config.as_deref(), &flags)?.settings;
        if let Some(port) = self.port {
            settings.listen.set_port(port);
        }
        telemetry::log(&settings.log)?;
        let key = master_key::find(&settings)?;
        run::server_runtime()?.block_on(async {
            let listener = run::bind(&settings).await?;
            let mode = Mode { accepts_issuer_change: self.accept_issuer_change, ..Mode::default() };
            let app = App::open(&settings, &key, mode).await?;
            for warning in &app.warnings {
                tracing::warn!("{}", warning.0);
            }
            refuse_demo(app.provider.engine()).await?;
            config::merge(app.provider.engine(), &settings).await?;
            let issuer = app.provider.engine().issuer().to_string();
            let address = listener.local_addr()?;
            output.show(&json!({ "issuer": issuer, "listen": address.to_string() }), || {
                format!("{issuer} is served on {address}")
            });
            run::serve(app, &settings, listener).await
        })
    }
}

/// What `dev` made for trying out is nobody's to use in earnest (decision 29): it is switched off, and said.
async fn refuse_demo(engine: &Engine) -> anyhow::Result<()> {
    let ports = engine.ports();
    let mut page = Page::first(500);
    loop {
        let clients = ports.clients.list(None, &page).await?;
        let Some(last) = clients.last() else { break };
        page.after = Some(last.id.to_string());
        for client in
            clients.iter().filter(|client| client.origin == ClientOrigin::Demo && client.is_active())
        {
            engine.disable_client(&client.id, &Actor::DEMO).await?;
            tracing::warn!(
                "the demo client {0} is refused: it is disabled now (`valetkey client delete {0} --yes` removes it)",
                client.id
            );
        }
    }
    let mut page = Page::first(500);
    loop {
        let accounts = ports.accounts.list(&page).await?;
        let Some(last) = accounts.last() else { return Ok(()) };
        page.after = Some(last.username.key().to_owned());
        for account in accounts.iter().filter(|account| account.is_demo && account.is_active()) {
            engine.disable_account(&account.id, &Actor::DEMO).await?;
            tracing::warn!(
                "the demo account {0:?} is refused: it is disabled now (`valetkey user delete {0} --yes` removes it)",
                account.username.as_str()
            );
        }
    }
}
