//! The pages that the engine itself must show.

use std::{fmt, sync::Arc, time::Duration};

use valetkey_provider::{
    Failure, Policy, RequestId,
    face::{Face, PlainFace},
    failure::{PageError, PageKind},
};

use crate::{
    contexts::{ErrorPage, FormPost, Link, Message, Verifier},
    skin::Skin,
    templates::Templates,
    view,
};

/// The engine's own pages, in this crate's templates: hand it to the provider's builder.
pub struct PagesFace {
    skin: Skin,
    /// How long a verifier holds at the most.
    verifier_lifetime: Duration,
}

impl PagesFace {
    /// The face of a server with that policy.
    #[must_use]
    pub fn new(templates: Arc<Templates>, policy: &Policy) -> Self {
        Self { skin: Skin::new(templates, policy), verifier_lifetime: policy.oauth1.temporary_lifetime }
    }

    /// The name of the site, shown beside the mark.
    #[must_use]
    pub fn site_name(mut self, name: &str) -> Self {
        self.skin.set_site_name(name);
        self
    }
}

impl Face for PagesFace {
    fn error(&self, error: &PageError, request: &RequestId, language: &str) -> String {
        let language = self.skin.language(Some(language));
        error_page(&self.skin, error, request, language).unwrap_or_else(|fault| {
            tracing::error!(%fault, "the error page cannot be written");
            PlainFace.error(error, request, language)
        })
    }

    fn form_post(&self, action: &str, fields: &[(String, String)], nonce: &str, language: &str) -> String {
        let language = self.skin.language(Some(language));
        let page = FormPost {
            action: action.to_owned(),
            fields: fields.to_vec(),
            nonce: nonce.to_owned(),
            client_name: view::host(action).unwrap_or_default(),
        };
        self.skin.render("form_post", language, &page).unwrap_or_else(|fault| {
            tracing::error!(%fault, "the form_post page cannot be written");
            PlainFace.form_post(action, fields, nonce, language)
        })
    }

    fn verifier(&self, client_name: &str, verifier: &str, language: &str) -> String {
        let language = self.skin.language(Some(language));
        let name = view::name(client_name);
        let page = Verifier {
            page: self.skin.page(0),
            client_name: name.clone(),
            verifier: verifier.to_owned(),
            seconds: view::seconds(self.verifier_lifetime),
        };
        self.skin.render("verifier", language, &page).unwrap_or_else(|fault| {
            tracing::error!(%fault, "the page with a verifier cannot be written");
            PlainFace.verifier(&name, verifier, language)
        })
    }
}

/// Writes the page for an error.
pub(crate) fn error_page(
    skin: &Skin,
    error: &PageError,
    request: &RequestId,
    language: &str,
) -> Result<String, Failure> {
    let is_developers =
        matches!(error.kind, PageKind::BadRequest | PageKind::UntrustedClient | PageKind::UntrustedRedirect);
    let leads_home = matches!(error.kind, PageKind::NotFound | PageKind::Forbidden | PageKind::StaleForm);
    let page = ErrorPage {
        page: skin.page(0),
        kind: error.kind.as_str(),
        detail: (is_developers && !error.sentence.is_empty()).then(|| error.sentence.to_string()),
        request_id: request.to_string(),
        link: leads_home.then(|| Link { url: skin.at("/"), text: Message::new("link.home") }),
    };
    skin.render("error", language, &page)
}

impl fmt::Debug for PagesFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PagesFace").finish_non_exhaustive()
    }
}
