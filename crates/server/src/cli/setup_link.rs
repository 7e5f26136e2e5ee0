//! `valetkey setup-link`: how the first administrator comes in.

use clap::Args;
use serde_json::json;

use super::{output::Output, place::Place, run};

/// Prints a link that makes whoever opens it an administrator: once, within the hour.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  valetkey setup-link --config /etc/valetkey/valetkey.toml\n  valetkey setup-link --data ./valetkey-dev --json"
)]
pub(super) struct SetupLink {
    #[command(flatten)]
    place: Place,
}

impl SetupLink {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        run::command(&self.place, async |engine| {
            let link = engine.setup_link().await?;
            let url = engine.issuer().join(&format!("/setup/{}", link.expose()));
            output.show(&json!({ "url": url }), || format!("{url}\n\nIt works once, within the hour."));
            Ok(())
        })
    }
}
