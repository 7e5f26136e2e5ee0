//! What pages say and do for OAuth 1.

use http::StatusCode;
use valetkey_oauth2::{RedirectUri, Secret};
use valetkey_ports::{Client, ClientKind, OAuth1Client, SharedSecret};

use crate::harness::{Answer, Browser, CALLBACK, PASSWORD, World, encode};

const SHARED: &str = "kd94hf93k423kf44";

/// A client that speaks OAuth 1 only; what it sends needs no computing.
async fn client(world: &World, change: impl FnOnce(&mut OAuth1Client, &mut ClientKind)) -> Client {
    let mut client = world.client("Printer").await;
    let sealed = world.provider.engine().seal_client_secret(&client.id, &Secret::new(SHARED)).unwrap();
    let mut own = OAuth1Client {
        methods: Some(vec!["PLAINTEXT".into()]),
        secrets: vec![SharedSecret { sealed, created_at: world.now(), expires_at: None }],
        may_use_oob: true,
        ..OAuth1Client::default()
    };
    change(&mut own, &mut client.kind);
    client.oauth1 = Some(own);
    client.grant_types.clear();
    client.secrets.clear();
    world.ports.clients.update(&client).await.unwrap();
    client
}

/// Sends what a client signs, and gives the answer.
async fn signed(world: &World, path: &str, key: &str, secrets: &str, more: &str) -> Answer {
    let mut app = Browser::new(world);
    let header = format!(
        "OAuth oauth_consumer_key=\"{key}\", oauth_signature_method=\"PLAINTEXT\", oauth_signature=\"{}\"{more}",
        encode(secrets)
    );
    app.headers = vec![("authorization", header)];
    app.post(path, &[]).await
}

/// Temporary credentials: their token and secret.
async fn begin(world: &World, client: &Client, callback: &str) -> (String, String) {
    let more = format!(", oauth_callback=\"{}\"", encode(callback));
    let answer =
        signed(world, "/oauth1/request_token", client.id.as_str(), &format!("{SHARED}&"), &more).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    pair(&answer)
}

fn pair(answer: &Answer) -> (String, String) {
    let told: std::collections::BTreeMap<_, _> =
        url::form_urlencoded::parse(answer.text.as_bytes()).into_owned().collect();
    (told["oauth_token"].clone(), told["oauth_token_secret"].clone())
}

async fn consent(browser: &mut Browser<'_>, token: &str) -> Answer {
    let asked = browser.get(&format!("/oauth1/authorize?oauth_token={token}")).await;
    let mut page = browser.follow(asked).await;
    if page.has("password") {
        page = browser.fill_login(&page, "ada", PASSWORD).await;
        page = browser.follow(page).await;
    }
    assert!(page.has("decision"), "{page:?}");
    page
}

fn code(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("<code class=\"copy\">").expect("a code");
    rest.split("</code>").next().unwrap().replace("<span>", "").replace("</span>", "")
}

#[tokio::test]
async fn sec_o1_14_a_code_to_be_carried_by_hand_is_warned_of_before_and_shown_once() {
    let world = World::new().await;
    world.account("ada").await;
    let client = client(&world, |_, _| {}).await;
    let (token, secret) = begin(&world, &client, "oob").await;
    let mut browser = Browser::new(&world);
    let page = consent(&mut browser, &token).await;
    for part in ["Let Printer in?", "Nobody can check that it is Printer", "until you take it back"] {
        assert!(page.text.contains(part), "{part}: {page:?}");
    }
    assert!(!page.text.contains("Your answer goes to") && !page.text.contains("30 days"), "{page:?}");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' ;") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.header("x-frame-options"), "DENY");

    let shown = browser.decide(&page, "allow").await;
    assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
    assert_eq!(shown.header("cache-control"), "no-store");
    assert!(shown.text.contains("Give it to nobody else") && shown.text.contains("1 hour"), "{shown:?}");
    assert!(shown.text.contains("<strong>Printer</strong>"), "{shown:?}");
    let code = code(&shown);
    assert_eq!(code.len(), 8, "{code}");
    let again = browser.decide(&page, "allow").await;
    assert!(again.text.contains("This login is no longer open"), "{again:?}");

    let more = format!(", oauth_token=\"{token}\", oauth_verifier=\"{code}\"");
    let key = client.id.as_str();
    let given = signed(&world, "/oauth1/access_token", key, &format!("{SHARED}&{secret}"), &more).await;
    assert_eq!(given.status, StatusCode::OK, "{given:?}");
    let apps = browser.get("/account/apps").await;
    assert!(apps.text.contains("Printer") && apps.text.contains("signs with OAuth 1"), "{apps:?}");
    let revoke = apps.form("client_id");
    let done = browser.submit(&revoke).await;
    assert!(browser.follow(done).await.text.contains("Printer no longer has access"));
}

#[tokio::test]
async fn sec_o1_14_the_consent_page_tells_where_the_verifier_goes_and_how_long_the_credentials_live() {
    let world = World::new().await;
    world.account("ada").await;
    let client =
        client(&world, |own, _| own.token_lifetime = Some(std::time::Duration::from_secs(90 * 86_400))).await;
    let (token, _) = begin(&world, &client, CALLBACK).await;
    let mut browser = Browser::new(&world);
    let page = consent(&mut browser, &token).await;
    assert!(page.text.contains("<strong>client.example</strong>"), "{page:?}");
    assert!(page.text.contains("The access ends after 90 days"), "{page:?}");
    assert!(!page.text.contains("class=\"alert warning\""), "{page:?}");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://client.example;"), "{policy}");
    let told = browser.decide(&page, "allow").await;
    assert!(told.location().starts_with(CALLBACK), "{told:?}");
}

#[tokio::test]
async fn sec_o1_14_a_program_on_a_device_cannot_be_checked_and_that_is_said() {
    let world = World::new().await;
    world.account("ada").await;
    let client = client(&world, |_, kind| *kind = ClientKind::Native).await;
    let mut client = client;
    client.redirect_uris = vec![RedirectUri::parse("com.example.app:/cb").unwrap()];
    world.ports.clients.update(&client).await.unwrap();
    let (token, _) = begin(&world, &client, "com.example.app:/cb").await;
    let page = consent(&mut Browser::new(&world), &token).await;
    assert!(page.text.contains("Printer runs on your own device"), "{page:?}");
    assert!(page.text.contains("<strong>com.example.app:</strong>"), "{page:?}");
}

#[tokio::test]
async fn an_app_gets_its_oauth_1_pair_on_the_pages_and_replaces_it_with_an_overlap() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let mut form = browser.get("/apps/new").await.form("oauth1");
    form.set("name", "Night printer");
    form.set("redirect_uris", "https://mine.example/callback");
    form.unset("grant");
    form.set("oauth1", "on");
    form.fields.push(("oauth1_method".into(), "PLAINTEXT".into()));
    form.fields.push(("oauth1_method".into(), "HMAC-SHA1".into()));
    form.set("oauth1_days", "90");
    form.set("oauth1_sunset", "2099-06-30");
    let done = browser.submit(&form).await;
    let made = browser.follow(done).await;
    assert!(made.text.contains("Consumer key") && !made.text.contains("Client secret"), "{made:?}");
    let id = between(&made, "<code class=\"copy\">");
    let old = between(&made, "<code class=\"copy secret\">");
    assert!(old.starts_with("vk_"), "{old}");
    let path = format!("/apps/{id}");
    let works = async |secret: &str| {
        let more = format!(", oauth_callback=\"{}\"", encode("https://mine.example/callback"));
        let answer = signed(&world, "/oauth1/request_token", &id, &format!("{secret}&"), &more).await;
        answer.status == StatusCode::OK
    };
    assert!(works(&old).await);

    let detail = browser.get(&path).await;
    for part in
        ["PLAINTEXT: The secrets themselves travel", "90 days", "30 Jun 2099", "oauth1&#x2f;request_token"]
    {
        assert!(detail.text.contains(part), "{part}: {detail:?}");
    }
    assert!(!detail.text.contains(&old) && !detail.text.contains("Make one before"), "{detail:?}");
    let done = browser.submit(&detail.form_to(&format!("{path}/oauth1-secret"))).await;
    let shown = browser.follow(done).await;
    let new = between(&shown, "<code class=\"copy secret\">");
    assert_ne!(old, new);
    assert!(works(&old).await && works(&new).await);
    let detail = browser.get(&path).await;
    let done = browser.submit(&detail.form_to(&format!("{path}/oauth1-secret/retire"))).await;
    assert!(browser.follow(done).await.text.contains("The old secret is retired"));
    assert!(!works(&old).await && works(&new).await);

    let edit = browser.get(&format!("{path}/edit")).await.form("oauth1");
    assert_eq!(edit.values("oauth1_method"), ["HMAC-SHA1", "PLAINTEXT"]);
    assert_eq!((edit.value("oauth1_days"), edit.value("oauth1_sunset")), ("90", "2099-06-30"));
    let done = browser.submit(&edit).await;
    assert!(browser.follow(done).await.text.contains("Saved."));
    assert!(works(&new).await, "saving changes no secret");
}

#[tokio::test]
async fn what_is_wrong_with_oauth_1_is_said_beside_its_field() {
    let world = World::new().await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let mut form = browser.get("/apps/new").await.form("oauth1");
    form.set("name", "Night printer");
    form.set("redirect_uris", "https://mine.example/callback");
    form.set("oauth1", "on");
    form.set("oauth1_method", "RSA-SHA256");
    form.set("oauth1_rsa_keys", "-----BEGIN RSA PRIVATE KEY-----\nAA");
    form.set("oauth1_days", "soon");
    form.set("oauth1_sunset", "next summer");
    let wrong = browser.submit(&form).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
    for field in ["oauth1_rsa_keys", "oauth1_days", "oauth1_sunset"] {
        assert!(wrong.text.contains(&format!("id=\"{field}-problem\"")), "{field}: {wrong:?}");
    }
    let again = wrong.form("oauth1");
    assert_eq!(again.value("oauth1_sunset"), "next summer");
    assert_eq!(again.values("oauth1_method"), ["RSA-SHA256"]);
}

#[tokio::test]
async fn where_oauth_1_is_off_no_form_offers_it() {
    let world = World::with(|policy| policy.oauth1.is_on = false).await;
    world.administrator("root").await;
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    assert!(!root.get("/apps/new").await.text.contains("OAuth 1 "));
    assert!(root.get("/admin/oauth1").await.text.contains("OAuth 1 is switched off"));
}

#[tokio::test]
async fn the_guides_client_speaks_both_protocols_with_one_secret() {
    let world = World::with(|policy| policy.demo = true).await;
    world.account("ada").await;
    let mut browser = Browser::new(&world);
    browser.log_in("ada").await;
    let answer = browser.get("/client").await;
    let told: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    let (key, secret) = (told["client_key"].as_str().unwrap(), told["client_secret"].as_str().unwrap());
    let form = [("grant_type", "client_credentials"), ("client_id", key), ("client_secret", secret)];
    assert_eq!(Browser::new(&world).post("/oauth2/token", &form).await.status, StatusCode::OK);
    let id = valetkey_oauth2::ClientId::parse(key).unwrap();
    let client = world.ports.clients.find(&id).await.unwrap().unwrap();
    assert!(client.owner.is_some(), "it is the person's own");
    let own = client.oauth1.unwrap();
    let shared = world.provider.engine().open_client_secret(&id, &own.secrets[0].sealed).unwrap();
    assert_eq!((own.secrets.len(), shared.expose()), (1, secret));
}

#[tokio::test]
async fn a_refused_signature_is_explained_under_its_request_id() {
    let world = World::new().await;
    world.administrator("root").await;
    let client = client(&world, |own, _| own.methods = Some(vec!["HMAC-SHA1".into()])).await;
    let engine = world.provider.engine().clone();
    let writer = tokio::spawn(async move { engine.write_refusals().await });
    let mut app = Browser::new(&world);
    let header = format!(
        "OAuth oauth_consumer_key=\"{}\", oauth_signature_method=\"HMAC-SHA1\", oauth_signature=\"AAAA\", \
         oauth_timestamp=\"{}\", oauth_nonce=\"n1\", oauth_callback=\"oob\"",
        client.id,
        world.now().seconds() - 20
    );
    app.headers = vec![("authorization", header)];
    let refused = app.post("/oauth1/request_token", &[]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{refused:?}");
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    let mut page = root.get("/admin/refusals").await;
    for _ in 0..100 {
        if page.text.contains("Our base string") {
            break;
        }
        tokio::task::yield_now().await;
        page = root.get("/admin/refusals").await;
    }
    for part in [
        "POST&amp;http%3A%2F%2F127.0.0.1",
        "the Authorization header",
        "20 seconds behind ours",
        "not used before",
    ] {
        assert!(page.text.contains(part), "{part}: {page:?}");
    }
    assert!(page.text.contains("oauth_callback=oob\noauth_consumer_key="), "{page:?}");
    assert!(!page.text.contains("<details open>"), "{page:?}");
    let link =
        page.text.split("href=\"/admin/refusals?request_id=").nth(1).unwrap().split('"').next().unwrap();
    let found = root.get(&format!("/admin/refusals?request_id={link}")).await;
    assert!(found.text.contains("<details open>") && found.text.contains("Our base string"), "{found:?}");
    writer.abort();
}

#[tokio::test]
async fn the_way_over_shows_who_still_signs_and_who_could() {
    let world = World::new().await;
    world.administrator("root").await;
    world.account("ada").await;
    let mut root = Browser::new(&world);
    root.log_in("root").await;
    let empty = root.get("/admin/oauth1").await;
    assert!(
        empty.text.contains("Nobody signs requests") && empty.text.contains("it appears here"),
        "{empty:?}"
    );
    let client =
        client(&world, |own, _| own.sunset = valetkey_provider::registry::parse_moment("2099-01-02")).await;
    let (token, secret) = begin(&world, &client, "oob").await;
    let mut browser = Browser::new(&world);
    let page = consent(&mut browser, &token).await;
    let code = code(&browser.decide(&page, "allow").await);
    let more = format!(", oauth_token=\"{token}\", oauth_verifier=\"{code}\"");
    let given =
        signed(&world, "/oauth1/access_token", client.id.as_str(), &format!("{SHARED}&{secret}"), &more)
            .await;
    assert_eq!(given.status, StatusCode::OK, "{given:?}");
    world.provider.engine().write_uses().await.unwrap();
    let page = root.get("/admin/oauth1").await;
    for part in [
        "Printer",
        "PLAINTEXT",
        "1 live token credential",
        "0 of 1 exchanged",
        "must use OAuth 2 from",
        "2 Jan 2099",
    ] {
        assert!(page.text.contains(part), "{part}: {page:?}");
    }
    assert!(page.text.contains("<svg class=\"bars tall\"") && page.text.contains("class=\"s0\""), "{page:?}");
}

fn between(answer: &Answer, before: &str) -> String {
    answer.text.split_once(before).expect(before).1.split('<').next().unwrap().to_owned()
}
