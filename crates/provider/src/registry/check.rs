//! Every rule of registration (security RG-02, AZ-03, AZ-04), as one pure function.

use valetkey_oauth2::{AuthMethod, ClientId, GrantType, Origin, RedirectUri, Resource, Scope, TokenFormat};
use valetkey_ports::{Client, ClientKind, Lifetimes, PkcePolicy};

use super::{ClientDraft, Problem};
use crate::Policy;

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
    /// What is weak about it, a sentence each.
    pub warnings: Vec<String>,
}

/// Checks a draft.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check(policy: &Policy, draft: &ClientDraft, rights: Rights<'_>) -> Result<Checked, Vec<Problem>> {
    let _ = (policy, draft, rights);
    Err(vec![Problem::new("", "not there yet")])
}
