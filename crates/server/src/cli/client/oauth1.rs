//! What `create` and `update` say about OAuth 1, and how commands show it.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};
use valetkey_oauth2::{Secret, Timestamp};
use valetkey_ports::OAuth1Client;
use valetkey_provider::registry::{OAuth1Draft, write_moment};

use crate::{cli::ask, config::Span};

/// What a client may be given for OAuth 1; its callbacks are its redirect URIs, its consumer key is its id.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "OAuth 1 (RFC 5849)")]
pub(super) struct OAuth1Facts {
    /// It speaks OAuth 1: its client id is the consumer key, and it gets a secret for that. Without --grant it speaks
    /// nothing else
    #[arg(long, conflicts_with = "no_oauth1")]
    oauth1: bool,
    /// It speaks OAuth 1 no longer: its secret and its tokens are dead
    #[arg(long)]
    no_oauth1: bool,
    /// Reads a consumer secret of its own from a file, whatever characters it has; without this one is made
    #[arg(long, value_name = "FILE", conflicts_with = "oauth1_secret_stdin")]
    oauth1_secret_file: Option<PathBuf>,
    /// Reads a consumer secret of its own from standard input
    #[arg(long)]
    oauth1_secret_stdin: bool,
    /// A signature method that it may use: HMAC-SHA256, RSA-SHA256, …; may repeat; '' for those of the server
    #[arg(long, value_name = "NAME")]
    oauth1_method: Vec<String>,
    /// A file with an RSA public key in PEM; may repeat
    #[arg(long, value_name = "FILE")]
    oauth1_rsa_key: Vec<PathBuf>,
    /// Whether it may ask for `oob`: the person carries the verifier by hand
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    oob: Option<bool>,
    /// Whether requests that it signs without a token are answered
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    sign_alone: Option<bool>,
    /// How long its tokens live: 30d; without this as the server says
    #[arg(long, value_name = "SPAN", value_parser = Span::parse)]
    oauth1_token_lifetime: Option<Span>,
    /// From when on it must use OAuth 2: 2027-06-30, or 2027-06-30T12:00Z; '' for the server's own date
    #[arg(long, value_name = "DATE")]
    oauth1_sunset: Option<String>,
}

impl OAuth1Facts {
    /// Whether the secret comes on standard input.
    pub(super) const fn reads_stdin(&self) -> bool {
        self.oauth1_secret_stdin
    }

    /// Writes what was said into a draft; what was not stays as it is.
    pub(super) fn apply(&self, draft: &mut OAuth1Draft) -> anyhow::Result<()> {
        if self.no_oauth1 {
            ensure!(!self.says_more(), "--no-oauth1 takes OAuth 1 away: leave the other flags for it out");
            *draft = OAuth1Draft::default();
            return Ok(());
        }
        draft.is_on |= self.oauth1;
        ensure!(
            draft.is_on || !self.says_more(),
            "these flags are for clients that speak OAuth 1: say --oauth1"
        );
        if let Some(file) = &self.oauth1_secret_file {
            draft.secret = Some(ask::secret_from_file(file)?);
        } else if self.oauth1_secret_stdin {
            draft.secret = Some(ask::secret_from_stdin()?);
        }
        if !self.oauth1_method.is_empty() {
            draft.methods.clone_from(&self.oauth1_method);
        }
        if !self.oauth1_rsa_key.is_empty() {
            let read = |file: &PathBuf| {
                fs::read_to_string(file)
                    .with_context(|| format!("--oauth1-rsa-key: {} cannot be read", file.display()))
            };
            draft.rsa_keys = self.oauth1_rsa_key.iter().map(read).collect::<anyhow::Result<_>>()?;
        }
        draft.may_use_oob = self.oob.unwrap_or(draft.may_use_oob);
        draft.may_sign_alone = self.sign_alone.unwrap_or(draft.may_sign_alone);
        draft.token_lifetime = self.oauth1_token_lifetime.map_or(draft.token_lifetime, |span| Some(span.0));
        if let Some(sunset) = &self.oauth1_sunset {
            draft.sunset.clone_from(sunset);
        }
        Ok(())
    }

    const fn says_more(&self) -> bool {
        self.oauth1_secret_file.is_some()
            || self.oauth1_secret_stdin
            || !self.oauth1_method.is_empty()
            || !self.oauth1_rsa_key.is_empty()
            || self.oob.is_some()
            || self.sign_alone.is_some()
            || self.oauth1_token_lifetime.is_some()
            || self.oauth1_sunset.is_some()
    }
}

/// For programs; never a secret.
pub(super) fn json(own: &OAuth1Client) -> Value {
    json!({
        "methods": own.methods,
        "rsa_keys": own.rsa_keys,
        "secrets": own.secrets.len(),
        "oob": own.may_use_oob,
        "sign_alone": own.may_sign_alone,
        "token_lifetime": own.token_lifetime.map(|lifetime| lifetime.as_secs()),
        "sunset": own.sunset.map(Timestamp::seconds),
    })
}

/// For people.
pub(super) fn lines(own: &OAuth1Client, secret: Option<&Secret>) -> Vec<String> {
    let mut lines = Vec::new();
    // Quoted where it is a given one with characters that a terminal would act on.
    let shown = |secret: &Secret| match secret.expose() {
        text if text.chars().any(char::is_control) => format!("{text:?}"),
        text => text.to_owned(),
    };
    lines.extend(secret.map(|secret| format!("oauth1_secret  {}   (shown this once)", shown(secret))));
    let mut facts = vec![match &own.methods {
        Some(methods) => methods.join(" "),
        None => "the server's signature methods".to_owned(),
    }];
    match own.rsa_keys.len() {
        0 => {}
        1 => facts.push("an RSA key".to_owned()),
        many => facts.push(format!("{many} RSA keys")),
    }
    facts.extend(own.may_use_oob.then(|| "oob".to_owned()));
    facts.extend(own.may_sign_alone.then(|| "signs alone".to_owned()));
    facts.extend(own.token_lifetime.map(|lifetime| format!("tokens live {}", Span(lifetime))));
    facts.extend(own.sunset.map(|at| format!("until {}", write_moment(at))));
    lines.push(format!("oauth1         {}", facts.join(", ")));
    lines
}
