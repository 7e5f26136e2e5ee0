//! Every rule of registration (security RG-02, AZ-03, AZ-04), as one pure function.

mod addresses;
mod oauth1;
mod rights;

use std::time::Duration;

use valetkey_oauth2::{AuthMethod, ClientId, GrantType, Origin, RedirectUri, Resource, Scope, TokenFormat};
use valetkey_ports::{Client, ClientKind, Lifetimes, OAuth1Client, PkcePolicy};

pub(super) use oauth1::only_rsa;

use super::{ClientDraft, Problem, names::is_deceptive};
use crate::{Policy, Switch};

/// What whoever drafts a client may ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rights<'a> {
    /// Whether privileged scopes, trust, introspection, given ids and secrets are within reach (security RG-05).
    pub is_operator: bool,
    /// The grant types that the server knows beside those of the specification.
    pub grant_types: &'a [GrantType],
    /// The client as it is, where it is changed rather than made: what it has it may keep.
    pub now: Option<&'a Client>,
}

/// A draft that holds.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are those of the draft and the record")]
pub struct Checked {
    pub name: String,
    pub kind: ClientKind,
    pub site: Option<String>,
    pub logo: Option<String>,
    pub policy: Option<String>,
    pub terms: Option<String>,
    pub redirect_uris: Vec<RedirectUri>,
    pub grant_types: Vec<GrantType>,
    pub scope: Scope,
    pub default_scope: Option<Scope>,
    pub resources: Vec<Resource>,
    pub auth_methods: Vec<AuthMethod>,
    pub pkce: PkcePolicy,
    pub token_format: Option<TokenFormat>,
    pub lifetimes: Lifetimes,
    pub origins: Vec<Origin>,
    pub is_trusted: bool,
    pub may_introspect: bool,
    pub client_id: Option<ClientId>,
    /// Its shared secrets are not in it yet.
    pub oauth1: Option<OAuth1Client>,
    /// What is weak about it, a sentence each.
    pub warnings: Vec<String>,
}

/// Checks a draft.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check(policy: &Policy, draft: &ClientDraft, rights: Rights<'_>) -> Result<Checked, Vec<Problem>> {
    let mut desk = Desk { policy, draft, rights, problems: Vec::new(), warnings: Vec::new() };
    let kind = desk.kind();
    let (is_trusted, may_introspect) = desk.privileges(kind);
    let checked = Checked {
        name: desk.name(),
        kind,
        site: desk.url("site", &draft.site),
        logo: desk.url("logo", &draft.logo),
        policy: desk.url("policy", &draft.policy),
        terms: desk.url("terms", &draft.terms),
        grant_types: desk.grant_types(kind),
        redirect_uris: desk.redirect_uris(kind),
        scope: desk.scope(),
        default_scope: desk.default_scope(),
        resources: desk.resources(),
        auth_methods: desk.auth_methods(kind),
        pkce: desk.pkce(kind),
        token_format: desk.token_format(),
        lifetimes: desk.lifetimes(),
        origins: desk.origins(),
        is_trusted,
        may_introspect,
        client_id: desk.client_id(),
        oauth1: desk.oauth1(kind),
        warnings: Vec::new(),
    };
    desk.secret(kind, checked.shows_secret());
    desk.whole(&checked);
    if desk.problems.is_empty() {
        Ok(Checked { warnings: desk.warnings, ..checked })
    } else {
        Err(desk.problems)
    }
}

impl Checked {
    /// Whether it shows a secret to OAuth 2's endpoints: with OAuth 1 alone it has nothing to do there.
    pub(super) fn shows_secret(&self) -> bool {
        self.kind == ClientKind::Web && (!self.grant_types.is_empty() || self.may_introspect)
    }
}

/// A draft on the desk, and what is found out about it.
struct Desk<'a> {
    policy: &'a Policy,
    draft: &'a ClientDraft,
    rights: Rights<'a>,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

const NAME: usize = 80;
/// The most entries that a list takes.
const ENTRIES: usize = 30;

impl Desk<'_> {
    fn wrong(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(Problem::new(field, message));
    }

    fn warn(&mut self, message: impl Into<String>) {
        self.warnings.push(message.into());
    }

    /// Whether this server itself lives on this machine without TLS, as `dev` does (decision 10).
    fn is_workbench(&self) -> bool {
        self.policy.issuer.is_loopback() && !self.policy.issuer.is_secure()
    }

    fn name(&mut self) -> String {
        let name = self.draft.name.trim();
        if name.is_empty() || name.chars().count() > NAME || !name.chars().any(char::is_alphanumeric) {
            self.wrong("name", format!("Give the app a name of 1 to {NAME} characters."));
        } else if name.chars().any(is_deceptive) {
            self.wrong("name", "Leave control, invisible and direction characters out of the name.");
        }
        name.to_owned()
    }

    fn kind(&mut self) -> ClientKind {
        match self.draft.kind.trim() {
            "" | "web" => ClientKind::Web,
            "browser" => ClientKind::Browser,
            "native" => ClientKind::Native,
            _ => {
                self.wrong("kind", "Choose web, browser or native.");
                ClientKind::Web
            }
        }
    }

    fn grant_types(&mut self, kind: ClientKind) -> Vec<GrantType> {
        let named = list(&self.draft.grant_types);
        if named.is_empty() && self.draft.oauth1.is_on {
            return Vec::new();
        }
        if named.is_empty() && self.rights.now.is_some_and(|client| client.grant_types.is_empty()) {
            self.wrong("grant_types", "Without OAuth 1 it needs a grant type.");
        }
        if named.is_empty() {
            return vec![GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN];
        }
        let mut grants = Vec::new();
        for name in named {
            let grant = GrantType::new(name.clone());
            let known =
                [GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN, GrantType::CLIENT_CREDENTIALS];
            if grant == GrantType::IMPLICIT {
                self.legacy(
                    self.policy.implicit,
                    "implicit",
                    "tokens travel in URLs (RFC 9700 section 2.1.2)",
                );
            } else if grant == GrantType::PASSWORD {
                self.legacy(
                    self.policy.password_grant,
                    "password",
                    "the app sees passwords (RFC 9700 section 2.4)",
                );
            } else if !known.contains(&grant) && !self.rights.grant_types.contains(&grant) {
                self.wrong("grant_types", format!("This server has no grant type {name:?}."));
            }
            if grant == GrantType::CLIENT_CREDENTIALS && kind != ClientKind::Web {
                self.wrong(
                    "grant_types",
                    "client_credentials is for apps that keep a secret (RFC 6749 section 4.4): choose the kind web.",
                );
            }
            grants.push(grant);
        }
        grants
    }

    fn legacy(&mut self, switch: Switch, name: &str, why: &str) {
        if switch == Switch::Off {
            self.wrong(
                "grant_types",
                format!("The grant type {name} is switched off on this server: {why}."),
            );
        } else {
            self.warn(format!("The grant type {name} is a legacy: {why}."));
        }
    }

    fn scope(&mut self) -> Scope {
        let catalogue = &self.policy.scopes;
        let is_privileged = |name: &str| catalogue.find(name).is_some_and(|entry| entry.privileged);
        let asked = match self.parsed_scope("scope", &self.draft.scope) {
            Some(asked) if !asked.is_empty() => asked,
            Some(_) => {
                let open: Vec<&str> = catalogue.all().iter().filter(|name| !is_privileged(name)).collect();
                return Scope::parse(&open.join(" ")).unwrap_or_else(|_| Scope::empty());
            }
            None => return Scope::empty(),
        };
        let unknown = asked.without(catalogue.all());
        if !unknown.is_empty() {
            self.wrong("scope", format!("This server has no scope {unknown}."));
        }
        let held = self.rights.now.map_or_else(Scope::empty, |client| client.scope.clone());
        let refused: Vec<&str> =
            asked.iter().filter(|name| is_privileged(name) && !held.contains(name)).collect();
        if !self.rights.is_operator && !refused.is_empty() {
            self.wrong("scope", format!("Only an operator can allow {}.", refused.join(" ")));
        }
        asked
    }

    fn default_scope(&mut self) -> Option<Scope> {
        let default = self.parsed_scope("default_scope", &self.draft.default_scope)?;
        (!default.is_empty()).then_some(default)
    }

    fn parsed_scope(&mut self, field: &'static str, raw: &str) -> Option<Scope> {
        let words: Vec<&str> = raw.split_whitespace().collect();
        match Scope::parse(&words.join(" ")) {
            Ok(scope) => Some(scope),
            Err(error) => {
                self.wrong(field, format!("{error}."));
                None
            }
        }
    }

    fn resources(&mut self) -> Vec<Resource> {
        let mut resources = Vec::new();
        for raw in list(&self.draft.resources) {
            match Resource::parse(&raw) {
                Ok(uri) if self.policy.resource(&uri).is_some() || raw == self.policy.issuer.as_str() => {
                    resources.push(uri);
                }
                Ok(_) => self.wrong("resources", format!("This server knows no resource {raw}.")),
                Err(error) => self.wrong("resources", format!("{raw}: {error}.")),
            }
        }
        resources
    }

    fn auth_methods(&mut self, kind: ClientKind) -> Vec<AuthMethod> {
        let usual = match kind {
            ClientKind::Web => vec![AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost],
            ClientKind::Browser | ClientKind::Native => vec![AuthMethod::None],
        };
        let named = list(&self.draft.auth_methods);
        if named.is_empty() {
            return usual;
        }
        let mut methods = Vec::new();
        for name in named {
            match AuthMethod::parse(&name) {
                Some(method) if usual.contains(&method) => methods.push(method),
                Some(_) if kind == ClientKind::Web => {
                    self.wrong("auth_methods", "An app of the kind web shows a secret: basic or post.");
                }
                Some(_) => self.wrong("auth_methods", "Only an app of the kind web can keep a secret."),
                None => {
                    self.wrong("auth_methods", format!("There is no authentication method {name:?} here."));
                }
            }
        }
        methods
    }

    fn pkce(&mut self, kind: ClientKind) -> PkcePolicy {
        match self.draft.pkce.trim() {
            "" | "required" => PkcePolicy::Required,
            "optional" if kind == ClientKind::Web => {
                self.warn(
                    "Without PKCE a code that leaks can be put into another login (RFC 9700 section 2.1.1).",
                );
                PkcePolicy::Optional
            }
            "optional" => {
                self.wrong("pkce", "PKCE is optional only for apps that keep a secret.");
                PkcePolicy::Required
            }
            _ => {
                self.wrong("pkce", "Choose required or optional.");
                PkcePolicy::Required
            }
        }
    }

    fn token_format(&mut self) -> Option<TokenFormat> {
        let raw = self.draft.token_format.trim();
        let format = TokenFormat::parse(raw);
        if !raw.is_empty() && format.is_none() {
            self.wrong("token_format", "Choose jwt or opaque, or leave it to the server.");
        }
        format
    }

    fn lifetimes(&mut self) -> Lifetimes {
        let own = self.draft.lifetimes;
        let server = &self.policy.lifetimes;
        let all = [own.access_token, own.refresh_idle, own.refresh_absolute];
        if all.into_iter().flatten().any(|lifetime| lifetime.as_secs() == 0 || lifetime > TEN_YEARS) {
            self.wrong("lifetimes", "A lifetime is between a second and ten years.");
        }
        // Signing keys outlive every token that was signed with them by so much.
        if own.access_token.is_some_and(|lifetime| lifetime > server.access_token.max(DAY)) {
            self.wrong("lifetimes", "An access token lives for a day at the most.");
        }
        let longer = [
            (own.access_token, server.access_token),
            (own.refresh_idle, server.refresh_idle),
            (own.refresh_absolute, server.refresh_absolute),
        ];
        let is_longer = longer.into_iter().any(|(own, server)| own.is_some_and(|own| own > server));
        let is_kept = self.rights.now.is_some_and(|client| client.lifetimes == own);
        if is_longer && !self.rights.is_operator && !is_kept {
            self.wrong("lifetimes", "Only an operator can allow longer lifetimes than the server's.");
        }
        if own.access_token.is_some_and(|lifetime| lifetime > HOUR) {
            self.warn("Access tokens live longer than an hour: a JWT cannot be called back from APIs that check it offline.");
        }
        own
    }

    /// What only the parts together tell.
    fn whole(&mut self, client: &Checked) {
        let has = |grant: &GrantType| client.grant_types.contains(grant);
        let redirects = has(&GrantType::AUTHORIZATION_CODE) || has(&GrantType::IMPLICIT);
        if redirects && client.redirect_uris.is_empty() && list(&self.draft.redirect_uris).is_empty() {
            self.wrong("redirect_uris", "Register at least one redirect URI.");
        }
        // Where the verifier goes (RFC 5849 §2.1); who signs alone asks nobody.
        let goes_nowhere = |own: &OAuth1Client| !own.may_use_oob && !own.may_sign_alone;
        if !redirects
            && client.oauth1.as_ref().is_some_and(goes_nowhere)
            && list(&self.draft.redirect_uris).is_empty()
        {
            self.wrong("redirect_uris", "Register at least one callback, or allow oob.");
        }
        if let Some(default) = &client.default_scope
            && !default.is_within(&client.scope)
        {
            self.wrong("default_scope", "The default scope is part of the scope.");
        }
        if client.auth_methods.is_empty() && list(&self.draft.auth_methods).is_empty() {
            self.wrong("auth_methods", "Choose how the app shows who it is.");
        }
        let only_loopback =
            !client.redirect_uris.is_empty() && client.redirect_uris.iter().all(RedirectUri::is_loopback);
        if only_loopback && !self.is_workbench() {
            self.warn("Every program on a person's machine can answer for it there: people are always asked (RFC 8252 section 8.6).");
        }
    }
}

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// The entries of a list field, trimmed, without empty and doubled ones.
fn list(entries: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for entry in entries.iter().map(|entry| entry.trim()).filter(|entry| !entry.is_empty()) {
        if !all.iter().any(|known| known == entry) {
            all.push(entry.to_owned());
        }
    }
    all
}
