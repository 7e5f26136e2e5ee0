//! The authorization code dance, whole or in parts.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use valetkey_crypto::digest::sha256;

use super::wire::Answer;
use super::{Account, Browser, Client, Server};

/// The redirect URI of clients that do not say otherwise; nothing answers there.
pub(crate) const REDIRECT_URI: &str = "https://client.example/callback";

/// A code on its way to the token endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) code: String,
    pub(crate) verifier: String,
    pub(crate) redirect_uri: String,
}

impl Code {
    /// The token request (RFC 6749 §4.1.3, RFC 7636 §4.5).
    pub(crate) fn form(&self) -> [(&str, &str); 4] {
        [
            ("grant_type", "authorization_code"),
            ("code", &self.code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &self.verifier),
        ]
    }
}

/// RFC 7636, S256.
#[derive(Clone, Debug)]
pub(crate) struct Pkce {
    pub(crate) verifier: String,
    pub(crate) challenge: String,
}

impl Pkce {
    pub(crate) fn new() -> Self {
        use std::hash::{BuildHasher as _, RandomState};
        let word = || format!("{:016x}", RandomState::new().hash_one(0_u8));
        let verifier = format!("{}{}{}", word(), word(), word());
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
        Self { verifier, challenge }
    }
}

/// The parameters of an authorization request, to change one by one.
#[derive(Clone, Debug)]
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    /// A good one.
    pub(crate) fn new(client: &Client, pkce: &Pkce) -> Self {
        let pairs = [
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", &client.redirect_uri),
            ("scope", "profile"),
            ("state", "st ate/&=\u{e4}"),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
        ];
        Self(super::form(&pairs))
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(own, _)| own != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(own, _)| own != name);
        self
    }

    pub(crate) fn path(&self) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish();
        format!("/oauth2/authorize?{query}")
    }
}

impl Answer {
    /// The parameters in the query of a redirect.
    #[track_caller]
    pub(crate) fn redirected(&self) -> BTreeMap<String, String> {
        assert!(self.is_redirect(), "{self:?}");
        let url = url::Url::parse(self.location()).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        url.query_pairs().into_owned().collect()
    }
}

impl Server {
    /// Logs in, consents, and gives the code.
    pub(crate) async fn code(&self, client: &Client, account: &Account) -> Code {
        self.code_for(client, account, |query| query).await
    }

    /// The same for a request of one's own.
    pub(crate) async fn code_for(
        &self,
        client: &Client,
        account: &Account,
        change: impl FnOnce(Query) -> Query,
    ) -> Code {
        self.code_in(&mut Browser::new(self), client, account, change).await
    }

    /// The same in a browser that may be logged in already.
    pub(crate) async fn code_in(
        &self,
        browser: &mut Browser<'_>,
        client: &Client,
        account: &Account,
        change: impl FnOnce(Query) -> Query,
    ) -> Code {
        let pkce = Pkce::new();
        let query = change(Query::new(client, &pkce));
        let answer = browser.allow(&query.path(), account).await;
        let told = answer.redirected();
        let code = told.get("code").unwrap_or_else(|| panic!("no code in {answer:?}")).clone();
        Code { code, verifier: pkce.verifier, redirect_uri: client.redirect_uri.clone() }
    }

    pub(crate) async fn redeem(&self, client: &Client, code: &Code) -> Answer {
        self.token(client, &code.form()).await
    }

    pub(crate) async fn refresh(&self, client: &Client, refresh_token: &str) -> Answer {
        self.token(client, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// The whole dance; the tokens.
    pub(crate) async fn tokens(&self, client: &Client, account: &Account) -> Value {
        let code = self.code(client, account).await;
        self.redeem(client, &code).await.ok()
    }
}

/// A member of a JSON object that must be text.
#[track_caller]
pub(crate) fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_else(|| panic!("no text {name} in {json}"))
}
