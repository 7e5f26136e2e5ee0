//! `valetkey key`: the keys that sign.

use clap::Subcommand;
use serde_json::{Value, json};
use valetkey_oauth2::Timestamp;
use valetkey_ports::{KeyState, SigningKeyRecord};

use super::{
    output::{Output, table, when},
    place::Place,
    run,
};

/// Lists and rotates signing keys
#[derive(Subcommand)]
pub(super) enum Key {
    /// Lists the keys that are published
    #[command(
        after_help = "Examples:\n  valetkey key list\n  valetkey key list --config /etc/valetkey/valetkey.toml --json"
    )]
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Brings the next key: published now, signing once every cache has it
    #[command(after_help = "Examples:\n  valetkey key rotate\n  valetkey key rotate --now\n\n\
        --now is for a key that has leaked: a new one signs at once, the old one leaves the JWKS, and every JWT that it \
        signed is dead.")]
    Rotate {
        /// Ends the current key at once, and every token it signed
        #[arg(long)]
        now: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Key {
    pub(super) fn run(&self, output: Output) -> anyhow::Result<()> {
        match self {
            Self::List { place } => run::command(place, async |engine| {
                show(output, &engine.ports().keys.list().await?);
                Ok(())
            }),
            Self::Rotate { now, place } => run::command(place, async |engine| {
                show(output, &engine.rotate_keys(*now, "command line").await?);
                Ok(())
            }),
        }
    }
}

fn show(output: Output, keys: &[SigningKeyRecord]) {
    let row = |key: &SigningKeyRecord| {
        vec![
            key.kid.clone(),
            key.algorithm.clone(),
            state(key.state).to_owned(),
            when(key.created_at),
            when(key.activates_at),
        ]
    };
    output.show(&json!({ "keys": keys.iter().map(json).collect::<Vec<_>>() }), || {
        table(&["KEY", "ALGORITHM", "STATE", "MADE", "SIGNS FROM"], &keys.iter().map(row).collect::<Vec<_>>())
    });
}

fn json(key: &SigningKeyRecord) -> Value {
    json!({
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": state(key.state),
        "created_at": key.created_at.seconds(),
        "activates_at": key.activates_at.seconds(),
        "retired_at": key.retired_at.map(Timestamp::seconds),
    })
}

fn state(state: KeyState) -> &'static str {
    match state {
        KeyState::Next => "next",
        KeyState::Current => "current",
        KeyState::Retiring => "retiring",
        KeyState::Gone => "gone",
    }
}
