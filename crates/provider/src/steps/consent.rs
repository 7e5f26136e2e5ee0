//! The person allows it.

use valetkey_crypto::digest::sha256;
use valetkey_oauth2::{ErrorCode, RedirectKind, RedirectUri, Scope, Timestamp};
use valetkey_ports::{Asked, Client, ClientKind, Consent, Flow};

use crate::{
    config::Paths,
    step::{Step, View},
};

/// Due unless it was given in this flow; or the client is surely who it says (RFC 8252 §8.6), and the consent is remembered
/// or the operator vouches for the client.
pub(super) struct AskConsent;

impl Step for AskConsent {
    fn is_due(&self, view: &View<'_>, _now: Timestamp) -> bool {
        let Some((session, account)) = view.session else { return true };
        if let Some(approval) = &view.flow.approval {
            return approval.account != account.id || approval.session != session.id;
        }
        if view.flow.prompt().consent {
            return true;
        }
        // Whoever can pose as the client gains nothing from what was said of it (security AZ-17).
        if !is_assured(view.client, view.flow) {
            return true;
        }
        let remembered = view
            .consent
            .is_some_and(|consent| covers(consent, view.client, &view.flow.scope, view.flow.resources()));
        !(remembered || view.client.is_trusted)
    }

    fn page<'p>(&self, paths: &'p Paths) -> &'p str {
        &paths.consent
    }

    fn refusal(&self) -> (ErrorCode, &'static str) {
        (ErrorCode::ConsentRequired, "The person has not allowed this yet: ask again without prompt=none.")
    }
}

/// Whether a client is surely the one that was registered: it keeps a secret, or its answers go to a host of its own. What
/// a person carries by hand (`oob`) may have been asked for by anybody who holds a program's key.
#[must_use]
pub fn is_assured(client: &Client, flow: &Flow) -> bool {
    let goes_home = flow.redirect_uri().is_some_and(|uri| uri.kind() == RedirectKind::Https);
    match &flow.asked {
        Asked::OAuth2(_) => client.is_confidential() || (!client.is_native() && goes_home),
        Asked::OAuth1(_) => client.kind == ClientKind::Web && flow.redirect_uri().is_some(),
    }
}

/// Whether what was allowed before covers what is asked now, of a client that still looks the same.
#[must_use]
pub fn covers(
    consent: &Consent,
    client: &Client,
    scope: &Scope,
    resources: &[valetkey_oauth2::Resource],
) -> bool {
    !consent.is_withdrawn()
        && consent.digest == digest(client)
        && scope.is_within(&consent.scope)
        && resources.iter().all(|resource| consent.resources.contains(resource))
}

/// What a client looks like to a person: a change asks again (CIMD §6.3).
#[must_use]
pub fn digest(client: &Client) -> [u8; 32] {
    let mut text = String::from(client.name.as_str());
    let mut uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
    uris.sort_unstable();
    for part in uris.into_iter().chain([client.site.as_deref().unwrap_or_default()]) {
        text.push('\n');
        text.push_str(part);
    }
    sha256(text.as_bytes())
}
