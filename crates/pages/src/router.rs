//! The one gate before every page: which page, who may see it, whether a form is one of ours, and what every answer
//! carries. A page that is not in the list is not there, and a role is not forgotten, since the list demands one.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS},
};
use percent_encoding::percent_decode_str;
use valetkey_oauth2::Form;
use valetkey_provider::{Engine, Failure, Peer, answer, provider::MAX_BODY};

use crate::{
    assets::Asset,
    page::{self, Outcome, Page, Role},
    pages,
    site::Site,
    skin::Skin,
    templates::Templates,
    visit::Visit,
};

/// All pages of a server: [`Pages::handle`] is all there is to call.
pub struct Pages {
    site: Site,
}

/// One line of the list: where, who may, and what.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) path: &'static str,
    pub(crate) methods: &'static str,
    pub(crate) role: Role,
    pub(crate) page: &'static dyn Page,
}

/// The parts of a path that a route names in braces.
pub(crate) type Params = Vec<(&'static str, String)>;

impl Pages {
    /// The pages before an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>, templates: Arc<Templates>) -> Self {
        let skin = Skin::new(templates, engine.policy());
        Self { site: Site::new(engine, skin) }
    }

    /// The name of the site, shown beside the mark.
    #[must_use]
    pub fn site_name(mut self, name: &str) -> Self {
        self.site.skin.set_site_name(name);
        self
    }

    /// Whether a path is one of the pages' (or of what they link to).
    #[must_use]
    pub fn serves(&self, path: &str) -> bool {
        self.site.skin.below(path).is_some_and(|path| path.starts_with(ASSETS) || self.find(path).is_some())
    }

    /// Every page of this server with its methods and who may see it: paths as patterns, below the issuer's own path.
    pub fn routes(&self) -> impl Iterator<Item = (&'static str, &'static str, Role)> {
        self.served().map(|route| (route.path, route.methods, route.role))
    }

    /// Answers a request. Never fails: what goes wrong is a page too, and so is a path that leads nowhere.
    pub async fn handle(&self, request: &Request<Bytes>, peer: &Peer) -> Response<Bytes> {
        match self.answer(request, peer).await {
            Ok(response) => response,
            Err(failure) => self.site.refuse(&failure, request, peer),
        }
    }

    async fn answer(&self, request: &Request<Bytes>, peer: &Peer) -> Outcome {
        let nowhere = || page::not_found("there is no page of that path");
        let path = self.site.skin.below(request.uri().path()).ok_or_else(nowhere)?;
        if let Some(name) = path.strip_prefix(ASSETS) {
            return asset(name, request);
        }
        let (route, params) = self.find(path).ok_or_else(nowhere)?;
        let is_post = request.method() == Method::POST;
        let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
        if !route.methods.split(", ").any(|allowed| allowed == method) {
            return Err(Failure::Method(route.methods));
        }
        if request.body().len() > MAX_BODY {
            return Err(Failure::TooLarge);
        }
        if is_post && !is_form(request) {
            return Err(Failure::MediaType);
        }
        let visit = Visit::begin(&self.site, request, path, peer, params).await?;
        let mut response = match self.turned_away(&route, &visit)? {
            Some(response) => response,
            None if is_post => self.act(&route, &visit).await?,
            None => route.page.show(&self.site, &visit).await?,
        };
        visit.end(self.site.engine(), &mut response);
        Ok(response)
    }

    /// Where somebody goes who may not be here (security OP-02).
    fn turned_away(&self, route: &Route, visit: &Visit<'_>) -> Result<Option<Response<Bytes>>, Failure> {
        if route.role == Role::Anybody {
            return Ok(None);
        }
        if visit.session().is_none() {
            return Ok(Some(self.site.to(&route.page.stranger(visit))));
        }
        let may = match route.role {
            Role::Anybody | Role::Person => true,
            Role::Developer => visit.may_register(self.site.engine()),
            Role::Administrator => visit.is_admin(),
        };
        if may { Ok(None) } else { Err(page::forbidden()) }
    }

    /// A form does something only if it is this browser's own (security UI-02, UI-03).
    async fn act(&self, route: &Route, visit: &Visit<'_>) -> Outcome {
        let form = Form::parse(visit.request.body(), REPEATABLE)
            .map_err(|_| page::bad_request("the form is malformed, or says something twice"))?;
        let token = form.get("csrf").unwrap_or_default();
        if self.site.engine().cookies().is_own_form(visit.headers(), token) {
            route.page.act(&self.site, visit, &form).await
        } else {
            route.page.stale(&self.site, visit, &form).await
        }
    }

    fn served(&self) -> impl Iterator<Item = &'static Route> {
        pages::ALL.iter().filter(|route| route.page.is_served(self.site.engine().policy()))
    }

    fn find(&self, path: &str) -> Option<(Route, Params)> {
        self.served().find_map(|route| Some((*route, params(route.path, path)?)))
    }
}

/// What pages link to.
const ASSETS: &str = "/assets/";

/// The fields that a form may send more than once.
const REPEATABLE: &[&str] = &["scope", "grant", "oauth1_method"];

/// Whether a path below the issuer's own leads to a page that can be looked at: where a login may lead on to
/// (security AZ-18).
pub(crate) fn leads_to_a_page(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    pages::ALL.iter().any(|route| route.methods.starts_with("GET") && params(route.path, path).is_some())
}

/// The parts of a path that a pattern names, if it fits.
fn params(pattern: &'static str, path: &str) -> Option<Params> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut params = Params::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(wanted), Some(given)) => {
                match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(_) if given.is_empty() => return None,
                    Some(name) => {
                        params.push((name, percent_decode_str(given).decode_utf8().ok()?.into_owned()));
                    }
                    None if wanted != given => return None,
                    None => {}
                }
            }
            _ => return None,
        }
    }
}

fn is_form(request: &Request<Bytes>) -> bool {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media
        .and_then(|media| media.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// A file that pages link to: kept by browsers for good where its name carries its hash.
fn asset(name: &str, request: &Request<Bytes>) -> Outcome {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Failure::Method("GET"));
    }
    let asset = Asset::find(name).ok_or_else(|| page::not_found("there is no such file"))?;
    let etag = format!("\"{}\"", asset.hash);
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
    let mut response = if known {
        answer::empty(http::StatusCode::NOT_MODIFIED)
    } else {
        Response::new(Bytes::from(asset.bytes.into_owned()))
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A picture that is opened by itself must not run anything either (security UI-26).
    headers.insert("content-security-policy", HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    let kept = if asset.is_immutable { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    Ok(response)
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{leads_to_a_page, params};

    #[test]
    fn a_pattern_fits_whole_paths_only() {
        assert_eq!(params("/apps/{id}", "/apps/a%2Fb").unwrap(), [("id", "a/b".to_owned())]);
        for path in ["/apps", "/apps/", "/apps/a/b", "/apps/a/", "//apps/a", "/apps/%ff"] {
            assert!(params("/apps/{id}", path).is_none(), "{path}");
        }
    }

    #[test]
    fn sec_az_18_a_login_leads_on_to_pages_only() {
        assert!(leads_to_a_page("/account/apps") && leads_to_a_page("/admin/refusals?request_id=1"));
        for path in ["//evil.example/", "/\\evil.example", "/nowhere", "/oauth2/authorize", "account", ""] {
            assert!(!leads_to_a_page(path), "{path}");
        }
    }
}
