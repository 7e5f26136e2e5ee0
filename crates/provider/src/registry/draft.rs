//! A client as a form or a command gives it: plain texts, nothing checked yet.

use valetkey_oauth2::{GrantType, Origin, RedirectUri, Resource, Secret};
use valetkey_ports::{Client, ClientKind, Lifetimes, PkcePolicy};

use super::OAuth1Draft;

/// A client as a form or a command gives it. Empty texts and lists mean the default of the kind.
#[derive(Clone, Debug, Default)]
pub struct ClientDraft {
    /// What people read.
    pub name: String,
    /// `web`, `browser` or `native`; empty: `web`.
    pub kind: String,
    /// Its home page; empty: none.
    pub site: String,
    /// Where its logo lies; empty: none.
    pub logo: String,
    /// Its privacy policy; empty: none.
    pub policy: String,
    /// Its terms of service; empty: none.
    pub terms: String,
    /// Where answers may be sent.
    pub redirect_uris: Vec<String>,
    /// What it may ask for tokens with; empty: codes and refresh tokens, or nothing where it speaks OAuth 1.
    pub grant_types: Vec<String>,
    /// The most it may ask for; empty: everything that is not privileged.
    pub scope: String,
    /// What it gets when it asks for nothing; empty: the server's default.
    pub default_scope: String,
    /// How it may show who it is; empty: as the kind does.
    pub auth_methods: Vec<String>,
    /// `jwt` or `opaque`; empty: as the resource or the server says.
    pub token_format: String,
    /// `required` or `optional`; empty: required.
    pub pkce: String,
    /// Origins of its browser-based parts, beside those of its redirect URIs.
    pub origins: Vec<String>,
    /// The resources it may name; empty: any.
    pub resources: Vec<String>,
    /// Where its lifetimes differ from the server's.
    pub lifetimes: Lifetimes,
    /// Whether the operator vouches for it. Operators only.
    pub is_trusted: bool,
    /// Whether it may ask about every token. Operators only.
    pub may_introspect: bool,
    /// An id of its own, where one is given rather than made. Operators only; left alone by a change.
    pub client_id: Option<String>,
    /// A secret of its own, where one is given rather than made. Operators only.
    pub client_secret: Option<Secret>,
    /// What it has for OAuth 1.
    pub oauth1: OAuth1Draft,
}

impl From<&Client> for ClientDraft {
    /// What the client is now, for a form to edit or a command to change a part of.
    fn from(client: &Client) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let texts = |values: &mut dyn Iterator<Item = &str>| values.map(str::to_owned).collect();
        Self {
            name: client.name.clone(),
            kind: kind_name(client.kind).to_owned(),
            site: text(&client.site),
            logo: text(&client.logo),
            policy: text(&client.policy),
            terms: text(&client.terms),
            redirect_uris: texts(&mut client.redirect_uris.iter().map(RedirectUri::as_str)),
            grant_types: texts(&mut client.grant_types.iter().map(GrantType::as_str)),
            scope: client.scope.to_string(),
            default_scope: client.default_scope.as_ref().map(ToString::to_string).unwrap_or_default(),
            auth_methods: texts(&mut client.auth_methods.iter().map(|method| method.as_str())),
            token_format: client.token_format.map(|format| format.as_str().to_owned()).unwrap_or_default(),
            pkce: match client.pkce {
                PkcePolicy::Required => "required".to_owned(),
                PkcePolicy::Optional => "optional".to_owned(),
            },
            origins: texts(&mut client.origins.iter().map(Origin::as_str)),
            resources: texts(&mut client.resources.iter().map(Resource::as_str)),
            lifetimes: client.lifetimes,
            is_trusted: client.is_trusted,
            may_introspect: client.may_introspect,
            client_id: None,
            client_secret: None,
            oauth1: OAuth1Draft::from(client),
        }
    }
}

/// The kind as a form or a command writes it.
pub(super) const fn kind_name(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Web => "web",
        ClientKind::Browser => "browser",
        ClientKind::Native => "native",
    }
}
