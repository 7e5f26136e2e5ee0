//! What `dev` says once it runs: everything in it works when it is pasted.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use valetkey_crypto::digest::sha256;
use valetkey_oauth2::Secret;
use valetkey_provider::{Engine, config::Warning};

use super::demo::Demo;

/// The facts, as texts.
pub(super) struct Words<'a> {
    demo: &'a Demo,
    issuer: &'a str,
    data: String,
    token_endpoint: String,
    login_url: String,
    /// OAuth 1's, in the order of the dance (RFC 5849 §2).
    request_token_url: String,
    oauth1_authorize_url: String,
    access_token_url: String,
    /// Proves at the token endpoint that the login was begun here.
    verifier: String,
    relaxes: Vec<String>,
}

impl<'a> Words<'a> {
    pub(super) fn new(engine: &'a Engine, demo: &'a Demo, data: &Path, warnings: &[Warning]) -> Self {
        let random: [u8; 32] = engine.ports().random.bytes();
        let verifier = URL_SAFE_NO_PAD.encode(random);
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", demo.app_id.as_str())
            .append_pair("redirect_uri", demo.redirect_uri)
            .append_pair("scope", "profile")
            .append_pair("state", "demo")
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        let at = |path: &str| engine.issuer().join(path);
        let paths = &engine.policy().paths;
        let mut relaxes: Vec<String> = warnings.iter().map(|warning| warning.0.clone()).collect();
        relaxes.push(format!(
            "everybody who can read {} has the master key and the demo clients' secrets",
            data.display()
        ));
        Self {
            demo,
            issuer: engine.issuer().as_str(),
            data: data.display().to_string(),
            token_endpoint: at(&paths.token),
            login_url: format!("{}?{query}", at(&paths.authorize)),
            request_token_url: at(&paths.oauth1_request_token),
            oauth1_authorize_url: at(&paths.oauth1_authorize),
            access_token_url: at(&paths.oauth1_access_token),
            verifier,
            relaxes,
        }
    }

    fn token_command(&self) -> String {
        format!(
            "curl -s -u '{}:{}' -d grant_type=client_credentials {}",
            self.demo.client_id,
            self.demo.client_secret.expose(),
            self.token_endpoint
        )
    }

    fn api_command(&self) -> String {
        format!(
            "curl -s -H \"Authorization: Bearer $({} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\" {}/api/me",
            self.token_command(),
            self.issuer
        )
    }

    fn code_command(&self) -> String {
        format!(
            "curl -s -d grant_type=authorization_code -d client_id={} -d redirect_uri={} -d code_verifier={} -d code=CODE {}",
            self.demo.app_id, self.demo.redirect_uri, self.verifier, self.token_endpoint
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "admin_link": self.demo.admin_link,
            "username": self.demo.username,
            "client_id": self.demo.client_id.as_str(),
            "client_secret": self.demo.client_secret.expose(),
            "public_client_id": self.demo.app_id.as_str(),
            "redirect_uri": self.demo.redirect_uri,
            "login_url": self.login_url,
            "code_verifier": self.verifier,
            "token_command": self.token_command(),
            "api_command": self.api_command(),
            "code_command": self.code_command(),
            "oauth1": self.oauth1_json(),
            "data": self.data,
            "relaxes": self.relaxes,
        })
    }

    fn consumer_command(&self, key: &str, secret: &Secret) -> String {
        format!(
            "ISSUER={} CONSUMER_KEY={key} CONSUMER_SECRET={} cargo run -p oauth1-client",
            self.issuer,
            secret.expose()
        )
    }

    fn sign_command(&self, key: &str, secret: &Secret) -> String {
        format!(
            "eval \"$({} oauth1 sign --key {key} --secret {} --callback oob --request POST --curl {})\"",
            program(),
            secret.expose(),
            self.request_token_url
        )
    }

    /// Where the demo apps of `examples/` listen.
    fn app_url(&self) -> &'static str {
        self.demo.redirect_uri.trim_end_matches("callback")
    }

    fn oauth1_json(&self) -> Option<Value> {
        let (key, secret) = self.demo.consumer.as_ref()?;
        Some(json!({
            "consumer_key": key.as_str(),
            "consumer_secret": secret.expose(),
            "request_token_url": self.request_token_url,
            "authorize_url": self.oauth1_authorize_url,
            "access_token_url": self.access_token_url,
            "sign_command": self.sign_command(key.as_str(), secret),
        }))
    }

    fn oauth1_text(&self) -> String {
        let Some((key, secret)) = &self.demo.consumer else { return String::new() };
        format!(
            "OAuth 1, for an app or a library that speaks it (callback {redirect}, or oob):\n\
             \x20 consumer key     {key}\n\
             \x20 consumer secret  {secret}\n\
             \x20 request token    {request}\n\
             \x20 authorize        {authorize}\n\
             \x20 access token     {access}\n\
             Begin by hand, with a signed curl (`valetkey oauth1 sign --help` goes on):\n  {sign}\n\
             Or watch an app do it: `{command}`, then {app}\n\
             \n",
            redirect = self.demo.redirect_uri,
            sign = self.sign_command(key.as_str(), secret),
            command = self.consumer_command(key.as_str(), secret),
            app = self.app_url(),
            secret = secret.expose(),
            request = self.request_token_url,
            authorize = self.oauth1_authorize_url,
            access = self.access_token_url,
        )
    }

    pub(super) fn text(&self) -> String {
        let relaxes: String = self.relaxes.iter().map(|relaxed| format!("  ! {relaxed}\n")).collect();
        format!(
            "Valetkey is running: {issuer}\n\
             \n\
             Become its administrator (this link works once, within the hour):\n  {admin}\n\
             \n\
             Get a token:\n  {token}\n\
             \n\
             Use one:\n  {api}\n\
             \n\
             Log in, as \"{username}\" without a password or with an account of your own, and let the demo app in:\n  {login}\n\
             The browser ends at {redirect}. Paste the code in its address here:\n  {code}\n\
             Or watch an app do it: `cargo run -p demo-client`, then {app}\n\
             \n\
             {oauth1}\
             DEVELOPMENT ONLY, ON THIS MACHINE ONLY. What is relaxed here and is not under `valetkey serve`:\n{relaxes}\
             \n\
             Data: {data} (kept; start again on it, or serve it). Ctrl-C stops.\n",
            issuer = self.issuer,
            admin = self.demo.admin_link,
            token = self.token_command(),
            api = self.api_command(),
            username = self.demo.username,
            login = self.login_url,
            redirect = self.demo.redirect_uri,
            code = self.code_command(),
            app = self.app_url(),
            oauth1 = self.oauth1_text(),
            data = self.data,
        )
    }
}

/// This program as it was called, so that what is printed works where it is pasted, on the path or not.
fn program() -> String {
    let called = std::env::args().next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+~".contains(c);
    match called.chars().all(is_plain) && !called.is_empty() {
        true => called,
        false => "valetkey".to_owned(),
    }
}
