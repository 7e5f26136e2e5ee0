//! Records in the words of pages.

use std::{net::IpAddr, time::Duration};

use url::Url;
use valetkey_oauth2::{ClientId, RedirectKind, RedirectUri, Scope, Timestamp};
use valetkey_ports::{Account, Client, ClientKind, ClientOrigin, Event, EventKind, Session};
use valetkey_provider::{Engine, Failure};

use crate::{
    contexts::{AppRow, ClientBadge, Message, ScopeLine, SessionRow},
    visit::Visit,
};

/// A name from somebody else: without control characters and without those that turn the direction of writing, so that
/// it cannot pose as another text (security UI-22).
pub(crate) fn name(raw: &str) -> String {
    let is_harmless = |c: &char| {
        !c.is_control()
            && !matches!(c,
                '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                    | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    raw.chars().filter(is_harmless).collect::<String>().trim().to_owned()
}

/// The host of a URL with its port, in the letters that the network uses: a look-alike shows.
pub(crate) fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// A link that may stand on a page: on the web, nothing else.
pub(crate) fn link(url: Option<&str>) -> Option<String> {
    let parsed = Url::parse(url?).ok()?;
    matches!(parsed.scheme(), "https" | "http").then(|| parsed.to_string())
}

/// What a redirect URI says about where an answer goes.
pub(crate) fn redirect_host(uri: &RedirectUri) -> String {
    match uri.kind() {
        RedirectKind::PrivateUse => uri.form_action(),
        _ => uri.host().to_owned(),
    }
}

/// A span of time as templates take it.
pub(crate) fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// An app, as far as a login page names it.
pub(crate) fn badge(client: &Client) -> ClientBadge {
    ClientBadge {
        name: name(&client.name),
        host: client.site.as_deref().and_then(host),
        is_verified: is_verified(client),
    }
}

/// Whether somebody who runs this server has looked at the client.
pub(crate) fn is_verified(client: &Client) -> bool {
    client.is_trusted || matches!(client.origin, ClientOrigin::CommandLine | ClientOrigin::Configuration)
}

/// A kind of client by its name on the pages.
pub(crate) fn kind(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Web => "confidential",
        ClientKind::Browser => "public",
        ClientKind::Native => "native",
    }
}

/// An app in a list.
pub(crate) fn app(client: &Client, last_used: Option<Timestamp>) -> AppRow {
    AppRow {
        client_id: client.id.to_string(),
        name: name(&client.name),
        host: client.site.as_deref().and_then(host),
        kind: kind(client.kind),
        owner: None,
        created_at: client.created_at.seconds(),
        last_used_at: last_used.map(Timestamp::seconds),
        is_disabled: !client.is_active(),
        is_verified: is_verified(client),
        is_demo: client.origin == ClientOrigin::Demo,
    }
}

/// What a client is called; its id where it is gone.
pub(crate) async fn client_name(engine: &Engine, id: &ClientId) -> Result<String, Failure> {
    Ok(engine.client(id).await?.map_or_else(|| id.to_string(), |client| name(&client.name)))
}

/// Scopes in words.
pub(crate) fn scopes(engine: &Engine, scope: &Scope, language: &str) -> Vec<ScopeLine> {
    let title = |token: &str| {
        let entry = engine.policy().scopes.find(token);
        entry.map_or(token, |entry| entry.description_in(language)).to_owned()
    };
    scope.iter().map(|token| ScopeLine { name: token.to_owned(), title: title(token) }).collect()
}

/// A session in a list.
pub(crate) fn session(session: &Session, account: &Account, visit: &Visit<'_>) -> SessionRow {
    SessionRow {
        id: session.id.to_string(),
        username: account.username.as_str().to_owned(),
        account_id: account.id.to_string(),
        device: device(&session.user_agent),
        place: place(&session.address),
        started_at: session.created_at.seconds(),
        last_seen_at: session.last_seen_at.seconds(),
        is_current: visit.session().is_some_and(|live| live.session().id == session.id),
    }
}

/// An event of the audit, in words.
pub(crate) async fn event(engine: &Engine, event: &Event) -> Result<Message, Failure> {
    let detail = event.detail.as_str();
    let key = match event.kind {
        EventKind::Login => "event.login",
        EventKind::LoginFailed => "event.login_refused",
        EventKind::Logout => "event.logout",
        EventKind::AccountCreated if detail.contains("setup") => "event.setup",
        EventKind::AccountCreated => "event.signup",
        EventKind::AccountChanged if detail == "disabled" => "event.account_disabled",
        EventKind::AccountChanged if detail == "enabled" => "event.account_enabled",
        EventKind::AccountChanged => "event.account_changed",
        EventKind::AccountDeleted => "event.account_deleted",
        EventKind::PasswordChanged => "event.password_changed",
        EventKind::SessionEnded if detail.contains("sessions") => "event.sessions_ended",
        EventKind::SessionEnded => "event.session_ended",
        EventKind::ConsentGiven => "event.consent_given",
        EventKind::ConsentDenied => "event.consent_denied",
        EventKind::ConsentWithdrawn => "event.consent_revoked",
        EventKind::ClientCreated => "event.client_registered",
        EventKind::ClientChanged if detail == "disabled" => "event.client_disabled",
        EventKind::ClientChanged if detail == "enabled" => "event.client_enabled",
        EventKind::ClientChanged if detail == "all tokens ended" => "event.client_revoked",
        EventKind::ClientChanged => "event.client_changed",
        EventKind::ClientDeleted => "event.client_deleted",
        EventKind::SecretRotated if detail == "the old OAuth 1 secret ended" => "event.oauth1_secret_retired",
        EventKind::SecretRotated if detail.starts_with("the old OAuth 1 secret") => {
            "event.oauth1_secret_replaced"
        }
        EventKind::SecretRotated if detail == "the old secret ended" => "event.secret_retired",
        EventKind::SecretRotated => "event.secret_replaced",
        EventKind::GrantRevoked => "event.grant_revoked",
        EventKind::TokenRevoked => "event.token_revoked",
        EventKind::CodeReplayed => "event.code_replayed",
        EventKind::RefreshReused => "event.refresh_reused",
        EventKind::TokenExchanged => "event.token_exchanged",
        EventKind::KeyRotated => "event.key_rotated",
        other => return Ok(Message::new("event.other").with("name", other.as_str().to_owned())),
    };
    let name = match &event.client {
        Some(client) => client_name(engine, client).await?,
        None => "–".to_owned(),
    };
    Ok(Message::new(key).with("name", name))
}

/// Browser and system, in words: as far as a person needs it to know their own again.
pub(crate) fn device(user_agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Chromium/", "Chromium"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => match name(user_agent) {
            unknown if unknown.is_empty() => "?".to_owned(),
            unknown => unknown.chars().take(48).collect(),
        },
    }
}

/// An address in words.
pub(crate) fn place(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical().to_string(),
        Err(_) => name(address),
    }
}

#[cfg(test)]
mod tests {
    use super::{device, host, link, name};

    #[test]
    fn sec_ui_22_names_lose_what_turns_or_hides_text() {
        assert_eq!(name("Pay\u{202e}lap\u{0}\u{200b} Inc\u{2066}."), "Paylap Inc.");
        assert_eq!(name("Größe 株式会社"), "Größe 株式会社");
    }

    #[test]
    fn sec_ui_22_a_look_alike_host_shows_its_true_letters() {
        assert_eq!(host("https://\u{430}pple.com/x").as_deref(), Some("xn--pple-43d.com"));
        assert_eq!(host("https://a.example:8443/").as_deref(), Some("a.example:8443"));
    }

    #[test]
    fn sec_ui_26_only_the_web_is_linked() {
        assert!(link(Some("javascript:alert(1)")).is_none());
        assert!(link(Some("data:text/html,x")).is_none());
        assert_eq!(link(Some("https://a.example/p")).as_deref(), Some("https://a.example/p"));
    }

    #[test]
    fn browsers_are_known_by_their_words() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(device(firefox), "Firefox · Linux");
        assert_eq!(device(""), "?");
        assert_eq!(device("curl/8.9.1"), "curl");
    }
}
