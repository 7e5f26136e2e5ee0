//! What a page is. The list of them is in `pages.rs`.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Response, StatusCode};
use valetkey_oauth2::Form;
use valetkey_provider::{
    Failure, Policy,
    failure::{PageError, PageKind},
};

use crate::{site::Site, visit::Visit};

/// What became of a visit.
pub(crate) type Outcome = Result<Response<Bytes>, Failure>;

/// A page: one file in `pages/`, one line in its list. The router has asked before whether the visitor may see it, and
/// whether a form is one of ours.
#[async_trait]
pub(crate) trait Page: Send + Sync {
    /// Whether it is there at all on this server.
    fn is_served(&self, _policy: &Policy) -> bool {
        true
    }

    /// Where somebody goes who must log in first.
    fn stranger(&self, visit: &Visit<'_>) -> String {
        if visit.request.method() == http::Method::POST {
            return "/login".to_owned();
        }
        let query = visit.request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("/login?next={}", encode(&format!("{}{query}", visit.path)))
    }

    /// `GET`: shows it, and changes nothing.
    async fn show(&self, _site: &Site, _visit: &Visit<'_>) -> Outcome {
        Err(Failure::Method("POST"))
    }

    /// `POST`: does what the form says, and sends the browser on by 303.
    async fn act(&self, _site: &Site, _visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        Err(Failure::Method("GET"))
    }

    /// A form whose token does not fit (an old tab, a login in between): nothing is done. Pages on which somebody
    /// typed show it again with what was typed.
    async fn stale(&self, _site: &Site, _visit: &Visit<'_>, _form: &Form<'_>) -> Outcome {
        Err(stale_form())
    }
}

/// A text as it stands in a query.
pub(crate) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Who may see a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// Everybody.
    Anybody,
    /// Who is logged in.
    Person,
    /// Who is logged in and may register apps here.
    Developer,
    /// Administrators.
    Administrator,
}

/// A form that is not this browser's, or of a login ago.
pub(crate) fn stale_form() -> Failure {
    refusal(PageKind::StaleForm, StatusCode::FORBIDDEN, "the form's token is not of this browser and session")
}

/// Nothing there, or nothing that this person may know of (security OP-01).
pub(crate) fn not_found(reason: &'static str) -> Failure {
    refusal(PageKind::NotFound, StatusCode::NOT_FOUND, reason)
}

/// For somebody else.
pub(crate) fn forbidden() -> Failure {
    refusal(PageKind::Forbidden, StatusCode::FORBIDDEN, "the page is not for this account")
}

/// A request that no form of ours sends.
pub(crate) fn bad_request(reason: &'static str) -> Failure {
    refusal(PageKind::StaleForm, StatusCode::BAD_REQUEST, reason)
}

/// A page within an authorization request that is not there, or no longer.
pub(crate) fn flow_gone(reason: &'static str) -> Failure {
    refusal(PageKind::FlowGone, StatusCode::BAD_REQUEST, reason)
}

/// An app that is not there, or no longer.
pub(crate) fn untrusted_client(reason: &'static str) -> Failure {
    refusal(PageKind::UntrustedClient, StatusCode::BAD_REQUEST, reason)
}

fn refusal(kind: PageKind, status: StatusCode, reason: &'static str) -> Failure {
    Failure::Page(Box::new(PageError {
        kind,
        status,
        code: None,
        title: "".into(),
        sentence: "".into(),
        reason: reason.into(),
    }))
}
