//! A browser: cookies, forms, redirects one at a time.

use std::collections::BTreeMap;

use super::forms::Form;
use super::wire::Answer;
use super::{Account, Server};

/// Somebody's browser. It follows no redirect by itself.
pub(crate) struct Browser<'a> {
    server: &'a Server,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Headers that go with every request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self { server, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// A path or URL of the server.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.server.http.get(self.url(path));
        self.send(request).await
    }

    /// A form, as from one of the server's own pages.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(String, String)]) -> Answer {
        let origin = self.server.at("");
        self.post_from(path, fields, &[("origin", &origin), ("sec-fetch-site", "same-origin")]).await
    }

    /// A form with headers of one's own.
    pub(crate) async fn post_from(
        &mut self,
        path: &str,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.server.http.post(self.url(path)).form(fields);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// Sends a form of a page.
    pub(crate) async fn submit(&mut self, form: &Form) -> Answer {
        let (action, fields) = (form.action.clone(), form.fields.clone());
        self.post(&action, &fields).await
    }

    /// Opens a page and gives its form that has a field or button of that name.
    #[track_caller]
    pub(crate) fn form_with(answer: &Answer, name: &str) -> Form {
        let found = Form::all(&answer.text).into_iter().find(|form| form.has(name));
        found.unwrap_or_else(|| panic!("no form with {name} in {answer:?}"))
    }

    /// Follows redirects within the server; what answers in the end, or the redirect that leaves.
    pub(crate) async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            if !answer.is_redirect() || !self.is_own(answer.location()) {
                return answer;
            }
            let next = answer.location().to_owned();
            answer = self.get(&next).await;
        }
        panic!("no end of redirects: {answer:?}")
    }

    /// Logs in on the login page, outside any dance.
    pub(crate) async fn log_in(&mut self, account: &Account) -> Answer {
        let page = self.get("/login").await;
        self.fill_login(&page, account).await
    }

    /// Fills the login form of a page.
    pub(crate) async fn fill_login(&mut self, page: &Answer, account: &Account) -> Answer {
        let mut form = Self::form_with(page, "password");
        form.set("username", &[&account.username]);
        form.set("password", &[&account.password]);
        self.submit(&form).await
    }

    /// Presses a button of the consent page.
    pub(crate) async fn decide(&mut self, page: &Answer, decision: &str) -> Answer {
        let mut form = Self::form_with(page, "decision");
        form.set("decision", &[decision]);
        self.submit(&form).await
    }

    /// From an authorization request to the redirect that leaves the server: logs in and allows where asked.
    pub(crate) async fn allow(&mut self, url: &str, account: &Account) -> Answer {
        let mut answer = self.get(url).await;
        for _ in 0..6 {
            answer = self.follow(answer).await;
            if answer.is_redirect() || answer.status != 200 {
                return answer;
            }
            let forms = Form::all(&answer.text);
            answer = if forms.iter().any(|form| form.has("password")) {
                self.fill_login(&answer, account).await
            } else if forms.iter().any(|form| form.has("decision")) {
                self.decide(&answer, "allow").await
            } else {
                return answer;
            };
        }
        panic!("no end of pages: {answer:?}")
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Answer {
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", pairs.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = Answer::of(request).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("plain text");
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if cookie.to_ascii_lowercase().contains("max-age=0") || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    fn is_own(&self, url: &str) -> bool {
        url.starts_with('/') || url.starts_with(self.server.issuer()) || url.starts_with(&self.server.at(""))
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with('/') { self.server.at(path) } else { path.to_owned() }
    }
}
