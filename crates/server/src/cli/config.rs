//! `valetkey config`: what holds, and whence.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use valetkey_oauth2::Issuer;

use super::{
    output::{Output, table},
    place::CONFIG,
};
use crate::{
    config::{self, Flags, Layers},
    master_key,
    wire::{self, TrustedProxies},
};

/// Checks and shows the configuration
#[derive(Subcommand)]
pub(super) enum Config {
    /// Checks the configuration as `serve` would, without starting anything
    #[command(
        after_help = "Examples:\n  valetkey config check --config /etc/valetkey/valetkey.toml\n  valetkey config check --json"
    )]
    Check(File),
    /// Shows every setting; secrets stay hidden
    #[command(
        after_help = "Examples:\n  valetkey config show --origin\n  valetkey config show --config valetkey.toml --json"
    )]
    Show {
        /// Tells whence each value is: the file, the environment, or the default
        #[arg(long)]
        origin: bool,
        #[command(flatten)]
        file: File,
    },
}

#[derive(Args)]
pub(super) struct File {
    /// The configuration [default: ./valetkey.toml, where it is]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl File {
    fn layers(&self) -> anyhow::Result<Layers> {
        let default = || Path::new(CONFIG).exists().then(|| PathBuf::from(CONFIG));
        let file = self.config.clone().or_else(default);
        Layers::read(file.as_deref(), &Flags::new())
    }
}

impl Config {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        match self {
            Self::Check(file) => check(output, &file.layers()?),
            Self::Show { origin, file } => show(output, &file.layers()?, *origin),
        }
    }
}

fn check(output: Output, layers: &Layers) -> anyhow::Result<()> {
    let settings = &layers.settings;
    let missing =
        "there is no issuer: write the server's public address as `issuer = \"https://id.example.com\"`";
    let issuer: Issuer = settings.issuer.clone().ok_or_else(|| anyhow::anyhow!(missing))?;
    let policy = config::policy(settings, issuer.clone())?;
    let mut warnings = config::warnings(settings, &issuer);
    warnings.extend(policy.check()?);
    master_key::find(settings)?;
    TrustedProxies::parse(&settings.trusted_proxies.0).map_err(anyhow::Error::msg)?;
    if let Some(tls) = &settings.tls {
        wire::acceptor(&tls.certificate_file, &tls.key_file)?;
    }
    let said: Vec<&str> = warnings.iter().map(|warning| warning.0.as_str()).collect();
    output.show(&json!({ "ok": true, "issuer": issuer.as_str(), "warnings": said }), || {
        let mut lines = vec![format!("The configuration holds; the issuer is {issuer}.")];
        lines.extend(said.iter().map(|warning| format!("warning: {warning}")));
        lines.join("\n")
    });
    Ok(())
}

fn show(output: Output, layers: &Layers, with_origin: bool) -> anyhow::Result<()> {
    let list = layers.list()?;
    let json: Map<String, Value> = list
        .iter()
        .map(|(key, value, origin)| {
            let told = if with_origin { json!({ "value": value, "origin": origin }) } else { value.clone() };
            (key.clone(), told)
        })
        .collect();
    output.show(&Value::Object(json), || {
        let row = |(key, value, origin): &(String, Value, String)| {
            let mut row = vec![key.clone(), value.to_string()];
            row.extend(with_origin.then(|| origin.clone()));
            row
        };
        let rows: Vec<_> = list.iter().filter(|(_, value, _)| !value.is_null()).map(row).collect();
        let head: &[&str] = if with_origin { &["SETTING", "VALUE", "FROM"] } else { &["SETTING", "VALUE"] };
        table(head, &rows)
    });
    Ok(())
}
