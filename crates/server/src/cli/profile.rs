//! `valetkey profile`: what one word turns on.

use anyhow::bail;
use clap::Subcommand;
use serde_json::json;
use valetkey_provider::config::Profile as Known;

use super::output::Output;

/// Explains profiles: sets of choices under one name
#[derive(Subcommand)]
pub(super) enum Profile {
    /// Prints what a profile turns on, with the paragraph that asks for it
    #[command(
        after_help = "Examples:\n  valetkey profile explain oauth21\n  valetkey profile explain legacy --json"
    )]
    Explain {
        /// `oauth21` or `legacy`
        name: String,
    },
}

impl Profile {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        let Self::Explain { name } = self;
        let Some(profile) = Known::ALL.iter().find(|profile| profile.as_str() == name) else {
            let all: Vec<&str> = Known::ALL.iter().map(|profile| profile.as_str()).collect();
            bail!("there is no profile {name:?}: the profiles are {}", all.join(" and "));
        };
        let lines = profile.explain();
        let rows: Vec<_> =
            lines.iter().map(|(what, paragraph)| json!({ "what": what, "paragraph": paragraph })).collect();
        output.show(&json!({ "profile": name, "turns_on": rows }), || {
            let line = |(what, paragraph): &(&str, &str)| match *paragraph {
                "" => (*what).to_owned(),
                paragraph => format!("- {what} ({paragraph})"),
            };
            lines.iter().map(line).collect::<Vec<_>>().join("\n")
        });
        Ok(())
    }
}
