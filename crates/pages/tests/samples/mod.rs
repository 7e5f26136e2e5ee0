//! Every page with values to show, for the preview and for tests.

use serde::Serialize;
use valetkey_pages::contexts::*;

/// The words that come from strangers.
pub(crate) struct Names {
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) other: String,
    pub(crate) url: String,
}

impl Names {
    pub(crate) fn ordinary() -> Self {
        Self {
            client: "Photo Prints".into(),
            user: "alice".into(),
            other: "bob.the-builder".into(),
            url: "https://photoprints.example/privacy".into(),
        }
    }
}

/// One page to show.
pub(crate) struct Sample {
    /// What the file is called.
    pub(crate) file: &'static str,
    pub(crate) template: &'static str,
    pub(crate) context: serde_json::Value,
}

fn sample(file: &'static str, template: &'static str, context: &impl Serialize) -> Sample {
    Sample { file, template, context: serde_json::to_value(context).unwrap_or_default() }
}

const NOW: i64 = 1_795_312_860;
const DAY: i64 = 86_400;

pub(crate) fn all(names: &Names) -> Vec<Sample> {
    let mut samples = gates(names);
    samples.extend(accounts(names));
    samples.extend(apps(names));
    samples.extend(admin(names));
    samples
}

fn page(names: &Names, section: &'static str) -> Page {
    Page {
        csrf: "csrf-token".into(),
        me: Some(Me { username: names.user.clone(), is_admin: true }),
        section,
        now: NOW,
        notice: None,
        site_name: "Valetkey".into(),
        is_demo: false,
        has_signup: true,
        has_apps: true,
    }
}

fn outside(names: &Names) -> Page {
    Page { me: None, ..page(names, "") }
}

fn badge(names: &Names) -> ClientBadge {
    ClientBadge { name: names.client.clone(), host: Some("photoprints.example".into()), is_verified: true }
}

fn demo(names: &Names) -> Demo {
    Demo { accounts: vec![names.user.clone(), names.other.clone()], takes_any_name: true }
}

fn gates(names: &Names) -> Vec<Sample> {
    let login = Login { page: outside(names), signup_url: Some("/signup?flow=f".into()), ..Login::default() };
    let consent = consent(names);
    let signup = Signup {
        page: outside(names),
        login_url: "/login?flow=f".into(),
        password_length: 15,
        client: Some(badge(names)),
        ..Signup::default()
    };
    let setup = Setup {
        page: outside(names),
        action: "/setup/vk_setup_token".into(),
        password_length: 15,
        ..Setup::default()
    };
    let mut problems = Problems::new();
    problems.insert("password", Message::new("problem.password_short").with("count", "15"));
    problems.insert("username", Message::new("problem.username_taken"));
    let error = ErrorPage {
        page: outside(names),
        kind: "untrusted_redirect",
        detail: Some(format!("{} is not a registered redirect URI of this client", names.url)),
        request_id: "01jd9x2m7k".into(),
        link: Some(Link { url: "/".into(), text: Message::new("link.home") }),
    };
    let mut samples = vec![
        sample("home", "home", &Home { page: page(names, ""), issuer: issuer(), demo: None }),
        sample(
            "home-demo",
            "home",
            &Home {
                page: Page { is_demo: true, ..outside(names) },
                issuer: issuer(),
                demo: Some(demo(names)),
            },
        ),
        sample("login", "login", &login),
        sample(
            "login-flow",
            "login",
            &Login {
                flow: Some("flow-handle".into()),
                username: names.user.clone(),
                error: Some(Message::new("problem.login")),
                client: Some(badge(names)),
                ..login.clone()
            },
        ),
        sample(
            "login-demo",
            "login",
            &Login {
                page: Page { is_demo: true, ..outside(names) },
                flow: Some("f".into()),
                demo: Some(demo(names)),
                ..login
            },
        ),
        sample("signup", "signup", &signup),
        sample(
            "signup-wrong",
            "signup",
            &Signup { problems: problems.clone(), username: names.user.clone(), ..signup },
        ),
        sample("setup", "setup", &setup),
        sample(
            "setup-wrong",
            "setup",
            &Setup { problems, error: Some(Message::new("problem.setup")), ..setup },
        ),
        sample("consent", "consent", &consent),
        sample(
            "consent-native",
            "consent",
            &Consent {
                client: ConsentClient {
                    name: names.client.clone(),
                    is_native: true,
                    terms_url: Some(names.url.clone()),
                    ..ConsentClient::default()
                },
                redirect_host: "127.0.0.1".into(),
                resources: vec!["https://api.example/photos".into()],
                offline_seconds: None,
                ..consent.clone()
            },
        ),
        sample(
            "consent-by-hand",
            "consent",
            &Consent {
                redirect_host: String::new(),
                is_by_hand: true,
                access_seconds: None,
                offline_seconds: None,
                ..consent
            },
        ),
        sample(
            "verifier",
            "verifier",
            &Verifier {
                page: outside(names),
                client_name: names.client.clone(),
                verifier: "K7QMW2XA".into(),
                seconds: 3_600,
            },
        ),
        sample("logout", "logout", &Logout { page: page(names, ""), client: Some(badge(names)) }),
        sample("logged-out", "logged_out", &LoggedOut { page: outside(names) }),
        sample("error", "error", &error),
        sample(
            "form-post",
            "form_post",
            &FormPost {
                action: names.url.clone(),
                fields: vec![("code".into(), "vk_code".into()), ("state".into(), names.other.clone())],
                nonce: "nonce".into(),
                client_name: names.client.clone(),
            },
        ),
    ];
    for kind in KINDS_OF_ERROR {
        let page = ErrorPage { kind, detail: None, link: None, ..error.clone() };
        samples.push(sample("error-plain", "error", &page));
    }
    samples
}

const KINDS_OF_ERROR: [&str; 10] = [
    "bad_request",
    "untrusted_client",
    "untrusted_redirect",
    "flow_gone",
    "stale_form",
    "forbidden",
    "not_found",
    "slow_down",
    "busy",
    "internal",
];

fn consent(names: &Names) -> Consent {
    Consent {
        page: page(names, ""),
        flow: "flow-handle".into(),
        client: ConsentClient {
            name: names.client.clone(),
            host: Some("photoprints.example".into()),
            site_url: Some("https://photoprints.example/".into()),
            is_verified: false,
            is_native: false,
            policy_url: Some(names.url.clone()),
            terms_url: Some(names.url.clone()),
        },
        redirect_host: "photoprints.example".into(),
        account: names.user.clone(),
        switch_url: "/login?flow=flow-handle&switch=1".into(),
        scopes: vec![
            ConsentScope {
                name: "profile".into(),
                title: "See your name".into(),
                is_required: true,
                is_granted: true,
                is_checked: true,
                text: None,
            },
            ConsentScope {
                name: "photos.read".into(),
                title: "Look at your photos".into(),
                text: Some("All albums, also those that you keep private.".into()),
                is_checked: true,
                ..ConsentScope::default()
            },
            ConsentScope {
                name: "photos.write".into(),
                title: "Add and change photos".into(),
                is_checked: true,
                ..ConsentScope::default()
            },
        ],
        resources: Vec::new(),
        is_by_hand: false,
        access_seconds: Some(600),
        offline_seconds: Some(30 * DAY),
    }
}

fn issuer() -> String {
    "https://login.example".into()
}

fn accounts(names: &Names) -> Vec<Sample> {
    let event = |key, ago| AccountEvent {
        at: NOW - ago,
        what: Message::new(key).with("name", names.client.as_str()),
        place: Some("192.0.2.17, Firefox on Linux".into()),
    };
    let session = |id: &str, device: &str, ago, is_current| SessionRow {
        id: id.into(),
        username: names.user.clone(),
        account_id: "a1".into(),
        device: device.into(),
        place: "192.0.2.17".into(),
        started_at: NOW - 3 * DAY,
        last_seen_at: NOW - ago,
        is_current,
    };
    let sessions = vec![
        session("s1", "Firefox on Linux", 5, true),
        session("s2", "Safari on iPhone", 7_300, false),
        session("s3", "Chromium on Windows", 40 * DAY, false),
    ];
    let app = |name: &str, used: Option<i64>| ConnectedApp {
        client_id: name.to_lowercase().replace(' ', "-"),
        name: name.into(),
        host: Some("photoprints.example".into()),
        is_verified: used.is_some(),
        scopes: ["See your name", "Look at your photos", "Add and change photos"]
            .map(|title| ScopeLine { name: title.into(), title: title.into() })
            .into(),
        granted_at: NOW - 90 * DAY,
        last_used_at: used,
        uses_oauth1: true,
        uses_oauth2: used.is_some(),
    };
    let mut problems = Problems::new();
    problems.insert("current_password", Message::new("problem.password_current"));
    vec![
        sample(
            "account",
            "account",
            &Account {
                page: Page { notice: Some(Message::new("notice.account_made")), ..page(names, "account") },
                created_at: NOW - 400 * DAY,
                password_changed_at: Some(NOW - 3 * DAY),
                sessions: 3,
                apps: 1,
                events: vec![
                    event("event.login", 5),
                    event("event.consent_given", 7_200),
                    event("event.password_changed", 3 * DAY),
                ],
            },
        ),
        sample(
            "account-password",
            "account_password",
            &AccountPassword { page: page(names, "password"), problems, error: None, password_length: 15 },
        ),
        sample(
            "account-sessions",
            "account_sessions",
            &AccountSessions { page: page(names, "sessions"), sessions: sessions.clone() },
        ),
        sample(
            "account-apps",
            "account_apps",
            &AccountApps {
                page: Page {
                    notice: Some(Message::new("notice.app_revoked").with("name", names.other.as_str())),
                    ..page(names, "connected")
                },
                apps: vec![app(&names.client, Some(NOW - 600)), app("Notes", None)],
            },
        ),
        sample(
            "account-apps-empty",
            "account_apps",
            &AccountApps { page: page(names, "connected"), apps: vec![] },
        ),
        sample(
            "admin-sessions",
            "admin_sessions",
            &AdminSessions { page: page(names, "all-sessions"), sessions, paging: Paging::default() },
        ),
    ]
}

fn row(names: &Names) -> AppRow {
    AppRow {
        client_id: "photo-prints".into(),
        name: names.client.clone(),
        host: Some("photoprints.example".into()),
        kind: "confidential",
        owner: Some(names.other.clone()),
        created_at: NOW - 20 * DAY,
        last_used_at: Some(NOW - 60),
        is_disabled: false,
        is_verified: true,
        is_demo: false,
    }
}

fn rows(names: &Names) -> Vec<AppRow> {
    vec![
        row(names),
        AppRow {
            client_id: "demo-spa".into(),
            name: "Demo in the browser".into(),
            kind: "public",
            is_demo: true,
            is_verified: false,
            last_used_at: None,
            ..row(names)
        },
        AppRow {
            client_id: "vk-cli".into(),
            name: "Backup tool".into(),
            kind: "native",
            is_disabled: true,
            host: None,
            ..row(names)
        },
    ]
}

fn apps(names: &Names) -> Vec<Sample> {
    let choice = |value: &str, title: &str, is_checked| Choice {
        value: value.into(),
        title: title.into(),
        is_checked,
    };
    let form = AppForm {
        page: page(names, "apps"),
        kind: "confidential",
        grants: vec![
            choice("authorization_code", "", true),
            choice("refresh_token", "", true),
            choice("client_credentials", "", false),
            choice("implicit", "", false),
            choice("password", "", false),
        ],
        scopes: vec![
            choice("profile", "See your name", true),
            choice("photos.read", "Look at your photos", false),
        ],
        token_format: "jwt",
        oauth1: Some(oauth1_form()),
        ..AppForm::default()
    };
    let mut problems = Problems::new();
    problems.insert(
        "redirect_uris",
        Message::new("problem.redirect_uri")
            .with("uri", "http://photoprints.example/cb")
            .with("reason", "it is not https"),
    );
    for name in [
        "type",
        "grant",
        "scope",
        "token_format",
        "oauth1",
        "oauth1_method",
        "oauth1_rsa_keys",
        "oauth1_days",
        "oauth1_sunset",
    ] {
        problems.insert(name, Message::new("problem.choice"));
    }
    let app = App {
        page: page(names, "apps"),
        app: row(names),
        site_url: Some("https://photoprints.example/".into()),
        redirect_uris: vec![
            "https://photoprints.example/callback".into(),
            "https://photoprints.example/other/callback?keep=this".into(),
        ],
        grants: vec!["authorization_code".into(), "refresh_token".into()],
        scopes: vec!["profile".into(), "photos.read".into()],
        token_format: "jwt",
        secrets: vec![
            SecretRow { created_at: NOW - 60, expires_at: None },
            SecretRow { created_at: NOW - 20 * DAY, expires_at: Some(NOW + 30 * DAY) },
        ],
        oauth1: Some(oauth1_facts(names)),
        accounts: 1_204,
        policy_url: Some(names.url.clone()),
        terms_url: None,
    };
    let secret = AppSecret {
        page: page(names, "apps"),
        is_new: true,
        client_id: "photo-prints".into(),
        name: names.client.clone(),
        secret: Some("vk_secret_4Zr0pT7mYc1QeWbU9dKfHs2xLaVnGi8jRo3Eu5BtCw6".into()),
        has_oauth1: false,
        oauth1_secret: None,
        curl: Some("curl -u photo-prints:vk_secret_4Zr0pT7mYc1QeWbU9dKfHs2xLaVnGi8jRo3Eu5BtCw6 \\\n     -d grant_type=client_credentials \\\n     https://login.example/oauth2/token".into()),
    };
    vec![
        sample("apps", "apps", &Apps { page: page(names, "apps"), apps: rows(names) }),
        sample("apps-empty", "apps", &Apps { page: page(names, "apps"), apps: vec![] }),
        sample("app-new", "app_form", &form),
        sample(
            "app-edit",
            "app_form",
            &AppForm {
                client_id: Some("photo-prints".into()),
                name: names.client.clone(),
                site: "https://photoprints.example/".into(),
                redirect_uris: "http://photoprints.example/cb\nhttps://photoprints.example/cb".into(),
                policy_url: names.url.clone(),
                problems,
                error: Some(Message::new("problem.stale")),
                oauth1: Some(OAuth1Form {
                    is_on: true,
                    rsa_keys: names.other.clone(),
                    days: "365".into(),
                    default_seconds: Some(400 * DAY),
                    sunset: names.other.clone(),
                    ..oauth1_form()
                }),
                ..form
            },
        ),
        sample("app-secret", "app_secret", &secret),
        sample("app-secret-none", "app_secret", &AppSecret { secret: None, curl: None, ..secret.clone() }),
        sample(
            "app-secret-oauth1",
            "app_secret",
            &AppSecret {
                has_oauth1: true,
                oauth1_secret: Some("vk_os_8LmNqR2xTz5Wb7Yc0Vd3Fg6Hj9Kp1Sv4Aw".into()),
                ..secret.clone()
            },
        ),
        sample(
            "app-secret-rsa",
            "app_secret",
            &AppSecret { has_oauth1: true, secret: None, curl: None, ..secret.clone() },
        ),
        sample("app-secret-new", "app_secret", &AppSecret { is_new: false, ..secret }),
        sample("app", "app", &app),
        sample(
            "app-public",
            "app",
            &App {
                app: AppRow { kind: "public", is_disabled: true, is_demo: true, ..row(names) },
                redirect_uris: vec![],
                scopes: vec![],
                secrets: vec![],
                oauth1: None,
                ..app.clone()
            },
        ),
        sample(
            "app-oauth1",
            "app",
            &App {
                grants: vec![],
                secrets: vec![],
                oauth1: Some(OAuth1Facts {
                    is_served: false,
                    weak_methods: vec![],
                    rsa_keys: vec![],
                    may_use_oob: false,
                    token_seconds: Some(90 * DAY),
                    sunset_at: Some(NOW - DAY),
                    secrets: vec![],
                    ..oauth1_facts(names)
                }),
                ..app.clone()
            },
        ),
        sample(
            "app-one-secret",
            "app",
            &App { secrets: app.secrets.iter().take(1).cloned().collect(), ..app },
        ),
    ]
}

fn oauth1_form() -> OAuth1Form {
    let method = |name: &str, is_weak, is_checked| MethodChoice { name: name.into(), is_weak, is_checked };
    OAuth1Form {
        methods: vec![
            method("HMAC-SHA256", false, true),
            method("HMAC-SHA1", false, true),
            method("RSA-SHA1", true, false),
            method("PLAINTEXT", true, true),
        ],
        default_methods: vec!["HMAC-SHA256".into(), "HMAC-SHA1".into()],
        ..OAuth1Form::default()
    }
}

fn oauth1_facts(names: &Names) -> OAuth1Facts {
    OAuth1Facts {
        is_served: true,
        methods: vec!["HMAC-SHA256".into(), "RSA-SHA1".into(), "PLAINTEXT".into(), names.other.clone()],
        weak_methods: vec!["RSA-SHA1".into(), "PLAINTEXT".into()],
        rsa_keys: vec![format!(
            "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{}\n-----END PUBLIC KEY-----",
            names.other
        )],
        may_use_oob: true,
        may_sign_alone: false,
        token_seconds: None,
        sunset_at: Some(NOW + 90 * DAY),
        endpoints: ["request_token", "authorize", "access_token"]
            .map(|name| format!("https://login.example/oauth1/{name}"))
            .into(),
        secrets: vec![
            SecretRow { created_at: NOW - 60, expires_at: None },
            SecretRow { created_at: NOW - 20 * DAY, expires_at: Some(NOW + 30 * DAY) },
        ],
    }
}

fn admin(names: &Names) -> Vec<Sample> {
    let refusal = |ago, code: &str, reason: &str, endpoint: &str, client: Option<&str>| RefusalRow {
        at: NOW - ago,
        request_id: format!("01jd9x2m7k{ago}"),
        endpoint: endpoint.into(),
        client_id: client.map(Into::into),
        code: code.into(),
        reason: reason.into(),
        signature: None,
    };
    let signature = |skew, nonce_was_used, advice: &str| {
        SignatureRow {
        method: "HMAC-SHA1".into(),
        carriage: "header".into(),
        base_string: "POST&https%3A%2F%2Flogin.example%2Foauth1%2Frequest_token&oauth_callback%3Doob%26\
                      oauth_consumer_key%3Dphoto-prints%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3D\
                      HMAC-SHA1%26oauth_timestamp%3D1795312860%26oauth_version%3D1.0%26title%3D%25E2%2580%25A6"
            .into(),
        request: Some("POST https://login.example/oauth1/request_token".into()),
        parameters: format!(
            "oauth_callback=oob\noauth_consumer_key={}\noauth_nonce=7d8f3e4a\ntitle=%E2%80%A6",
            names.other
        ),
        clock_skew: skew,
        nonce_was_used,
        advice: advice.into(),
        sign: Some("valetkey oauth1 sign --key photo-prints --secret-file SECRET --method HMAC-SHA1 --request POST --curl \
                    'https://login.example/oauth1/request_token'".into()),
    }
    };
    let refusals = vec![
        refusal(
            12,
            "invalid_grant",
            "the code was used before; its grant is ended",
            "/oauth2/token",
            Some("photo-prints"),
        ),
        RefusalRow {
            signature: Some(signature(Some(-734), false, "Set the client's clock: it is 12 minutes behind.")),
            ..refusal(
                95,
                "timestamp_refused",
                "the timestamp is outside the window",
                "oauth1",
                Some("vk-cli"),
            )
        },
        RefusalRow {
            signature: Some(SignatureRow {
                carriage: names.client.clone(),
                method: String::new(),
                ..signature(None, true, "")
            }),
            ..refusal(98, "nonce_used", "the nonce was used before", "oauth1", Some("vk-cli"))
        },
        refusal(340, "invalid_client", "the secret does not fit", "/oauth2/token", Some("vk-cli")),
        refusal(9_000, "invalid_request", "redirect_uri is not registered", "/oauth2/authorize", None),
    ];
    let account = |id: &str, name: &str| AccountRow {
        id: id.into(),
        username: name.into(),
        is_admin: false,
        is_disabled: false,
        is_demo: false,
        is_me: false,
        created_at: NOW - 100 * DAY,
        last_login_at: Some(NOW - 3_700),
        sessions: 2,
    };
    let key = |kid: &str, state, from: i64, gone: Option<i64>| KeyRow {
        kid: kid.into(),
        algorithm: "ES256".into(),
        state,
        created_at: NOW + from - DAY,
        active_from: Some(NOW + from),
        gone_from: gone.map(|gone| NOW + gone),
    };
    let event = |ago, key, client: Option<&str>, actor: Option<&str>| EventRow {
        at: NOW - ago,
        what: Message::new(key).with("name", names.client.as_str()),
        account: Some(names.user.clone()),
        client_id: client.map(Into::into),
        actor: actor.map(Into::into),
        place: Some("192.0.2.7".into()),
    };
    let paging = Paging {
        newer: Some("/admin/clients?before=x".into()),
        older: Some("/admin/clients?after=y".into()),
    };
    let wave =
        |scale: u64| (0..24_u64).map(|hour| (hour * 7 + hour * hour * 3) % 29 * scale).collect::<Vec<_>>();
    vec![
        sample(
            "admin",
            "admin",
            &Admin {
                page: page(names, "admin"),
                issuer: issuer(),
                version: "0.1.0".into(),
                started_at: NOW - 5 * DAY,
                counts: Counts { accounts: 1_812, clients: 14, sessions: 402, grants: 5_733 },
                charts: vec![
                    Chart { name: "logins", values: wave(3) },
                    Chart { name: "failed", values: wave(120) },
                    Chart {
                        name: "refusals",
                        values: vec![0, 0, 1, 0, 0, 0, 3, 0, 0, 2, 0, 0, 0, 0, 0, 9, 4, 0, 0, 0, 0, 1, 0, 2],
                    },
                ],
                warnings: vec![
                    "The profile legacy is on: the implicit grant is allowed for 2 clients.".into(),
                ],
                refusals: refusals.clone(),
            },
        ),
        sample(
            "admin-empty",
            "admin",
            &Admin {
                page: page(names, "admin"),
                charts: vec![Chart { name: "logins", values: vec![] }],
                ..Admin::default()
            },
        ),
        sample(
            "admin-clients",
            "admin_clients",
            &AdminClients {
                page: page(names, "clients"),
                query: names.other.clone(),
                clients: rows(names),
                paging,
            },
        ),
        sample(
            "admin-accounts",
            "admin_accounts",
            &AdminAccounts {
                page: page(names, "accounts"),
                query: String::new(),
                accounts: vec![
                    AccountRow { is_admin: true, is_me: true, ..account("a1", &names.user) },
                    account("a2", &names.other),
                    AccountRow {
                        is_disabled: true,
                        sessions: 0,
                        last_login_at: None,
                        is_demo: true,
                        ..account("a3", "carol")
                    },
                ],
                paging: Paging::default(),
            },
        ),
        sample(
            "admin-accounts-empty",
            "admin_accounts",
            &AdminAccounts { page: page(names, "accounts"), ..AdminAccounts::default() },
        ),
        sample(
            "admin-keys",
            "admin_keys",
            &AdminKeys {
                page: page(names, "keys"),
                keys: vec![
                    key("es256-2026-11b", "published", DAY, None),
                    key("es256-2026-11", "active", -30 * DAY, None),
                    key("es256-2026-10", "retiring", -60 * DAY, Some(2 * DAY)),
                    key("es256-2026-09", "retired", -90 * DAY, Some(-30 * DAY)),
                ],
                next_rotation_at: Some(NOW + 30 * DAY),
            },
        ),
        sample(
            "admin-refusals",
            "admin_refusals",
            &AdminRefusals {
                page: page(names, "refusals"),
                request_id: names.other.clone(),
                refusals,
                paging: Paging::default(),
            },
        ),
        sample(
            "admin-refusals-empty",
            "admin_refusals",
            &AdminRefusals { page: page(names, "refusals"), ..AdminRefusals::default() },
        ),
        sample("admin-oauth1", "admin_oauth1", &crossings(names)),
        sample(
            "admin-oauth1-empty",
            "admin_oauth1",
            &AdminOAuth1 { page: page(names, "oauth1"), days: 30, ..AdminOAuth1::default() },
        ),
        sample(
            "admin-events",
            "admin_events",
            &AdminEvents {
                page: page(names, "events"),
                events: vec![
                    event(30, "event.login", None, None),
                    event(600, "event.consent_given", Some("photo-prints"), None),
                    event(4_000, "event.account_disabled", None, Some(&names.other)),
                    event(90_000, "event.refresh_reused", Some("photo-prints"), None),
                ],
                paging: Paging::default(),
            },
        ),
    ]
}

fn crossings(names: &Names) -> AdminOAuth1 {
    let values = |scale: u64, until: u64| {
        (0..30_u64).map(|day| if day < until { (day * 13 + day * day * 5) % 31 * scale } else { 0 }).collect()
    };
    let methods = vec![
        Series { name: "HMAC-SHA1".into(), values: values(90, 26) },
        Series { name: "HMAC-SHA256".into(), values: values(31, 30) },
        Series { name: "PLAINTEXT".into(), values: values(12, 9) },
        Series { name: names.other.clone(), values: values(2, 30) },
    ];
    let sum = |day: usize| methods.iter().map(|series: &Series| series.values[day]).sum();
    let row = CrossingRow {
        client_id: "photo-prints".into(),
        name: names.client.clone(),
        is_gone: false,
        is_disabled: false,
        signed: 24_118,
        methods: vec!["HMAC-SHA1".into(), names.other.clone()],
        last_at: Some(NOW - 30),
        live: 1_204,
        exchanged: 311,
        sunset_at: Some(NOW + 90 * DAY),
    };
    AdminOAuth1 {
        page: page(names, "oauth1"),
        is_on: true,
        sunset_at: Some(NOW + 200 * DAY),
        sunset_link: Some(names.url.clone()),
        days: 30,
        dates: (0..30).map(|day| NOW - NOW % DAY - (29 - day) * DAY).collect(),
        signed: (0..30).map(sum).collect(),
        methods,
        exchanges: values(1, 30),
        clients: vec![
            row.clone(),
            CrossingRow {
                client_id: "backup".into(),
                name: "Backup tool".into(),
                is_disabled: true,
                signed: 1,
                live: 1,
                exchanged: 1,
                sunset_at: Some(NOW - DAY),
                ..row.clone()
            },
            CrossingRow {
                client_id: "k7b1".into(),
                name: "k7b1".into(),
                is_gone: true,
                signed: 0,
                methods: vec![],
                last_at: None,
                live: 0,
                exchanged: 0,
                sunset_at: None,
                ..row
            },
        ],
        unlisted: 3,
    }
}
