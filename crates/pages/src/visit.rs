//! One request to a page: who visits, from which browser, and what was just done.

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use valetkey_oauth2::{Form, Handle, HandleHash, HandleKind, Timestamp};
use valetkey_provider::{
    Engine, Failure, Peer, answer,
    people::{Browser, LiveSession},
};

use crate::{
    contexts::{self, Me, Message},
    router::Params,
    site::Site,
};

/// One request to a page.
pub(crate) struct Visit<'a> {
    pub(crate) request: &'a Request<Bytes>,
    /// The path below the issuer's own.
    pub(crate) path: &'a str,
    pub(crate) peer: &'a Peer,
    pub(crate) now: Timestamp,
    /// The language that pages are written in for this visitor.
    pub(crate) language: &'a str,
    /// What stands behind the question mark.
    pub(crate) query: Form<'a>,
    params: Params,
    live: Option<LiveSession>,
    browser: Handle,
    is_new_browser: bool,
    session: Option<HandleHash>,
    notice: Option<Message>,
}

impl<'a> Visit<'a> {
    pub(crate) async fn begin(
        site: &'a Site,
        request: &'a Request<Bytes>,
        path: &'a str,
        peer: &'a Peer,
        params: Params,
    ) -> Result<Self, Failure> {
        let engine = site.engine();
        let (headers, now) = (request.headers(), engine.now());
        let known = engine.cookies().browser(headers);
        let accept = headers.get(http::header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Ok(Self {
            request,
            path,
            peer,
            now,
            language: site.skin.language(accept),
            query: Form::parse(request.uri().query().unwrap_or_default().as_bytes(), &[])?,
            params,
            live: engine.session(headers, now).await?,
            is_new_browser: known.is_none(),
            browser: known.unwrap_or_else(|| engine.mint(HandleKind::Browser)),
            session: engine.cookies().session(headers).map(|handle| handle.hash()),
            notice: notice::read(engine, headers),
        })
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    /// A part of the path.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value)
    }

    /// Who is logged in, if anybody is.
    pub(crate) fn session(&self) -> Option<&LiveSession> {
        self.live.as_ref()
    }

    /// Who is logged in, on a page that only they see.
    pub(crate) fn live(&self) -> Result<&LiveSession, Failure> {
        self.live.as_ref().ok_or_else(|| Failure::Internal("a page for persons was shown to nobody".into()))
    }

    /// Whether an administrator looks.
    pub(crate) fn is_admin(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.account().is_admin)
    }

    /// What this browser brings to a login.
    pub(crate) fn as_browser(&self, engine: &Engine) -> Browser {
        let agent = self.headers().get(http::header::USER_AGENT);
        Browser {
            device: engine.cookies().device(self.headers()),
            session: self.session,
            user_agent: agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned(),
        }
    }

    /// What every page has.
    pub(crate) fn page(&self, site: &Site, section: &'static str) -> contexts::Page {
        let engine = site.engine();
        contexts::Page {
            csrf: engine.cookies().form_token(&self.browser, self.session.as_ref()),
            me: self.live.as_ref().map(|live| Me {
                username: live.account().username.as_str().to_owned(),
                is_admin: live.account().is_admin,
            }),
            section,
            notice: self.notice.clone(),
            has_apps: self.may_register(engine),
            ..site.skin.page(self.now.seconds())
        }
    }

    /// Whether this visitor may register apps.
    pub(crate) fn may_register(&self, engine: &Engine) -> bool {
        use valetkey_provider::config::AppRegistration;
        match engine.policy().app_registration {
            AppRegistration::Everybody => true,
            AppRegistration::Administrators => self.is_admin(),
        }
    }

    /// What the answer carries for the browser to keep, or no longer.
    pub(crate) fn end(&self, engine: &Engine, response: &mut Response<Bytes>) {
        if !response.headers().contains_key(http::header::CONTENT_SECURITY_POLICY) {
            return;
        }
        if self.is_new_browser {
            answer::set_cookie(response, &engine.cookies().set_browser(&self.browser));
        }
        if self.notice.is_some() {
            answer::set_cookie(response, &notice::clear(engine));
        }
    }
}

/// What was just done, carried over a redirect in a cookie: so that no link can make a page say it.
pub(crate) mod notice {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    use bytes::Bytes;
    use http::{HeaderMap, Response};
    use valetkey_provider::{Engine, answer};

    use crate::contexts::Message;

    /// Says on the next page what was done. `name` fills the text's one argument, where it has one.
    pub(crate) fn set(
        engine: &Engine,
        response: &mut Response<Bytes>,
        key: &'static str,
        name: Option<&str>,
    ) {
        let name = name.map(|name| name.chars().take(128).collect::<String>()).unwrap_or_default();
        let cookie = engine.cookies().own("notice", &format!("{key}.{}", BASE64.encode(name)), Some(60));
        answer::set_cookie(response, &cookie);
    }

    pub(super) fn read(engine: &Engine, headers: &HeaderMap) -> Option<Message> {
        let kept = engine.cookies().find_own(headers, "notice")?;
        let (key, name) = kept.split_once('.')?;
        let (key, argument) = NOTICES.iter().find(|(own, _)| own.strip_prefix("notice.") == Some(key))?;
        let message = Message::new(key);
        match argument {
            None => Some(message),
            Some(argument) => {
                let name = String::from_utf8(BASE64.decode(name).ok()?).ok()?;
                Some(message.with(argument, name))
            }
        }
    }

    pub(super) fn clear(engine: &Engine) -> String {
        engine.cookies().own("notice", "", Some(0))
    }

    /// The texts that there are, with the name of their argument.
    const NOTICES: &[(&str, Option<&str>)] = &[
        ("notice.account_made", None),
        ("notice.password_changed", None),
        ("notice.session_ended", None),
        ("notice.sessions_ended", None),
        ("notice.app_revoked", Some("name")),
        ("notice.app_saved", None),
        ("notice.app_deleted", Some("name")),
        ("notice.secret_retired", None),
        ("notice.account_disabled", Some("name")),
        ("notice.account_enabled", Some("name")),
        ("notice.account_sessions_ended", Some("name")),
        ("notice.client_disabled", Some("name")),
        ("notice.client_enabled", Some("name")),
        ("notice.client_revoked", Some("name")),
        ("notice.key_rotated", Some("kid")),
    ];
}
