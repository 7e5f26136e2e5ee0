//! What `create` and `update` say about a client.

use clap::{Args, ValueEnum};
use valetkey_oauth2::{RedirectKind, RedirectUri};
use valetkey_provider::registry::ClientDraft;

use crate::config::Span;

/// What a client may be given.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Facts {
    /// Where answers may be sent; may repeat
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// A grant type: authorization_code, refresh_token, client_credentials, …; may repeat
    #[arg(long, value_name = "GRANT")]
    grant: Vec<String>,
    /// The most it may ask for
    #[arg(long)]
    scope: Option<String>,
    /// What it gets when it asks for nothing
    #[arg(long, value_name = "SCOPE")]
    default_scope: Option<String>,
    /// A resource it may name (RFC 8707); may repeat
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// How it may show who it is: client_secret_basic, client_secret_post, none; may repeat
    #[arg(long, value_name = "METHOD")]
    auth_method: Vec<String>,
    /// What its access tokens look like
    #[arg(long, value_name = "FORMAT")]
    token_format: Option<TokenFormat>,
    /// Whether it must use PKCE
    #[arg(long)]
    pkce: Option<Pkce>,
    /// An origin of its browser-based parts, for CORS; may repeat
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// How long its access tokens live: 10m, 1h
    #[arg(long, value_name = "SPAN", value_parser = Span::parse)]
    access_token_lifetime: Option<Span>,
    /// Its home page
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// Where its logo lies
    #[arg(long, value_name = "URL")]
    logo: Option<String>,
    /// Its privacy policy
    #[arg(long, value_name = "URL")]
    policy: Option<String>,
    /// Its terms of service
    #[arg(long, value_name = "URL")]
    terms: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TokenFormat {
    Jwt,
    Opaque,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Pkce {
    Required,
    Optional,
}

impl Facts {
    /// Whether answers go to programs on people's devices: to loopback, or to a scheme of an app's own (RFC 8252 §7).
    pub(super) fn leads_to_devices(&self) -> bool {
        self.redirect_uri
            .iter()
            .filter_map(|uri| RedirectUri::parse(uri).ok())
            .any(|uri| uri.kind() != RedirectKind::Https)
    }

    /// Writes what was said into a draft; what was not stays as it is.
    pub(super) fn apply(&self, draft: &mut ClientDraft) {
        let lists = [
            (&self.redirect_uri, &mut draft.redirect_uris),
            (&self.grant, &mut draft.grant_types),
            (&self.resource, &mut draft.resources),
            (&self.auth_method, &mut draft.auth_methods),
            (&self.origin, &mut draft.origins),
        ];
        for (said, own) in lists {
            if !said.is_empty() {
                own.clone_from(said);
            }
        }
        let texts = [
            (&self.scope, &mut draft.scope),
            (&self.default_scope, &mut draft.default_scope),
            (&self.site, &mut draft.site),
            (&self.logo, &mut draft.logo),
            (&self.policy, &mut draft.policy),
            (&self.terms, &mut draft.terms),
        ];
        for (said, own) in texts {
            if let Some(said) = said {
                own.clone_from(said);
            }
        }
        if let Some(format) = self.token_format {
            draft.token_format = match format {
                TokenFormat::Jwt => "jwt".to_owned(),
                TokenFormat::Opaque => "opaque".to_owned(),
            };
        }
        if let Some(pkce) = self.pkce {
            draft.pkce = match pkce {
                Pkce::Required => "required".to_owned(),
                Pkce::Optional => "optional".to_owned(),
            };
        }
        if let Some(span) = self.access_token_lifetime {
            draft.lifetimes.access_token = Some(span.0);
        }
    }
}

/// The flag that sets a draft's field.
pub(super) fn flag(field: &str) -> String {
    let flag = match field {
        "redirect_uris" => "redirect-uri",
        "grant_types" => "grant",
        "auth_methods" => "auth-method",
        "resources" => "resource",
        "origins" => "origin",
        "is_trusted" => "trusted",
        "may_introspect" => "introspect",
        "oauth1_methods" => "oauth1-method",
        "oauth1_rsa_keys" => "oauth1-rsa-key",
        "oauth1_secret" => "oauth1-secret-file",
        "oauth1_may_sign_alone" => "sign-alone",
        "kind" => "public, --native or --browser",
        other => return format!("--{}", other.replace('_', "-")),
    };
    format!("--{flag}")
}
