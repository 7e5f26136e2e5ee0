//! How commands show clients: a record for programs, lines for people, a secret this once.

use std::time::Duration;

use serde_json::{Value, json};
use valetkey_oauth2::{ClientId, GrantType, Origin, RedirectUri, Resource, Secret, Timestamp, TokenFormat};
use valetkey_ports::{Client as Record, ClientKind, ClientOrigin, PkcePolicy};
use valetkey_provider::registry::Registered;

use super::oauth1;
use crate::{
    cli::output::{Output, table, when},
    config::Span,
};

/// A client that was made or changed, with what is shown only now.
pub(super) fn registered(output: Output, registered: &Registered) {
    let Registered { client, secret, oauth1_secret, warnings } = registered;
    let mut facts = json(client);
    for (name, secret) in [("client_secret", secret), ("oauth1_secret", oauth1_secret)] {
        if let Some(secret) = secret {
            facts[name] = secret.expose().into();
        }
    }
    if !warnings.is_empty() {
        facts["warnings"] = warnings.as_slice().into();
    }
    output.show(&facts, || {
        let mut lines = vec![
            format!("{}  ({})", client.name, kind(client.kind)),
            format!("client_id      {}", client.id),
        ];
        lines.extend(
            secret.as_ref().map(|secret| format!("client_secret  {}   (shown this once)", secret.expose())),
        );
        if let Some(own) = &client.oauth1 {
            lines.extend(oauth1::lines(own, oauth1_secret.as_ref()));
        }
        lines.extend(client.redirect_uris.iter().map(|uri| format!("redirect_uri   {uri}")));
        if !client.grant_types.is_empty() {
            let grants = texts(client.grant_types.iter().map(GrantType::as_str));
            lines.push(format!("grants         {}", grants.join(" ")));
        }
        lines.push(format!("scope          {}", client.scope));
        lines.extend(client.disabled_at.map(|at| format!("disabled       {}", when(at))));
        lines.extend(warnings.iter().map(|warning| format!("warning: {warning}")));
        lines.join("\n")
    });
}

/// A client as it is.
pub(super) fn client(output: Output, client: Record) {
    registered(output, &Registered { client, secret: None, oauth1_secret: None, warnings: Vec::new() });
}

/// A new secret, under the name that `create` tells it by.
pub(super) fn secret(output: Output, id: &ClientId, name: &str, secret: &Secret, overlap: Duration) {
    let facts = json!({
        "client_id": id.as_str(),
        name: secret.expose(),
        "old_secret_ends_in_seconds": overlap.as_secs(),
    });
    output.show(&facts, || {
        let old = if overlap.is_zero() {
            "The old secret is refused from now on.".to_owned()
        } else {
            format!("The old secret is taken for another {}.", Span(overlap))
        };
        format!("{name}  {}   (shown this once)\n{old}", secret.expose())
    });
}

pub(super) fn list(output: Output, clients: &[Record]) {
    let row = |client: &Record| {
        let state = if client.is_active() { "active" } else { "disabled" };
        vec![
            client.id.to_string(),
            client.name.clone(),
            kind(client.kind).to_owned(),
            protocols(client).to_owned(),
            origin(client.origin).to_owned(),
            state.to_owned(),
        ]
    };
    output.show(&json!({ "clients": clients.iter().map(json).collect::<Vec<_>>() }), || {
        let rows: Vec<_> = clients.iter().map(row).collect();
        table(&["CLIENT ID", "NAME", "KIND", "OAUTH", "FROM", "STATE"], &rows)
    });
}

fn json(client: &Record) -> Value {
    json!({
        "client_id": client.id.as_str(),
        "client_name": client.name,
        "kind": kind(client.kind),
        "origin": origin(client.origin),
        "owner": client.owner.map(|owner| owner.to_string()),
        "client_uri": client.site,
        "logo_uri": client.logo,
        "policy_uri": client.policy,
        "tos_uri": client.terms,
        "redirect_uris": texts(client.redirect_uris.iter().map(RedirectUri::as_str)),
        "grant_types": texts(client.grant_types.iter().map(GrantType::as_str)),
        "scope": client.scope.to_string(),
        "default_scope": client.default_scope.as_ref().map(ToString::to_string),
        "resources": texts(client.resources.iter().map(Resource::as_str)),
        "auth_methods": texts(client.auth_methods.iter().map(|method| method.as_str())),
        "token_format": client.token_format.map(TokenFormat::as_str),
        "pkce": if client.pkce == PkcePolicy::Required { "required" } else { "optional" },
        "origins": texts(client.origins.iter().map(Origin::as_str)),
        "trusted": client.is_trusted,
        "introspect": client.may_introspect,
        "secrets": client.secrets.len(),
        "oauth1": client.oauth1.as_ref().map(oauth1::json),
        "disabled_at": client.disabled_at.map(Timestamp::seconds),
        "created_at": client.created_at.seconds(),
        "updated_at": client.updated_at.seconds(),
    })
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    values.collect()
}

const fn protocols(client: &Record) -> &'static str {
    match (&client.oauth1, client.grant_types.is_empty()) {
        (Some(_), true) => "1",
        (Some(_), false) => "1 and 2",
        (None, _) => "2",
    }
}

fn kind(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Web => "web",
        ClientKind::Browser => "browser",
        ClientKind::Native => "native",
    }
}

fn origin(origin: ClientOrigin) -> &'static str {
    match origin {
        ClientOrigin::Pages => "pages",
        ClientOrigin::CommandLine => "command line",
        ClientOrigin::Configuration => "configuration",
        ClientOrigin::Demo => "demo",
    }
}
