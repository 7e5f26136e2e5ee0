//! How all pages look on this server: templates, texts, the site's name, and where its paths begin.

use std::sync::Arc;

use serde::Serialize;
use valetkey_provider::{Failure, Policy};

use crate::{contexts, templates::Templates};

/// What writes every page of this server.
#[derive(Clone)]
pub(crate) struct Skin {
    templates: Arc<Templates>,
    site_name: Arc<str>,
    /// The issuer's own path, below which all pages lie: empty, or beginning with a slash.
    base: Arc<str>,
    is_demo: bool,
    has_signup: bool,
}

const SITE_NAME: &str = "Valetkey";

impl Skin {
    pub(crate) fn new(templates: Arc<Templates>, policy: &Policy) -> Self {
        Self {
            templates,
            site_name: SITE_NAME.into(),
            base: policy.issuer.path().into(),
            is_demo: policy.demo,
            has_signup: policy.sign_up,
        }
    }

    pub(crate) fn set_site_name(&mut self, name: &str) {
        self.site_name = name.into();
    }

    /// Where a page is, seen from the host.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The path of a page below the issuer's own path.
    pub(crate) fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(&*self.base).filter(|rest| rest.starts_with('/'))
    }

    /// The language that serves an `Accept-Language` header best.
    pub(crate) fn language(&self, accept: Option<&str>) -> &str {
        self.templates.language(accept)
    }

    /// What every page has, as far as it does not depend on the visitor.
    pub(crate) fn page(&self, now: i64) -> contexts::Page {
        contexts::Page {
            now,
            site_name: self.site_name.to_string(),
            is_demo: self.is_demo,
            has_signup: self.has_signup,
            ..contexts::Page::default()
        }
    }

    /// Writes a page.
    pub(crate) fn render(
        &self,
        template: &str,
        language: &str,
        context: &impl Serialize,
    ) -> Result<String, Failure> {
        let page = self
            .templates
            .render(template, language, context)
            .map_err(|error| Failure::Internal(error.to_string().into()))?;
        if self.base.is_empty() {
            return Ok(page);
        }
        // Templates name our own paths from the root. What comes from outside has its slashes escaped, so only what
        // the templates themselves say is moved.
        Ok(page
            .replace("href=\"/", &format!("href=\"{}/", self.base))
            .replace("action=\"/", &format!("action=\"{}/", self.base)))
    }
}
