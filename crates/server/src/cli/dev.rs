//! `valetkey dev`: a provider on this machine, to begin with and to try out.

mod demo;
mod words;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Args;

use super::{
    output::Output,
    place::{DATA, flags_of},
    run,
};
use crate::{
    app::{App, Mode},
    config::{self, Layers},
    master_key, telemetry,
};

/// Runs a provider on this machine, with everything it needs made at the first start.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  valetkey dev\n  valetkey dev --port 8080 --data /tmp/try\n  valetkey dev --json\n\n\
    The folder holds the database, the master key and the demo clients' secrets; starting again on it makes nothing twice.\n\
    `valetkey serve` on the same database is production: it refuses the demo account and the demo clients."
)]
pub(super) struct Dev {
    /// The port to listen on, on loopback only
    #[arg(long, default_value_t = 7000)]
    port: u16,
    /// Where the database and the keys lie
    #[arg(long, value_name = "DIR", default_value = DATA)]
    data: PathBuf,
    /// A configuration to start from
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How much to log: `warn`, `info`, `debug`, `trace`
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
}

impl Dev {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        make_folder(&self.data)?;
        let mut flags = flags_of(&self.data, true);
        flags.push(("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)).to_string()));
        flags.extend(self.log.clone().map(|level| ("log.level", level)));
        let mut settings = Layers::read(self.config.as_deref(), &flags)?.settings;
        telemetry::log(&settings.log)?;
        let key = master_key::find_or_make(&self.data.join("master.key"))?;
        run::server_runtime()?.block_on(async {
            let listener = run::bind(&settings).await?;
            settings.listen = listener.local_addr()?;
            // Whatever a configuration says: `dev` is for this machine.
            settings.issuer = Some(format!("http://{}", settings.listen).try_into()?);
            settings.tls = None;
            let mode = Mode { is_demo: true, accepts_issuer_change: true, keeps_issuer: false };
            let app = App::open(&settings, &key, mode).await?;
            let engine = app.provider.engine();
            config::merge(engine, &settings).await?;
            let demo = demo::prepare(engine, &self.data).await?;
            let words = words::Words::new(engine, &demo, &self.data, &app.warnings);
            output.show(&words.json(), || words.text());
            run::serve(app, &settings, listener).await
        })
    }
}

fn make_folder(folder: &std::path::Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))
}
