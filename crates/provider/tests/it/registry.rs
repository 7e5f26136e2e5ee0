//! Registration of clients.

use std::time::Duration;

use valetkey_oauth2::{Issuer, Secret};
use valetkey_ports::{Account, ClientOrigin};
use valetkey_provider::{
    config::AppRegistration,
    people::Actor,
    registry::{Changed, ClientDraft, Problem, Registered},
};

use crate::{
    browser::Browser,
    world::{World, policy, web},
};

async fn register(world: &World, draft: &ClientDraft, who: &Account) -> Result<Registered, Vec<Problem>> {
    world.engine().register(draft, &Actor::of(who)).await.unwrap()
}

fn fields(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.field).collect()
}

#[tokio::test]
async fn a_developer_registers_an_app_and_sees_its_secret_once() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let draft = ClientDraft {
        site: "https://app.example".into(),
        policy: "https://app.example/privacy".into(),
        ..web("My app")
    };
    let registered = register(&world, &draft, &dev).await.unwrap();
    assert!(registered.secret.as_ref().unwrap().expose().starts_with("vk_cs_"));
    let client = &registered.client;
    assert_eq!((client.owner, client.origin), (Some(dev.id), ClientOrigin::Pages));
    assert_eq!(client.id.as_str().len(), 22);
    assert!(registered.warnings.is_empty(), "{:?}", registered.warnings);
    assert_eq!(world.engine().apps_of(&dev.id).await.unwrap().len(), 1);
    let kept = world.ports.clients.find(&client.id).await.unwrap().unwrap();
    assert!(!format!("{kept:?}").contains(registered.secret.unwrap().expose()));
    // What is kept reads back as the draft that changes nothing.
    let same =
        world.engine().update_client(&client.id, &ClientDraft::from(client), &Actor::of(&dev)).await.unwrap();
    let same = same.unwrap().unwrap();
    assert!(same.secret.is_none());
    assert_eq!(same.client, *client);
}

#[tokio::test]
async fn sec_rg_02_dangerous_metadata_is_refused() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let long = format!("https://app.example/{}", "x".repeat(2100));
    for url in [
        "http://app.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@app.example",
        "https://user:pw@app.example",
        "https://app.example/#x",
        "https://",
        "https://app.example/\u{e4}",
        "//app.example",
        &long,
    ] {
        for field in ["site", "logo", "policy", "terms"] {
            let mut draft = web("My app");
            match field {
                "site" => draft.site = url.into(),
                "logo" => draft.logo = url.into(),
                "policy" => draft.policy = url.into(),
                _ => draft.terms = url.into(),
            }
            assert_eq!(fields(&register(&world, &draft, &dev).await.unwrap_err()), [field], "{url}");
        }
    }
    let long = "x".repeat(81);
    for name in ["", "  ", "My\u{202e}app", "My\u{7}app", "My\u{200b}app", "!!!", &long] {
        assert_eq!(fields(&register(&world, &web(name), &dev).await.unwrap_err()), ["name"], "{name:?}");
    }
}

#[tokio::test]
async fn sec_az_03_script_and_data_schemes_cannot_be_registered() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    for kind in ["web", "browser", "native"] {
        for uri in [
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///x",
            "blob:x",
            "about:blank",
            "app:/cb",
        ] {
            let draft = ClientDraft {
                kind: kind.into(),
                grant_types: Vec::new(),
                redirect_uris: vec![uri.into()],
                ..web("My app")
            };
            assert_eq!(
                fields(&register(&world, &draft, &dev).await.unwrap_err()),
                ["redirect_uris"],
                "{uri}"
            );
        }
    }
}

#[tokio::test]
async fn sec_az_04_http_is_for_native_apps_on_loopback() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let outcome = async |world: &World, kind: &str, uri: &str| {
        let draft = ClientDraft {
            kind: kind.into(),
            grant_types: Vec::new(),
            redirect_uris: vec![uri.into()],
            ..web(&format!("{kind} {uri}"))
        };
        register(world, &draft, &dev).await.is_ok()
    };
    for uri in
        ["http://127.0.0.1/cb", "http://[::1]:8000/cb", "com.example.app:/cb", "https://app.example/cb"]
    {
        assert!(outcome(&world, "native", uri).await, "{uri}");
    }
    for (kind, uri) in [
        ("native", "http://localhost:8000/cb"),
        ("native", "http://app.example/cb"),
        ("native", "http://192.168.0.1/cb"),
        ("web", "http://127.0.0.1/cb"),
        ("web", "com.example.app:/cb"),
        ("browser", "http://localhost/cb"),
        ("web", "https://*.example/cb"),
        ("web", "https://app.example/cb#x"),
    ] {
        assert!(!outcome(&world, kind, uri).await, "{kind} {uri}");
    }
    // At a workbench on loopback all may (decision 10).
    let mut rules = policy();
    rules.issuer = Issuer::parse("http://127.0.0.1:7000").unwrap();
    let world = World::with(rules).await;
    for (kind, uri) in [("web", "http://127.0.0.1:5000/cb"), ("browser", "http://localhost:5000/cb")] {
        assert!(outcome(&world, kind, uri).await, "{kind} {uri}");
    }
    assert!(!outcome(&world, "web", "http://app.example/cb").await);
}

#[tokio::test]
async fn what_does_not_fit_together_is_named_field_by_field() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let draft = ClientDraft {
        kind: "browser".into(),
        redirect_uris: Vec::new(),
        auth_methods: vec!["client_secret_basic".into()],
        pkce: "optional".into(),
        scope: "nonsense".into(),
        token_format: "xml".into(),
        origins: vec!["http://app.example".into()],
        resources: vec!["https://unknown.example".into()],
        ..web("My app")
    };
    let problems = register(&world, &draft, &dev).await.unwrap_err();
    let mut named = fields(&problems);
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "auth_methods",
            "grant_types",
            "origins",
            "pkce",
            "redirect_uris",
            "resources",
            "scope",
            "token_format"
        ]
    );
    for problem in problems {
        assert!(problem.message.ends_with('.'), "{problem:?}");
    }
}

#[tokio::test]
async fn sec_rg_05_a_developer_cannot_raise_rights() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let engine = world.engine();
    let hours = Duration::from_secs(5 * 60 * 60);
    let cases = [
        ("is_trusted", ClientDraft { is_trusted: true, ..web("My app") }),
        ("may_introspect", ClientDraft { may_introspect: true, ..web("My app") }),
        ("scope", ClientDraft { scope: "profile admin".into(), ..web("My app") }),
        ("client_id", ClientDraft { client_id: Some("mine".into()), ..web("My app") }),
        ("client_secret", ClientDraft { client_secret: Some(Secret::new("x".repeat(50))), ..web("My app") }),
        (
            "lifetimes",
            ClientDraft {
                lifetimes: valetkey_ports::Lifetimes { access_token: Some(hours), ..Default::default() },
                ..web("My app")
            },
        ),
    ];
    let app = register(&world, &web("My app"), &dev).await.unwrap().client;
    for (field, draft) in cases {
        assert_eq!(fields(&register(&world, &draft, &dev).await.unwrap_err()), [field]);
        let changed = engine.update_client(&app.id, &draft, &Actor::of(&dev)).await.unwrap().unwrap();
        assert_eq!(fields(&changed.unwrap_err()), [field]);
    }
    // Nothing asked for: everything but what is privileged.
    let open =
        register(&world, &ClientDraft { scope: String::new(), ..web("Other app") }, &dev).await.unwrap();
    assert_eq!(open.client.scope.as_str(), "profile read write");
}

#[tokio::test]
async fn an_access_token_never_outlives_the_key_that_signed_it() {
    let world = World::new().await;
    let with = |lifetime| {
        let lifetimes = valetkey_ports::Lifetimes { access_token: Some(lifetime), ..Default::default() };
        ClientDraft { lifetimes, ..web("My app") }
    };
    let register = async |lifetime| {
        world
            .engine()
            .register(&with(lifetime), &Actor::COMMAND_LINE)
            .await
            .unwrap()
            .map(|done| done.client.id)
    };
    let day = Duration::from_secs(24 * 60 * 60);
    register(day).await.unwrap();
    for wrong in [day + Duration::from_secs(1), Duration::from_millis(999), Duration::ZERO] {
        assert_eq!(fields(&register(wrong).await.unwrap_err()), ["lifetimes"], "{wrong:?}");
    }
}

#[tokio::test]
async fn sec_rg_05_trust_is_kept_by_a_small_change_and_lost_by_a_large_one() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let engine = world.engine();
    let app = register(&world, &web("My app"), &dev).await.unwrap().client;
    let trusted = ClientDraft { is_trusted: true, scope: "profile admin".into(), ..ClientDraft::from(&app) };
    let done = engine.update_client(&app.id, &trusted, &Actor::COMMAND_LINE).await.unwrap().unwrap().unwrap();
    assert_eq!(done.client.owner, Some(dev.id));
    let change = async |draft: ClientDraft| {
        engine.update_client(&app.id, &draft, &Actor::of(&dev)).await.unwrap().unwrap().unwrap()
    };
    let site = ClientDraft { site: "https://app.example".into(), is_trusted: false, ..trusted.clone() };
    let small = change(site).await.client;
    assert!(small.is_trusted && small.scope.contains("admin"));
    let large =
        change(ClientDraft { redirect_uris: vec!["https://evil.example/cb".into()], ..trusted }).await;
    assert!(!large.client.is_trusted);
    assert_eq!(large.warnings.len(), 1);
}

#[tokio::test]
async fn sec_rg_03_a_name_that_looks_like_another_apps_is_refused() {
    let world = World::new().await;
    let (dev, other) = (world.person("dev").await, world.person("other").await);
    register(&world, &web("Acme Photos"), &dev).await.unwrap();
    for name in ["Acme Photos", "ACME-PHOTOS", "Acme Ph0tos", "\u{410}cme Photos"] {
        assert_eq!(fields(&register(&world, &web(name), &other).await.unwrap_err()), ["name"], "{name}");
        let warned = world.engine().register(&web(name), &Actor::COMMAND_LINE).await.unwrap().unwrap();
        assert_eq!(warned.warnings.len(), 1, "{name}");
        assert!(
            world.engine().delete_client(&warned.client.id, &Actor::COMMAND_LINE).await.unwrap().is_done()
        );
    }
    let app = register(&world, &web("Something else"), &other).await.unwrap().client;
    let renamed =
        world.engine().update_client(&app.id, &web("Acme Photos"), &Actor::of(&other)).await.unwrap();
    assert_eq!(fields(&renamed.unwrap().unwrap_err()), ["name"]);
}

#[tokio::test]
async fn sec_op_01_somebody_elses_app_is_not_there() {
    let world = World::new().await;
    let (dev, other) = (world.person("dev").await, world.person("other").await);
    let app = register(&world, &web("My app"), &dev).await.unwrap().client;
    let of_operator = world.web().await.client;
    let engine = world.engine();
    let foreign = Actor::of(&other);
    for id in [&app.id, &of_operator.id, &crate::world::client_id("nothing")] {
        assert!(engine.client_for(id, &foreign).await.unwrap().is_none());
        assert!(engine.update_client(id, &web("x1"), &foreign).await.unwrap().is_none());
        assert!(engine.rotate_secret(id, Duration::ZERO, &foreign).await.unwrap().is_none());
        assert_eq!(engine.retire_secret(id, &foreign).await.unwrap(), Changed::NotFound);
        assert_eq!(engine.disable_client(id, &foreign).await.unwrap(), Changed::NotFound);
        assert_eq!(engine.enable_client(id, &foreign).await.unwrap(), Changed::NotFound);
        assert_eq!(engine.revoke_client_tokens(id, &foreign).await.unwrap(), Changed::NotFound);
        assert_eq!(engine.delete_client(id, &foreign).await.unwrap(), Changed::NotFound);
    }
    assert_eq!(world.ports.clients.find(&app.id).await.unwrap().unwrap(), app);
    assert!(engine.apps_of(&other.id).await.unwrap().is_empty());
    assert!(engine.client_for(&app.id, &Actor::Administrator(other.id)).await.unwrap().is_some());
}

#[tokio::test]
async fn what_the_configuration_declares_is_changed_there_only() {
    let world = World::new().await;
    let engine = world.engine();
    let app = engine.register(&web("Declared"), &Actor::CONFIGURATION).await.unwrap().unwrap().client;
    assert_eq!(app.origin, ClientOrigin::Configuration);
    for actor in [Actor::COMMAND_LINE, Actor::Administrator(world.person("root").await.id)] {
        assert_eq!(engine.disable_client(&app.id, &actor).await.unwrap(), Changed::ReadOnly);
        assert_eq!(engine.delete_client(&app.id, &actor).await.unwrap(), Changed::ReadOnly);
        assert!(engine.rotate_secret(&app.id, Duration::ZERO, &actor).await.unwrap().is_none());
        let refused = engine.update_client(&app.id, &web("x1"), &actor).await.unwrap().unwrap();
        assert_eq!(fields(&refused.unwrap_err()), [""]);
    }
    assert!(engine.disable_client(&app.id, &Actor::CONFIGURATION).await.unwrap().is_done());
}

#[tokio::test]
async fn a_change_holds_here_at_once() {
    let world = World::new().await;
    let (app, anna) = (world.web().await, world.person("anna").await);
    let mut browser = Browser::new(&world, &anna);
    browser.authorize(&app, &[]).await.code();
    let moved =
        ClientDraft { redirect_uris: vec!["https://b.example/cb".into()], ..ClientDraft::from(&app.client) };
    world
        .engine()
        .update_client(&app.client.id, &moved, &Actor::COMMAND_LINE)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let answer = browser.get(&crate::browser::authorize_uri(&app, &[])).await;
    assert_eq!(answer.status.as_u16(), 400);
    assert!(world.engine().delete_client(&app.client.id, &Actor::COMMAND_LINE).await.unwrap().is_done());
    world.token(&app, &[("grant_type", "client_credentials")]).await.refused(401, "invalid_client");
    // Its id is never given again.
    let draft = ClientDraft { client_id: Some(app.id().into()), ..web("Again") };
    let refused = world.engine().register(&draft, &Actor::COMMAND_LINE).await.unwrap().unwrap_err();
    assert_eq!(fields(&refused), ["client_id"]);
}

#[tokio::test]
async fn registration_can_be_for_administrators_only() {
    let mut rules = policy();
    rules.app_registration = AppRegistration::Administrators;
    let world = World::with(rules).await;
    let dev = world.person("dev").await;
    assert_eq!(fields(&register(&world, &web("My app"), &dev).await.unwrap_err()), [""]);
    let admin = Actor::Administrator(dev.id);
    let made = world.engine().register(&web("My app"), &admin).await.unwrap().unwrap();
    assert_eq!(made.client.owner, Some(dev.id));
}

#[tokio::test]
async fn a_kind_that_keeps_no_secret_gives_its_secrets_up() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let app = register(&world, &web("My app"), &dev).await.unwrap().client;
    let draft = ClientDraft {
        kind: "browser".into(),
        grant_types: Vec::new(),
        auth_methods: Vec::new(),
        ..ClientDraft::from(&app)
    };
    let public =
        world.engine().update_client(&app.id, &draft, &Actor::of(&dev)).await.unwrap().unwrap().unwrap();
    assert!(public.client.secrets.is_empty() && public.secret.is_none());
    let draft =
        ClientDraft { kind: "web".into(), auth_methods: Vec::new(), ..ClientDraft::from(&public.client) };
    let web =
        world.engine().update_client(&app.id, &draft, &Actor::of(&dev)).await.unwrap().unwrap().unwrap();
    assert!(web.secret.is_some() && web.client.secrets.len() == 1);
}

#[tokio::test]
async fn the_apps_of_a_deleted_account_stay_without_an_owner() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let app = register(&world, &web("My app"), &dev).await.unwrap().client;
    assert!(world.engine().delete_account(&dev.id, &Actor::COMMAND_LINE).await.unwrap());
    let kept = world.ports.clients.find(&app.id).await.unwrap().unwrap();
    assert_eq!((kept.owner, kept.is_active()), (None, true));
}

#[tokio::test]
async fn sec_rg_10_an_app_that_only_loopback_answers_for_is_marked() {
    let world = World::new().await;
    let dev = world.person("dev").await;
    let native = |uris: &[&str]| ClientDraft {
        kind: "native".into(),
        grant_types: Vec::new(),
        redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
        ..web("My app")
    };
    let only = register(&world, &native(&["http://127.0.0.1/cb", "http://[::1]/cb"]), &dev).await.unwrap();
    assert_eq!(only.warnings.len(), 1, "{:?}", only.warnings);
    assert!(only.warnings[0].contains("machine"), "{:?}", only.warnings);
    let both =
        register(&world, &native(&["http://127.0.0.1/cb", "https://app.example/cb"]), &dev).await.unwrap();
    assert!(!both.warnings.iter().any(|warning| warning.contains("machine")), "{:?}", both.warnings);
}
