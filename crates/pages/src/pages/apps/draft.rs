//! The form of an app: what it shows, and what it says.

use http::StatusCode;
use valetkey_oauth2::{Form, GrantType, TokenFormat};
use valetkey_provider::{
    Engine, Switch,
    registry::{ClientDraft, Problem},
};

use super::oauth1;
use crate::{
    contexts::{self, Choice, Message, Problems},
    page::Outcome,
    site::Site,
    visit::Visit,
};

/// What a form says of an app; what it cannot say stays as it is in `draft`.
pub(super) fn read(form: &Form<'_>, draft: ClientDraft) -> ClientDraft {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let texts = |name: &str| form.all(name).map(str::to_owned).collect::<Vec<_>>();
    ClientDraft {
        name: text("name"),
        kind: match form.get("type") {
            Some("confidential") => "web".to_owned(),
            Some("public") => "browser".to_owned(),
            other => other.unwrap_or_default().to_owned(),
        },
        site: text("site"),
        logo: text("logo_url"),
        policy: text("policy_url"),
        terms: text("terms_url"),
        redirect_uris: form
            .get("redirect_uris")
            .unwrap_or_default()
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect(),
        grant_types: texts("grant"),
        scope: texts("scope").join(" "),
        token_format: text("token_format"),
        // The kind decides it again, since the form can change the kind.
        auth_methods: Vec::new(),
        oauth1: oauth1::read(form, draft.oauth1.clone()),
        ..draft
    }
}

/// Lists in which a form ticked nothing. To a draft an empty list is the default of the kind, which nobody chose here.
pub(super) fn unticked(draft: &ClientDraft) -> Vec<Problem> {
    // Who speaks OAuth 1 may speak nothing else.
    let has_no_grant = draft.grant_types.is_empty() && !draft.oauth1.is_on;
    let lists = [("grant_types", has_no_grant), ("scope", draft.scope.is_empty())];
    let empty = lists.into_iter().filter(|(_, is_empty)| *is_empty);
    empty.map(|(field, _)| Problem { field, message: String::new() }).collect()
}

/// A new app as the form begins.
pub(super) fn blank(engine: &Engine) -> ClientDraft {
    ClientDraft {
        kind: "web".to_owned(),
        grant_types: vec![GrantType::AUTHORIZATION_CODE.to_string(), GrantType::REFRESH_TOKEN.to_string()],
        scope: engine.policy().scopes.default_scope().to_string(),
        ..ClientDraft::default()
    }
}

/// What is wrong with a form, and how the answer says so.
#[derive(Default)]
pub(super) struct Wrong {
    pub(super) status: StatusCode,
    problems: Problems,
    error: Option<Message>,
}

impl Wrong {
    pub(super) fn stale() -> Self {
        Self { status: StatusCode::FORBIDDEN, error: Some(Message::new("problem.stale")), ..Self::default() }
    }

    pub(super) fn of(problems: Vec<Problem>) -> Self {
        let mut wrong = Self { status: StatusCode::UNPROCESSABLE_ENTITY, ..Self::default() };
        for problem in problems {
            let said = if problem.message.is_empty() {
                Message::new("problem.choice")
            } else {
                Message::new("problem.said").with("text", problem.message)
            };
            match field(problem.field) {
                Some(field) => {
                    wrong.problems.entry(field).or_insert(said);
                }
                None => {
                    wrong.error.get_or_insert(said);
                }
            }
        }
        wrong
    }
}

/// The form's name for a field of the draft.
fn field(of_draft: &str) -> Option<&'static str> {
    Some(match of_draft {
        "name" => "name",
        "kind" => "type",
        "site" => "site",
        "logo" => "logo_url",
        "policy" => "policy_url",
        "terms" => "terms_url",
        "redirect_uris" => "redirect_uris",
        "grant_types" => "grant",
        "scope" => "scope",
        "token_format" => "token_format",
        "oauth1" => "oauth1",
        "oauth1_methods" => "oauth1_method",
        "oauth1_rsa_keys" => "oauth1_rsa_keys",
        "oauth1_token_lifetime" => "oauth1_days",
        "oauth1_sunset" => "oauth1_sunset",
        _ => return None,
    })
}

/// Shows the form.
pub(super) fn page(
    site: &Site,
    visit: &Visit<'_>,
    client_id: Option<&str>,
    draft: &ClientDraft,
    wrong: Wrong,
) -> Outcome {
    let form = contexts::AppForm {
        page: visit.page(site, "apps"),
        client_id: client_id.map(str::to_owned),
        name: draft.name.clone(),
        site: draft.site.clone(),
        redirect_uris: draft.redirect_uris.join("\n"),
        kind: match draft.kind.as_str() {
            "browser" => "public",
            "native" => "native",
            _ => "confidential",
        },
        grants: grants(site.engine(), draft),
        scopes: scopes(site, visit, draft),
        logo_url: draft.logo.clone(),
        policy_url: draft.policy.clone(),
        terms_url: draft.terms.clone(),
        token_format: match draft.token_format.as_str() {
            "opaque" => TokenFormat::Opaque.as_str(),
            "jwt" => TokenFormat::Jwt.as_str(),
            _ => site.engine().policy().token_format.as_str(),
        },
        oauth1: oauth1::form(site.engine(), &draft.oauth1),
        problems: wrong.problems,
        error: wrong.error,
    };
    site.html(visit, wrong.status, "app_form", &form)
}

/// The grant types that an app here may have, and those that it has.
fn grants(engine: &Engine, draft: &ClientDraft) -> Vec<Choice> {
    const KNOWN: [&str; 5] =
        ["authorization_code", "refresh_token", "client_credentials", "implicit", "password"];
    let policy = engine.policy();
    let is_off = |name: &str| match name {
        "implicit" => policy.implicit == Switch::Off,
        "password" => policy.password_grant == Switch::Off,
        // An app that speaks OAuth 1 may exchange its tokens anyhow, and another has none.
        name => name == GrantType::TOKEN_EXCHANGE.as_str(),
    };
    let own = engine.grants().iter().map(|grant| grant.name().as_str().to_owned());
    let own = own.filter(|name| !KNOWN.contains(&name.as_str())).collect::<Vec<_>>();
    let names = KNOWN.iter().map(|name| (*name).to_owned()).chain(own);
    names
        .filter(|name| !is_off(name) || draft.grant_types.contains(name))
        .map(|name| Choice {
            is_checked: draft.grant_types.contains(&name),
            title: if KNOWN.contains(&name.as_str()) { String::new() } else { name.clone() },
            value: name,
        })
        .collect()
}

/// The scopes that this developer may put on an app, and those that are on it.
fn scopes(site: &Site, visit: &Visit<'_>, draft: &ClientDraft) -> Vec<Choice> {
    let has = |name: &str| draft.scope.split(' ').any(|own| own == name);
    let entries = site.engine().policy().scopes.entries().iter();
    entries
        .filter(|entry| !entry.privileged || visit.is_admin() || has(&entry.name))
        .map(|entry| Choice {
            value: entry.name.clone(),
            title: entry.description_in(visit.language).to_owned(),
            is_checked: has(&entry.name),
        })
        .collect()
}
