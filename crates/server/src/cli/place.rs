//! Which database a command means, and with which settings.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use crate::{
    app::{App, Mode},
    config::{Flags, Layers, Settings},
    master_key,
};

/// Which database.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Place {
    /// The configuration of a server [default: ./valetkey.toml, where it is]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The data folder of `valetkey dev` [default: ./valetkey-dev, where it is]
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub(super) data: Option<PathBuf>,
    /// The database, whatever the configuration says
    #[arg(long, value_name = "URL")]
    pub(super) database: Option<String>,
}

/// The configuration that is read when none is named.
pub(super) const CONFIG: &str = "valetkey.toml";
/// The folder that `dev` uses when none is named.
pub(super) const DATA: &str = "valetkey-dev";

impl Place {
    /// The settings of that place.
    pub(super) fn settings(&self) -> anyhow::Result<Settings> {
        let mut flags = Flags::new();
        if let Some(database) = &self.database {
            flags.push(("database", database.clone()));
        }
        let (config, data) = match (&self.config, &self.data) {
            (Some(config), _) => (Some(config.clone()), None),
            (None, Some(data)) => (None, Some(data.clone())),
            (None, None) if Path::new(CONFIG).exists() => (Some(CONFIG.into()), None),
            (None, None) if self.database.is_none() && Path::new(DATA).exists() => (None, Some(DATA.into())),
            (None, None) if self.database.is_some() || std::env::var_os("VALETKEY_DATABASE").is_some() => {
                (None, None)
            }
            (None, None) => bail!(
                "which server? Name its configuration with --config FILE, or the folder of `valetkey dev` with --data DIR"
            ),
        };
        if let Some(data) = &data {
            if self.database.is_none() && !database_in(data).exists() {
                bail!(
                    "there is no database in {0}: start `valetkey dev --data {0}` once, or name another folder",
                    data.display()
                );
            }
            flags.extend(flags_of(data, self.database.is_none()));
        }
        Ok(Layers::read(config.as_deref(), &flags)?.settings)
    }

    /// The engine over that place's database, as commands use it.
    pub(super) async fn open(&self) -> anyhow::Result<App> {
        let settings = self.settings()?;
        let mode = Mode { keeps_issuer: true, ..Mode::default() };
        App::open(&settings, &master_key::find(&settings)?, mode).await
    }
}

/// What a data folder means in settings.
pub(super) fn flags_of(data: &Path, with_database: bool) -> Flags {
    let mut flags = vec![("master_key_file", data.join("master.key").display().to_string())];
    if with_database {
        flags.push(("database", format!("sqlite://{}", database_in(data).display())));
    }
    flags
}

fn database_in(data: &Path) -> PathBuf {
    data.join("valetkey.sqlite")
}
